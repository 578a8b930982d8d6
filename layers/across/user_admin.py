"""Users as an admin keeps them: found, made, disabled, given a new password, recognised.

An admin sees the users who work in the own area, and never what they read. A password that is
drawn here opens the door once and for three days: who drew it must not know it for long.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from layers.access import GRANTABLE, Role
from layers.across.accounts import NAME_MOST
from layers.across.assignments import Wish, at_machine, covers, faults, grant
from layers.caller import Caller
from layers.divisions import Division
from layers.faults import Fault, refuse
from layers.passwords import draw_password, hash_drawn, hash_password, name_key
from layers.users import AppUser, Assignment, RecoveryCode, SecondFactor, WebSession
from spatial.errors import NotFound
from spatial.history import valid

INITIAL_FOR = timedelta(hours=72)
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,130}")


def create(session: Session, by: Caller, name: str, wish: Wish, *, email: str | None = None,
           approval_roles: frozenset[Role] = frozenset()) -> tuple[AppUser, str]:
    """Make a user with a first assignment; return it and its one-time password."""
    name = name.strip()
    refuse([*_about_name(session, name), *_about_email(session, email),
            *faults(session, by, wish)])
    password = draw_password()
    user = AppUser(name=name, name_key=name_key(name), email=_email(email),
                   password_hash=hash_drawn(password), password_until=_soon())
    session.add(user)
    session.flush()
    grant(session, by, user, wish, approval_roles=approval_roles)
    return user, password


def users_of(session: Session, by: Caller, *, words: str = "", after: str = "",
             limit: int = 25) -> Sequence[AppUser]:
    """Return a page of the users in the caller's area, by name."""
    query = _mine(select(AppUser), by).where(AppUser.name_key > after)
    if words:
        query = query.where(or_(AppUser.name_key.contains(name_key(words), autoescape=True),
                                AppUser.email.contains(words.casefold(), autoescape=True)))
    return session.scalars(query.order_by(AppUser.name_key).limit(limit)).all()


def user_of(session: Session, by: Caller, number: int) -> AppUser:
    """Return one user in the caller's area; others are as unknown as none."""
    user: AppUser | None = session.scalar(_mine(select(AppUser), by).where(AppUser.id == number))
    if user is None:
        raise NotFound(f"There is no user {number} in your area.")
    return user


def user_called(session: Session, name: str) -> AppUser:
    """Return the user of this name."""
    user = session.scalar(select(AppUser).where(AppUser.name_key == name_key(name)))
    if user is None:
        raise NotFound(f"There is no user {name[:40]!r}; `user list` shows who there is.")
    return user


def assignments_of(session: Session, by: Caller, users: Sequence[AppUser]
                   ) -> dict[int, list[Assignment]]:
    """Return what each user acts, acted or will act as in the caller's area, newest first."""
    found: dict[int, list[Assignment]] = {user.id: [] for user in users}
    inside = cache(lambda area: covers(session, by, area))
    for one in session.scalars(select(Assignment).where(Assignment.user_id.in_(list(found)))
                               .order_by(Assignment.id.desc())):
        if inside(one.area):
            found[one.user_id].append(one)
    return found


def waiting(session: Session, by: Caller, limit: int = 50) -> list[tuple[AppUser, Assignment]]:
    """Return the grants in the caller's area that wait for a second person, oldest first."""
    rows = session.execute(
        _mine(select(AppUser, Assignment).join(Assignment, Assignment.user_id == AppUser.id), by)
        .where(Assignment.approval_needed, Assignment.approved_at.is_(None),
               Assignment.revoked_at.is_(None)).order_by(Assignment.id).limit(limit))
    return [(user, one) for user, one in rows if covers(session, by, one.area)]


