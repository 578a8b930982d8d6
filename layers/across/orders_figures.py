"""Figures of orders: rates with their parts, totals that are the sums of their rows.

Each figure is counted over the same orders, those received in the period and lying in the caller's
area. What a grouping cannot name is the residual, so that rows and residual make up the total.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from layers.access import Role
from layers.across import orders_rounded
from layers.across.orders_figures_asked import Asked
from layers.across.orders_levels import END, LEVEL
from layers.across.orders_log import DESK
from layers.across.orders_rights import has_part
from layers.across.orders_rounded import Row, in_full_months, is_rounded
from layers.across.orders_route import unit_names
from layers.across.orders_tables import IncidentOrder
from layers.across.things import things
from layers.caller import Caller
from layers.codelists import codelist
from layers.grids import Grid
from spatial.errors import Forbidden
from spatial.history import valid

__all__ = ["RATES", "WAYS", "Asked", "figures"]
#: How figures may be grouped.
WAYS = ("service", "level", "owner", "month", "channel", "status", "grid")
RATES = ("response", "on_site", "completion", "on_time", "satisfaction")
_LISTS = {"service": "service_code", "level": "post_level", "channel": "channel",
          "status": "incident_status"}
_O = IncidentOrder


def figures(session: Session, caller: Caller, asked: Asked, language: str) -> dict[str, Any]:
    """Return the figures: `{by, rows, residual, total}`, each with numerators and denominators.

    `rounded` is there where a rule binds the caller (layers/across/orders_rounded.py).
    """
    private = is_rounded(caller)
    if private:
        asked = in_full_months(asked)
    rows = _counted(session, caller, asked, apart=private)
    rows = orders_rounded.told(rows) if private else rows
    labels = _labels(session, asked.by, [row["key"] for row in rows if row["key"]], language)
    empty = dict.fromkeys(_NUMBERS, 0)
    whole = {name: sum(row[name] for row in rows) for name in _NUMBERS}
    said = {"by": asked.by, "rows": [
        {"key": row["key"], "label": labels.get(row["key"], row["key"]), **_figure(row)}
        for row in rows if row["key"]],
        "residual": _figure(next((row for row in rows if not row["key"]), empty)),
        "total": _figure(whole)}
    return said | ({"rounded": orders_rounded.rule(asked)} if private else {})


def _counted(session: Session, caller: Caller, asked: Asked, *, apart: bool) -> list[Row]:
    """Return the counts by key, in its order; `apart` counts what may tell of persons by itself."""
    key = _key(asked).label("key")
    private = [_O.service_code.not_in(things()).label("private")] if apart else []
    rows = session.execute(select(key, *private, *_counts()).where(
        *_within(caller, asked)).group_by(key, *private).order_by(key))
    return [dict(row._mapping) for row in rows]


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
                                               | (_O.on_site_due < END)),
    "site_met": _O.on_site_at.is_not(None) & (_O.on_site_at <= _O.on_site_due),
    "closed": _O.status.in_(("closed", "rejected")),
    "judged": _O.finish_due.is_not(None) & (_O.status != "rejected") & _LATE,
    "in_time": _O.finish_due.is_not(None) & (_O.status != "rejected") & _LATE
               & (_O.finish_due >= END),
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
        return LEVEL
    return {"service": _O.service_code, "channel": _O.channel, "status": _O.status}[asked.by]


def _labels(session: Session, by: str, keys: list[str], language: str) -> dict[str, str]:
    if by in _LISTS:
        return {key: codelist(_LISTS[by]).label(key, language) or key for key in keys}
    return unit_names(session, keys) if by in ("owner", "grid") else {}
