"""Who sees which orders, and who may say what of one.

A handler sees the orders of its agency, a program those that it brought, the others those of
their area. Planners, analysts and walls see figures only.
"""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, any_, literal, or_

from layers.access import Role
from layers.across.orders_log import ALLOWED
from layers.across.orders_tables import IncidentOrder
from layers.caller import Caller
from spatial.errors import Forbidden

_WORK = frozenset({"accepted", "returned", "shared", "extended", "paused", "resumed", "on_site",
                   "done", "noted", "photo"})
_DESK = frozenset(ALLOWED)
ACTS: Mapping[Role, frozenset[str]] = {
    Role.HANDLER: _WORK,
    Role.GRID_WORKER: (_WORK - {"extended", "shared"}) | {"checked"},
    Role.OFFICER: _DESK,
    Role.OPERATOR: _DESK,
    Role.API_CLIENT: frozenset({"urged", "noted", "closed", "rated", "reopened"}),
}
READERS = frozenset(ACTS)
TAKERS = frozenset({Role.GRID_WORKER, Role.OFFICER, Role.OPERATOR, Role.API_CLIENT})


def visible(caller: Caller) -> ColumnElement[bool]:
    """Keep the orders that this caller may know of; raise Forbidden for who sees none."""
    if caller.role not in READERS:
        raise Forbidden(f"The role {caller.role} sees figures of orders, no single one.")
    if caller.role is Role.HANDLER:
        return has_part(caller.agency or "")
    if caller.role is Role.API_CLIENT:
        return IncidentOrder.created_by == caller.actor
    return caller.within(IncidentOrder.scope)


def has_part(unit: str) -> ColumnElement[bool]:
    """Keep the orders that a unit owns or helps with."""
    return or_(IncidentOrder.owner == unit, literal(unit) == any_(IncidentOrder.helpers))


def may_take(caller: Caller) -> None:
    """Raise Forbidden for who takes no reports in."""
    if caller.role not in TAKERS:
        raise Forbidden(f"The role {caller.role} takes no reports in.")


def may_say(caller: Caller, kind: str) -> None:
    """Raise Forbidden for what this role does not say of an order."""
    if kind in ALLOWED and kind not in ACTS.get(caller.role, frozenset()):
        raise Forbidden(f"The role {caller.role} may not say {kind!r} of an order.")


def next_steps(caller: Caller, status: str) -> list[str]:
    """Return what this caller may say of an order that stands so."""
    mine = ACTS.get(caller.role, frozenset())
    return [kind for kind, states in ALLOWED.items() if status in states and kind in mine]
