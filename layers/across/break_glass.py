"""Breaking the glass: an operator's half hour with a building's muster list, for an open incident.

It is said in words why, it is on the record before anything is shown, and the auditor sees it at
once (sql/audit_alerts.sql). The list can be ticked for a day by those whose area the building is
in; then it is gone, with its ticks.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from layers.access import PERSON_READERS, Role
from layers.across.cases import Case, open_case
from layers.caller import Caller
from layers.emergencies import BreakGlass
from layers.incidents import Incident
from layers.units import Unit
from spatial.audit import Event, record
from spatial.errors import Conflict, Forbidden, InvalidInput, NotFound

if TYPE_CHECKING:
    from spatial.sealing import Vault

STAYS_BROKEN, LIST_STAYS = timedelta(minutes=30), timedelta(hours=24)
#: Fewer characters are no reason in words.
REASON_LEAST = 8


def break_glass(session: Session, vault: "Vault", caller: Caller, *, incident: str,
                reason: str) -> BreakGlass:
    """Break the glass for the building of an open incident in the caller's area.

    Only an operator may. Breaking it again while it is broken gives the same one. Raises
    Forbidden, NotFound, InvalidInput (no reason in words) or Conflict (at no building).
    """
    if caller.role is not Role.OPERATOR or caller.is_token:
        raise Forbidden("Only an operator who is signed in breaks the glass.")
    if len(set(reason)) < REASON_LEAST // 2 or len(reason) < REASON_LEAST:
        raise InvalidInput("reason is wanted in words: what has happened, and who is in danger.")
    case, name = _case(session, caller, incident)
    building = _building_of(session, case)
    found = in_force(session, caller, building)
    if found is None:
        found = _new(session, caller, name, building, reason)
    record(session, vault, Event(actor=caller.actor, role=caller.role, action="break-glass",
                                 purpose="emergency", case=found.incident,
                                 subjects=(found.identifier,)), durable=True)
    return found


def in_force(session: Session, caller: Caller, building: int) -> BreakGlass | None:
    """Return the caller's own glass for a building while it is broken."""
    return session.scalars(
        select(BreakGlass).where(BreakGlass.building_id == building,
                                 BreakGlass.actor == caller.actor,
                                 BreakGlass.until > func.now())
        .order_by(BreakGlass.until.desc()).limit(1)).first()


def glass_of(session: Session, caller: Caller, ref: str) -> BreakGlass:
    """Return a list that the caller may still see: its operator's, or of the caller's own area.

    Others, and everyone once it is gone, are told the same: there is none.
    """
    found = session.scalars(select(BreakGlass).where(
        BreakGlass.identifier == ref, BreakGlass.gone_at > func.now())).first()
    if found is None or caller.role not in PERSON_READERS or not caller.holds(found.scope):
        raise NotFound("There is no such list, or it is gone: lists are kept for 24 hours.")
    if caller.role is Role.OPERATOR and found.actor != caller.actor:
        raise NotFound("There is no such list, or it is gone: lists are kept for 24 hours.")
    return found


def sweep(session: Session) -> int:
    """Take away the lists whose day is over, with their ticks; return how many.

    Every sign-in does so: nobody sees a list after its day, and no row of it stays long.
    """
    result: Any = session.execute(delete(BreakGlass).where(BreakGlass.gone_at <= func.now()))
    return int(result.rowcount)


def _case(session: Session, caller: Caller, incident: str) -> tuple[Case, str]:
    case = open_case(session, caller, incident)
    if case is None:
        raise NotFound("There is no open incident of that name in your area.")
    name = session.scalars(select(Incident.identifier).where(
        (Incident.identifier == incident) | (Incident.source_id == incident))).first()
    return case, str(name)


def _building_of(session: Session, case: Case) -> int:
    if case.building_id is not None:
        return case.building_id
    found = session.scalars(select(Unit.building_id).where(Unit.id == case.unit_id)).first()
    if found is None:
        raise Conflict("The incident is at no building; give it its place first.")
    return found


def _new(session: Session, caller: Caller, incident: str, building: int,
         reason: str) -> BreakGlass:
    from layers.buildings import Building

    now = session.execute(select(func.now())).scalar_one()
    scope = session.scalars(select(Building.scope).where(Building.id == building)).one()
    made = BreakGlass(actor=caller.actor, incident=incident, building_id=building, scope=scope,
                      reason=reason, opened_at=now, until=now + STAYS_BROKEN,
                      gone_at=now + LIST_STAYS)
    session.add(made)
    session.flush()
    return made
