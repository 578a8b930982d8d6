"""Limits: token buckets in the database, so that they hold however many workers serve.

A bucket fills evenly; what is taken is kept or lost with the transaction, and the table is
unlogged: after a crash all buckets are full. The moment comes from here, so that tests move it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from sqlalchemy import DateTime, Double, String, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from spatial.config import Settings
from spatial.database import Base
from spatial.errors import TooManyRequests
from spatial.prepared import ask

MINUTE, HOUR, DAY = 60, 3_600, 86_400
#: A bucket that nobody has asked for so long is full again, whichever it is.
FORGOTTEN = timedelta(days=2)


class RateBucket(Base):
    """How many tokens a bucket held when it was last asked."""

    __tablename__ = "rate_bucket"
    __table_args__ = {"prefixes": ["UNLOGGED"]}

    key: Mapped[str] = mapped_column(String(250), primary_key=True)
    tokens: Mapped[float] = mapped_column(Double)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    wait: Mapped[float] = mapped_column(Double)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many (a setting) in so many seconds; `about` is told to who has used it up."""

    setting: str
    period: int
    about: str


#: Every limit there is, by name.
LIMITS: Mapping[str, Limit] = MappingProxyType({
    "id": Limit("limit_ids_a_minute", MINUTE, "lookups by ID number in a minute"),
    "id_day": Limit("limit_ids_a_day", DAY, "lookups by ID number in a day"),
    "id_miss": Limit("limit_id_misses_an_hour", HOUR, "ID numbers in an hour that nobody has"),
    "name": Limit("limit_names_a_minute", MINUTE, "searches by name in a minute"),
    "open": Limit("limit_opened_a_minute", MINUTE, "persons or places opened in a minute"),
    "reveal": Limit("limit_reveals_an_hour", HOUR, "fields shown in full in an hour"),
    "export": Limit("limit_exports_a_day", DAY, "exports of persons in a day"),
    "api": Limit("limit_requests_a_minute", MINUTE, "requests in a minute"),
    "tile": Limit("limit_tiles_a_minute", MINUTE, "tiles in a minute"),
    "public": Limit("limit_public_a_minute", MINUTE, "questions without a sign-in in a minute"),
    "report": Limit("limit_reports_an_hour", HOUR, "reports without a sign-in in an hour"),
    "sign_in": Limit("limit_sign_ins_a_minute", MINUTE, "sign-ins in a minute"),
})
_TAKE = ("SELECT name, most, take_tokens(key, most, period, cost, $6::float8, $7::timestamptz) "
         "AS wait FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[], $5::float8[]) "
         "AS one (name, key, most, period, cost)")


def spend(session: Session, settings: Settings, who: str, *names: str,
          unspent: Sequence[str] = ()) -> None:
    """Take one from each of these limits of `who`; raise TooManyRequests where one is used up.

    From those `unspent` nothing is taken, but they must not be used up either.
    """
    _take(session, settings, who, (*unspent, *names), cost=1, need=1, free=len(unspent))


def note(session: Session, settings: Settings, who: str, name: str) -> None:
    """Take one from a limit that only later requests are to feel."""
    _take(session, settings, who, (name,), cost=1, need=0)


def forget(session: Session) -> None:
    """Drop the buckets that nobody has asked for long."""
    session.execute(delete(RateBucket).where(RateBucket.at < now() - FORGOTTEN))


def now() -> datetime:
    """Return the moment by which buckets fill; tests put another in its place."""
    return datetime.now(UTC)


def _take(session: Session, settings: Settings, who: str, names: Sequence[str], *, cost: int,
          need: int, free: int = 0) -> None:
    limits = [LIMITS[name] for name in names]
    rows = ask(session, "take_limits", sql=lambda: _TAKE, values=(
        list(names), [f"{name}:{who}" for name in names],
        [float(getattr(settings, one.setting)) for one in limits],
        [float(one.period) for one in limits],
        [0.0] * free + [float(cost)] * (len(names) - free), need, now()))
    worst = max(rows, key=lambda row: row.wait)
    if worst.wait > 0:
        raise TooManyRequests(
            f"{worst.most:g} {LIMITS[worst.name].about} are the limit; wait a while.",
            retry_after=max(1, math.ceil(worst.wait)))
