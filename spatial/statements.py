"""SQL put together from parts: identifiers quoted by the driver, values always bound."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor
from psycopg2.sql import Composable
from sqlalchemy.orm import Session

__all__ = ["Composable", "names", "raw_cursor", "run", "table"]


def run(session: Session, statement: Composable, values: Mapping[str, Any] | None = None) -> Cursor:
    """Execute a composed statement in the session's transaction; returns its cursor."""
    cursor = raw_cursor(session)
    cursor.execute(statement, values)
    return cursor


def raw_cursor(session: Session) -> Cursor:
    """Return the driver's own cursor in the session's transaction: for COPY and hot paths."""
    session.flush()
    return cast(Cursor, session.connection().connection.cursor())


def names(columns: Iterable[str], *, of: str | None = None) -> Composable:
    """Return quoted column names joined by commas, each with the alias `of` before it."""
    alias = sql.SQL("{}.").format(sql.Identifier(of)) if of else sql.SQL("")
    return sql.SQL(", ").join(alias + sql.Identifier(column) for column in columns)


def table(name: str) -> Composable:
    """Return a quoted table name."""
    return sql.Identifier(name)
