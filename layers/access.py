"""Who may see which fields: roles, audiences, and the table that joins them.

An audience is a class of data, not a rank: a role is not "higher" than another, it sees other
things. The table is security.md's; `layers/across/scopes.py` keeps the rows.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from spatial.errors import InvalidInput


class Role(StrEnum):
    """The parts a user can act in, one at a time."""

    DISPLAY_WALL = "display_wall"
    GRID_WORKER = "grid_worker"
    OFFICER = "officer"
    OPERATOR = "operator"
    HANDLER = "handler"
    ANALYST = "analyst"
    PLANNER = "planner"
    STEWARD = "steward"
    AUDITOR = "auditor"
    API_CLIENT = "api_client"
    ADMIN = "admin"


class Audience(StrEnum):
    """Classes of data, each seen by other roles."""

    PLACE = "place"
    ORGANIZATION = "organization"
    STAFF = "staff"
    NAME = "name"
    SEX_AGE = "sex_age"
    CONTACT = "contact"
    ID_NUMBER = "id_number"
    RESIDENCE = "residence"
    INCIDENT = "incident"
    INCIDENT_TEXT = "incident_text"


class Sight(StrEnum):
    """How a role sees an audience."""

    CLEAR = "clear"
    MASKED = "masked"
    HIDDEN = "hidden"


#: Audiences that tell of a person: never in tiles, collections, exports of places, URLs or logs.
PERSONAL = frozenset({Audience.NAME, Audience.SEX_AGE, Audience.CONTACT, Audience.ID_NUMBER,
                      Audience.RESIDENCE, Audience.INCIDENT_TEXT})
#: What an admin may grant: roles below its own. Admins and auditors are made at the machine.
GRANTABLE = tuple(role for role in Role if role not in (Role.ADMIN, Role.AUDITOR))
#: Roles that may look up a person at all.
PERSON_READERS = frozenset({Role.GRID_WORKER, Role.OFFICER, Role.OPERATOR, Role.STEWARD})

_C, _M, _H = Sight.CLEAR, Sight.MASKED, Sight.HIDDEN
_COLUMNS = (Audience.NAME, Audience.SEX_AGE, Audience.CONTACT, Audience.ID_NUMBER,
            Audience.RESIDENCE, Audience.INCIDENT_TEXT)
_ROWS: Mapping[Role, tuple[Sight, ...]] = {
    Role.DISPLAY_WALL: (_H, _H, _H, _H, _H, _H),
    Role.GRID_WORKER: (_C, _C, _H, _H, _C, _C),
    Role.OFFICER: (_C, _C, _M, _M, _C, _C),
    Role.OPERATOR: (_M, _C, _M, _M, _C, _C),
    Role.HANDLER: (_H, _H, _H, _H, _H, _H),
    Role.ANALYST: (_H, _H, _H, _H, _H, _H),
    Role.PLANNER: (_H, _H, _H, _H, _H, _H),
    Role.STEWARD: (_M, _C, _M, _M, _C, _C),
    Role.AUDITOR: (_M, _H, _H, _M, _H, _M),
    Role.API_CLIENT: (_H, _H, _H, _H, _H, _H),
    Role.ADMIN: (_H, _H, _H, _H, _H, _H),
}
SIGHTS: Mapping[Role, Mapping[Audience, Sight]] = MappingProxyType(
    {role: dict(zip(_COLUMNS, row, strict=True)) for role, row in _ROWS.items()})


#: What a token made on a page may be: its maker reads the secret, and is to see no persons.
TOKEN_ROLES = tuple(role for role in GRANTABLE
                    if all(seen is Sight.HIDDEN for seen in SIGHTS[role].values()))


def roles_named(names: str) -> frozenset[Role]:
    """Return the roles that a setting lists, separated by commas."""
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in list(Role)]:
        raise InvalidInput(f"{unknown[0][:40]!r} is no role; there are: {', '.join(Role)}.")
    return frozenset(Role(name) for name in wanted)


#: What of a person can be shown in full at all, and to whom: one field, one time, for a purpose
#: and an open case, counted and recorded.
REVEALABLE = ("name", "birth_date", "phone", "id_number")
REVEALS: Mapping[Role, frozenset[str]] = MappingProxyType({
    Role.GRID_WORKER: frozenset({"birth_date", "phone"}),
    Role.OFFICER: frozenset({"birth_date", "phone", "id_number"}),
    Role.OPERATOR: frozenset({"name", "birth_date", "phone"}),
})


def sight(role: Role, audience: Audience) -> Sight:
    """Return how `role` sees `audience`; what is no person's is clear to everyone signed in.

    An admin manages users and holds no data role: of places it sees what the map shows.
    """
    return SIGHTS[role].get(audience, Sight.CLEAR)
