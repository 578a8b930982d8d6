"""All that is held about a person, from where, and who read it: the report for that person.

It is drawn up at the registry's own console for the person it is about, in full and unmasked;
drawing it up is a line of the audit itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table, select, text, union_all
from sqlalchemy.orm import Session

from layers.across.places import place_json
from layers.across.readers import readings, told
from layers.base import Feature, Field, fields_of
from layers.codelists import codelist
from layers.households import Household
from layers.residents import Residency, Resident
from layers.text import Bilingual
from spatial.history import history_of

if TYPE_CHECKING:
    from spatial.sealing import Vault

_TITLES = {"resident": Bilingual("Person", "个人登记"), "household": Bilingual("Household", "户"),
           "residency": Bilingual("Residence", "居住、户籍")}
_KNOWN = Bilingual("held {0} to {1}", "登记于 {0}，至 {1}")
_NOW = Bilingual("now", "现在")
_SOURCE = Bilingual("from", "来源")
#: The letters of places by the table that a field refers to.
_LETTERS = {"unit": "u", "building": "b"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of one row about a person: its values in words, its time and its source."""

    table: str
    values: Mapping[str, str]
    known_from: datetime
    known_to: datetime | None
    source: str | None
    file: str | None

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {"table": self.table, "values": dict(self.values), "source": self.source,
                "file": self.file, "known_from": self.known_from.isoformat(),
                "known_to": self.known_to.isoformat() if self.known_to else None}


def versions(session: Session, vault: "Vault", identifier: str, language: str) -> list[Version]:
    """Return every version of every row that is held about a person, the oldest first."""
    found: list[Version] = []
    people = list(_rows(session, Resident, "identifier", [identifier]))
    keys = {row["id"] for row in people}
    homes = {row["household_id"] for row in people if row["household_id"]}
    for model, rows in ((Resident, people), (Residency, list(_rows(
            session, Residency, "resident_id", keys))), (Household, list(_rows(
                session, Household, "id", homes)))):
        files = _files(session, {row["import_id"] for row in rows if row["import_id"]})
        for row in rows:
            found.append(Version(
                table=model.__tablename__, known_from=row["creation_date"],
                known_to=row["termination_date"], file=files.get(row["import_id"]),
                source=" ".join(filter(None, (row["source"], row["source_id"]))) or None,
                values=dict(_values(session, vault, model, row, language))))
    return found


def report(session: Session, vault: "Vault", identifier: str, *, zone: ZoneInfo,
           language: str) -> list[str]:
    """Return the report in plain words."""
    lines: list[str] = []
    for one in versions(session, vault, identifier, language):
        until = (f"{one.known_to.astimezone(zone):%Y-%m-%d}" if one.known_to
                 else _NOW.in_language(language))
        known = _KNOWN.in_language(language).format(
            f"{one.known_from.astimezone(zone):%Y-%m-%d}", until)
        origin = " · ".join(filter(None, (one.source, one.file))) or "-"
        lines += [f"{_TITLES[one.table].in_language(language)} ({known}; "
                  f"{_SOURCE.in_language(language)}: {origin})",
                  *(f"  {name}: {value}" for name, value in one.values.items())]
    return [*lines, "", *told(readings(session, identifier, zone), identifier, language)]


def _rows(session: Session, model: type[Feature], column: str,
          keys: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the present and past versions of rows, the oldest first."""
    table: Table = model.__table__  # type: ignore[assignment]
    parts = [select(*(one.c[c.name] for c in table.columns)).where(one.c[column].in_(list(keys)))
             for one in (table, history_of(table))]
    both = union_all(*parts).subquery()
    for row in session.execute(select(both).order_by(both.c.id, both.c.creation_date)).mappings():
        yield dict(row)


def _values(session: Session, vault: "Vault", model: type[Feature], row: Mapping[str, Any],
            language: str) -> Iterator[tuple[str, str]]:
    for name, field in fields_of(model).items():
        if row[name] is not None and name != "resident_id":
            yield field.title.in_language(language), _in_words(
                session, vault, model, row, (name, field), language)
    for name, title in (("valid_from", Bilingual("From", "起")), ("valid_to",
                                                                 Bilingual("To", "止"))):
        if row[name]:
            yield title.in_language(language), f"{row[name]:%Y-%m-%d}"


def _in_words(session: Session, vault: "Vault", model: type[Feature], row: Mapping[str, Any],
              what: tuple[str, Field], language: str) -> str:
    name, field = what
    value = row[name]
    if field.sealed:
        return vault.unseal(model.__tablename__, name, row["identifier"], value)
    if field.codelist:
        return codelist(field.codelist).label(str(value), language) or str(value)
    if field.refers in _LETTERS:
        return str(place_json(session, [(_LETTERS[field.refers], value)])[0]["full_label"])
    if isinstance(value, list):
        return "; ".join(str(one) for one in value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _files(session: Session, jobs: set[int]) -> dict[int | None, str]:
    """Return the files that rows came from, by the number of their import."""
    rows = session.execute(text("SELECT id, file FROM import_job WHERE id = ANY(:jobs)"),
                           {"jobs": sorted(jobs)}) if jobs else ()
    return {row.id: str(row.file).rpartition("/")[2] for row in rows}
