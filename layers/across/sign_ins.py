"""Signing in and out: the constant answer, the pause after failures, two sessions at once."""

import hashlib
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from layers.across.callers import first_assignment
from layers.passwords import draw_token, matches, name_key, token_hash
from layers.users import SignInFailure, WebSession
from spatial.errors import TooManyRequests

FAILURES_MOST, WINDOW = 10, timedelta(minutes=15)
SESSIONS_MOST = 2


def sign_in(session: Session, name: str, password: str) -> str | None:
    """Return the secret of a new session, or None; the caller commits either way.

    An unknown name, a wrong password and a user without a role answer alike, in the same time.
    """
    _refuse_guessing(session, name)
    found = first_assignment(session, name)
    kept = found[0].password_hash if found else None
    if not matches(kept, password) or found is None:
        session.add(SignInFailure(name_hash=_hash(name)))
        session.flush()
        return None
    user, assignment = found
    session.execute(delete(SignInFailure).where(SignInFailure.name_hash == _hash(name)))
    secret = draw_token()
    now = datetime.now(UTC)
    session.add(WebSession(token_hash=token_hash(secret), user_id=user.id,
                           assignment_id=assignment, started_at=now, seen_at=now))
    session.flush()
    _end_older(session, user.id)
    return secret


def sign_out(session: Session, secret: str) -> None:
    """End the session of this secret, if there is one."""
    session.execute(delete(WebSession).where(WebSession.token_hash == token_hash(secret)))


def _refuse_guessing(session: Session, name: str) -> None:
    session.execute(delete(SignInFailure).where(SignInFailure.at < func.now() - WINDOW))
    count, wait = session.execute(
        select(func.count(), func.extract("epoch", func.min(SignInFailure.at) + WINDOW
                                          - func.now()))
        .where(SignInFailure.name_hash == _hash(name))).one()
    if count >= FAILURES_MOST:
        raise TooManyRequests("Too many failed sign-ins with this name; wait a quarter of an hour.",
                              retry_after=max(1, int(wait or 0)))


def _end_older(session: Session, user_id: int) -> None:
    newest = (select(WebSession.token_hash).where(WebSession.user_id == user_id)
              .order_by(WebSession.started_at.desc())
              .limit(SESSIONS_MOST))
    session.execute(delete(WebSession).where(WebSession.user_id == user_id,
                                             WebSession.token_hash.not_in(newest)))


def _hash(name: str) -> bytes:
    return hashlib.sha256(name_key(name)[:200].encode("utf-8", "surrogatepass")).digest()
