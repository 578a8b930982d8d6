"""Backups: one file holds the whole registry; it comes back whole or not at all."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import make_dsn, parse_dsn

from spatial.cluster import Cluster
from spatial.cluster.binaries import find_binaries
from spatial.cluster.databases import connected, make_database
from spatial.cluster.settings import OWNER
from spatial.errors import Conflict, InvalidInput, Unavailable

INCOMING, OUTGOING = f"{OWNER}_restoring", f"{OWNER}_replaced"
TABLES = """
    SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema)'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
"""
DISCONNECT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = ANY(%s) AND pid <> pg_backend_pid()
"""


def back_up(url: str, file: Path, *, replace: bool = False, binaries: str = "",
            scope: str = "") -> None:
    """Write the database at `url` to `file`, readable to its owner only.

    `scope` is the registry's own, for a role whom row-level security binds: only with it does
    the backup hold the persons. The file appears when it is complete and has been read again; an
    older one stays until then. Sealed values stay sealed: the keys are not in it.
    """
    if file.exists() and not replace:
        raise Conflict(f"{file} exists. Name another file, or say --replace.")
    if not file.parent.is_dir():
        raise InvalidInput(f"There is no folder {file.parent}.")
    draft = file.with_name(f"{file.name}.part")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    # The wall's key follows from the key file; a backup is not to forge scopes with.
    options = ["--format=custom", f"--file={draft}", "--exclude-table-data=wall_key"]
    try:
        _run("pg_dump", url, *options, *(["--enable-row-security"] if scope else []),
             binaries=binaries, scope=scope)
        _require_backup(draft, binaries=binaries)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def restore_private(
    cluster: Cluster, file: Path, *, migrate: Callable[[str], None], replace: bool = False
) -> None:
    """Restore `file` beside the present database, check and migrate it, then swap the two.

    Whatever fails before the swap leaves the present database as it was.
    """
    binaries = str(cluster.binaries.folder)
    _require_backup(file, binaries=binaries)
    cluster.ensure()
    if not replace:
        _require_empty(cluster.url(), remedy="Say --replace to lose what it holds.")
    with connected(cluster.admin_url()) as connection:
        _drop(connection, INCOMING)
        make_database(connection, INCOMING)
        incoming = cluster.admin_url(database=INCOMING)
        _run("pg_restore", incoming, "--exit-on-error", "--no-acl", str(file), binaries=binaries)
        migrate(cluster.url(database=INCOMING))
        _swap(connection)


def restore_named(
    url: str, file: Path, *, migrate: Callable[[str], None], binaries: str = ""
) -> None:
    """Restore `file` into the empty database at `url`, in one transaction."""
    _require_backup(file, binaries=binaries)
    _require_empty(url, remedy="Make an empty one with PostGIS and name it instead.")
    # The owner of a named database may own neither the roles of old nor the extensions.
    options = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-comments",
               "--no-acl")
    _run("pg_restore", url, *options, str(file), binaries=binaries)
    migrate(url)


def _swap(connection: psycopg2.extensions.connection) -> None:
    """Put the restored database in the place of the present one, in one transaction."""
    _drop(connection, OUTGOING)
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    pairs = ((OWNER, OUTGOING), (INCOMING, OWNER))
    statements = [rename.format(*map(sql.Identifier, pair)) for pair in pairs]
    with connection.cursor() as cursor:
        cursor.execute(DISCONNECT, [[OWNER, INCOMING]])
        cursor.execute(sql.SQL("BEGIN; {}; COMMIT").format(sql.SQL("; ").join(statements)))
    _drop(connection, OUTGOING)


def _drop(connection: psycopg2.extensions.connection, name: str) -> None:
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _require_empty(url: str, *, remedy: str) -> None:
    with connected(url) as connection, connection.cursor() as cursor:
        cursor.execute(TABLES)
        (tables,) = cursor.fetchone() or (0,)
    if tables:
        raise Conflict(f"The database is not empty: it has {tables} tables. {remedy}")


def _require_backup(file: Path, *, binaries: str) -> None:
    """Raise InvalidInput unless `file` is a whole backup of a registry."""
    if not file.is_file():
        raise InvalidInput(f"There is no file {file}.")
    command = [_program("pg_restore", binaries), "--list", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise InvalidInput(f"{file} is no backup: {done.stderr.strip()[-300:]}")
    if " TABLE public alembic_version " not in done.stdout:
        raise InvalidInput(f"{file} is a backup of another program's database.")


def _run(name: str, url: str, *options: str, binaries: str, scope: str = "") -> None:
    """Run one of PostgreSQL's clients; secrets go by the environment, not by `ps`."""
    parts = parse_dsn(url)
    password = parts.pop("password", None)
    environ = {**os.environ, **({"PGPASSWORD": password} if password else {}),
               **({"PGOPTIONS": f"-c doorplate.scope={scope}"} if scope else {})}
    command = [_program(name, binaries), "--no-password", f"--dbname={make_dsn(**parts)}"]
    done = subprocess.run(
        [*command, *options],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise Unavailable(f"{name} failed: {_first_error(done.stderr)}")


def _first_error(said: str) -> str:
    """Return what went wrong first, without the statement: that may be pages long."""
    errors = [line for line in said.splitlines() if "rror:" in line or "ERROR:" in line]
    return " ".join(errors[:2])[:500] or said.strip()[:500]


def _program(name: str, binaries: str) -> str:
    """Return a client's path: the server's own version, else what the PATH has."""
    try:
        return find_binaries(binaries).program(name)
    except Unavailable:
        if found := shutil.which(name):
            return found
        raise
