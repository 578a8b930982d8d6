"""What every layer is made of: the Feature model, its fields, and the Layer itself."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as default
from datetime import date, datetime
from typing import Any, ClassVar

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Computed,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, MappedColumn, declared_attr, mapped_column

from layers.access import PERSONAL, Audience
from layers.symbology import Symbol
from layers.text import Bilingual
from spatial.crs import STORAGE, WEB
from spatial.database import Base
from spatial.history import DERIVED, history_of

JSON_TYPES = {int: "integer", float: "number", str: "string", date: "string", bool: "boolean",
              datetime: "string", list: "array"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What people and machines are told about a column."""

    title: Bilingual
    unit: str | None = None
    codelist: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    audience: Audience = Audience.PLACE
    headers: tuple[str, ...] = ()      # how ledgers head this column, besides its name and title
    ledger: str | None = None          # its column in ledgers, where that is not its own name
    refers: str | None = None          # the table that a reference points to
    by: tuple[str, ...] = ("source_id",)   # what a reference may be written as
    within: str | None = None          # the reference that narrows this one (its own column)
    through: tuple[str, ...] = ()      # references whose own one of this name tells it too
    required: bool = False
    check: str | None = None           # a code with rules of its own: id_number, credit_code …
    sealed: bool = False               # stored sealed, found by a blind index
    in_ledger: bool = True

    @property
    def personal(self) -> bool:
        """Tell whether the field says something about a person."""
        return self.audience in PERSONAL


def field(en: str, zh: str, *args: Any, derived: bool = False, column: Mapping[str, Any] | None =
          None, **said: Any) -> MappedColumn[Any]:
    """Declare a column that people may see; `said` are the members of Field."""
    info: dict[str, Any] = {"field": Field(title=Bilingual(en, zh), in_ledger=not derived, **said)}
    return mapped_column(*args, info=info | ({DERIVED: True} if derived else {}),
                         **(column or {}))


def coded(en: str, zh: str, codelist: str, **said: Any) -> MappedColumn[Any]:
    """Declare a column whose values come from data/codelists."""
    return field(en, zh, String(40), codelist=codelist, **said)


def words(en: str, zh: str, **said: Any) -> MappedColumn[Any]:
    """Declare a list of texts: aliases, former names."""
    return field(en, zh, ARRAY(Text), **said)


def reference(en: str, zh: str, table: str, *, ledger: str, derived: bool = False,
              **said: Any) -> MappedColumn[Any]:
    """Declare a column that points to a feature of another layer, by table name."""
    # Usage: from a place to its parts, and the roll-ups.
    return field(en, zh, BigInteger, ForeignKey(f"{table}.id"), refers=table, ledger=ledger,
                 derived=derived, column={"index": True}, **said)


def sealed(en: str, zh: str, audience: Audience, **said: Any) -> MappedColumn[Any]:
    """Declare a column stored sealed (spatial/sealing.py); never readable in the database."""
    return field(en, zh, LargeBinary, audience=audience, sealed=True, **said)


def shape(kind: str = "GEOMETRY", *, derived: bool = False) -> MappedColumn[Any]:
    """Declare the geometry column, in the storage CRS and indexed."""
    dimension = 3 if kind.endswith("Z") else 2
    return mapped_column(Geometry(kind, srid=STORAGE, dimension=dimension, spatial_index=True),
                         info={DERIVED: True} if derived else {}, sort_order=80)


def body() -> MappedColumn[Any]:
    """Declare the column of a measured solid (spatial/facets.py), metres above the ground."""
    return mapped_column(Geometry("GEOMETRYZ", srid=STORAGE, dimension=3, spatial_index=False),
                         deferred=True, sort_order=82)


def unseen(kind: Any, *, usage: str = "", **options: Any) -> MappedColumn[Any]:
    """Declare a derived column that serves the machine only; `usage` says what its index is for."""
    return mapped_column(kind, index=bool(usage), info={DERIVED: True, "usage": usage}, **options)


