"""Users and tokens: made, listed, ended; the sign-ins of the demonstration."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from layers.access import Role
from layers.agencies import Agency
from layers.buildings import Building
from layers.divisions import Division
from layers.passwords import draw_password, draw_token, hash_password, name_key, token_hash
from layers.users import EVERYWHERE, ApiToken, AppUser, Assignment, WebSession
from spatial.errors import Conflict, InvalidInput, NotFound
from spatial.history import valid

TOKEN_DAYS, NAME_MOST = 365, 80
DEMO_AREA = "999901"
#: Who the demonstration can be seen as, in the order in which they are shown.
DEMO_ROLES = (Role.OPERATOR, Role.OFFICER, Role.GRID_WORKER, Role.HANDLER, Role.ANALYST,
              Role.PLANNER, Role.STEWARD, Role.AUDITOR, Role.DISPLAY_WALL, Role.ADMIN)
#: These have the subdistrict that is complete to the door, the others the whole area.
DEMO_NEAR = (Role.OFFICER, Role.GRID_WORKER)
DEMO_FILE = "demo-sign-ins.txt"


def add_user(session: Session, name: str, *, password: str, role: Role, area: str,
             granted_by: str, demonstration: bool = False) -> AppUser:
    """Add a user with one assignment; the area is a code, an identifier or `*`."""
    name = _checked_name(name)
    if session.scalar(select(AppUser.id).where(AppUser.name_key == name_key(name))):
        raise Conflict(f"There is a user {name!r} already.")
    user = AppUser(name=name, name_key=name_key(name), demonstration=demonstration,
                   password_hash=hash_password(name, password))
    session.add(user)
    session.flush()
    session.add(Assignment(user_id=user.id, role=role, area=area_for(session, role, area),
                           granted_by=granted_by))
    session.flush()
    return user


def add_token(session: Session, name: str, *, role: Role, area: str, unlimited: bool = False,
              days: int = TOKEN_DAYS, created_by: str = "") -> str:
    """Add a token and return its secret, which is told this once."""
    secret = draw_token()
    session.add(ApiToken(
        token_hash=token_hash(secret), name=_checked_name(name), role=role,
        area=area_for(session, role, area), unlimited=unlimited,
        created_by=created_by, expires_at=datetime.now(UTC) + timedelta(days=days)))
    session.flush()
    return secret


def revoke_token(session: Session, number: int) -> None:
    """End a token at once; it stays listed."""
    token = session.get(ApiToken, number)
    if token is None:
        raise NotFound(f"There is no token {number}; `token list` shows what there is.")
    token.revoked_at = token.revoked_at or datetime.now(UTC)
    session.flush()


def users(session: Session) -> Sequence[tuple[AppUser, Assignment]]:
    """Return every user with each assignment, by name."""
    rows = session.execute(select(AppUser, Assignment)
                           .join(Assignment, Assignment.user_id == AppUser.id)
                           .order_by(AppUser.name_key, Assignment.id))
    return [(row.AppUser, row.Assignment) for row in rows]


def tokens(session: Session) -> Sequence[ApiToken]:
    """Return every token, the oldest first."""
    return session.scalars(select(ApiToken).order_by(ApiToken.id)).all()


def area_for(session: Session, role: Role, area: str) -> str:
    """Return the area of a role: of a handler it may be an agency, by identifier or source_id."""
    if role is Role.HANDLER:
        agency = session.scalar(select(Agency.identifier).where(
            or_(Agency.identifier == area, Agency.source_id == area, Agency.name == area),
            valid(Agency, func.now())).order_by(Agency.id).limit(1))
        if agency:
            return str(agency)
    return checked_area(session, area)


def checked_area(session: Session, area: str) -> str:
    """Return `area` if there is such a division now, or it is `*`."""
    if area == EVERYWHERE:
        return area
    known = session.scalar(select(Division.id).where(
        or_(Division.code == area, Division.identifier == area),
        valid(Division, func.now())).limit(1))
    if known is None:
        raise InvalidInput(f"There is no division {area[:40]!r}; give its code or identifier, or "
                           "* for everywhere.")
    return area


def has_demo_sign_ins(session: Session) -> bool:
    """Tell whether sign-ins exist whose passwords were printed for all to see."""
    return session.scalar(select(AppUser.id).where(
        AppUser.demonstration, AppUser.closed_at.is_(None)).limit(1)) is not None


def demo_sign_ins(session: Session, home: Path, *,
                  area: str = DEMO_AREA) -> list[tuple[str, str, str]]:
    """Make the demonstration's users anew; return (role, name, password) of each.

    Passwords are drawn each time and written to a file that only its owner can read.
    """
    near = _fullest_subdistrict(session)
    gone = select(AppUser.id).where(AppUser.demonstration).scalar_subquery()
    for model in (WebSession, Assignment):
        session.execute(delete(model).where(model.user_id.in_(gone)))
    session.execute(delete(AppUser).where(AppUser.demonstration))
    made = []
    for role in DEMO_ROLES:
        password = draw_password()
        where = near if role in DEMO_NEAR and near else area
        if role is Role.HANDLER:
            where = session.scalar(select(Agency.identifier).order_by(Agency.id).limit(1)) or where
        add_user(session, f"demo-{role}", password=password, role=role, area=where,
                 granted_by="demonstration", demonstration=True)
        made.append((str(role), f"demo-{role}", password))
    _write_private(home / DEMO_FILE, "".join(f"{' '.join(line)}\n" for line in made))
    return made


def _fullest_subdistrict(session: Session) -> str | None:
    """Return the subdistrict with the most buildings, if there is any."""
    return session.scalar(
        select(Division.identifier).join(Building, Building.scope.between(Division.low,
                                                                          Division.high))
        .where(Division.level == "subdistrict", valid(Division, func.now()))
        .group_by(Division.id).order_by(func.count().desc(), Division.id).limit(1))


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= NAME_MOST or not name.isprintable():
        raise InvalidInput(f"A name has 1 to {NAME_MOST} visible characters.")
    return name


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
