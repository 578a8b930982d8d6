"""Token buckets: full at first, emptied by asking, filled by time, and by nobody's clock back."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, func, select, text

from spatial import limits
from spatial.config import Settings, declared
from spatial.errors import TooManyRequests

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes when it is told to; returns how."""
    moment = [START]
    monkeypatch.setattr(limits, "now", lambda: moment[0])

    def go(**by):
        moment[0] += timedelta(**by)
    return go


def spend(session, name="id", who="wang", **settings):
    limits.spend(session, Settings(**settings), who, name)


def spent(session, name="id", **settings):
    """Spend until nothing is left; return how many there were."""
    for count in range(10_000):
        try:
            spend(session, name, **settings)
        except TooManyRequests:
            return count
    raise AssertionError("there is no end")


@pytest.mark.parametrize("name", list(limits.LIMITS))
def test_as_many_as_the_setting_says_and_not_one_more(session, clock, name):
    assert spent(session, name) == getattr(Settings(), limits.LIMITS[name].setting)


def test_time_fills_a_bucket_evenly_and_never_over_its_rim(session, clock):
    assert spent(session) == 10
    clock(seconds=12)
    assert spent(session) == 2
    clock(hours=5)
    assert spent(session) == 10


def test_who_waits_is_told_how_long(session, clock):
    spent(session)
    with pytest.raises(TooManyRequests, match="10 lookups by ID number in a minute") as error:
        spend(session)
    assert error.value.retry_after == 6
    clock(seconds=error.value.retry_after)
    spend(session)


def test_a_clock_that_is_set_back_gives_nothing_away(session, clock):
    spent(session)
    clock(hours=-3)
    assert spent(session) == 0
    clock(hours=3, seconds=6)
    assert spent(session) == 1


def test_one_users_bucket_is_nobody_elses(session, clock):
    spent(session)
    spend(session, who="li")


def test_what_only_later_requests_feel_is_taken_without_a_refusal(session, clock):
    for _ in range(30):
        limits.note(session, Settings(), "wang", "id_miss")
    with pytest.raises(TooManyRequests):
        limits.spend(session, Settings(), "wang", unspent=("id_miss",))
    clock(minutes=3)
    limits.spend(session, Settings(), "wang", unspent=("id_miss",))


def test_several_limits_are_one_statement(session, clock):
    sent = []
    connection = session.connection()

    def note(_connection, _cursor, statement, *_):
        sent.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    limits.spend(session, Settings(), "wang", "id", "id_day")
    event.remove(connection, "before_cursor_execute", note)
    assert len(sent) == 1


def test_the_table_is_unlogged_and_forgets(session, clock):
    spend(session)
    clock(days=3)
    limits.forget(session)
    assert session.scalar(select(func.count()).select_from(limits.RateBucket)) == 0
    kind = "SELECT relpersistence FROM pg_class WHERE relname = 'rate_bucket'"
    assert session.scalar(text(kind)) == "u"


def test_every_limit_has_a_floor_and_a_ceiling():
    bounds = {one.name: (one.floor, one.ceiling) for one in declared()
              if one.name.startswith("DOORPLATE_LIMIT_")}
    assert len(bounds) == len(limits.LIMITS)
    assert all(floor and ceiling and floor < ceiling for floor, ceiling in bounds.values())
