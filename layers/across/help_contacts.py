"""Who asked to be looked for in an emergency: a contact a dwelling gave, for a year at most.

No reason is asked and none is kept. Besides the muster list nobody reads the contact again but
the one who takes it down; an officer sees that there is one, and until when.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from layers.access import Role
from layers.base import draw_identifier
from layers.caller import Caller
from layers.emergencies import HelpContact
from layers.units import Unit
from spatial.audit import Event, record
from spatial.errors import Forbidden, NotFound
from spatial.history import valid

if TYPE_CHECKING:
    from spatial.sealing import Vault

TABLE = HelpContact.__tablename__
LASTS = timedelta(days=365)
#: Who takes a contact down at the door.
WRITERS = (Role.OFFICER, Role.GRID_WORKER)


def add_contact(session: Session, vault: "Vault", caller: Caller, unit: str,
                contact: str) -> dict[str, Any]:
    """Take down the contact of a dwelling in the caller's area, in place of the one before."""
    key, scope = _unit(session, caller, unit)
    _end(session, key)
    now = session.execute(select(func.now())).scalar_one()
    name = draw_identifier("x")
    made = HelpContact(identifier=name, unit_id=key, scope=scope, given_at=now,
                       contact=vault.seal(TABLE, "contact", name, contact),
                       expires_at=now + LASTS, recorded_by=caller.actor)
    session.add(made)
    session.flush()
    _record(session, vault, caller, "help-contact-add", made.identifier)
    return _told(made)


def end_contact(session: Session, vault: "Vault", caller: Caller, unit: str) -> int:
    """End the contact of a dwelling; return how many there were."""
    key, _ = _unit(session, caller, unit)
    ended = _end(session, key)
    _record(session, vault, caller, "help-contact-end", unit)
    return ended


def contact_of(session: Session, caller: Caller, unit: str) -> dict[str, Any] | None:
    """Tell whether a dwelling gave a contact and until when it stands, not what it says."""
    key, _ = _unit(session, caller, unit)
    found = session.scalars(_standing([key])).first()
    return _told(found) if found else None


def contacts_in(session: Session, vault: "Vault", units: Sequence[int]) -> Mapping[int, list[str]]:
    """Return the contacts of units by their keys, in full: for muster lists only."""
    found: dict[int, list[str]] = {}
    for row in session.scalars(_standing(units)):
        found.setdefault(row.unit_id, []).append(
            vault.unseal(TABLE, "contact", row.identifier, row.contact))
    return found


def _standing(units: Sequence[int]) -> Any:
    return select(HelpContact).where(
        HelpContact.unit_id.in_(units), HelpContact.ended_at.is_(None),
        HelpContact.expires_at > func.now()).order_by(HelpContact.id)


def _unit(session: Session, caller: Caller, unit: str) -> tuple[int, int]:
    if caller.role not in WRITERS:
        raise Forbidden(f"The role {caller.role} takes down no contacts.")
    row = session.execute(select(Unit.id, Unit.scope).where(
        Unit.identifier == unit, valid(Unit, func.now()))).first()
    if row is None or not caller.holds(row.scope):
        raise NotFound("There is no such dwelling in your area.")
    return row.id, row.scope


def _end(session: Session, key: int) -> int:
    rows = session.scalars(_standing([key])).all()
    for row in rows:
        row.ended_at = func.now()
        row.contact = b""
    session.flush()
    return len(rows)


def _told(row: HelpContact) -> dict[str, Any]:
    return {"ref": row.identifier, "given_at": row.given_at.isoformat(),
            "expires_at": row.expires_at.isoformat(), "by": row.recorded_by}


def _record(session: Session, vault: "Vault", caller: Caller, action: str, subject: str) -> None:
    record(session, vault, Event(actor=caller.actor, role=caller.role, action=action,
                                 purpose="emergency", subjects=(subject,)))
