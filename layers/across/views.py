"""A user's own views of the map: kept, listed, dropped; nobody sees another's."""

from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from layers.saved_views import SavedView
from spatial.errors import Conflict, NotFound

VIEWS_MOST = 100


def views_of(session: Session, user: int) -> list[dict[str, Any]]:
    """Return a user's views, the last one saved first."""
    rows = session.execute(select(SavedView.id, SavedView.name, SavedView.view, SavedView.saved_at)
                           .where(SavedView.user_id == user)
                           .order_by(SavedView.saved_at.desc(), SavedView.id.desc()))
    return [{"id": number, "name": name, "view": view, "saved_at": at.isoformat()}
            for number, name, view, at in rows]


def keep_view(session: Session, user: int, name: str, view: str) -> int:
    """Keep a view under a name, in place of one that bears it; return its number."""
    known = session.scalars(select(SavedView.name).where(SavedView.user_id == user)).all()
    if name not in known and len(known) >= VIEWS_MOST:
        raise Conflict(f"You have kept {VIEWS_MOST} views, the most there may be; drop one first.")
    values = {"view": view, "saved_at": func.clock_timestamp()}
    row = insert(SavedView).values(user_id=user, name=name, **values)
    saved = row.on_conflict_do_update(index_elements=["user_id", "name"], set_=values)
    return int(session.execute(saved.returning(SavedView.id)).scalar_one())


def drop_view(session: Session, user: int, number: int) -> None:
    """Drop one of the user's own views."""
    dropped = session.execute(delete(SavedView).where(
        SavedView.user_id == user, SavedView.id == number).returning(SavedView.id)).first()
    if dropped is None:
        raise NotFound(f"You have no view {number}; it may have been dropped already.")
