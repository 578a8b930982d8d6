"""The catalogue of the database: which tables have a wall, who was granted what."""

import ast
from pathlib import Path

from sqlalchemy import text

from app import metadata
from layers import catalogue
from layers.access import PERSON_READERS, Role
from layers.across.reach import reach_of
from layers.base import fields_of
from layers.caller import Caller
from spatial.walls import NOBODY
from tests.reports.grants import FILE, lines

ROOT = Path(__file__).parents[2]
#: Its text is read by no role at all: tests/spatial/test_walls.py.
BY_COLUMN = {"incident"}
#: Personal although no layer: texts of addresses that persons gave, contacts of dwellings, the
#: words of orders, findings and pictures of visits, persons who may be one.
BESIDE = {"review_item", "help_contact", "incident_note", "incident_caller", "incident_photo",
          "visit", "visit_photo", "source_pair"}
#: Where rows of persons of other areas may be read: counts, the ties of persons found, and the
#: identifier that belongs to a source_id; and the places of settled address texts.
OVER_THE_WALL = {"layers/across/rollup.py", "layers/across/inside.py", "layers/across/persons.py",
                 "layers/across/readers.py", "layers/across/review.py", "layers/across/themes.py",
                 "layers/across/coverage_town.py", "layers/across/disclosure.py"}
FORCED = text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity "
              "AND relkind = 'r'")


def tables_of_persons():
    """Return the tables with a personal or sealed field, and their history."""
    models = [model for layer in catalogue().values()
              for model in (layer.model, *(link.model for link in layer.links))]
    names = {model.__tablename__ for model in models
             if any(field.personal or field.sealed for field in fields_of(model).values())}
    names = (names - BY_COLUMN) | BESIDE
    return names | {f"{name}_history" for name in names} & set(metadata().tables)


def test_every_table_of_persons_has_a_forced_wall(session):
    assert tables_of_persons() == set(session.scalars(FORCED))


def test_every_wall_checks_reads_and_writes(session):
    rows = session.execute(text("SELECT tablename, policyname, permissive, roles::text, cmd, "
                                "qual, with_check FROM pg_policies")).all()
    assert {row.tablename for row in rows} == tables_of_persons() and len(rows) == len(
        tables_of_persons())
    for row in rows:
        assert (row.roles, row.cmd) == ("{public}", "ALL")
        assert "doorplate_reach()" in row.qual and "doorplate_reach()" in row.with_check
        # One check of the signature a table: it costs more than many rows.
        assert row.qual.count("doorplate_reach()") == (
            2 if row.tablename in ("review_item", "source_pair") else 1)


def test_no_view_leads_around_the_wall(session):
    found = session.scalars(text(
        "SELECT c.relname FROM pg_class c WHERE c.relkind IN ('v', 'm') AND c.relnamespace = "
        "'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid "
        "AND d.deptype = 'e')")).all()
    assert found == []


def test_functions_that_run_as_their_owner_are_few_and_pinned(session):
    rows = session.execute(text(
        "SELECT p.proname, p.proconfig::text FROM pg_proc p WHERE p.prosecdef AND p.pronamespace "
        "= 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid "
        "AND d.deptype = 'e')")).all()
    assert {row.proname for row in rows} <= {
        "doorplate_reach", "audit_awaits_seal", "incident_words"}
    assert all("search_path" in (row.proconfig or "") for row in rows)


def test_grants_equal_the_file(session):
    # `make docs` writes the file anew.
    assert lines(session.connection()) == FILE.read_text("utf-8").splitlines()


def test_no_role_of_the_house_is_above_the_wall(session):
    assert session.scalars(text("SELECT rolname FROM pg_roles WHERE rolname LIKE 'doorplate%' "
                                "AND (rolsuper OR rolbypassrls OR rolcreaterole)")).all() == []


def test_the_tiles_role_reads_every_public_layer_and_no_other_table(session):
    readable = set(session.scalars(text(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = "
        "'public'::regnamespace AND has_table_privilege('doorplate_tiles', oid, 'SELECT')")))
    assert {layer.table.name for layer in catalogue().values() if layer.public} <= readable
    assert not tables_of_persons() & readable


def test_what_looks_over_the_wall_is_listed():
    def looks(path):
        return any(isinstance(node, ast.Call)
                   and getattr(node.func, "id", "") in ("everywhere", "whole_first")
                   for node in ast.walk(ast.parse(path.read_text("utf-8"))))

    paths = [path for floor in ("spatial", "layers", "importers", "web")
             for path in (ROOT / floor).rglob("*.py")]
    assert {str(path.relative_to(ROOT)) for path in paths if looks(path)} == OVER_THE_WALL


def test_who_may_look_up_nobody_has_no_scope_however_large_the_area():
    for role in Role:
        who = Caller(name="x", role=role, low=1, high=9)
        assert (reach_of(who) == NOBODY) == (role not in PERSON_READERS)
    assert reach_of(None) == NOBODY
