import ast
import string

import pytest

from spatial import errors
from spatial.wording import GAP, in_both, in_chinese, words
from tests.reports.errors import FLOORS, ROOT

RAISED = {name for name, one in vars(errors).items()
          if isinstance(one, type) and issubclass(one, errors.RegistryError)}
#: A message that only joins what others say.
JOINS = {"{}: {}. {}"}


def form_of(node):
    """Return a text with {} for what is filled in; None where it is no text written here."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else GAP
                       for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        sides = form_of(node.left), form_of(node.right)
        return None if None in sides else "".join(sides)
    return None


def told():
    """Yield every message that an error of the house is raised with, and where."""
    for path in sorted(one for floor in FLOORS for one in (ROOT / floor).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and getattr(
                    node.func, "id", None) in RAISED and (form := form_of(node.args[0])):
                yield form, f"{path.relative_to(ROOT)}:{node.lineno}"


def test_what_the_house_refuses_it_explains_in_chinese_too():
    missing = {form: where for form, where in told() if form not in words() and form not in JOINS}
    assert not missing, f"no Chinese in data/words/errors.json: {missing}"


def test_the_chinese_sentence_fills_the_same_gaps():
    for english, chinese in words().items():
        named = [name for _, name, _, _ in string.Formatter().parse(chinese) if name is not None]
        filled = set(range(len(named))) if not any(named) else set(map(int, named))
        assert filled == set(range(english.count(GAP))), english


@pytest.mark.parametrize(("english", "chinese"), [
    ("lang is 'fr'; one of zh, en is wanted.", "lang为'fr'；应为以下之一：zh, en。"),
    ("limit is '-1'; a whole number from 1 to 50 is wanted.", "limit为'-1'；应为 1 至 50 的整数。"),
    ("position 1 is 'O', a digit is expected; position 2 is 'I', a digit is expected",
     "第 1 位为 'O'，应为 a digit；第 2 位为 'I'，应为 a digit"),
    ("this snapshot would end 9 of 20 units; if the file is whole, say --confirm-ending 9",
     "此快照将终止20条units中的9条；如文件完整，请加 --confirm-ending 9"),
    ("a.b.csv: it has no rows. Export it again with its header.",
     "a.b.csv：没有数据行。请连同表头重新导出。"),
    ("You may not do this.", "您无权进行此操作。")])
def test_a_sentence_is_said_in_chinese_with_what_fills_it(english, chinese):
    assert in_chinese(english) == chinese
    assert in_both(english) == f"{english} {chinese}"


@pytest.mark.parametrize("strange", ["nobody wrote this", "", "x" * 10_000, "; " * 700])
def test_what_nobody_wrote_stays_as_it_is(strange):
    assert in_chinese(strange) is None
    assert in_both(strange) == strange
