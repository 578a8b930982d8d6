"""What users do with their own account: choose another password."""

from collections.abc import Iterator

from sqlalchemy import delete
from sqlalchemy.orm import Session

from layers.across.sign_ins import note_failure, refuse_guessing
from layers.faults import Fault, refuse
from layers.passwords import hash_password, matches, token_hash
from layers.users import AppUser, WebSession
from spatial.errors import InvalidInput


def choose_password(session: Session, user: AppUser, new: str, again: str) -> None:
    """Give a user the password they chose, after the present one was shown; raise RuleViolated."""
    refuse(list(_about(user, new, again)))
    try:
        user.password_hash = hash_password(user.name, new)
    except InvalidInput:
        refuse([Fault("password", "password_weak")])
    user.password_until = None
    session.flush()


def change_password(session: Session, user: AppUser, present: str, new: str, again: str, *,
                    secret: str) -> bool:
    """Choose another password; every session but that of `secret` ends. False: wrong present.

    A wrong present password counts as a failed sign-in; the caller commits either way.
    """
    refuse_guessing(session, user.name)
    if not matches(user.password_hash, present):
        note_failure(session, user.name)
        return False
    choose_password(session, user, new, again)
    session.execute(delete(WebSession).where(WebSession.user_id == user.id,
                                             WebSession.token_hash != token_hash(secret)))
    return True


def _about(user: AppUser, new: str, again: str) -> Iterator[Fault]:
    if new != again:
        yield Fault("again", "password_differs")
    elif matches(user.password_hash, new):
        yield Fault("password", "password_same")
