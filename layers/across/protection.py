"""Protected addresses: who is not found by name, and whose door few or one may know."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from layers.across.person_orders import PROTECTED, PersonOrder
from layers.across.person_queries import CUSTODIAN_ONLY
from layers.passwords import name_key
from layers.residents import Resident
from layers.users import AppUser
from spatial.errors import InvalidInput, NotFound


def protect(session: Session, identifier: str, level: int, *, custodian: str | None,
            document: str, dated: datetime, by: str) -> PersonOrder:
    """Put a shield on a person's address, or take it off with level 0; the caller commits."""
    row = session.scalars(select(Resident).where(Resident.identifier == identifier)).one_or_none()
    if row is None:
        raise NotFound("No person is called so; give the identifier or the source_id.")
    if (level == CUSTODIAN_ONLY) != bool(custodian):
        raise InvalidInput("A custodian is wanted for level 2, and for no other.")
    row.shield, row.custodian = level or None, _user(session, custodian) if custodian else None
    order = PersonOrder(kind=PROTECTED, person=identifier, field=f"level {level}",
                        document=document, dated=dated, done_by=by)
    session.add(order)
    session.flush()
    return order


def _user(session: Session, name: str) -> str:
    found = session.scalar(select(AppUser.name).where(AppUser.name_key == name_key(name),
                                                      AppUser.closed_at.is_(None)))
    if found is None:
        raise InvalidInput(f"There is no user {name!r}; `user list` shows who there is.")
    return found
