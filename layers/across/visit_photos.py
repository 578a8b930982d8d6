"""Pictures of places from a round of visits: taken in once, shown to who settles, then gone."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from layers.across.visit_list import VISITORS
from layers.caller import Caller
from layers.visits import Visit, VisitPhoto
from spatial.audit import Event, record
from spatial.errors import Conflict, Forbidden, InvalidInput, NotFound
from spatial.pictures import clean

if TYPE_CHECKING:
    from spatial.sealing import Vault

EACH_MOST = 3
#: The phone makes pictures small before it sends them; what is larger did not come from the page.
BYTES_MOST = 4 * 1024 * 1024


def keep(session: Session, caller: Caller, visit: str, key: str, raw: bytes) -> dict[str, Any]:
    """Keep a picture beside one's own visit, once; sent again it is as it was."""
    if caller.role not in VISITORS:
        raise Forbidden(f"The role {caller.role} makes no visits.")
    key = _uuid(key)
    row = session.scalars(select(Visit).where(Visit.key == _uuid(visit)).with_for_update()).first()
    if row is None or row.actor != caller.actor or not caller.holds(row.scope):
        raise NotFound("There is no such visit of yours; send the visit before its pictures.")
    if session.scalar(select(VisitPhoto.id).where(VisitPhoto.key == key)) is not None:
        return {"key": key, "again": True}
    if row.settled_at is not None:
        raise Conflict(f"The visit is {row.state} already; the picture is not needed.")
    held = session.scalar(select(func.count()).where(VisitPhoto.visit_id == row.id)) or 0
    if held >= EACH_MOST:
        raise Conflict(f"A visit holds {EACH_MOST} pictures at most.")
    session.add(VisitPhoto(key=key, visit_id=row.id, scope=row.scope, image=clean(raw)))
    row.state = "waiting"         # somebody is to look at it
    session.flush()
    return {"key": key}


def keys_of(session: Session, visits: Sequence[int]) -> dict[int, list[str]]:
    """Return the keys of the pictures of each of these visits, in the order they came."""
    found: dict[int, list[str]] = {}
    for visit, key in session.execute(select(VisitPhoto.visit_id, VisitPhoto.key).where(
            VisitPhoto.visit_id.in_(visits)).order_by(VisitPhoto.id)):
        found.setdefault(visit, []).append(key)
    return found


def image_of(session: Session, vault: "Vault", caller: Caller, key: str) -> bytes:
    """Return a picture to a supervisor of its area; the look is recorded."""
    found = session.execute(select(VisitPhoto.image, VisitPhoto.scope, Visit.key).join(
        Visit, Visit.id == VisitPhoto.visit_id).where(VisitPhoto.key == _uuid(key))).first()
    if found is None or not caller.holds(found.scope):
        raise NotFound("There is no such picture in your area.")
    record(session, vault, Event(actor=caller.actor, role=caller.role, action="visit-photo",
                                 purpose="verification", subjects=(found.key,)))
    return bytes(found.image)


def drop_of(session: Session, visit: int) -> None:
    """Forget the pictures of a visit: it is settled."""
    session.execute(delete(VisitPhoto).where(VisitPhoto.visit_id == visit))


def _uuid(key: str) -> str:
    try:
        return str(UUID(key))
    except ValueError:
        raise InvalidInput("The key of a visit or a picture is a UUID.") from None
