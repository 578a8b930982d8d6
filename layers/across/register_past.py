"""The register's statements as of a day: each table stands for its versions of that day."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spatial.database import Base
from spatial.history import Moment, history_of

_TABLE = re.compile(r"\b(FROM|JOIN) (building|entrance|storey|unit|plate) (\w)\b")
_WHEN = ("(v.valid_from IS NULL OR v.valid_from <= %(at)s) AND (v.valid_to IS NULL OR "
         "v.valid_to > %(at)s) AND v.creation_date <= %(known)s AND "
         "(v.termination_date IS NULL OR v.termination_date > %(known)s)")


def as_of(
    session: Session, head: str, column: str, parents: Sequence[int],
    keys: Sequence[str] | None, moment: Moment,
) -> Sequence[Any]:
    """Return the rows of a statement of the register as they were at `moment`.

    `head` ends with its parents ($1); `column` is what `keys` narrow.
    """
    now = session.execute(select(func.now())).scalar_one()
    said = {"at": moment.valid_at or now, "known": moment.known_at or now,
            "parents": list(parents), "keys": list(keys or ())}
    narrowed = "" if keys is None else f" AND t.{column} = ANY(%(keys)s::text[])"
    statement = _as_of(head).replace("$1", "%(parents)s") + narrowed
    return session.connection().exec_driver_sql(statement, said).all()


@cache
def _as_of(head: str) -> str:
    return _TABLE.sub(lambda m: f"{m.group(1)} {_versions(m.group(2))} {m.group(3)}", head)


def _versions(name: str) -> str:
    """Return the subquery of a table's versions at a moment."""
    table = Base.metadata.tables[name]
    columns = ", ".join(f'"{c.name}"' for c in table.columns)
    both = " UNION ALL ".join(f'SELECT {columns} FROM "{one}"'
                              for one in (table.name, history_of(table).name))
    return f"(SELECT v.* FROM ({both}) v WHERE {_WHEN})"
