"""Alembic without alembic.ini: app.py hands in the metadata, so that the floor rule holds."""

from pathlib import Path

from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, Table, text

from spatial.database import run_sql_files
from spatial.history import install_statement

HERE = Path(__file__).parent
#: Functions are replaced in full after every migration; no rule of business stands in them.
FUNCTIONS = tuple(HERE.parent / "sql" / name for name in (
    "history.sql", "audit.sql", "limits.sql", "walls.sql", "roles.sql"))
EXTENSIONS = ("postgis", "pg_trgm", "btree_gist", "pgcrypto")
#: One migration at a time, whoever starts first.
LOCK = 4_610_001


def upgrade(engine: Engine, metadata: MetaData) -> None:
    """Bring the database to the newest schema; safe to run at every start and side by side."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        for extension in EXTENSIONS:
            connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
        _run(connection, metadata)
        run_sql_files(connection, FUNCTIONS)
        for table in versioned_tables(metadata):
            connection.exec_driver_sql(install_statement(table))


def versioned_tables(metadata: MetaData) -> list[Table]:
    """Return the tables that keep their history, by name."""
    return [table for name, table in sorted(metadata.tables.items())
            if f"{name}_history" in metadata.tables]


def head() -> str:
    """Return the newest revision the program knows."""
    return str(_script().get_current_head())


def current(connection: Connection) -> str | None:
    """Return the revision that the database is at, None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def differences(connection: Connection, metadata: MetaData) -> list[object]:
    """Return what the tables still lack of the models; empty when they agree."""
    return list(compare_metadata(_context(connection, metadata), metadata))


def draft(connection: Connection, metadata: MetaData) -> str:
    """Return the body of a migration from the database to the models, to be read and mended."""
    script = produce_migrations(_context(connection, metadata), metadata)
    assert script.upgrade_ops is not None
    return render_python_code(script.upgrade_ops, imports=[])


def _context(connection: Connection, metadata: MetaData) -> MigrationContext:
    options = {"target_metadata": metadata, "include_object": _ours, "compare_type": True}
    return MigrationContext.configure(connection, opts=options)


def _ours(thing: object, name: str | None, kind: str, reflected: bool, _other: object) -> bool:
    """Leave PostGIS's own tables, staging tables and the wall's key alone."""
    return not (kind == "table" and reflected
                and (name or "").startswith(("spatial_ref_sys", "stage_", "wall_key")))


def _script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    return ScriptDirectory.from_config(config)


def _run(connection: Connection, metadata: MetaData) -> None:
    script = _script()

    def steps(revision: object, _context: object) -> object:
        return script._upgrade_revs("head", revision)  # type: ignore[arg-type]

    config = Config()
    config.set_main_option("script_location", str(HERE))
    with EnvironmentContext(config, script, fn=steps, destination_rev="head") as environment:
        environment.configure(connection=connection, target_metadata=metadata)
        environment.run_migrations()
