"""Erasing a person: every version of every row, and again when a backup or a file brings it back.

What stays is the order in the book and the lines of the audit, which name a meaningless
identifier. The rows leave the disk when the tables have been vacuumed; backups are kept 35 days.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, Table, delete, or_, select, text, update
from sqlalchemy.orm import Session

from layers.across.erasure_words import Named, remove_words
from layers.across.person_orders import (
    ERASED,
    PersonOrder,
    erasures,
    read_back,
    source_mark,
    write_down,
)
from layers.across.review import ReviewItem
from layers.households import Household
from layers.residents import Residency, Resident
from spatial.audit import Event, record
from spatial.config import Settings
from spatial.database import Base
from spatial.history import every_version, history_of
from spatial.sealing import vault
from spatial.state import bump

if TYPE_CHECKING:
    from spatial.sealing import Vault

#: Texts of other rows that may name a person: table, column.
MENTIONS = (("household", "head"), ("tenancy", "landlord"), ("tenancy", "tenant"))
VACUUMED = ("resident", "resident_history", "residency", "residency_history", "household",
            "household_history", "review_item", "incident", "incident_history",
            "incident_caller", "incident_note", "incident_photo", "help_contact", "visit")


@dataclass(frozen=True, slots=True)
class Traces:
    """All by which a person stands in the registry, over every version."""

    keys: tuple[int, ...]
    names: tuple[str, ...]
    source_ids: tuple[str, ...]
    households: tuple[int, ...]
    units: tuple[int, ...]
    addresses: tuple[str, ...]
    numbers: tuple[str, ...]
    marks: tuple[bytes, ...]


def erase(session: Session, vault: "Vault", settings: Settings, identifier: str, *,
          document: str, dated: datetime, by: str) -> PersonOrder:
    """Erase a person and put the order into the book; the caller commits, then vacuums.

    The file is written first: should the commit fail, the next replay does what is due.
    """
    found = traces(session, vault, [identifier])
    order = PersonOrder(kind=ERASED, person=identifier, document=document, dated=dated,
                        done_by=by, marks=list(found.marks))
    write_down(settings, [order])
    session.add(order)
    remove(session, vault, found)
    bump(session)
    return order


def replay(session: Session, vault: "Vault", settings: Settings) -> int:
    """Erase again whom a restored backup or a file has brought back; return how many."""
    known = {one.person for one in erasures(session)}
    session.add_all(one for one in read_back(settings) if one.person not in known)
    session.flush()
    back = _back(session, vault, erasures(session))
    if back:
        remove(session, vault, traces(session, vault, back))
        bump(session)
    return len(back)


def replay_in(engine: Engine, settings: Settings) -> int:
    """Replay in a database of its own transaction, with a line of the audit for each erasure."""
    keys = vault(settings)
    with Session(engine) as session:
        back = replay(session, keys, settings)
        if back:
            record(session, keys, Event(actor="system", role="machine", note=str(back),
                                        action="person-erased-again"))
        session.commit()
    if back:
        vacuum(engine)
    return back


def vacuum(engine: Engine) -> None:
    """Clear deleted rows out of tables and indexes, so that they leave the files of the database.

    Nothing is cut off at the end: that would wait for every reader of the table.
    """
    tables = ", ".join(VACUUMED)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"VACUUM (TRUNCATE off, INDEX_CLEANUP on) {tables}"))


def traces(session: Session, vault: "Vault", identifiers: Sequence[str]) -> Traces:
    """Return all by which persons stand in the registry."""
    people = _versions(session, Resident, "identifier", identifiers)
    keys = tuple({row["id"] for row in people})
    homes = _versions(session, Residency, "resident_id", keys)
    marks = {bytes(row["id_number_key"]) for row in people if row["id_number_key"]}
    marks |= {source_mark(vault, row["source"], row["source_id"])
              for row in people if row["source_id"]}
    return Traces(
        keys=keys, names=_told(people, "name", "former_name"),
        source_ids=_told(people, "source_id"), households=_told(people, "household_id"),
        units=_told(homes, "unit_id"), addresses=_told(homes, "address"), marks=tuple(marks),
        numbers=tuple({vault.unseal("resident", name, row["identifier"], row[name])
                       for row in people for name in ("phone", "id_number") if row[name]}))


def remove(session: Session, vault: "Vault", found: Traces) -> None:
    """Delete every version of every row that is about these persons, and words that name them."""
    remove_words(session, vault, Named(found.names, found.numbers, found.units))
    for table in _referring(Resident.__table__):  # type: ignore[arg-type]
        column = next(key.parent for key in table.foreign_keys
                      if key.column.table is Resident.__table__)
        _delete(session, table, column.name, found.keys)
    _delete(session, Resident.__table__, "id", found.keys)  # type: ignore[arg-type]
    for name, column_name in MENTIONS:
        if name in Base.metadata.tables:
            _unmention(session, Base.metadata.tables[name], column_name, found)
    lasting = select(Residency.id).where(Residency.address == ReviewItem.text)
    session.execute(delete(ReviewItem).where(ReviewItem.text.in_(found.addresses),
                                             ~lasting.exists()))
    session.execute(text("DELETE FROM source_link WHERE layer = 'resident' "
                         "AND feature_id = ANY(:keys)"), {"keys": list(found.keys)})
    session.execute(text("DELETE FROM field_origin WHERE layer = 'resident' "
                         "AND feature_id = ANY(:keys)"), {"keys": list(found.keys)})
    session.execute(text("DELETE FROM source_pair WHERE layer = 'resident' AND (first_id = "
                         "ANY(:keys) OR second_id = ANY(:keys))"), {"keys": list(found.keys)})


def _back(session: Session, vault: "Vault", orders: Sequence[PersonOrder]) -> list[str]:
    """Return the identifiers of erased persons who are there, by identifier or by a mark."""
    if not orders:
        return []
    marks = {bytes(mark) for one in orders for mark in one.marks or ()}
    named = select(Resident.identifier).where(or_(
        Resident.identifier.in_([one.person for one in orders]),
        Resident.id_number_key.in_(marks)))
    rows = session.execute(select(Resident.identifier, Resident.source, Resident.source_id)
                           .where(Resident.source_id.is_not(None))
                           .execution_options(yield_per=5_000))
    told = {row.identifier for row in rows
            if source_mark(vault, row.source, row.source_id) in marks}
    past = history_of(Resident.__table__).c  # type: ignore[arg-type]
    left = select(past.identifier).where(past.identifier.in_([one.person for one in orders]))
    return sorted(told | set(session.scalars(named)) | set(session.scalars(left)))


def _referring(target: Table) -> list[Table]:
    """Return the tables that point to a table, whichever layer they belong to."""
    return [table for table in Base.metadata.sorted_tables
            if any(key.column.table is target for key in table.foreign_keys)]


def _delete(session: Session, table: Table, column: str, keys: Iterable[Any]) -> None:
    """Delete rows, then their versions: the trigger has just added the last of them."""
    for one in every_version(table):
        session.execute(delete(one).where(one.c[column].in_(list(keys))))


def _unmention(session: Session, table: Table, column: str, found: Traces) -> None:
    for one in every_version(table):
        here = (one.c.id.in_(found.households) if table is Household.__table__
                else one.c.unit_id.in_(found.units))
        session.execute(update(one).where(or_(
            one.c[column].in_(found.source_ids), here & one.c[column].in_(found.names)))
            .values({column: None}))


def _versions(session: Session, model: Any, column: str, keys: Sequence[Any]) -> list[Any]:
    return [row for one in every_version(model)
            for row in session.execute(select(one).where(one.c[column].in_(keys))).mappings()]


def _told(rows: Iterable[Any], *names: str) -> tuple[Any, ...]:
    return tuple({row[name] for row in rows for name in names if row[name] is not None})
