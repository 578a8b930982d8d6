"""Working time: how long a promise has, in a calendar whose days are moved every year.

An allowance is written `30min`, `48h`, `3d`, `same_day` or `at_once` (or 30分钟, 48小时, 3个工作日,
当日, 即时); two of them with a slash between mean indoors and outdoors. In a calendar an allowance
is a number of working seconds: a day is a working day's hours, so a promise of three days made
at ten o'clock ends at ten o'clock, three working days later. `between(a, add(a, s)) == s` holds
for every s, so that a pause moves a deadline by exactly the working time it lasted.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from spatial.errors import InvalidInput

AT_ONCE_S = 30 * 60
DAY_S, MOST_DAYS = 86_400, 3_660
UNITS: Mapping[str, int] = {"min": 60, "h": 3_600}
_WORDS: Mapping[str, str] = {"at_once": "at_once", "即时": "at_once", "立即": "at_once",
                             "same_day": "same_day", "当日": "same_day", "当天": "same_day"}
_WRITTEN = re.compile(r"([0-9]{1,5})\s*"
                      r"(分钟|min(?:utes?)?|小时|h(?:ours?)?|个?工作日|天|日|d(?:ays?)?)")
_UNIT: Mapping[str, str] = {"分": "min", "m": "min", "小": "h", "h": "h", "个": "d", "工": "d",
                            "天": "d", "日": "d", "d": "d"}


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """When time counts: always (no hours), or the hours of working days.

    `days` names those days that do not follow the week, True where they are worked.
    """

    zone: ZoneInfo
    hours: tuple[tuple[time, time], ...] = ()
    weekdays: frozenset[int] = frozenset(range(5))
    days: Mapping[date, bool] = field(default_factory=dict)

    @property
    def day_seconds(self) -> int:
        """Return how much counting time a working day has."""
        return sum(_seconds(end) - _seconds(start) for start, end in self.hours) or DAY_S

    def is_worked(self, day: date) -> bool:
        """Tell whether time counts on a day at all."""
        if not self.hours:
            return True
        return self.days.get(day, day.weekday() in self.weekdays)

    def add(self, start: datetime, seconds: float) -> datetime:
        """Return when so much counting time has passed since `start`."""
        if not self.hours or seconds <= 0:
            return start + timedelta(seconds=max(0.0, seconds))
        left = timedelta(seconds=seconds)
        for begin, end in self._spans(start):
            if left <= end - begin:
                return begin + left
            left -= end - begin
        raise InvalidInput("The calendar has too few working days for so long an allowance.")

    def between(self, start: datetime, end: datetime) -> float:
        """Return the counting seconds between two instants, 0 where the end comes first."""
        if end <= start:
            return 0.0
        if not self.hours:
            return (end - start).total_seconds()
        total = timedelta()
        for begin, finish in self._spans(start):
            if begin >= end:
                break
            total += min(finish, end) - begin
        return total.total_seconds()

    def end_of_day(self, start: datetime) -> datetime:
        """Return when the day of `start` ends for its workers; after hours the next one's end."""
        local = start.astimezone(self.zone)
        if not self.hours:
            return datetime.combine(local.date() + timedelta(days=1), time(), self.zone)
        first = next(self._spans(start))[0].astimezone(self.zone).date()
        return datetime.combine(first, self.hours[-1][1], self.zone)

    def _spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the counting spans from `start` on, the first one cut; all in the same zone."""
        day = start.astimezone(self.zone).date()
        for _ in range(MOST_DAYS):
            if self.is_worked(day):
                for opens, closes in self.hours:
                    begin = datetime.combine(day, opens, self.zone).astimezone(start.tzinfo)
                    end = datetime.combine(day, closes, self.zone).astimezone(start.tzinfo)
                    if end > start:
                        yield max(begin, start), end
            day += timedelta(days=1)


def written(text: str) -> str:
    """Return an allowance, or two (`indoors/outdoors`), in their one form; refuse anything else."""
    parts = [_one(part.strip()) for part in text.split("/")]
    if len(parts) > 2:
        raise InvalidInput(f"{text[:40]!r} names more than two allowances.")
    return "/".join(parts)


def seconds(allowance: str, calendar: WorkCalendar, start: datetime) -> float:
    """Return the counting seconds of an allowance that begins at `start`."""
    if allowance == "at_once":
        return AT_ONCE_S
    if allowance == "same_day":
        return calendar.between(start, calendar.end_of_day(start))
    number, unit = re.fullmatch(r"(\d+)(min|h|d)", allowance).groups()  # type: ignore[union-attr]
    return int(number) * (calendar.day_seconds if unit == "d" else UNITS[unit])


def _one(text: str) -> str:
    if text.casefold() in _WORDS:
        return _WORDS[text.casefold()]
    match = _WRITTEN.fullmatch(text.casefold())
    if match is None:
        raise InvalidInput(f"{text[:40]!r} is no allowance of time; write 30min, 48h, 3d, same_day "
                           "or at_once.")
    return f"{int(match[1])}{_UNIT[match[2][0]]}"


def _seconds(at: time) -> int:
    return at.hour * 3_600 + at.minute * 60 + at.second
