"""A table that is all but empty takes what is new at once, and is then as any other table."""

import pytest
from sqlalchemy import text
from stdnum.cn import ric

from importers import at_once
from importers.at_once import AtOnce
from layers.residents import Residency, Resident
from layers.units import Unit
from tests.importers.conftest import DISTRICT

NOW = AtOnce(rows=1, share=float("inf"))
#: What a database knows of the tables that are filled; numbers that were drawn differ.
SHAPE = """
SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL
SELECT 'constraint', conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND convalidated ORDER BY 1, 2"""
ROWS = {
    "unit": "SELECT source_id, designator, use, room_key, building_id IS NOT NULL, storey_id IS "
            "NOT NULL, scope, content_hash FROM unit ORDER BY 1",
    "resident": "SELECT source_id, name, name_pinyin, sex, scope, household_id IS NOT NULL "
                "FROM resident ORDER BY 1",
    "residency": "SELECT y.source_id, kind, u.source_id, y.address, y.scope, y.valid_from, state "
                 "FROM residency y LEFT JOIN unit u ON u.id = y.unit_id ORDER BY 1"}


def told(door, statement):
    with door.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


@pytest.fixture
def filled(door):
    """A small district that went in at once."""
    door.order["at_once"] = NOW
    for name, content in DISTRICT.items():
        door.write(name, content)
    door.before = told(door, SHAPE)
    door.results = door.take()
    return door


def test_what_went_in_at_once_is_what_goes_in_by_chunks(filled):
    at_once = {name: told(filled, statement) for name, statement in ROWS.items()}
    with filled.engine.begin() as connection:
        connection.execute(text(
            "TRUNCATE unit, resident, residency, household, import_job, review_item CASCADE"))
    filled.order["at_once"] = None
    filled.take()
    assert {name: told(filled, statement) for name, statement in ROWS.items()} == at_once


def test_indexes_and_references_stand_as_before(filled):
    assert told(filled, SHAPE) == filled.before


def test_the_same_again_changes_nothing(filled):
    again = filled.take()
    assert all(one.unchanged == one.read for one in again.values())
    assert not told(filled, "SELECT relname FROM pg_class WHERE relname ~ '^stage_'")


def test_rows_that_meet_one_another_go_in_by_their_chunk(filled):
    number = "11022319990307123"
    number += ric.calc_check_digit(number + "0")
    filled.write("residents", "source_id,name,id_number,place,residency\n"
                 f"R8,赵一,{number},U1,living\nR9,赵一,{number},U2,registered\n")
    result = filled.take(filled.folder / "residents.csv")["residents"]
    assert (result.new, result.changed) == (1, 1)
    assert filled.count(Resident, Resident.name == "赵一") == 1
    assert filled.count(Residency, Residency.source_id.like("R_#%")) == 6


def test_whoever_reads_the_table_is_not_waited_for_long(filled, monkeypatch):
    monkeypatch.setattr(at_once, "PATIENCE", "50ms")
    filled.write("units", DISTRICT["units"] + "\nU9,B1,5,509,住宅\n")
    with filled.engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM unit"))
        assert filled.take(filled.folder / "units.csv")["units"].new == 1
    assert filled.count(Unit) == 5


def test_a_kill_before_all_is_put_back_leaves_the_table_as_it_was(filled, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    filled.write("units", DISTRICT["units"] + "\nU9,B1,5,509,住宅\n")
    with monkeypatch.context() as now:
        now.setattr(at_once, "inserts", killed)
        with pytest.raises(KeyboardInterrupt):
            filled.take(filled.folder / "units.csv")
    assert filled.count(Unit) == 4 and told(filled, SHAPE) == filled.before
    assert filled.take(filled.folder / "units.csv")["units"].new == 1
    assert told(filled, SHAPE) == filled.before
