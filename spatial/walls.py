"""The second wall: a transaction sees the rows of persons for which it carries a signed scope.

The first wall is the filter in each select; this one stands in the database and needs no select
to be right (docs/decisions/two-walls.md). The scope is numbers of the division tree, signed with
a key that the database keeps where the application's role cannot read it, good for a minute, and
local to the transaction, so that no pooled connection carries it on.
"""

import hmac
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import psycopg2
from sqlalchemy import Connection, Engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from spatial.database import connect, driver_url
from spatial.errors import Unavailable
from spatial.prepared import First

if TYPE_CHECKING:
    from spatial.sealing import Vault

#: How the keys of a session's wall are kept in `Session.info`.
WALL = "wall"
LEAST, MOST = -(2**63), 2**63 - 1
#: A request is over long before; an import of millions takes hours in one transaction.
REQUEST_S, COMMAND_S = 60, 12 * 3600


class DatabaseRole(StrEnum):
    """The roles of spatial/sql/roles.sql; NONE is whoever logged in."""

    APP = "doorplate_app"
    TILES = "doorplate_tiles"
    IMPORT = "doorplate_import"
    AUDIT_SEALER = "doorplate_audit_sealer"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The rows of persons that a transaction may see, by the numbers of their areas.

    `numbers`, where there are any, are the single ones of that range which it holds. `who` stands
    in the signed text; it may hold anything but a point.
    """

    low: int
    high: int
    who: str
    seconds: int = REQUEST_S
    numbers: tuple[int, ...] | None = None

    @property
    def ranges(self) -> str:
        """Return the numbers as PostgreSQL writes a multirange of bigint."""
        if self.numbers is not None:
            return f"{{{','.join(f'[{one},{one}]' for one in self.numbers)}}}"
        low = "(" if self.low == LEAST else f"[{self.low}"
        high = ")" if self.high == MOST else f"{self.high}]"
        return f"{{{low},{high}}}"


NOBODY = Scope(low=1, high=0, who="nobody")
SYSTEM = Scope(low=LEAST, high=MOST, who="system", seconds=COMMAND_S)


@dataclass(slots=True)
class _Wall:
    """What each transaction of a session begins with."""

    vault: "Vault"
    scope: Scope
    role: DatabaseRole


def token(vault: "Vault", scope: Scope, *, now: float | None = None) -> str:
    """Return the signed text of a scope; empty for one that holds nothing."""
    if scope.low > scope.high:
        return ""
    until = int((time.time() if now is None else now) + scope.seconds)
    payload = f"{scope.ranges}.{until}.{scope.who.replace('.', '_')}"
    return f"{payload}.{hmac.new(vault.wall_key, payload.encode(), sha256).hexdigest()}"


def enter(session: Session, vault: "Vault", scope: Scope, role: DatabaseRole = DatabaseRole.NONE
          ) -> None:
    """Bind this and every later transaction of `session` to a scope and a role."""
    if WALL not in session.info:
        event.listen(session, "after_begin", _begin)
    session.info[WALL] = _Wall(vault, scope, role)
    if session.in_transaction():
        _apply(session.connection(), session.info[WALL])


@contextmanager
def everywhere(session: Session) -> Iterator[None]:
    """Let counts, and the ties of persons already found, look over the wall.

    What is read so must be narrowed by the caller's own rule before it is told; where this may
    be used is a list in the tests.
    """
    wall: _Wall | None = session.info.get(WALL)
    if wall is None:
        yield
        return
    whole = Scope(low=LEAST, high=MOST, who=wall.scope.who)
    _enter(session.connection(), wall.role, token(wall.vault, whole))
    with _back(session, wall.role, wall):
        yield


@contextmanager
def whole_first(session: Session) -> Iterator[First | None]:
    """As `everywhere`, for one statement that takes what is given here ahead of itself."""
    wall: _Wall | None = session.info.get(WALL)
    if wall is None:
        yield None
        return
    whole = Scope(low=LEAST, high=MOST, who=wall.scope.who)
    with _back(session, wall.role, wall):
        yield f"{_ENTER};", (str(wall.role), token(wall.vault, whole))


@contextmanager
def acting_as(session: Session, role: DatabaseRole) -> Iterator[None]:
    """Let statements run under another role of the database, which sees no person at all."""
    wall: _Wall | None = session.info.get(WALL)
    before = wall.role if wall else DatabaseRole.NONE
    _enter(session.connection(), role, "")
    with _back(session, before, wall):
        yield


@contextmanager
def as_owner(session: Session) -> Iterator[None]:
    """Let statements that shape tables run under the login itself, with the scope as it is."""
    wall: _Wall | None = session.info.get(WALL)
    if wall is None:
        yield
        return
    _enter(session.connection(), DatabaseRole.NONE, token(wall.vault, wall.scope))
    with _back(session, wall.role, wall):
        yield


def stand(engine: Engine, vault: "Vault") -> Engine:
    """Give every transaction of a command's engine the scope of the registry itself."""
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("SELECT set_config('doorplate.scope', %s, true)",
                                   (token(vault, SYSTEM),))
    return engine


