"""By which clocks an order runs: services and calendar from their ledgers, else from data."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from layers.across.orders_log import Step
from layers.calendar_days import CalendarDay
from layers.services import Service
from spatial.history import valid
from spatial.working_time import WorkCalendar

DATA = Path(__file__).parents[2] / "data" / "orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """What a service promises: on the spot, finished, by which calendar; and how it is treated."""

    service_code: str
    on_site_minutes: int | None = None
    finish: str = "3d"
    calendar: str = "working"
    sensitive: bool = False
    needs_check: bool = True

    def said(self, *, indoors: bool) -> dict[str, Any]:
        """Return what an order's log keeps of this, so that it can be replayed by itself."""
        parts = self.finish.split("/")
        return {"service_code": self.service_code, "on_site_minutes": self.on_site_minutes,
                "finish": parts[0] if indoors else parts[-1], "calendar": self.calendar,
                "needs_check": self.needs_check}


@cache
def _data(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


@cache
def _defaults() -> Mapping[str, Clocks]:
    return MappingProxyType({
        one["code"]: Clocks(service_code=one["code"], **{k: v for k, v in one.items()
                                                         if k != "code"})
        for one in _data("services")["services"]})


def clocks_of(session: Session, code: str, agency_id: int | None = None) -> Clocks:
    """Return the clocks of a service, those of `agency_id` first; what no ledger says is data's."""
    rows = session.scalars(select(Service).where(
        Service.code == code, valid(Service, func.now())).order_by(
            (Service.agency_id == agency_id).desc().nulls_last(), Service.id)).first()
    known = _defaults().get(code) or Clocks(service_code=code)
    if rows is None:
        return known
    said = {name: getattr(rows, name) for name in (
        "on_site_minutes", "finish", "calendar", "sensitive", "needs_check")}
    usual = {name: getattr(known, name) for name in said}
    return Clocks(service_code=code, **{**usual, **{k: v for k, v in said.items()
                                                    if v is not None}})


def calendars(session: Session, zone: ZoneInfo) -> Mapping[str, WorkCalendar]:
    """Return the calendars by their codes; days come from their ledger."""
    hours = _data("hours")
    spans = tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in hours["hours"])
    rows = session.execute(select(CalendarDay.day, CalendarDay.kind).where(
        valid(CalendarDay, func.now())).order_by(CalendarDay.id))
    days = {row.day.astimezone(zone).date(): row.kind == "working" for row in rows}
    return {"always": WorkCalendar(zone), "working": WorkCalendar(
        zone, spans, frozenset(day - 1 for day in hours["weekdays"]), days)}


@cache
def steps() -> Sequence[Step]:
    """Return how orders rise from level to level."""
    return tuple(Step(one["clock"], one["minutes"], one["to"])
                 for one in _data("escalation")["steps"])


@cache
def first_level() -> str:
    """Return the level at which every order begins."""
    return str(_data("escalation")["first"])
