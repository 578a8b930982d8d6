"""A batch of text -> rows ready to stage: read, checked, hashed, sealed."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Text, any_, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from importers.base import Batch, Issue, shown
from importers.mapping import ColumnMap
from importers.shape import Shape
from importers.values import (
    LIST_BREAK,
    Problem,
    Reader,
    Unfit,
    civil,
    clean,
    read_column,
    reader_for,
)
from layers.base import draw_identifier, fields_of
from spatial.crs import STORAGE, to_storage
from spatial.errors import InvalidGeometry
from spatial.geometry import mend_all
from spatial.sealing import Vault

Columns = dict[str, list[Any]]


@dataclass
class Preparer:
    """Prepares the batches of one table for one layer; keeps what the whole file has shown."""

    shape: Shape
    mapping: ColumnMap
    source: str
    crs: str
    zone: str
    vault: Vault
    session: Session
    seen: set[str] = field(default_factory=set)
    issues: list[Issue] = field(default_factory=list)

    def rows(self, batch: Batch) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a batch in the order of Shape.copied() after (line, chunk)."""
        texts = self._texts(batch)
        refused: dict[int, list[Issue]] = {}
        values = self._values(batch, texts, refused)
        geometry = self._geometry(batch, texts, refused)
        ids = self._source_ids(batch, texts, geometry)
        self._check(batch, texts, ids, geometry, refused)
        known = self._known(ids)
        for row in range(len(batch)):
            if row in refused:
                self.issues.extend(refused[row])
                continue
            yield self._row(row, batch.lines[row], texts, values, ids, geometry, known)

    def _texts(self, batch: Batch) -> dict[str, list[str | None]]:
        """Return the cleaned text of each ledger column."""
        found = {ledger: [clean(value) for value in batch.columns[header]]
                 for header, ledger in self.mapping.columns.items()}
        for ledger, constant in self.mapping.constants.items():
            found.setdefault(ledger, [str(constant)] * len(batch))
        return found

    def _reader(self, column: Any, about: Any) -> Reader:
        return reader_for(column, about, zone=self.zone,
                          codes=self.mapping.codes.get(about.ledger or "", {}))

    def _values(self, batch: Batch, texts: Mapping[str, Sequence[str | None]],
                refused: dict[int, list[Issue]]) -> Columns:
        table, values = self.shape.layer.table, {}
        for key, about in self.shape.fields.items():
            column = texts[about.ledger or key]
            values[key], problems = read_column(column, self._reader(table.c[key], about))
            self._refuse(batch, about.ledger or key, column, problems, refused,
                         secret=about.personal)
        for time in ("valid_from", "valid_to", "recorded_from"):
            if time in texts:
                values[time], problems = read_column(texts[time],
                                                     lambda value: civil(value, self.zone))
                self._refuse(batch, time, texts[time], problems, refused)
        for link in self.shape.links:
            self._link_values(batch, link, texts, refused, values)
        return values

    def _link_values(self, batch: Batch, link: Any, texts: Mapping[str, Sequence[str | None]],
                     refused: dict[int, list[Issue]], values: Columns) -> None:
        about = fields_of(link.link.model)
        table = link.link.model.__table__
        for ledger, own in link.link.columns.items():
            if own not in link.columns:
                continue
            name = link.prefix + own
            if own in ("valid_from", "valid_to"):
                values[name], problems = read_column(texts[ledger],
                                                     lambda value: civil(value, self.zone))
            elif own == "kind":
                one = self._reader(table.c[own], about[own])
                values[name], problems = read_column(texts[ledger], _each(one))
            else:
                values[name], problems = read_column(texts[ledger],
                                                     self._reader(table.c[own], about[own]))
            self._refuse(batch, ledger, texts[ledger], problems, refused)

    def _refuse(self, batch: Batch, column: str, texts: Sequence[str | None],
                problems: Mapping[int, Problem], refused: dict[int, list[Issue]],
                *, secret: bool = False) -> None:
        for row, problem in problems.items():
            value = "*" * min(len(texts[row] or ""), 18) if secret else shown(texts[row])
            refused.setdefault(row, []).append(
                Issue(batch.lines[row], column, problem.rule, value, problem.remedy))

    def _geometry(self, batch: Batch, texts: Mapping[str, Sequence[str | None]],
                  refused: dict[int, list[Issue]]) -> list[str | None] | None:
        if not self.shape.has_geometry:
            return None
        raw = _raw_geometry(batch, texts)
        shapes, problems = read_column(raw, _parse)
        try:
            moved = to_storage(np.array([*shapes, None], dtype=object)[:-1], self.crs)
        except InvalidGeometry as error:
            problems = dict.fromkeys(
                (row for row, shape in enumerate(shapes) if shape is not None),
                Problem("geometry", str(error)))
            moved = np.full(len(shapes), None, dtype=object)
        mended, _, bad = mend_all(moved, flat=True)
        problems |= {row: Problem("geometry", str(error)) for row, error in bad.items()}
        self._refuse(batch, "geometry", ["(geometry)"] * len(batch), problems, refused)
        return list(shapely.to_wkb(shapely.set_srid(mended, STORAGE), hex=True, include_srid=True))

    def _source_ids(self, batch: Batch, texts: Mapping[str, Sequence[str | None]],
                    geometry: list[str | None] | None) -> list[str]:
        """Return each row's id of its source; without a column, a hash of its key columns."""
        given = texts.get("source_id", [None] * len(batch))
        return [one or "row-" + self._key(row, texts, geometry).hex()[:24]
                for row, one in enumerate(given)]

    def _key(self, row: int, texts: Mapping[str, Sequence[str | None]],
             geometry: list[str | None] | None) -> bytes:
        """Hash the columns that tell this row apart: the first key it fills, else all it says."""
        for key in self.shape.layer.keys:
            if all(name in texts and texts[name][row] for name in key):
                return self._digest(row, {name: texts[name] for name in key}, None)
        return self._digest(row, texts, geometry)

    def _digest(self, row: int, texts: Mapping[str, Sequence[str | None]],
                geometry: list[str | None] | None) -> bytes:
        said = "\x1f".join(f"{name}\x1e{column[row] or ''}"
                           for name, column in sorted(texts.items()))
        made = hashlib.blake2b(said.encode(), digest_size=16,
                               key=self.vault.blind("row", self.shape.layer.name))
        if geometry and (shape := geometry[row]):
            made.update(shape.encode())
        return made.digest()

    def _check(self, batch: Batch, texts: Mapping[str, Sequence[str | None]], ids: list[str],
               geometry: Any, refused: dict[int, list[Issue]]) -> None:
        """Refuse rows that lack what is required or repeat an id of this file."""
        needed = [(about.ledger or key) for key, about in self.shape.layer.ledger_fields().items()
                  if about.required]
        for row, one in enumerate(ids):
            for ledger in needed:
                if row < len(texts.get(ledger, ())) and texts[ledger][row] is not None:
                    continue
                refused.setdefault(row, []).append(Issue(
                    batch.lines[row], ledger, "required", None, "this column must not be empty"))
            if one in self.seen:
                refused.setdefault(row, []).append(Issue(
                    batch.lines[row], "source_id", "duplicate", shown(one),
                    "the file has this id already; give each row one of its own"))
            elif len(one) > 200:
                refused.setdefault(row, []).append(Issue(
                    batch.lines[row], "source_id", "length", shown(one), "200 characters fit"))
            elif row not in refused:
                self.seen.add(one)

    def _known(self, ids: list[str]) -> dict[str, tuple[Any, ...]]:
        """Return (id, identifier, hash) of the rows that the registry has of this source."""
        model = self.shape.layer.model
        rows = self.session.execute(
            select(model.source_id, model.id, model.identifier, model.content_hash)
            .where(model.source == self.source, model.source_id == any_(array(ids, type_=Text))))
        return {str(row[0]): tuple(row[1:]) for row in rows}

    def _row(self, row: int, line: int, texts: Mapping[str, Sequence[str | None]],
             values: Columns, ids: list[str], geometry: list[str | None] | None,
             known: Mapping[str, tuple[Any, ...]]) -> tuple[Any, ...]:
        shape = self.shape
        found = known.get(ids[row])
        identifier = found[1] if found else draw_identifier(shape.layer.model.prefix)
        plain = {key: values[key][row] for key in shape.plain}
        sealed = self._sealed(row, identifier, values)
        derived = shape.layer.derive(plain) if shape.layer.derive else {}
        return (
            line, found[0] if found else None, identifier, ids[row],
            self._digest(row, texts, geometry), found[2] if found else None,
            *plain.values(), *(sealed.get(key) for key in (*shape.sealed, *shape.keys)),
            *(derived.get(key) for key in shape.derived), *self._times(row, values, texts),
            *(texts[one.ledger][row] for one in shape.references),
            *([geometry[row]] if geometry is not None else []),
            *(value for link in shape.links for value in self._link(row, link, texts, values)))

    def _sealed(self, row: int, identifier: str, values: Columns) -> dict[str, bytes]:
        """Seal what must never be readable in the database, with its blind index."""
        table, out = self.shape.layer.table, {}
        said = {key: values[key][row] for key in self.shape.sealed if key in values}
        if said.get("id_number") and not said.get("birth_date"):
            said["birth_date"] = _birth_date(said["id_number"])
        for key, value in said.items():
            if value:
                out[key] = self.vault.seal(table.name, key, identifier, value)
                if f"{key}_key" in table.c:
                    out[f"{key}_key"] = self.vault.blind(key, value)
        return out

    def _times(self, row: int, values: Columns, texts: Mapping[str, Sequence[str | None]],
               ) -> Iterator[Any]:
        for name in self.shape.times:
            if name == "reason":
                yield texts["document"][row]
            elif name == "creation_date":
                yield (values["recorded_from"][row] or (None,))[0]
            else:
                pair = values[name.removesuffix("_precision")][row]
                yield None if pair is None else pair[name.endswith("_precision")]

    def _link(self, row: int, link: Any, texts: Mapping[str, Sequence[str | None]],
              values: Columns) -> Iterator[Any]:
        for own in link.columns:
            value = values[link.prefix + own][row]
            if own in ("valid_from", "valid_to"):
                yield from value or (None, None)
            else:
                yield value
        if link.reference:
            yield texts[link.reference.ledger][row]