def step_down(engine: Engine, role: DatabaseRole) -> Engine:
    """Let every transaction of an engine run under a lesser role, with no scope at all."""
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        _enter(connection, role, "")
    return engine


def install(connection: Connection, vault: "Vault") -> None:
    """Give the database the key by which it checks signatures; refuse another key file's.

    Only the owner's login does so; for another one it is no more than a promise of the owner's.
    """
    if not connection.execute(text("SELECT has_table_privilege('wall_key', 'INSERT')")).scalar():
        return
    connection.execute(text("INSERT INTO wall_key (key) VALUES (:key) ON CONFLICT DO NOTHING"),
                       {"key": vault.wall_key})
    known = connection.execute(text("SELECT key FROM wall_key")).scalar_one()
    if not hmac.compare_digest(bytes(known), vault.wall_key):
        raise Unavailable("The keys in use are not those that this database was filled with; "
                          "put back its own key file from its safe copy.")


@contextmanager
def _back(session: Session, role: DatabaseRole, wall: _Wall | None) -> Iterator[None]:
    """Return to what was entered before; a failed statement's transaction is over anyway."""
    try:
        yield
    except SQLAlchemyError:
        raise
    except BaseException:
        _enter(session.connection(), role, token(wall.vault, wall.scope) if wall else "")
        raise
    _enter(session.connection(), role, token(wall.vault, wall.scope) if wall else "")


def login_url(url: str) -> str:
    """Return `url` with the application's own role as user, where that may log in so.

    Then nothing that a request runs can become the owner. Elsewhere the owner logs in, and each
    transaction steps down.
    """
    named = make_url(driver_url(url)).set(username=DatabaseRole.APP)
    if named.password:
        return url
    engine = connect(named.render_as_string(hide_password=False))
    try:
        with engine.connect():
            return named.render_as_string(hide_password=False)
    except DBAPIError:
        return url
    finally:
        engine.dispose()


def weaknesses(engine: Engine) -> list[str]:
    """Return what the database's roles leave open, in words for the operator."""
    with engine.connect() as connection:
        absent, above = connection.execute(_ROLES, {"role": DatabaseRole.APP}).one()
    if not absent:
        return []
    said = ["The database has one role for everything: the role in DOORPLATE_DATABASE_URL may "
            "make no others. Row-level security stands; separate privileges do not. "
            "docs/decisions/two-walls.md says how an administrator adds the roles."]
    return [*said, "That role bypasses row-level security: use another one."] if above else said


def _begin(session: Session, _transaction: Any, connection: Connection) -> None:
    wall: _Wall = session.info[WALL]
    # A transaction begins without a scope, and in the role of its login.
    if wall.scope.low > wall.scope.high and connection.engine.url.username == wall.role:
        return
    _apply(connection, wall)


_ROLES = text("SELECT to_regrole(:role) IS NULL OR NOT pg_has_role(session_user, "
              "to_regrole(:role), 'MEMBER'), rolsuper OR rolbypassrls "
              "FROM pg_roles WHERE rolname = session_user")


def _apply(connection: Connection, wall: _Wall) -> None:
    _enter(connection, wall.role, token(wall.vault, wall.scope))


def _enter(connection: Connection, role: DatabaseRole, said: str) -> None:
    """Enter by the driver's own cursor: every request does, and it costs a third so."""
    try:
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute(_ENTER, (str(role), said))
    except psycopg2.Error as error:
        raise DBAPIError.instance(_ENTER, None, error, psycopg2.Error,
                                  hide_parameters=True) from error


_ENTER = "SELECT doorplate_enter(%s, %s)"
