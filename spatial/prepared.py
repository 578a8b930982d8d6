"""Statements prepared once a connection: on short lookups, planning is the larger cost.

PostgreSQL keeps a prepared statement until its connection closes, whatever becomes of the
transaction, so the connection's own `info` remembers which ones it has.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

_KEY = "prepared statements"


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
