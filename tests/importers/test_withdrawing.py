"""An import is taken back whole, and history tells it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from stdnum.cn import uscc

from importers.journal import SourceLink
from importers.withdrawing import take_back
from layers.compounds import Compound
from layers.organizations import Organization, Premises
from spatial.errors import Conflict, NotFound
from spatial.history import Moment, seen

FIRST = "source_id,name,kind,aliases\nK1,春苑,,老院\nK2,夏苑,,"
SECOND = "source_id,name,kind,aliases\nK1,春天花园,,\nK3,秋苑,,"


def back(door, job, *, apply=True):
    return take_back(door.engine, door.vault, job, by="li", apply=apply)


def names(door, moment=None):
    alias = seen(Compound, moment or Moment())
    with Session(door.engine) as session:
        return sorted(tuple(row) for row in session.execute(select(alias.name, alias.aliases)))


def test_what_an_import_made_ends_and_what_it_changed_is_as_before(door):
    door.take(door.write("compounds", FIRST))
    before, then = names(door), datetime.now(UTC)
    job = door.take(door.write("compounds", SECOND))["compounds"].job
    told = names(door)
    dry = back(door, job, apply=False)
    assert names(door) == told != before
    done = back(door, job)
    assert done == dry
    assert (done.restored, done.ended, done.left) == (1, 1, 0)
    assert names(door) == before == names(door, Moment(known_at=then))
    with door.engine.connect() as connection:
        assert connection.scalars(text("SELECT reason FROM compound ORDER BY source_id")).all() \
            == [f"import {job} withdrawn", None, f"import {job} withdrawn"]
        assert connection.scalar(text(
            "SELECT count(*) FROM compound_history WHERE name = '春天花园'")) == 1
    with pytest.raises(Conflict, match="withdrawn"):
        back(door, job)
    again = door.take(door.write("compounds", SECOND))["compounds"]
    assert (again.changed, again.unchanged) == (2, 0)
    assert names(door) == told


def test_a_meeting_of_two_sources_is_undone(door):
    code = "91110000MA01234" + "56"
    code += uscc.calc_check_digit(code)
    one = f"source_id,name,credit_code,phone\nO1,青禾便利店,{code},\n"
    other = f"source_id,name,credit_code,phone\nX9,青禾便利店,{code},0475-8221234\n"
    door.take(door.write("organizations", one), source="street")
    job = door.take(door.write("organizations", other), source="tax")["organizations"].job
    assert door.column(Organization.phone) != [None]
    assert door.count(SourceLink) == 1
    done = back(door, job)
    assert (done.restored, done.ended, done.unlinked) == (1, 0, 1)
    assert door.column(Organization.phone) == [None]
    assert door.count(Organization) == 1 and door.count(SourceLink) == 0


def test_what_is_tied_to_withdrawn_rows_ends_with_them(district):
    job = district.results["organizations"].job
    assert district.count(Premises, Premises.valid_to.is_(None)) == 1
    assert back(district, job).ended == 1
    assert district.count(Premises, Premises.valid_to.is_(None)) == 0


def test_what_others_changed_since_is_left_and_counted(door):
    job = door.take(door.write("compounds", FIRST))["compounds"].job
    with door.engine.begin() as connection:
        connection.execute(text("UPDATE compound SET name = '冬苑', recorded_by = 'wang' "
                                "WHERE source_id = 'K1'"))
    done = back(door, job)
    assert (done.left, done.ended) == (1, 1)
    assert [name for name, _ in names(door)] == ["冬苑"]


def test_an_import_that_is_none_is_told(door):
    with pytest.raises(NotFound, match="imports list"):
        back(door, 4711)