def _each(read: Reader) -> Reader:
    """Return the reader of a cell that may hold several values."""
    return lambda value: [read(part.strip()) for part in LIST_BREAK.split(value) if part.strip()]


def _raw_geometry(batch: Batch, texts: Mapping[str, Sequence[str | None]]) -> list[Any]:
    """Return WKB, WKT or (lon, lat) of each row; wkt wins over a point in two columns."""
    empty: list[Any] = [None] * len(batch)
    native = batch.geometry or empty
    written = texts.get("wkt", empty)
    points = list(zip(texts.get("lon", empty), texts.get("lat", empty), strict=True))
    return [one or wkt or (point if all(point) else None)
            for one, wkt, point in zip(native, written, points, strict=True)]


def _parse(raw: Any) -> Any:
    try:
        if isinstance(raw, tuple):
            return shapely.Point(float(raw[0]), float(raw[1]))
        return shapely.from_wkb(raw) if isinstance(raw, bytes) else shapely.from_wkt(raw)
    except (ValueError, shapely.errors.GEOSException) as error:
        raise Unfit("geometry", f"it cannot be read: {str(error)[:120]}") from None


def _birth_date(id_number: str) -> str | None:
    from spatial.codes import check_id_number

    born = check_id_number(id_number).birth_date
    return born.isoformat() if born else None
