"""Engine, sessions and the declarative base: how every floor meets the database."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, create_engine, text
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

NAMES = {
    "pk": "%(table_name)s_pkey",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "ck": "%(table_name)s_%(constraint_name)s_check",
}
#: Seconds to wait for a connection before the caller is told that we are busy.
POOL_WAIT_S = 3


class Base(DeclarativeBase):
    """Declarative base; constraint names follow PostgreSQL's own habit."""

    metadata = MetaData(naming_convention=NAMES)


def driver_url(url: str) -> str:
    """Return `url` with psycopg2 named as its driver.

    SQLAlchemy 2.1 reads `postgresql://` as psycopg 3 and does not know `postgres://`.
    """
    for plain in ("postgresql://", "postgres://"):
        if url.startswith(plain):
            return "postgresql+psycopg2://" + url.removeprefix(plain)
    return url


def connect(url: str, *, pool_size: int = 5) -> Engine:
    """Return an engine for the registry's database; nothing is opened yet."""
    return create_engine(
        driver_url(url), pool_size=pool_size, max_overflow=0,
        pool_timeout=POOL_WAIT_S, pool_pre_ping=True,
    )


def sessions(engine: Engine) -> sessionmaker[Session]:
    """Return the factory of sessions; one session serves one request or command."""
    return sessionmaker(engine, expire_on_commit=False)


def run_sql_files(connection: Connection, paths: Sequence[Path]) -> None:
    """Execute files of SQL statements that take no parameters, in the order given."""
    for path in paths:
        connection.exec_driver_sql(path.read_text(encoding="utf-8").replace("%", "%%"))


def scalar(session: Session, statement: str, **values: object) -> object:
    """Return the one value that a short statement gives."""
    return session.execute(text(statement), values).scalar()
