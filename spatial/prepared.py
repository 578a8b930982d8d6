"""Statements prepared once a connection: on short lookups, planning is the larger cost.

PostgreSQL keeps a prepared statement until its connection closes, whatever becomes of the
transaction, so the connection's own `info` remembers which ones it has.
"""

from collections import namedtuple
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import lru_cache
from typing import Any

import psycopg2
from sqlalchemy import Row
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

_KEY = "prepared statements"
#: What is sent ahead of a statement in the same trip, and its values.
First = tuple[str, tuple[Any, ...]]


def run_prepared(
    session: Session, name: str, *, sql: str, values: Sequence[Any] = ()
) -> Sequence[Row[Any]]:
    """Return the rows of `sql`, whose parameters are $1, $2 …, preparing it as `name` once.

    `name` is ours, never a caller's; the same name always means the same text.
    """
    connection = session.connection()
    known: set[str] = connection.info.setdefault(_KEY, set())
    if name not in known:
        connection.exec_driver_sql(f"PREPARE {name} AS {sql}".replace("%", "%%"))
        known.add(name)
    marks = ", ".join(["%s"] * len(values))
    execute = f"EXECUTE {name} ({marks})" if values else f"EXECUTE {name}"
    return connection.exec_driver_sql(execute, tuple(values)).all()


def ask(session: Session, name: str, *, sql: Callable[[], str], values: Sequence[Any] = (),
        first: First | None = None) -> list[Any]:
    """Return the rows as `run_prepared` does, by the driver's own cursor: a third of the cost.

    `sql` is asked for the text when the statement is not prepared yet. `first` goes ahead in the
    same trip. Columns are attributes of the rows.
    """
    connection = session.connection()
    known: set[str] = connection.info.setdefault(_KEY, set())
    ahead, given = first or ("", ())
    execute = f"{ahead} EXECUTE {name} ({', '.join(['%s'] * len(values))})"
    try:
        with closing(connection.connection.cursor()) as cursor:
            if name not in known:
                cursor.execute(f"PREPARE {name} AS {sql()}")
                known.add(name)
            for listener in connection.dispatch.before_cursor_execute:
                listener(connection, cursor, execute, values, None, False)
            cursor.execute(execute, (*given, *values))
            if not cursor.description:
                return []
            make = _row(tuple(column[0] for column in cursor.description))
            return [make(*one) for one in cursor.fetchall()]
    except psycopg2.Error as error:
        raise DBAPIError.instance(execute, None, error, psycopg2.Error,
                                  hide_parameters=True) from error


def written(statement: Any) -> str:
    """Return a statement without parameters of its own as PostgreSQL reads it.

    Places for values stand in it as `literal_column("$1::bigint")`.
    """
    dialect: Any = postgresql.dialect
    return str(statement.compile(dialect=dialect(paramstyle="named"),
                                 compile_kwargs={"literal_binds": True}))


@lru_cache(maxsize=200)
def _row(columns: tuple[str, ...]) -> Callable[..., Any]:
    return namedtuple("Row", columns, rename=True)
