"""Who is on duty, as rosters are written."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from layers.across.duty import duty_of, on_duty
from layers.agencies import Agency
from layers.calendar_days import CalendarDay
from spatial.working_time import WorkCalendar
from tests.support.factories import save

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar(ZONE)
WEEK = ["周一至周五 王某 0475-1", "周六至周日 李某 0475-2"]


def who(roster, at):
    moment = datetime.fromisoformat(at).replace(tzinfo=ZONE)
    return [one["who"] for one in on_duty(roster, moment, CALENDAR)]


@pytest.mark.parametrize(("roster", "at", "expected"), [
    (WEEK, "2026-11-27T23:59", ["王某 0475-1"]),
    (WEEK, "2026-11-28T00:00", ["李某 0475-2"]),
    (["周五至周一 甲", "周二、周四 乙", "星期三 丙"], "2026-11-29T10:00", ["甲"]),
    (["周五至周一 甲", "周二、四 乙", "星期三 丙"], "2026-11-26T10:00", ["乙"]),
    (["每天 白班 甲", "每天 夜班 乙"], "2026-11-26T03:00", ["乙"]),
    (["周一 20:00-08:00 甲", "周二 20:00-08:00 乙"], "2026-11-24T07:59", ["甲"]),
    (["周一 20:00-08:00 甲", "周二 20:00-08:00 乙"], "2026-11-24T08:00", []),
    (["Mon-Fri 08:00-17:00 Wang", "Sat–Sun Li"], "2026-11-25T09:00", ["Wang"]),
    ([*WEEK, "2026-10-01 张某", "10月2日 赵某"], "2026-10-01T09:00", ["张某"]),
    ([*WEEK, "10月2日 赵某"], "2026-10-02T09:00", ["赵某"]),
    (["夜里请打总机", ""], "2026-10-02T09:00", []),
])
def test_a_roster_says_who_is_on_duty(roster, at, expected):
    assert who(roster, at) == expected


def test_a_day_that_is_moved_moves_the_duty(session):
    office = save(session, Agency(name="供水公司", roster=["工作日 甲", "节假日 乙", "夜里 丙"]))
    friday = datetime(2026, 10, 2, 9, tzinfo=ZONE)
    assert [one["who"] for one in duty_of(session, office.identifier, ZONE, at=friday)] == ["甲"]
    save(session, CalendarDay(day=datetime(2026, 10, 2, tzinfo=ZONE), kind="free", name="国庆节"))
    assert [one["who"] for one in duty_of(session, office.identifier, ZONE, at=friday)] == ["乙"]
    assert duty_of(session, "d0000000000000000", ZONE) == []
