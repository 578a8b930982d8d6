"""What was true when, and known when: the one trigger and the reads as of a moment."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text, update

from layers.compounds import Compound
from spatial.history import NOW, Moment, history_of, seen

DAY = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def compound(session):
    one = Compound(name="阳光花园", creation_date=DAY, valid_from=DAY)
    session.add(one)
    session.commit()
    return one


def change(session, compound, **values):
    session.execute(update(Compound).where(Compound.id == compound.id).values(**values))


def names(session, moment):
    return session.scalars(select(seen(Compound, moment).name)).all()


def past(session):
    table = history_of(Compound.__table__)
    return session.execute(select(table).order_by(table.c.creation_date)).all()


def test_a_new_feature_has_no_past(session, compound):
    assert past(session) == []
    assert names(session, NOW) == ["阳光花园"]


def test_a_correction_ends_what_was_known_and_nothing_else(session, compound):
    change(session, compound, name="阳光家园")
    (old,) = past(session)
    assert (old.name, old.valid_from, old.valid_to) == ("阳光花园", DAY, None)
    assert old.creation_date == DAY
    assert old.termination_date == session.scalar(select(Compound.creation_date))


def test_a_change_in_the_world_keeps_the_state_before_it_as_known(session, compound):
    moved = DAY + timedelta(days=100)
    change(session, compound, name="阳光家园", valid_from=moved)
    assert names(session, NOW) == ["阳光家园"]
    assert names(session, Moment(valid_at=moved - timedelta(days=1))) == ["阳光花园"]
    assert names(session, Moment(valid_at=moved)) == ["阳光家园"]


def test_what_was_not_known_yet_is_not_read_as_known(session, compound):
    change(session, compound, name="阳光家园")
    assert names(session, Moment(known_at=DAY + timedelta(days=1))) == ["阳光花园"]
    assert names(session, Moment(known_at=DAY - timedelta(days=1))) == []


def test_a_deleted_row_stays_in_the_past(session, compound):
    session.execute(text("DELETE FROM compound"))
    assert names(session, NOW) == []
    assert names(session, Moment(known_at=DAY + timedelta(days=1))) == ["阳光花园"]


def test_what_is_derived_makes_no_version(session, compound):
    change(session, compound, scope=7)
    assert past(session) == []


def test_the_same_said_again_makes_no_version(session, compound):
    change(session, compound, name="阳光花园", recorded_by="somebody else")
    assert past(session) == []


def test_two_changes_of_one_transaction_leave_one_version(session, compound):
    change(session, compound, name="阳光嘉园")
    change(session, compound, name="阳光家园")
    assert [row.name for row in past(session)] == ["阳光花园"]


def test_an_ended_feature_is_not_there_now(session, compound):
    change(session, compound, valid_to=DAY + timedelta(days=10))
    assert names(session, NOW) == []
    assert names(session, Moment(valid_at=DAY + timedelta(days=9))) == ["阳光花园"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None,
          max_examples=25)
@given(days=st.lists(st.integers(1, 400), min_size=1, max_size=6, unique=True).map(sorted))
def test_each_day_gives_back_the_name_of_that_day(session, days):
    session.execute(text("DELETE FROM compound"))
    session.execute(text("TRUNCATE compound_history"))
    one = Compound(name="0", creation_date=DAY, valid_from=DAY)
    session.add(one)
    session.flush()
    for number, day in enumerate(days, start=1):
        change(session, one, name=str(number), valid_from=DAY + timedelta(days=day))
    for number, day in enumerate([0, *days]):
        assert names(session, Moment(valid_at=DAY + timedelta(days=day))) == [str(number)]


def test_history_has_the_columns_of_its_table_in_the_same_order(session):
    """The trigger copies rows whole: an order of its own would mix columns up."""
    listed = text("SELECT column_name FROM information_schema.columns WHERE table_name = :name "
                  "AND table_schema = 'public' ORDER BY ordinal_position")
    tables = [t for t in Compound.metadata.tables if t + "_history" in Compound.metadata.tables]
    assert len(tables) >= 19
    for table in tables:
        own = session.scalars(listed, {"name": table}).all()
        assert session.scalars(listed, {"name": f"{table}_history"}).all() == own
    assert session.scalar(select(func.count()).select_from(Compound)) == 0
