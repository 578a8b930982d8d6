"""The sessions of signed-in people: listed, ended, moved to another of their assignments."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from layers.across.assignments import acting, covers
from layers.across.factors import has_factor
from layers.across.sign_ins import NONE, Roles
from layers.caller import Caller
from layers.faults import Fault, refuse
from layers.passwords import draw_token, token_hash
from layers.users import AppUser, Assignment, WebSession
from spatial.errors import NotFound


def sessions_of(session: Session, by: Caller, *, idle: timedelta, user_id: int | None = None,
                limit: int = 1_000) -> Sequence[Any]:
    """Return the open sessions in the caller's area, the last used first."""
    query = (select(WebSession.number, WebSession.started_at, WebSession.seen_at, AppUser.name,
                    AppUser.id.label("user_id"), Assignment.role, Assignment.area)
             .join(AppUser, AppUser.id == WebSession.user_id)
             .join(Assignment, Assignment.id == WebSession.assignment_id)
             .where(WebSession.stage.is_(None), WebSession.seen_at > func.now() - idle)
             .order_by(WebSession.seen_at.desc(), WebSession.number).limit(limit))
    if user_id is not None:
        query = query.where(WebSession.user_id == user_id)
    inside = cache(lambda area: covers(session, by, area))
    return [row for row in session.execute(query) if inside(row.area)]


def end(session: Session, by: Caller, number: int) -> str:
    """End a session in the caller's area at once; return whose it was."""
    row = session.execute(
        select(AppUser.name, Assignment.area).select_from(WebSession)
        .join(AppUser, AppUser.id == WebSession.user_id)
        .join(Assignment, Assignment.id == WebSession.assignment_id)
        .where(WebSession.number == number)).first()
    if row is None or not covers(session, by, row.area):
        raise NotFound(f"There is no session {number} in your area.")
    session.execute(delete(WebSession).where(WebSession.number == number))
    return str(row.name)


def switch(session: Session, secret: str, caller: Caller, assignment: int, *,
           factor_roles: Roles = NONE) -> str:
    """Let a session act in another assignment of its user; return its new secret.

    The old secret opens nothing any more: rights that change take a new key.
    """
    mine = {one.id: one for one in acting(session, caller.user_id or 0)}
    if assignment not in mine:
        raise NotFound(f"You have no assignment {assignment} in force; /api/me lists yours.")
    if mine[assignment].role in factor_roles and not has_factor(session, caller.user_id or 0):
        refuse([Fault("assignment", "factor_first")])
    fresh = draw_token()
    session.execute(update(WebSession).where(WebSession.token_hash == token_hash(secret))
                    .values(token_hash=token_hash(fresh), assignment_id=assignment,
                            seen_at=func.now()))
    return fresh
