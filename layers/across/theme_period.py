"""Periods of themes: back from now, whole months, and the bins of a film, in civil time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from layers.across.theme_spec import Theme
from spatial.errors import InvalidInput

#: What a film walks by.
UNITS = ("day", "week", "month")


@dataclass(frozen=True, slots=True)
class Period:
    """From when until when; `years` is its length."""

    since: datetime
    until: datetime

    @property
    def years(self) -> float:
        """Return the length in years of 365.25 days."""
        return (self.until - self.since).total_seconds() / (365.25 * 86_400)

    @property
    def middle(self) -> datetime:
        """Return the day halfway, as of which its denominators count."""
        return self.since + (self.until - self.since) / 2

    @property
    def before(self) -> "Period":
        """Return the period of one length that ends where this begins; of whole months, as many."""
        if self.since == _month(self.since) and self.until == _month(self.until):
            months = (self.until.year - self.since.year) * 12 + self.until.month - self.since.month
            return Period(months_before(self.since, months), self.since)
        return Period(self.since - (self.until - self.since), self.since)


def period_of(theme: Theme, now: datetime) -> Period:
    """Return the period of a theme: until now, or as it says; from so many months before."""
    until = theme.until or now
    since = theme.since or months_before(until, theme.months or 12)
    if since >= until:
        raise InvalidInput("The period ends before it begins; change from and to round.")
    return Period(since, until)


def months_before(day: datetime, months: float) -> datetime:
    """Return the same day and time so many months earlier, the last of its month at most."""
    whole = int(months)
    index = day.year * 12 + day.month - 1 - whole
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        try:
            found = day.replace(year=year, month=month + 1, day=last)
            break
        except ValueError:
            continue
    return found - timedelta(days=30.4375 * (months - whole))


def whole_months(period: Period, now: datetime) -> Period:
    """Return the months that a period touches, at least one and never the running one.

    Whoever gets rounded counts gets them by month only: two periods that differ by an hour
    would tell what happened in it.
    """
    last = min(period.until, now).astimezone(now.tzinfo)
    until = _month(last) if last == _month(last) else months_before(_month(last), -1)
    until = min(until, _month(now))
    since = _month(period.since.astimezone(now.tzinfo))
    return Period(min(since, months_before(until, 1)), until)


def bins(until: datetime, now: datetime, *, unit: str, count: int, step: int, window: int,
         zone: tzinfo | None = None) -> Iterator[tuple[Period, bool]]:
    """Yield `count` periods of `window` units, `step` units apart, the newest last.

    They begin and end with days, weeks (from Monday) or months of civil time. The last is the one
    that holds `until`, or ends there; where it runs still, it ends now and is True: incomplete.
    """
    local = until.astimezone(zone or now.tzinfo)
    end = _first(local, unit)
    end = end if end == local else _moved(end, unit, 1)
    for n in reversed(range(count)):
        last = _moved(end, unit, -step * n)
        yield Period(_moved(last, unit, -window), min(last, now)), last > now


def _first(day: datetime, unit: str) -> datetime:
    """Return the midnight at which the unit of a day begins."""
    if unit == "month":
        return _month(day)
    return _midnight(day - timedelta(days=day.weekday() if unit == "week" else 0))


def _moved(day: datetime, unit: str, by: int) -> datetime:
    """Return the beginning so many units on; civil days have no fixed length."""
    if unit == "month":
        return months_before(day, -by)
    return day + timedelta(days=by * (7 if unit == "week" else 1))


def _month(day: datetime) -> datetime:
    return _midnight(day.replace(day=1))


def _midnight(day: datetime) -> datetime:
    return day.replace(hour=0, minute=0, second=0, microsecond=0)
