"""Versions of rows: what was true when, and known when.

Each table of features holds the present version of each feature; `<table>_history` holds every
other one, written by one kind of trigger (sql/history.sql). World time (`valid_*`) says when
something was so; register time (`creation_date`, `termination_date`) when the registry knew it.
The default read touches the present table only, so that the past costs the present nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from geoalchemy2 import Geometry
from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Index,
    Table,
    and_,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

Model = TypeVar("Model")
#: Columns that follow from others: filling them anew makes no new version.
DERIVED = "derived"
#: Who said it, when and why: alone they make no version.
PROVENANCE = frozenset({"creation_date", "termination_date", "recorded_by", "reason",
                        "import_id"})


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in both times; None means now."""

    valid_at: datetime | None = None
    known_at: datetime | None = None

    @property
    def is_now(self) -> bool:
        """Tell whether the present table alone can answer."""
        return self.valid_at is None and self.known_at is None


NOW = Moment()


def seen(model: type[Model], moment: Moment = NOW) -> type[Model]:
    """Return `model` as it stood at `moment`: an alias that queries use in its place."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    if moment.is_now:
        rows: Any = select(table).where(valid(table, func.now()))
    else:
        rows = _as_of(table, moment)
    return aliased(model, rows.subquery(table.name))


def seen_in_part(table: Table, columns: Sequence[str], moment: Moment = NOW) -> Any:
    """Return these columns of a table at `moment`: where not all of it may be read."""
    if moment.is_now:
        rows: Any = select(*(table.c[name] for name in columns)).where(valid(table, func.now()))
    else:
        rows = _as_of(table, moment, columns)
    return rows.subquery(table.name).c


def valid(table: Any, at: Any) -> ColumnElement[bool]:
    """Keep what is so in the world at `at`; an unknown beginning lies before every day."""
    columns = table.c if hasattr(table, "c") else table
    return and_(or_(columns.valid_from.is_(None), columns.valid_from <= at),
                or_(columns.valid_to.is_(None), columns.valid_to > at))


def history_of(table: Table) -> Table:
    """Return the table of past versions that belongs to `table`, declaring it once.

    It has the same columns and no constraint: what was once true need not fit today's rules.
    """
    name = f"{table.name}_history"
    known = table.metadata.tables.get(name)
    if known is not None:
        return known
    columns = (Column(c.name, c.type, info=c.info) for c in table.columns)
    past = Table(name, table.metadata, *columns)
    # Usage: the history of one feature, and reads as of a day.
    Index(f"{name}_id_creation_date_idx", past.c.id, past.c.creation_date)
    return past


def every_version(model: Any) -> tuple[Table, ...]:
    """Return the table of a model and, where it keeps one, that of its past versions."""
    table: Table = model.__table__ if hasattr(model, "__table__") else model
    kept = f"{table.name}_history" in table.metadata.tables
    return (table, history_of(table)) if kept else (table,)


def versioned_columns(table: Table) -> list[str]:
    """Return the columns whose change makes a new version, in order of declaration."""
    return [c.name for c in table.columns
            if c.computed is None and c.identity is None and not c.info.get(DERIVED)]


def install_statement(table: Table) -> str:
    """Return the statements that put the history triggers on `table`.

    An update that says the same again makes no version, whoever says it.
    """
    columns = versioned_columns(table)
    listed = ", ".join(f'"{name}"' for name in columns)
    told = [_comparable(table.columns[name]) for name in columns if name not in PROVENANCE]
    old, new = (", ".join(f'{row}.{name}' for name in told) for row in ("OLD", "NEW"))
    call = f'ON "{table.name}" FOR EACH ROW {{}} EXECUTE FUNCTION keep_history()'
    changed = call.format(f"WHEN (({old}) IS DISTINCT FROM ({new}))")
    return (f"CREATE OR REPLACE TRIGGER keep_history BEFORE UPDATE OF {listed} {changed}; "
            f"CREATE OR REPLACE TRIGGER keep_deleted BEFORE DELETE {call.format('')}")


def _comparable(column: Column[Any]) -> str:
    """Return the column as two rows are compared by it.

    A restore reads the trigger with an empty search path, where PostGIS's `=` is not found.
    """
    cast = "::bytea" if isinstance(column.type, Geometry) else ""
    return f'"{column.name}"{cast}'


def _as_of(table: Table, moment: Moment, columns: Sequence[str] = ()) -> Any:
    past = history_of(table)
    at = moment.valid_at or func.now()
    known = literal(moment.known_at, DateTime(timezone=True)) if moment.known_at else func.now()
    names, parts = columns or tuple(c.name for c in table.columns), []
    for one in (table, past):
        when = and_(valid(one, at), one.c.creation_date <= known,
                    or_(one.c.termination_date.is_(None), one.c.termination_date > known))
        parts.append(select(*(one.c[name] for name in names)).where(when))
    return union_all(*parts)

