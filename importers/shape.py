"""The shape of a load: which columns of the staging table a ledger fills, and how.

Derived from the layer's declaration and the columns that the file really has: what the file
does not speak of is left as it stands in the registry.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from sqlalchemy.dialects import postgresql

from layers.base import Field, Layer, Link, fields_of

TIMES = ("valid_from", "valid_to")
#: Register time: our column, and the ledger's.
REGISTERED: Mapping[str, str] = MappingProxyType(
    {"creation_date": "recorded_from", "termination_date": "recorded_to"})
DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


class _Asked(dict[str, Any]):
    """A row of nothing that remembers which columns it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return ""

    def get(self, name: str, _default: Any = None) -> str:
        """Return nothing, and remember the question."""
        return self[name]


@dataclass(frozen=True, slots=True)
class Reference:
    """One ledger column that names features: tried against each target until one is found."""

    ledger: str
    stage: str                                   # text column of the staging table
    targets: tuple[tuple[str, Field], ...]       # staging column of the key, what it refers to
    required: bool


@dataclass(frozen=True)
class LinkShape:
    """A link table filled by the same rows; its staging columns begin with `prefix`."""

    link: Link
    prefix: str
    columns: tuple[str, ...]                     # own columns filled, without references
    reference: Reference | None


@dataclass(frozen=True)
class Shape:
    """What one load fills."""

    layer: Layer
    present: frozenset[str]                      # ledger columns the file (or a constant) has

    @cached_property
    def fields(self) -> dict[str, Field]:
        """Return the plain and sealed fields present, by column."""
        return {key: field for key, field in self.layer.ledger_fields().items()
                if not field.refers and field.ledger in self.present}

    @cached_property
    def plain(self) -> list[str]:
        """Return the columns stored as they are."""
        return [key for key, field in self.fields.items() if not field.sealed]

    @cached_property
    def sealed(self) -> list[str]:
        """Return the columns stored sealed."""
        found = [key for key, field in self.fields.items() if field.sealed]
        if "id_number" in found and "birth_date" in self.layer.table.c:
            return [*found, *({"birth_date"} - set(found))]    # the number tells the day
        return found

    @cached_property
    def keys(self) -> list[str]:
        """Return the blind indexes beside the sealed columns."""
        return [f"{key}_key" for key in self.sealed if f"{key}_key" in self.layer.table.c]

    @cached_property
    def derived(self) -> list[str]:
        """Return the search keys that can be derived from what the file says."""
        return self._derived[0]

    @property
    def asked(self) -> set[str]:
        """Return the columns that search keys are made of."""
        return self._derived[1]

    @property
    def derives_in_part(self) -> bool:
        """Tell whether the file says only some of what search keys are made of."""
        return not self.derived_from <= set(self.plain)

    @property
    def derived_from(self) -> set[str]:
        """Return the columns that search keys are made of."""
        return self._derived[1]

    @cached_property
    def _derived(self) -> tuple[list[str], set[str]]:
        if self.layer.derive is None:
            return [], set()
        asked = _Asked()
        found = list(self.layer.derive(asked))
        return (found if asked.names & set(self.plain) else []), asked.names

    @cached_property
    def times(self) -> list[str]:
        """Return the columns of world and register time present."""
        found = [name for time in TIMES if time in self.present
                 for name in (time, f"{time}_precision")]
        return found + [own for own, ledger in (*REGISTERED.items(), ("reason", "document"))
                        if ledger in self.present]

    @cached_property
    def has_geometry(self) -> bool:
        """Tell whether the file says where things are."""
        return self.layer.has_shape and ("geometry" in self.present or self.has_solid)

    @property
    def has_solid(self) -> bool:
        """Tell whether the file brings measured solids."""
        return self.layer.has_solid and "solid" in self.present

    @cached_property
    def measured(self) -> list[str]:
        """Return what is filled from the solids."""
        wanted = ("solid", "base_m", "top_m", "volume_source") if self.has_solid else ()
        return [name for name in wanted if name in self.layer.table.c]

    @cached_property
    def inferred(self) -> frozenset[str]:
        """Return the references that the file does not have and others tell."""
        fields = self.layer.ledger_fields()
        return frozenset(field.ledger or key for key, field in fields.items()
                         if field.ledger not in self.present and any(
                             fields[one].ledger in self.present for one in field.through))

    @cached_property
    def references(self) -> list[Reference]:
        """Return the references present, those that narrow others first."""
        found = _references(self.layer.ledger_fields(), self.present | self.inferred, "")
        return sorted(found, key=lambda one: bool(one.targets[0][1].within))

    @cached_property
    def refers_to_itself(self) -> bool:
        """Tell whether a row may name another row of the same layer."""
        return any(field.refers == self.layer.table.name
                   for one in self.references for _, field in one.targets)

    @cached_property
    def personal(self) -> frozenset[str]:
        """Return the ledger columns that say something about a person."""
        told = {field.ledger or key for key, field in self.layer.fields().items() if field.personal}
        linked = {ledger for link in self.layer.links for ledger, own in link.columns.items()
                  if own in (fields := fields_of(link.model)) and fields[own].personal}
        return frozenset(told | linked)

    @cached_property
    def links(self) -> list[LinkShape]:
        """Return the links that the file speaks of."""
        return [shape for index, link in enumerate(self.layer.links)
                if (shape := _link_shape(link, f"l{index}_", self.present))]

    @cached_property
    def written(self) -> list[str]:
        """Return the columns of the layer's table that this load writes, keys included."""
        own = [column for one in self.references for column, _ in one.targets]
        shape = ["geometry"] if self.has_geometry else []
        return [*self.plain, *self.sealed, *self.keys, *self.derived, *own, *shape,
                *self.measured, *(name for name in self.times if name != "termination_date")]

    def stage_columns(self) -> list[tuple[str, str]]:
        """Return the columns of the staging table with their SQL types, in COPY order first."""
        return [*self.copied(), *self.resolved()]

    def copied(self) -> list[tuple[str, str]]:
        """Return the columns filled from the file."""
        table = self.layer.table
        own = [(name, table.c[name].type.compile(DIALECT))
               for name in (*self.plain, *self.sealed, *self.keys, *self.derived, *self.times)]
        return [
            ("line", "bigint"), ("chunk", "integer"), ("known_id", "bigint"), ("met", "boolean"),
            ("identifier", "text"), ("source_id", "text"), ("content_hash", "bytea"),
            ("was_hash", "bytea"), *own, *((one.stage, "text") for one in self.references),
            *([("geometry", "geometry(Geometry,4326)")] if self.has_geometry else []),
            *((name, table.c[name].type.compile(DIALECT)) for name in self.measured),
            *(column for link in self.links for column in _link_columns(link)),
        ]

    def resolved(self) -> list[tuple[str, str]]:
        """Return the columns that SQL fills after staging."""
        every = [*self.references, *(link.reference for link in self.links if link.reference)]
        return [("state", "text"), ("rule", "text"), ("wrong", "text"),
                *((column, "bigint") for one in every for column, _ in one.targets)]


