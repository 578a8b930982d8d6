"""Working time: a promise ends when so much counting time has passed, whatever lies between."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.errors import InvalidInput
from spatial.working_time import WorkCalendar, seconds, written

ZONE = ZoneInfo("Asia/Shanghai")
HOURS = ((time(8, 30), time(12)), (time(14), time(17, 30)))
#: The Sunday before a long holiday is worked, the days of the holiday are not.
DAYS = {date(2026, 9, 20): True, **{date(2026, 10, n): False for n in range(1, 8)}}
WORK, ALWAYS = WorkCalendar(ZONE, HOURS, days=DAYS), WorkCalendar(ZONE)
MOMENTS = st.datetimes(datetime(2026, 9, 1), datetime(2026, 11, 1),
                       timezones=st.sampled_from((ZONE, UTC)))
SPANS = st.integers(1, 20 * WORK.day_seconds)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@given(MOMENTS, SPANS)
def test_what_was_added_lies_between(start, span):
    for calendar in (WORK, ALWAYS):
        assert calendar.between(start, calendar.add(start, span)) == span


@given(MOMENTS, SPANS, SPANS)
def test_one_after_the_other_is_both_together(start, first, second):
    assert WORK.add(WORK.add(start, first), second) == WORK.add(start, first + second)


@given(MOMENTS, st.timedeltas(timedelta(), timedelta(days=9)), SPANS)
def test_who_begins_later_does_not_end_earlier(start, later, span):
    assert WORK.add(start + later, span) >= WORK.add(start, span)


def test_a_holiday_and_a_worked_sunday_are_counted():
    assert WORK.add(at("2026-09-30 10:00"), 3 * WORK.day_seconds) == at("2026-10-12 10:00")
    assert WORK.add(at("2026-09-19 10:00"), WORK.day_seconds) == at("2026-09-20 17:30")


def test_the_same_day_after_hours_is_the_next_working_day():
    assert WORK.end_of_day(at("2026-09-18 11:00")) == at("2026-09-18 17:30")
    assert WORK.end_of_day(at("2026-09-18 18:00")) == at("2026-09-20 17:30")
    assert ALWAYS.end_of_day(at("2026-09-18 18:00")) == at("2026-09-19 00:00")


@pytest.mark.parametrize(("text", "form"), [
    ("30 分钟", "30min"), ("48小时", "48h"), ("3个工作日", "3d"), ("10天", "10d"),
    ("当日", "same_day"), ("same_day/48h", "same_day/48h"), ("即时", "at_once"), ("2 hours", "2h"),
])
def test_an_allowance_is_read_as_people_write_it(text, form):
    assert written(text) == form


@pytest.mark.parametrize("text", ["", "soon", "3", "-3d", "1d/2d/3d", "3.5h", "９９９９９９d"])
def test_no_allowance_is_made_up(text):
    with pytest.raises(InvalidInput):
        written(text)


def test_an_allowance_counts_in_its_calendar():
    noon = at("2026-09-18 11:00")
    assert seconds("3d", WORK, noon) == 3 * 7 * 3600
    assert seconds("3d", ALWAYS, noon) == 3 * 86400
    assert seconds("same_day", WORK, noon) == 4.5 * 3600
    assert seconds("at_once", ALWAYS, noon) == 1800


def test_a_calendar_without_working_days_says_so():
    idle = WorkCalendar(ZONE, HOURS, weekdays=frozenset())
    with pytest.raises(InvalidInput, match="too few"):
        idle.add(at("2026-09-18 11:00"), 60)
