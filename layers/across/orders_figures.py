"""Figures of orders: rates with their parts, totals that are the sums of their rows.

Each figure is counted over the same orders, those received in the period and lying in the caller's
area. What a grouping cannot name is the residual, so that rows and residual make up the total.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, or_, select
from sqlalchemy.orm import Session

from layers.access import Role
from layers.across.orders_clocks import clocks_of
from layers.across.orders_log import DESK
from layers.across.orders_rights import READERS, has_part
from layers.across.orders_route import unit_names
from layers.across.orders_tables import IncidentOrder
from layers.caller import Caller
from layers.codelists import codelist
from layers.grids import Grid
from spatial.errors import Forbidden
from spatial.history import valid

#: How figures may be grouped.
WAYS = ("service", "level", "owner", "month", "channel", "status", "grid")
RATES = ("response", "on_site", "completion", "on_time", "satisfaction")
_LISTS = {"service": "service_code", "level": "post_level", "channel": "channel",
          "status": "incident_status"}
#: Counts of sensitive services below this are told to nobody who may not see the orders.
SMALL = 5
_O = IncidentOrder
_END = func.coalesce(_O.done_at, _O.closed_at, func.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which orders: received in a period, half open; and how grouped."""

    by: str = "service"
    since: datetime | None = None
    until: datetime | None = None
    zone: str = "Asia/Shanghai"


def figures(session: Session, caller: Caller, asked: Asked, language: str) -> dict[str, Any]:
    """Return the figures: `{by, rows, residual, total}`, each with numerators and denominators."""
    key = _key(asked).label("key")
    counted = session.execute(select(key, *_counts()).where(*_within(caller, asked)).group_by(
        key).order_by(key))
    rows = _hide_small(session, caller, asked, [dict(row._mapping) for row in counted])
    parts = [(row["key"], _figure(row)) for row in rows]
    labels = _labels(session, asked.by, [key for key, _ in parts if key], language)
    named = [{"key": key, "label": labels.get(key, key), **one} for key, one in parts if key]
    empty = dict.fromkeys(_NUMBERS, 0)
    residual = next((one for key, one in parts if not key), _figure(empty))
    total = session.execute(select(*_counts()).where(*_within(caller, asked))).one()
    return {"by": asked.by, "rows": named, "residual": residual,
            "total": _figure(dict(total._mapping))}


def _hide_small(session: Session, caller: Caller, asked: Asked,
                rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put small counts of sensitive services into the residual, for who sees no single order.

    One hidden alone could be found by subtraction: then the next smallest goes with it.
    """
    if asked.by != "service" or caller.role in READERS:
        return rows
    small = sorted((row for row in rows if row["received"] < SMALL and clocks_of(
        session, row["key"]).sensitive), key=lambda row: row["received"])
    if not small:
        return rows
    shown = sorted((row for row in rows if row not in small), key=lambda row: row["received"])
    hidden = [*small, *(shown[:1] if len(small) == 1 else [])]
    rest = {"key": None, **{name: sum(row[name] for row in hidden) for name in _NUMBERS}}
    return [*(row for row in rows if row not in hidden), rest]


def _within(caller: Caller, asked: Asked) -> list[ColumnElement[bool]]:
    """Keep the orders of the period that this caller's figures are made of."""
    if caller.role is Role.ADMIN:
        raise Forbidden("An admin keeps users and sees no figures.")
    if caller.role is Role.HANDLER:
        found = [has_part(caller.agency or "")]
    elif caller.role is Role.API_CLIENT:
        found = [_O.created_by == caller.actor]
    else:
        found = [caller.within(_O.scope)]
    if asked.since:
        found.append(_O.received_at >= asked.since)
    if asked.until:
        found.append(_O.received_at < asked.until)
    return found


def _counts() -> list[Any]:
    """Return the counts that every figure is made of."""
    return [func.count().label("received"),
            *(func.count().filter(kept).label(name) for name, kept in _PARTS.items())]


_LATE = or_(_O.done_at.is_not(None), _O.closed_at.is_not(None), _O.finish_due < func.now())
_RESPONDED = or_(_O.accepted_at.is_not(None), _O.done_at.is_not(None), _O.status == "rejected")
_PARTS: Mapping[str, ColumnElement[bool]] = {
    "responded": _RESPONDED,
    "site_due": _O.on_site_due.is_not(None) & (_O.on_site_at.is_not(None)
                                               | (_O.on_site_due < _END)),
    "site_met": _O.on_site_at.is_not(None) & (_O.on_site_at <= _O.on_site_due),
    "closed": _O.status.in_(("closed", "rejected")),
    "judged": _O.finish_due.is_not(None) & (_O.status != "rejected") & _LATE,
    "in_time": _O.finish_due.is_not(None) & (_O.status != "rejected") & _LATE
               & (_O.finish_due >= _END),
    "rated": _O.rating.is_not(None),
    "content": _O.rating.in_(("satisfied", "fair")),
}
_MADE_OF = {"response": ("responded", "received"), "on_site": ("site_met", "site_due"),
            "completion": ("closed", "received"), "on_time": ("in_time", "judged"),
            "satisfaction": ("content", "rated")}


_NUMBERS = ("received", *_PARTS)


def _figure(counts: Mapping[str, Any]) -> dict[str, Any]:
    return {"received": counts["received"], "rates": {
        name: _rate(counts[top], counts[bottom]) for name, (top, bottom) in _MADE_OF.items()}}


def _rate(numerator: int, denominator: int) -> dict[str, Any]:
    """Return a rate with its parts; of nothing there is no rate, neither 0 % nor 100 %."""
    percent = round(100 * numerator / denominator, 2) if denominator else None
    return {"numerator": numerator, "denominator": denominator, "percent": percent}


def _key(asked: Asked) -> Any:
    if asked.by == "month":
        return func.to_char(func.timezone(asked.zone, _O.received_at), "YYYY-MM")
    if asked.by == "grid":
        return select(Grid.identifier).where(Grid.scope == _O.scope, valid(Grid, func.now())).limit(
            1).scalar_subquery()
    if asked.by == "owner":
        return func.nullif(_O.owner, DESK)
    if asked.by == "level":
        return case((_O.district_at <= _END, literal("district")),
                    (_O.subdistrict_at <= _END, literal("subdistrict")),
                    (_O.community_at <= _END, literal("community")), else_=literal("grid"))
    return {"service": _O.service_code, "channel": _O.channel, "status": _O.status}[asked.by]


def _labels(session: Session, by: str, keys: list[str], language: str) -> dict[str, str]:
    if by in _LISTS:
        return {key: codelist(_LISTS[by]).label(key, language) or key for key in keys}
    return unit_names(session, keys) if by in ("owner", "grid") else {}
