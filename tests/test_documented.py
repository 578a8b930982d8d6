"""What is declared is told: in its own text, and on the pages made from the declarations."""

import re
from inspect import getdoc

import click
import pytest

from importers.ledgers import COMMON, LINKED, NOTES, SHAPES, SOLIDS, targets
from layers import catalogue
from layers.base import fields_of
from layers.codelists import codelist
from spatial.config import declared
from tests.reports import commands, errors, ledgers
from tests.reports.reference import PAGES
from tests.reports.writing import DOCS
from tests.support import authorization
from web.errors import TITLES

LAYERS = list(catalogue().values())
HAN = re.compile(r"[\u4e00-\u9fff]")


def words_of(layer):
    """Yield everything in two languages that a layer says."""
    yield layer.title
    yield layer.about
    for model in (layer.model, *(link.model for link in layer.links)):
        for field in fields_of(model).values():
            yield field.title
            if field.codelist:
                yield from (codelist(field.codelist).title,
                            *codelist(field.codelist).codes.values())


@pytest.mark.parametrize("name", PAGES)
def test_the_page_says_what_is_declared_today(name):
    assert (DOCS / name).read_text("utf-8") == PAGES[name](), "run: make docs"


@pytest.mark.parametrize("setting", declared(), ids=lambda one: one.name)
def test_a_setting_says_what_it_is_for(setting):
    assert setting.help.endswith(".") and len(setting.help) > 20


def test_every_command_says_what_it_does():
    for words, command in commands.every_command():
        assert command.help, words
        assert all(one.help for one in command.params if isinstance(one, click.Option)), words


@pytest.mark.parametrize("layer", LAYERS, ids=lambda one: one.name)
def test_a_layer_says_everything_in_both_languages(layer):
    for said in words_of(layer):
        assert said.en.strip() and HAN.search(said.zh), said


@pytest.mark.parametrize("layer", LAYERS, ids=lambda one: one.name)
def test_every_column_of_a_ledger_has_its_meaning(layer):
    own = ledgers.declared(layer)
    for name in targets(layer.name):
        assert all(ledgers.meaning(name, own.get(name)))


def test_no_meaning_is_left_of_a_column_that_is_gone():
    assert set(ledgers.MEANINGS) == {*COMMON, *SHAPES, *SOLIDS, *LINKED, *NOTES}


@pytest.mark.parametrize("error", [kind for _, kind in errors.tree()], ids=lambda one: one.__name__)
def test_an_error_says_what_happened_in_both_languages(error):
    assert getdoc(error) and error.title
    assert HAN.search(TITLES.get(error.title, "")), "its title has no Chinese in web/words"


def test_every_endpoint_says_who_may_call_it():
    missing = authorization.lacking()
    assert not missing, ("\n\nAdd to data/access/endpoints.txt, in its place (its head says what "
                         "the words mean):\n\n  " + "\n  ".join(missing))


def test_no_line_is_left_of_an_endpoint_that_is_gone():
    gone = authorization.superfluous()
    assert not gone, "\n\nTake from data/access/endpoints.txt:\n\n  " + "\n  ".join(gone)


def test_the_matrix_of_endpoints_is_sorted():
    keys = [line.key for line in authorization.read()]
    assert keys == sorted(set(keys)), "sort data/access/endpoints.txt by route, then GET, POST …"


def test_every_guard_that_the_page_on_security_names_is_a_test():
    named = set(re.findall(r"`(test_\w+)`", (DOCS / "security.md").read_text("utf-8")))
    there = {name for path in (DOCS.parent / "tests").rglob("test_*.py")
             for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.M)}
    assert named and not named - there


def test_every_line_of_the_asvs_ledger_names_what_there_is():
    rows = [line.split(" | ") for line in (DOCS.parent / "data/access/asvs.txt").read_text(
        "utf-8").splitlines() if not line.startswith("#")]
    there = {name for path in (DOCS.parent / "tests").rglob("test_*.py")
             for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.M)}
    numbers = [tuple(map(int, row[0].split("."))) for row in rows]
    assert numbers == sorted(set(numbers)) and len(rows) >= 252
    page = (DOCS / "security.md").read_text("utf-8")
    for number, level, subject, verdict, shown in rows:
        names, _, words = shown.partition(";")
        assert level in "12" and subject and verdict in ("holds", "part", "not", "n/a"), number
        assert names.strip() if verdict == "holds" else words.strip(), number
        for name in names.split():
            assert name in there or (DOCS.parent / name).exists(), (number, name)
        assert verdict != "not" or number in page, f"{number} is lacking: say so in security.md"
    for level in "12":
        sums = [sum(row[1] == level and row[3] == one for row in rows)
                for one in ("holds", "part", "not", "n/a")]
        assert f"| level {level} | {' | '.join(map(str, sums))} |" in page
