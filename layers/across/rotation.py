"""Sealing everything anew with another key, while the registry is in use.

Chunks of rows are sealed again, each in a transaction of its own; a value says with which key it
was sealed, so that a run that was killed goes on where it stopped. Nothing else of a row changes
and no version is made: what is known stays the same. The index key, by which exact values are
found, is not changed: every blind index would have to be made anew at once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg2 import sql
from sqlalchemy.orm import Session

from layers import catalogue
from layers.base import fields_of
from spatial.database import Base
from spatial.history import every_version
from spatial.statements import run

if TYPE_CHECKING:
    from spatial.sealing import Vault

CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Sealed:
    """One sealed column: `row` is what its values are bound to, as SQL over the table `t`."""

    table: str
    column: str
    row: sql.Composable
    bound_as: str

    @property
    def is_versioned(self) -> bool:
        """Tell whether a trigger would make a version of each change."""
        return f"{self.table}_history" in Base.metadata.tables


#: Sealed columns that are no fields of a layer.
BESIDE = (
    Sealed("second_factor", "secret", sql.SQL("t.user_id::text"), "second_factor"),
    Sealed("help_contact", "contact", sql.SQL("t.identifier"), "help_contact"),
    Sealed("visit", "findings", sql.SQL("t.key"), "visit"),
    Sealed("incident_caller", "phone",
           sql.SQL("(SELECT i.identifier FROM incident i WHERE i.id = t.incident_id)"),
           "incident_caller"),
)


def sealed_columns() -> Iterator[Sealed]:
    """Yield every sealed column there is, the past versions' among them."""
    for layer in catalogue().values():
        for name, field in fields_of(layer.model).items():
            if field.sealed:
                for table in every_version(layer.model):
                    yield Sealed(table.name, name, sql.SQL("t.identifier"), layer.table.name)
    yield from (one for one in BESIDE if one.table in Base.metadata.tables)


def left(session: Session, key: str) -> int:
    """Count the values that are sealed with another key than `key`."""
    return sum(_count(session, one, "<>", key) for one in sealed_columns())


def sealed_with(session: Session, key: str) -> int:
    """Count the values that are sealed with `key`."""
    return sum(_count(session, one, "=", key) for one in sealed_columns())


def rotate(session: Session, vault: "Vault", told: Callable[[int], object]) -> int:
    """Seal anew what the current key has not sealed; `told` hears how many are done."""
    done = 0
    for one in sealed_columns():
        last = "(0,0)"
        while True:
            rows, last = _chunk(session, one, vault, last)
            session.commit()
            if not rows:
                break
            done += rows
            told(done)
    return done


def _chunk(session: Session, one: Sealed, vault: "Vault", last: str) -> tuple[int, str]:
    """Seal one chunk anew, in the order in which rows lie; return how many, and the last place."""
    rows = run(session, _TAKE.format(other=_sealed("<>"), row=one.row, **_names(one)),
               {"last": last, "key": vault.current, "most": CHUNK}).fetchall()
    if not rows:
        return 0, last
    values = [vault.seal(one.bound_as, one.column, row, vault.unseal(
        one.bound_as, one.column, row, value)) for _, row, value in rows]
    for switch in (_OFF, None, _ON):
        if switch is None:
            run(session, _PUT.format(**_names(one)),
                {"places": [row[0] for row in rows], "values": values})
        elif one.is_versioned:
            run(session, switch.format(**_names(one)))
    return len(rows), max((row[0] for row in rows), key=_order)


def _order(place: str) -> tuple[int, ...]:
    return tuple(int(part) for part in place.strip("()").split(","))


def _count(session: Session, one: Sealed, sign: str, key: str) -> int:
    found = run(session, _COUNT.format(other=_sealed(sign), **_names(one)),
                {"key": key}).fetchone()
    return int(found[0]) if found else 0


def _names(one: Sealed) -> dict[str, sql.Composable]:
    return {"table": sql.Identifier(one.table), "column": sql.Identifier(one.column)}


def _sealed(sign: str) -> sql.Composable:
    return sql.SQL("= %(key)s" if sign == "=" else "<> %(key)s")


_COUNT = sql.SQL("SELECT count(*) FROM {table} t WHERE t.{column} IS NOT NULL "
                 "AND encode(substring(t.{column} FROM 2 FOR 4), 'hex') {other}")
_TAKE = sql.SQL("SELECT t.ctid::text, {row}, t.{column} FROM {table} t "
                "WHERE t.ctid > %(last)s::tid AND t.{column} IS NOT NULL "
                "AND encode(substring(t.{column} FROM 2 FOR 4), 'hex') {other} "
                "LIMIT %(most)s FOR UPDATE OF t")
_PUT = sql.SQL("UPDATE {table} t SET {column} = new.value FROM unnest(%(places)s::text[], "
               "%(values)s::bytea[]) AS new (place, value) WHERE t.ctid = new.place::tid")
_OFF = sql.SQL("ALTER TABLE {table} DISABLE TRIGGER keep_history")
_ON = sql.SQL("ALTER TABLE {table} ENABLE TRIGGER keep_history")
