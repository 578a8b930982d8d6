"""Who is on duty now at the unit that answers: its duty roster, read.

A line of a roster says when and who: `周一至周五 王某 0475-…`, `工作日 08:00-20:00 …`, `Mon-Fri …`,
`2026-10-01 …`. A day that is named outright goes before working days and holidays, these before
days of the week. A line that says no time that we can read is nobody's; it is told as it stands.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from layers.across.orders_clocks import calendars
from layers.agencies import Agency
from spatial.history import valid
from spatial.working_time import WorkCalendar

_CHINESE, _ENGLISH = "一二三四五六日天", ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = r"(?:周|星期|礼拜)[一二三四五六日天]|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"
_WEEK = re.compile(rf"({_DAY})(?:\s*(至|到|-|–|~|、|,|，)\s*(?:({_DAY})|([一二三四五六日天])))?",
                   re.I)
_DATE = re.compile(r"(?:(\d{4})[-年/.])?(\d{1,2})[-月/.](\d{1,2})日?(?![\d:-])")
_KINDS = re.compile(r"(工作日|workdays?|working days?)|(节假日|休息日|holidays?)"
                    r"|(每天|每日|全天|daily|every day)", re.I)
_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*(?:至|到|-|–|~)\s*(\d{1,2}):(\d{2})")
_SHIFTS: Mapping[str, tuple[time, time]] = {"白班": (time(8), time(20)),
                                            "夜班": (time(20), time(8))}


@dataclass(frozen=True, slots=True)
class _Rule:
    """When a line counts: `rank` (a date before kinds of day, these before the week), `days`."""

    rank: int
    days: frozenset[int] = frozenset(range(7))
    worked: bool | None = None
    on: tuple[int | None, int, int] | None = None

    def holds(self, day: date, calendar: WorkCalendar) -> bool:
        """Tell whether a day is one of these."""
        if self.on is not None:
            year, month, number = self.on
            return (year or day.year, month, number) == (day.year, day.month, day.day)
        if self.worked is not None:
            return calendar.is_worked(day) is self.worked
        return day.weekday() in self.days


def duty_of(session: Session, ref: str, zone: ZoneInfo, *, at: datetime | None = None,
            ) -> list[dict[str, Any]]:
    """Return who is on duty at an agency: `{who, when}`, nobody where it has no roster."""
    roster = session.scalar(select(Agency.roster).where(
        Agency.identifier == ref, valid(Agency, func.now())))
    if not roster:
        return []
    return on_duty(roster, (at or datetime.now(zone)).astimezone(zone),
                   calendars(session, zone)["working"])


def on_duty(roster: Iterable[str], at: datetime, calendar: WorkCalendar) -> list[dict[str, Any]]:
    """Return the lines of a roster that count at a moment, without their time, the surest first."""
    found = []
    for line in roster:
        rule, when, who = _read(line)
        if rule is not None and _counts(rule, when, at, calendar):
            found.append((rule.rank, {"who": who, "when": line[:len(line) - len(who)].strip()}))
    best = min((rank for rank, _ in found), default=0)
    return [said for rank, said in found if rank == best]


def _counts(rule: _Rule, hours: tuple[time, time] | None, at: datetime,
            calendar: WorkCalendar) -> bool:
    """Tell whether a moment lies in a duty; one over midnight belongs to the day it begins."""
    day, now = at.date(), at.time()
    if hours is None:
        return rule.holds(day, calendar)
    start, end = hours
    if start < end:
        return start <= now < end and rule.holds(day, calendar)
    if now >= start:
        return rule.holds(day, calendar)
    return now < end and rule.holds(day - timedelta(days=1), calendar)


def _read(line: str) -> tuple[_Rule | None, tuple[time, time] | None, str]:
    """Return when a line counts, in which hours, and the words that say who."""
    rule, end = _rule(line)
    rest = line[end:].lstrip(" ,，:：")
    hours = _HOURS.match(rest)
    if hours:
        first, last = (_time(*hours.groups()[i:i + 2]) for i in (0, 2))
        return rule, (first, last), rest[hours.end():].lstrip(" ,，:：")
    for name, shift in _SHIFTS.items():
        if rest.startswith(name):
            return rule, shift, rest[len(name):].lstrip(" ,，:：")
    return rule, None, rest


def _time(hour: str, minute: str) -> time:
    return time(min(int(hour), 23) if int(hour) < 24 else 0, min(int(minute), 59))


def _rule(line: str) -> tuple[_Rule | None, int]:
    if match := _DATE.match(line):
        year, month, day = match.groups()
        return _Rule(0, on=(int(year) if year else None, int(month), int(day))), match.end()
    if match := _KINDS.match(line):
        working, free, _ = match.groups()
        return _Rule(1, worked=True if working else False if free else None), match.end()
    if match := _WEEK.match(line):
        return _Rule(2, _days(match)), match.end()
    return None, 0


def _days(match: re.Match[str]) -> frozenset[int]:
    first, link, last, bare = match.groups()
    begin = _number(first)
    if not link:
        return frozenset({begin})
    end = _number(last or bare)
    if link in "、,，":
        return frozenset({begin, end})
    return frozenset((begin + n) % 7 for n in range((end - begin) % 7 + 1))


def _number(word: str) -> int:
    if word[-1] in _CHINESE:
        return min(_CHINESE.index(word[-1]), 6)
    return _ENGLISH.index(word[:3].lower())
