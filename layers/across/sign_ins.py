"""Signing in and out: the constant answer, the pause after failures, two sessions at once.

A right password may not be enough: the session then waits at a stage, and opens nothing yet. The
stages in order are `code` (of the second factor), `password` (choose your own) and `enrol` (the
role wants a second factor and there is none).
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from layers.access import Role
from layers.across.callers import first_assignment, in_force
from layers.across.factors import has_factor
from layers.passwords import draw_token, matches, name_key, token_hash
from layers.users import AppUser, Assignment, SignInFailure, WebSession
from spatial.errors import TooManyRequests

FAILURES_MOST, WINDOW = 10, timedelta(minutes=15)
SESSIONS_MOST = 2
STAGED_FOR = timedelta(minutes=10)
Roles = frozenset[Role]
NONE: Roles = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A sign-in whose password was right, and what it still waits for."""

    user: AppUser
    assignment: Assignment
    stage: str
    key: bytes


def sign_in(session: Session, name: str, password: str, *,
            factor_roles: Roles = NONE) -> str | None:
    """Return the secret of a new session, or None; the caller commits either way.

    An unknown name, a wrong password and a user without a role answer alike, in the same time.
    """
    refuse_guessing(session, name)
    found = first_assignment(session, name)
    kept = found[0].password_hash if found else None
    if not matches(kept, password) or found is None or _is_over(found[0]):
        note_failure(session, name)
        return None
    return start(session, *found, factor_roles=factor_roles)


def start(session: Session, user: AppUser, assignment: Assignment, *, factor_roles: Roles = NONE,
          with_password: bool = True) -> str:
    """Begin the session of one who has shown who they are; return its secret."""
    stage = _stage(session, user, assignment, factor_roles, coded=False,
                   with_password=with_password)
    secret, now = draw_token(), datetime.now(UTC)
    session.add(WebSession(token_hash=token_hash(secret), user_id=user.id, stage=stage,
                           assignment_id=assignment.id, started_at=now, seen_at=now))
    session.flush()
    _settle(session, user, stage)
    return secret


def staged(session: Session, secret: str) -> Staged | None:
    """Return the sign-in that waits under this secret, if it has not waited too long."""
    key = token_hash(secret)
    row = session.execute(
        select(WebSession.stage, AppUser, Assignment).select_from(WebSession)
        .join(AppUser, AppUser.id == WebSession.user_id)
        .join(Assignment, Assignment.id == WebSession.assignment_id)
        .where(WebSession.token_hash == key, WebSession.stage.is_not(None),
               WebSession.started_at > func.now() - STAGED_FOR, AppUser.closed_at.is_(None),
               in_force(Assignment))).first()
    return Staged(user=row.AppUser, assignment=row.Assignment, stage=row.stage,
                  key=key) if row else None


def advance(session: Session, one: Staged, *, factor_roles: Roles = NONE) -> tuple[str, str | None]:
    """Pass a stage; return the session's new secret and the next stage, None where it is open."""
    stage = _stage(session, one.user, one.assignment, factor_roles, coded=True)
    fresh = draw_token()
    session.execute(update(WebSession).where(WebSession.token_hash == one.key)
                    .values(token_hash=token_hash(fresh), stage=stage, seen_at=func.now()))
    _settle(session, one.user, stage)
    return fresh, stage


def sign_out(session: Session, secret: str) -> None:
    """End the session of this secret, if there is one."""
    session.execute(delete(WebSession).where(WebSession.token_hash == token_hash(secret)))


def refuse_guessing(session: Session, name: str) -> None:
    """Raise TooManyRequests while this name has failed too often."""
    session.execute(delete(SignInFailure).where(SignInFailure.at < func.now() - WINDOW))
    count, wait = session.execute(
        select(func.count(), func.extract("epoch", func.min(SignInFailure.at) + WINDOW
                                          - func.now()))
        .where(SignInFailure.name_hash == _hash(name))).one()
    if count >= FAILURES_MOST:
        raise TooManyRequests("Too many failed sign-ins with this name; wait a quarter of an hour.",
                              retry_after=max(1, int(wait or 0)))


def note_failure(session: Session, name: str) -> None:
    """Count a wrong password or a wrong code against this name."""
    session.add(SignInFailure(name_hash=_hash(name)))
    session.flush()


def _stage(session: Session, user: AppUser, assignment: Assignment, factor_roles: Roles, *,
           coded: bool, with_password: bool = True) -> str | None:
    factor = has_factor(session, user.id)
    if factor and not coded:
        return "code"
    if with_password and user.password_until is not None:
        return "password"
    return "enrol" if assignment.role in factor_roles and not factor else None


def _settle(session: Session, user: AppUser, stage: str | None) -> None:
    """End what is older; forget failures only once the door is open, else codes were guessed."""
    if stage is None:
        session.execute(delete(SignInFailure).where(SignInFailure.name_hash == _hash(user.name)))
    alike = WebSession.stage.is_(None) if stage is None else WebSession.stage.is_not(None)
    newest = (select(WebSession.token_hash).where(WebSession.user_id == user.id, alike)
              .order_by(WebSession.started_at.desc()).limit(SESSIONS_MOST))
    session.execute(delete(WebSession).where(WebSession.user_id == user.id, alike,
                                             WebSession.token_hash.not_in(newest)))


def _is_over(user: AppUser) -> bool:
    return user.password_until is not None and user.password_until < datetime.now(UTC)


def _hash(name: str) -> bytes:
    return hashlib.sha256(name_key(name)[:200].encode("utf-8", "surrogatepass")).digest()
