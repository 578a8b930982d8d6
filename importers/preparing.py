"""A batch of text -> columns ready to stage: read, checked, hashed, sealed."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import compress
from typing import Any, cast

from sqlalchemy.orm import Session

from importers.base import Batch, Issue, shown
from importers.columns import each
from importers.garbled import faults
from importers.ledgers import coded
from importers.mapping import ColumnMap
from importers.meeting import Meeting
from importers.own_columns import own_columns
from importers.position import Sample
from importers.repeats import NO_ID, Repeats
from importers.shape import REGISTERED, LinkShape, Shape
from importers.shapes import read_shapes
from importers.solids import add_solids
from importers.tidying import Texts, Tidier, companions
from importers.values import (
    Problem,
    Reader,
    Unfit,
    civil,
    clean,
    read_column,
    read_documents,
    reader_for,
    several,
    short,
)
from layers.base import fields_of
from spatial.sealing import Vault

Columns = dict[str, list[Any]]
Taking = Callable[[Sequence[Any]], list[Any]]
LONGEST_DOCUMENT = 1_000


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
    repeats: Repeats = field(default_factory=Repeats)
    issues: list[Issue] = field(default_factory=list)
    refused_ids: list[str] = field(default_factory=list)
    mended: int = 0
    sample: Sample = field(default_factory=Sample)

    def __post_init__(self) -> None:
        self.meeting = Meeting(self.shape.layer, self.source, self.vault, self.session,
                               versions=self.mapping.versions)
        self.tidier = Tidier(self.shape.layer, self.shape.present)
        self._hash = hashlib.blake2b(
            digest_size=16, key=self.vault.blind("row", self.shape.layer.name))

    def columns(self, batch: Batch) -> list[Sequence[Any]]:
        """Return the fit rows of a batch, column by column, in the order of Shape.copied().

        Of its columns only the second is left out, the chunk.
        """
        batch, texts, untidy = self.tidier.tidy(batch, self._texts(batch))
        refused: dict[int, list[Issue]] = {}
        for column, problems in (*untidy.items(), *faults(texts, self.shape.personal)):
            self._refuse(batch, column, texts[column], problems, refused,
                         secret=column in {*untidy, *self.shape.personal})
        values = self._values(batch, texts, refused)
        geometry = self._geometry(batch, texts, refused)
        if self.shape.has_solid and geometry is not None:
            wrong = add_solids(texts["solid"], self.crs, values, geometry)
            self._refuse(batch, "solid", ["(solid)"] * len(batch), wrong, refused)
        ids = self._source_ids(batch, texts, geometry)
        self._check(batch, texts, values, ids, refused)
        refused.update({row: [] for row in companions(batch.lines, refused)})
        digests = self._digests(len(batch), texts, geometry)
        faces = self.meeting.faces(ids, values, texts.get("identifier", ()))
        fit = self._fit(ids, refused)
        texts, values = ({name: fit(column) for name, column in one.items()}
                         for one in (texts, values))
        return [fit(batch.lines), fit(faces.ids), fit(faces.met), (names := fit(faces.names)),
                fit(ids), fit(digests), fit(faces.said),
                *own_columns(self.shape, self.vault, names, values),
                *self._columns(texts, values, geometry and fit(geometry), len(names))]

    def _fit(self, ids: Sequence[str], refused: dict[int, list[Issue]]) -> Taking:
        """Remember what was refused; returns what takes the other rows of a column."""
        if not refused:
            return list
        for row in sorted(refused):
            self.issues.extend(refused[row])
            self.refused_ids.append(ids[row])
        fit = [row not in refused for row in range(len(ids))]
        return lambda column: list(compress(column, fit))

    def _texts(self, batch: Batch) -> Texts:
        """Return the cleaned text of each ledger column."""
        pairs = [*((ledger, header) for header, ledger in self.mapping.columns.items()),
                 *self.mapping.copies.items()]
        found = {ledger: self._said(ledger, each(clean, batch.columns[header]))
                 for ledger, header in pairs}
        for ledger, constant in self.mapping.constants.items():
            found.setdefault(ledger, [str(constant)] * len(batch))
        return found

    def _said(self, ledger: str, texts: list[str | None]) -> list[str | None]:
        """Return the texts of a column in our words, where the clerk gave words for them."""
        words = self.mapping.codes.get(ledger)
        if words is None or ledger in coded(self.shape.layer.name):
            return texts
        return [words.get(text, text) if text else text for text in texts]

    def _reader(self, column: Any, about: Any) -> Reader:
        return reader_for(column, about, zone=self.zone,
                          codes=self.mapping.codes.get(about.ledger or "", {}))

    def _civil(self, text: str) -> Any:
        return civil(text, self.zone)

    def _past(self, text: str) -> Any:
        found = self._civil(text)
        if found[0] > datetime.now(UTC):
            raise Unfit("date", "nothing can have been recorded in the future")
        return found

    def _values(self, batch: Batch, texts: Texts, refused: dict[int, list[Issue]]) -> Columns:
        table = self.shape.layer.table
        values: Columns = {}
        for key, about in self.shape.fields.items():
            column = texts[about.ledger or key]
            if about.check == "id_number" and "id_type" in values:
                values[key], problems = read_documents(column, values["id_type"])
            else:
                values[key], problems = read_column(column, self._reader(table.c[key], about))
            self._refuse(batch, about.ledger or key, column, problems, refused,
                         secret=about.personal)
        for time in ("valid_from", "valid_to", "recorded_from", "recorded_to"):
            if time in texts:
                read = self._past if time.startswith("recorded") else self._civil
                values[time], problems = read_column(texts[time], read)
                self._refuse(batch, time, texts[time], problems, refused)
        for link in self.shape.links:
            self._link_values(batch, link, texts, refused, values)
        return values

    def _link_values(self, batch: Batch, link: LinkShape, texts: Texts,
                     refused: dict[int, list[Issue]], values: Columns) -> None:
        about = fields_of(link.link.model)
        table = link.link.model.__table__
        for ledger, own in link.link.columns.items():
            if own not in link.columns:
                continue
            if own in ("valid_from", "valid_to"):
                read: Reader = self._civil
            else:
                read = self._reader(table.c[own], about[own])
            values[link.prefix + own], problems = read_column(
                texts[ledger], several(read) if own == "kind" else read)
            self._refuse(batch, ledger, texts[ledger], problems, refused,
                         secret=own in about and about[own].personal)

    def _refuse(self, batch: Batch, column: str, texts: Sequence[str | None],
                problems: Mapping[int, Problem], refused: dict[int, list[Issue]],
                *, secret: bool = False) -> None:
        for row, problem in problems.items():
            value = "*" * min(len(texts[row] or ""), 18) if secret else shown(texts[row])
            refused.setdefault(row, []).append(
                Issue(batch.lines[row], column, problem.rule, value, problem.remedy))

    def _geometry(self, batch: Batch, texts: Texts, refused: dict[int, list[Issue]],
                  ) -> list[str | None] | None:
        if not self.shape.has_geometry:
            return None
        shapes, problems, mended = read_shapes(batch, texts, self.crs, self.sample)
        self.mended += mended
        self._refuse(batch, "geometry", ["(geometry)"] * len(batch), problems, refused)
        return shapes

    def _source_ids(self, batch: Batch, texts: Texts, geometry: list[str | None] | None,
                    ) -> list[str]:
        """Return each row's id of its source; without a column, a hash of its key columns."""
        given = texts.get("source_id", [None] * len(batch))
        if all(given):
            return cast(list[str], given)
        return [one or NO_ID + self._key(row, texts, geometry).hex()[:24]
                for row, one in enumerate(given)]

    def _key(self, row: int, texts: Texts, geometry: list[str | None] | None) -> bytes:
        """Hash the columns that tell this row apart: the first key it fills, else all it says."""
        said = texts
        for key in self.shape.layer.keys:
            if all(name in texts and texts[name][row] for name in key):
                said, geometry = {name: texts[name] for name in key}, None
                break
        one = {name: [column[row]] for name, column in said.items()}
        return self._digests(1, one, geometry and [geometry[row]])[0]

    def _digests(self, rows: int, texts: Texts, geometry: list[str | None] | None,
                 ) -> list[bytes]:
        """Return a keyed hash of all that each row says."""
        ordered = sorted(texts)
        form = "\x1f".join(f"{name.replace('%', '%%')}\x1e%s" for name in ordered)
        columns = [texts[name] if None not in texts[name] else [text or "" for text in texts[name]]
                   for name in ordered]
        made = []
        said = map(form.__mod__, zip(*columns, strict=True)) if columns else [""] * rows
        for text, shape in zip(said, geometry or [None] * rows, strict=True):
            one = self._hash.copy()
            one.update((text + shape if shape else text).encode())
            made.append(one.digest())
        return made

    def _check(self, batch: Batch, texts: Texts, values: Columns, ids: list[str],
               refused: dict[int, list[Issue]]) -> None:
        """Refuse rows that lack what is required, repeat an id, or end before they begin."""
        found: dict[str, dict[int, Problem]] = {}
        for key, about in self.shape.layer.ledger_fields().items():
            if about.required and about.ledger not in self.shape.inferred:
                said = texts.get(about.ledger or key, [None] * len(batch))
                found[about.ledger or key] = {} if None not in said else {
                    row: _EMPTY for row, text in enumerate(said) if text is None}
        if "document" in texts:
            read = read_column(texts["document"], lambda text: short(text, LONGEST_DOCUMENT))
            found["document"] = read[1]
        for before, after, column in self._periods():
            found[column] = {row: _BACKWARDS for row, (start, end) in enumerate(zip(
                values[before], values[after], strict=True)) if start and end and end < start}
        for column, problems in found.items():
            self._refuse(batch, column, texts.get(column, [None] * len(batch)), problems, refused)
        self._refuse(batch, "source_id", ids, self.repeats.problems(
            batch.lines, ids, refused, self._states(values)), refused)

    def _periods(self) -> Iterator[tuple[str, str, str]]:
        """Yield the pairs of columns that begin and end something, and the ledger's for the end."""
        if {"valid_from", "valid_to"} <= self.shape.present:
            yield "valid_from", "valid_to", "valid_to"
        if {"recorded_from", "recorded_to"} <= self.shape.present:
            yield "recorded_from", "recorded_to", "recorded_to"
        for link in self.shape.links:
            if {"valid_from", "valid_to"} <= set(link.columns):
                ends = next(ledger for ledger, own in link.link.columns.items()
                            if own == "valid_to")
                yield f"{link.prefix}valid_from", f"{link.prefix}valid_to", ends

    def _states(self, values: Columns) -> list[Any] | None:
        """Return what tells the states of one object apart, where each row is one of them."""
        if not self.mapping.versions:
            return None
        many = max(map(len, values.values()), default=0)
        said = [values.get(name, [None] * many) for name in ("recorded_from", "valid_from")]
        return list(zip(*said, strict=True))

    def _columns(self, texts: Texts, values: Columns, geometry: list[str | None] | None,
                 rows: int) -> list[Sequence[Any]]:
        """Return the other columns to stage: times, references, geometry, links."""
        found: list[Sequence[Any]] = []
        for name in self.shape.times:
            if name == "reason":
                found.append(texts["document"])
            elif name in REGISTERED:
                found.append(_part(values[REGISTERED[name]], 0))
            else:
                found.append(_part(values[name.removesuffix("_precision")],
                                   int(name.endswith("_precision"))))
        nothing: list[str | None] = [None] * rows
        found += [texts.get(one.ledger, nothing) for one in self.shape.references]
        found += [geometry] if geometry is not None else []
        found += [values[name] for name in self.shape.measured]
        for link in self.shape.links:
            for own in link.columns:
                value = values[link.prefix + own]
                found += ([_part(value, 0), _part(value, 1)] if own in ("valid_from", "valid_to")
                          else [value])
            found += [texts[link.reference.ledger]] if link.reference else []
        return found


_EMPTY = Problem("required", "this column must not be empty")
_BACKWARDS = Problem("period", "it ends before it begins; check both dates")


def _part(pairs: Sequence[Any], part: int) -> list[Any]:
    """Return instants or precisions of a column of civil dates."""
    return [pair and pair[part] for pair in pairs]
