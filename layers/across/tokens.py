"""Tokens of programs as an admin keeps them, within the own area.

Who makes a token reads its secret and could ask with it; so that an admin holds no role of data
by this door, a token made here is of a role that sees no persons.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from layers.access import TOKEN_ROLES, Role
from layers.across.accounts import NAME_MOST, add_token
from layers.across.assignments import covers
from layers.across.callers import NOWHERE, area_range
from layers.caller import Caller
from layers.faults import Fault, refuse
from layers.users import ApiToken
from spatial.errors import NotFound

CHUNK = 200


def make(session: Session, by: Caller, name: str, *, role: Role, area: str, days: int) -> str:
    """Make a token in the caller's area and return its secret, which is told this once."""
    faults = []
    if not 0 < len(name.strip()) <= NAME_MOST or not name.isprintable():
        faults.append(Fault("name", "name"))
    if role not in TOKEN_ROLES:
        faults.append(Fault("role", "role_token"))
    if area_range(session, area) == NOWHERE or not covers(session, by, area):
        faults.append(Fault("area", "area"))
    refuse(faults)
    return add_token(session, name, role=role, area=area, days=days, created_by=by.name)


def tokens_of(session: Session, by: Caller, *, before: int | None = None,
              limit: int = 25) -> Sequence[ApiToken]:
    """Return a page of the tokens in the caller's area, the newest first."""
    found: list[ApiToken] = []
    inside = cache(lambda area: covers(session, by, area))
    query = select(ApiToken).order_by(ApiToken.id.desc()).limit(CHUNK)
    while len(found) < limit:
        rows = session.scalars(query.where(ApiToken.id < before) if before else query).all()
        found += [one for one in rows if inside(one.area)]
        if len(rows) < CHUNK:
            break
        before = rows[-1].id
    return found[:limit]


def revoke(session: Session, by: Caller, number: int) -> None:
    """End a token of the caller's area at once; it stays listed."""
    token = session.get(ApiToken, number)
    if token is None or not covers(session, by, token.area):
        raise NotFound(f"There is no token {number} in your area.")
    token.revoked_at = token.revoked_at or datetime.now(UTC)
    session.flush()