class Feature(Base):
    """A thing with an identity, a life span in the world and one in the register."""

    __abstract__ = True
    #: The letter that begins its identifiers, so that one look tells the layer.
    prefix: ClassVar[str] = "x"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, sort_order=-9)
    source: Mapped[str | None] = mapped_column(String(80), sort_order=-7)
    source_id: Mapped[str | None] = mapped_column(String(200), sort_order=-6)
    scope: Mapped[int] = unseen(BigInteger, usage="rows of an area", server_default=text("0"),
                                sort_order=70)
    valid_from: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), sort_order=90)
    valid_from_precision: Mapped[str | None] = mapped_column(String(8), sort_order=91)
    valid_to: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), sort_order=92)
    valid_to_precision: Mapped[str | None] = mapped_column(String(8), sort_order=93)
    creation_date: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), sort_order=94)
    termination_date: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), sort_order=95)
    loaded_at: Mapped[datetime] = unseen(
        DateTime(timezone=True), server_default=func.clock_timestamp(), sort_order=96)
    recorded_by: Mapped[str | None] = mapped_column(String(80), sort_order=97)
    reason: Mapped[str | None] = mapped_column(Text, sort_order=98)
    import_id: Mapped[int | None] = mapped_column(BigInteger, sort_order=99)
    content_hash: Mapped[bytes | None] = unseen(LargeBinary(16), sort_order=100)

    @declared_attr
    def identifier(cls) -> Mapped[str]:  # noqa: N805
        """Return the public identifier's column: meaningless, drawn once, never changed."""
        prefix = cls.prefix
        return mapped_column(String(20), unique=True, sort_order=-8,
                             default=lambda: draw_identifier(prefix))

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805
        """Give each layer the index by which a source finds its own rows, and its own rules."""
        # Usage: import meets what is there; source_id in lookups.
        return (Index(None, "source", "source_id", unique=True), *cls.rules())

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        """Return the layer's own constraints and indexes."""
        return ()


def draw_identifier(prefix: str) -> str:
    """Draw a public identifier: a letter that tells the layer, then 64 random bits."""
    return prefix + secrets.token_hex(8)


def mercator() -> MappedColumn[Any]:
    """Declare the stored web-mercator twin of `geometry`, from which tiles are drawn."""
    return mapped_column(
        Geometry(srid=WEB, spatial_index=True),
        Computed(f"ST_Transform(geometry, {WEB})", persisted=True), sort_order=81)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A second table that the same ledger row fills: a residency, a right, premises."""

    model: type[Feature]
    owner: str                                   # the column that points to the layer's feature
    columns: Mapping[str, str] = default(default_factory=dict)   # ledger column -> own column
    kind: str | None = None                      # its kind, where the ledger does not say it


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A layer, declared once; table, form, import, API, tiles and style derive from it."""

    model: type[Feature]
    title: Bilingual
    about: Bilingual
    symbol: Symbol = Symbol()
    level: str | None = None           # its rung on the precision ladder, for layers of places
    natural: tuple[str, ...] = ()      # columns that meet an equal feature of another source
    meets: bool = False                # features of several sources are met by where they are
    addresses: tuple[tuple[str, ...], ...] = ()   # columns that tell a place; "x?" may be unknown
    keys: tuple[tuple[str, ...], ...] = ()   # ledger columns that tell rows apart without ids
    each: tuple[str, ...] = ()         # ledger columns that may list one value a thing of the row
    links: tuple[Link, ...] = ()
    public: bool = True                # may be a collection, a tile, an export of places
    derive: Callable[[dict[str, Any]], dict[str, Any]] | None = None   # keys for searching

    @property
    def name(self) -> str:
        """Return the module's name, which is also the collection's id and the ledger's name."""
        return self.model.__module__.rpartition(".")[2]

    @property
    def table(self) -> Table:
        """Return the layer's table."""
        return self.model.__table__  # type: ignore[return-value]

    @property
    def tables(self) -> tuple[Table, ...]:
        """Return every table that a row of this layer's ledger may fill."""
        linked = (link.model.__table__ for link in self.links)
        return (self.table, *linked)  # type: ignore[arg-type]

    @property
    def has_solid(self) -> bool:
        """Tell whether a measured solid of its features can be kept."""
        return "solid" in self.table.c

    @property
    def has_shape(self) -> bool:
        """Tell whether features of this layer are drawn."""
        return "geometry" in self.table.c

    def fields(self) -> dict[str, Field]:
        """Return all fields by column name, in order of declaration."""
        return fields_of(self.model)

    def ledger_fields(self) -> dict[str, Field]:
        """Return the fields that ledgers fill, by column name of the table."""
        return {key: f for key, f in self.fields().items() if f.in_ledger}


def fields_of(model: type[Feature]) -> dict[str, Field]:
    """Return the fields of a model by column name, in order of declaration."""
    columns = model.__mapper__.column_attrs
    pairs = ((a.key, a.columns[0].info.get("field")) for a in columns)
    return {key: replace(f, ledger=f.ledger or key) for key, f in pairs if f}


def keep_versions(model: type[Feature]) -> type[Feature]:
    """Declare the table of past versions beside the model's own."""
    history_of(model.__table__)  # type: ignore[arg-type]
    return model


__all__ = ["Feature", "Field", "Layer", "Link", "SmallInteger", "body", "coded", "draw_identifier",
           "field", "fields_of", "keep_versions", "mercator", "reference", "sealed", "shape",
           "unseen", "words"]
