"""What a cluster must hold before the registry uses it: the role, the database, extensions."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from spatial.cluster.settings import APP, OWNER, ROLES
from spatial.errors import Unavailable

EXTENSIONS = ("postgis", "pg_trgm", "btree_gist", "pgcrypto")
#: Said by a server that will be ready if given time: it starts, or recovers from a crash.
PASSING = ("starting up", "recovery", "No such file", "Connection refused")
READY_S = 300.0


@contextmanager
def connected(url: str, *, wait_s: float = READY_S) -> Iterator[Connection]:
    """Give an autocommitting connection; wait while the server is not ready yet."""
    connection = _patient(url, time.monotonic() + wait_s)
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def _patient(url: str, deadline: float) -> Connection:
    while True:
        try:
            return psycopg2.connect(url)
        except psycopg2.OperationalError as error:
            said = str(error).strip()
            if time.monotonic() > deadline or not any(word in said for word in PASSING):
                raise Unavailable(f"The database does not answer: {said}") from error
        time.sleep(0.1)


def ensure(admin_url: str, database_url: str, *, expected: Mapping[str, str]) -> None:
    """Make the registry's role and database where they are missing, with the extensions.

    `database_url` is the administrator's too: PostGIS may only be installed by one. Raises
    Unavailable when a setting in `expected` is another one.
    """
    with connected(admin_url) as connection:
        _require(connection, expected)
        make_roles(connection)
        make_database(connection, OWNER)
    make_extensions(database_url)


def make_roles(connection: Connection) -> None:
    """Make the owner and what it may act as: no administrators, so that row security binds."""
    owner, app, tiles, imports, writer, sealer = map(sql.Identifier, (OWNER, *ROLES))
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles")
        present = {name for (name,) in cursor.fetchall()}
        if present.issuperset((OWNER, *ROLES)):
            return
        for name in (OWNER, *ROLES):
            if name not in present:
                login = sql.SQL("LOGIN" if name in (OWNER, APP) else "NOLOGIN")
                cursor.execute(sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(name), login))
        cursor.execute(sql.SQL("GRANT {}, {}, {}, {}, {} TO {}").format(
            app, tiles, imports, writer, sealer, owner))
        cursor.execute(sql.SQL("GRANT {}, {} TO {}").format(tiles, writer, app))
        cursor.execute(sql.SQL("GRANT {} TO {}").format(writer, imports))


def make_database(connection: Connection, name: str, *, template: str = "template0") -> bool:
    """Make a database of the registry's; False when it is there already."""
    statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
        *map(sql.Identifier, (name, OWNER, template))
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone():
            return False
        cursor.execute(statement)
    return True


def make_extensions(database_url: str) -> None:
    """Install the extensions the registry needs, where they are missing."""
    with connected(database_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        present = {name for (name,) in cursor.fetchall()}
        for name in EXTENSIONS:
            if name not in present:
                cursor.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(name)))


def _require(connection: Connection, expected: Mapping[str, str]) -> None:
    with connection.cursor() as cursor:
        for name, value in expected.items():
            cursor.execute("SELECT current_setting(%s)", [name])
            (found,) = cursor.fetchone() or ("missing",)
            if found != value:
                raise Unavailable(
                    f"The server runs with {name} = {found}, and a power cut would lose data. "
                    f"Remove it from local.conf and postgresql.auto.conf in the data folder."
                )