def set_open(session: Session, by: Caller, user: AppUser, *, is_open: bool) -> None:
    """Disable a user, whose sessions end at once, or enable one again."""
    refuse(_about_control(session, by, user))
    user.closed_at = None if is_open else user.closed_at or datetime.now(UTC)
    if not is_open:
        end_sessions(session, user)
    session.flush()


def reset_password(session: Session, by: Caller, user: AppUser, *,
                   password: str | None = None) -> str:
    """Give a user another password and end all sessions; what is drawn is good once."""
    refuse(_about_control(session, by, user))
    drawn = password is None
    password = password or draw_password()
    user.password_hash = hash_drawn(password) if drawn else hash_password(user.name, password)
    user.password_until = _soon() if drawn else None
    end_sessions(session, user)
    session.flush()
    return password


def identify(session: Session, by: Caller, user: AppUser, *, email: str | None,
             subject: str | None) -> None:
    """Say by which address or subject an OIDC provider's answer means this user."""
    taken = subject and session.scalar(select(AppUser.id).where(
        AppUser.subject == subject, AppUser.id != user.id))
    refuse([*_about_control(session, by, user), *_about_email(session, email, user),
            *([Fault("subject", "identity_taken")] if taken else [])])
    user.email, user.subject = _email(email), subject or None
    session.flush()


def forget_factor(session: Session, by: Caller, user: AppUser) -> None:
    """Take a lost authenticator away; the next sign-in enrols another where one is wanted."""
    refuse(_about_control(session, by, user))
    for model in (SecondFactor, RecoveryCode):
        session.execute(delete(model).where(model.user_id == user.id))
    end_sessions(session, user)


def end_sessions(session: Session, user: AppUser) -> None:
    """End every session of a user."""
    session.execute(delete(WebSession).where(WebSession.user_id == user.id))


def controls(session: Session, by: Caller, user: AppUser) -> bool:
    """Tell whether the caller may disable this user or replace the password."""
    return not _about_control(session, by, user)


def _about_control(session: Session, by: Caller, user: AppUser) -> list[Fault]:
    """Refuse the account of one who also works where or as what the caller may not grant."""
    if at_machine(by):
        return []
    if user.id == by.user_id:
        return [Fault("account", "self")]
    held = session.scalars(select(Assignment).where(
        Assignment.user_id == user.id, Assignment.revoked_at.is_(None),
        or_(Assignment.valid_to.is_(None), Assignment.valid_to > func.now())))
    foreign = any(one.role not in GRANTABLE or not covers(session, by, one.area) for one in held)
    return [Fault("account", "elsewhere")] if foreign else []


def _mine(query: Any, by: Caller) -> Any:
    """Keep the users who have, had or will have a role in the caller's area."""
    if by.everywhere:
        return query
    one, division = aliased(Assignment), aliased(Division)
    return query.where(exists().where(one.user_id == AppUser.id, _names(division, one.area),
                                      valid(division, func.now()), division.low >= by.low,
                                      division.high <= by.high))


def _names(division: Any, area: Any) -> ColumnElement[bool]:
    return or_(division.code == area, division.identifier == area)


def _about_name(session: Session, name: str) -> Iterator[Fault]:
    if not 0 < len(name) <= NAME_MOST or not name.isprintable() or not name_key(name):
        yield Fault("name", "name")
    elif session.scalar(select(AppUser.id).where(AppUser.name_key == name_key(name))):
        yield Fault("name", "name_taken")


def _about_email(session: Session, email: str | None, user: AppUser | None = None
                 ) -> Iterator[Fault]:
    wanted = _email(email)
    if wanted is None:
        return
    if not EMAIL.fullmatch(wanted):
        yield Fault("email", "email")
    elif session.scalar(select(AppUser.id).where(
            AppUser.email == wanted, AppUser.id != (user.id if user else 0))):
        yield Fault("email", "identity_taken")


def _email(email: str | None) -> str | None:
    return (email or "").strip().casefold() or None


def _soon() -> datetime:
    return datetime.now(UTC) + INITIAL_FOR