def _references(fields: dict[str, Field], present: Collection[str], prefix: str,
                ) -> list[Reference]:
    grouped: dict[str, list[tuple[str, Field]]] = {}
    for key, field in fields.items():
        if field.refers and field.in_ledger and field.ledger in present:
            grouped.setdefault(field.ledger or key, []).append((prefix + key, field))
    return [Reference(ledger, f"{prefix}ref_{ledger}", tuple(targets),
                      any(field.required for _, field in targets))
            for ledger, targets in grouped.items()]


def _link_shape(link: Link, prefix: str, present: Collection[str]) -> LinkShape | None:
    columns = tuple(own for ledger, own in link.columns.items()
                    if ledger in present and own != "place")
    references = _references(fields_of(link.model), set(present) & set(link.columns), prefix)
    if not columns and not references:
        return None
    return LinkShape(link, prefix, columns, references[0] if references else None)


def _link_columns(shape: LinkShape) -> list[tuple[str, str]]:
    table = shape.link.model.__table__
    found = []
    for own in shape.columns:
        kind = "text[]" if own == "kind" else table.c[own].type.compile(DIALECT)
        found.append((shape.prefix + own, kind))
        if own in TIMES:
            found.append((f"{shape.prefix}{own}_precision", "text"))
    return found + ([(shape.reference.stage, "text")] if shape.reference else [])
