"""A layer of places as one SELECT of finished rows, which COPY sends out as it runs.

Columns are named as in ledgers and references are written as ledgers write them, so that what
was exported can be imported again. Fields that tell of a person are never among them, and layers
of persons are refused by name.
"""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Boolean, Float, Integer, Select, and_, case, func, literal_column, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from layers import catalogue
from layers.base import Field, Layer, fields_of
from layers.codelists import codelist
from spatial.crs import STORAGE
from spatial.errors import Forbidden, InvalidInput, NotFound
from spatial.filters import parse_filter
from spatial.history import NOW, Moment, seen

#: 8 decimals of a degree are a millimetre.
DECIMALS = 8
#: Cells that spreadsheets would take for a formula are led by an apostrophe.
FORMULA = r"^[=+\-@＝\t\r]"
#: A number alone is none: the -1 of a basement.
NUMBER = r"^[+-]?\d+(\.\d+)?$"
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What of a layer is wanted: where, as of when, and codes as their words or as they are."""

    bbox: Box | None = None
    moment: Moment = NOW
    labels: str | None = None
    filter: str | None = None            # CQL2 text over the exported columns


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Column:
    """One exported column: its SQL, the SQLAlchemy type, and whether it is a number."""

    name: str
    expression: Any
    kind: Any

    @property
    def is_text(self) -> bool:
        """Tell whether a spreadsheet could read a formula here."""
        return not isinstance(self.kind, Integer | Float | Boolean)


def exportable() -> dict[str, Layer]:
    """Return the layers that may leave as files, by name."""
    return {name: layer for name, layer in catalogue().items() if layer.public}


def layer_to_export(name: str) -> Layer:
    """Return the layer called `name`; Forbidden where it tells of persons."""
    if name in exportable():
        return exportable()[name]
    if name in catalogue():
        raise Forbidden(f"{name} tells of persons and never leaves as a file of features; "
                        f"there are: {', '.join(exportable())}.")
    raise NotFound(f"There is no layer {name[:40]!r}; there are: {', '.join(exportable())}.")


def check(layer: Layer, wanted: Wanted) -> None:
    """Refuse what this layer cannot be narrowed by."""
    if wanted.bbox is not None and not layer.has_shape:
        raise InvalidInput(f"{layer.name} have no geometry; leave the box out.")


def columns(layer: Layer, one: Any, wanted: Wanted = EVERYTHING) -> list[Column]:
    """Return the columns of an export, in the order of declaration."""
    table = layer.table
    found = [Column(name, getattr(one, name), table.c[name].type)
             for name in ("identifier", "source_id", "source")]
    places: dict[str, list[Any]] = {}
    for key, declared in fields_of(layer.model).items():
        if declared.personal or declared.sealed:
            continue
        if declared.refers:
            places.setdefault(_ledger_name(key, declared), []).append(
                _reference(declared, one, key, wanted.moment))
        else:
            found.append(Column(str(declared.ledger), _value(
                declared, getattr(one, key), wanted.labels), table.c[key].type))
    found += [Column(name, func.coalesce(*said) if len(said) > 1 else said[0], None)
              for name, said in places.items()]
    return found + [Column(name, _partial(one, name), None) for name in ("valid_from", "valid_to")]


def askable(layer: Layer, one: Any, wanted: Wanted = EVERYTHING) -> dict[str, Any]:
    """Return what a filter may ask of a layer: the columns that leave, and where things are."""
    found = {c.name: c.expression for c in columns(layer, one, replace(wanted, labels=None))}
    return found | ({"geometry": one.geometry} if layer.has_shape else {})


def features(layer: Layer, wanted: Wanted = EVERYTHING) -> str:
    """Return the statement that gives one GeoJSON feature a row, as text."""
    one: Any = seen(layer.model, wanted.moment)
    inner: Any = select(*(c.expression.label(c.name) for c in columns(layer, one, wanted))
                        ).correlate(one).offset(literal_column("0")).lateral("p")
    shape = (func.coalesce(func.ST_AsGeoJSON(one.geometry, DECIMALS), "null")
             if layer.has_shape else "null")
    feature = func.concat('{"type":"Feature","id":"', one.identifier, '","geometry":', shape,
                          ',"properties":', func.row_to_json(literal_column("p")), "}")
    return written(narrowed(select(feature).select_from(one).join(
        inner, literal_column("true")), layer, one, wanted))


def table(layer: Layer, wanted: Wanted = EVERYTHING, *, safe: bool = True) -> str:
    """Return the statement of a flat table: text cells made `safe`, geometry as lon,lat or wkt."""
    one: Any = seen(layer.model, wanted.moment)
    cells = [_cell(c, safe=safe).label(c.name) for c in columns(layer, one, wanted)]
    if layer.has_shape:
        is_point = func.GeometryType(one.geometry) == "POINT"
        cells += [case((is_point, func.round(func.ST_X(one.geometry).cast(_NUMERIC), DECIMALS)))
                  .label("lon"),
                  case((is_point, func.round(func.ST_Y(one.geometry).cast(_NUMERIC), DECIMALS)))
                  .label("lat"),
                  case((~is_point, func.ST_AsText(one.geometry, DECIMALS))).label("wkt")]
    return written(narrowed(select(*cells).select_from(one), layer, one, wanted))


def shapes(layer: Layer, wanted: Wanted = EVERYTHING) -> str:
    """Return the statement of a table for GIS formats: its last column `geometry` is hex WKB."""
    one: Any = seen(layer.model, wanted.moment)
    cells = [_cell(c, safe=False).label(c.name) for c in columns(layer, one, wanted)]
    shape = (func.encode(func.ST_AsBinary(one.geometry), "hex") if layer.has_shape
             else literal_column("NULL::text"))
    return written(narrowed(select(*cells, shape.label("geometry")).select_from(one), layer,
                             one, wanted))


def written(statement: Select[Any]) -> str:
    """Return a statement with its values written in, quoted by the dialect: COPY binds none."""
    dialect: Any = postgresql.dialect
    return str(statement.compile(dialect=dialect(paramstyle="named"),
                                 compile_kwargs={"literal_binds": True}))


_NUMERIC = postgresql.NUMERIC


def narrowed(statement: Select[Any], layer: Layer, one: Any, wanted: Wanted) -> Select[Any]:
    """Narrow a select to what is wanted of a layer, in the order of its keys."""
    check(layer, wanted)
    if wanted.bbox is not None:
        box = func.ST_MakeEnvelope(*wanted.bbox, STORAGE)
        statement = statement.where(func.ST_Intersects(one.geometry, box))
    if wanted.filter is not None:
        statement = statement.where(parse_filter(wanted.filter, askable(layer, one, wanted)))
    return statement.order_by(one.id)


def _ledger_name(column: str, declared: Field) -> str:
    """Return a reference's column in ledgers; one that the registry found itself is `current_…`."""
    if declared.in_ledger and declared.ledger:
        return declared.ledger
    return f"current_{column.removesuffix('_id')}"


def _reference(declared: Field, one: Any, key: str, moment: Moment) -> Any:
    """Write a reference as ledgers do: the source_id, where the source is the same; else the
    identifier, which says the same to us; for a storey its index.
    """
    model = {layer.table.name: layer.model for layer in catalogue().values()}[
        str(declared.refers)]
    other: Any = aliased(model) if moment.is_now else seen(model, moment)
    named = getattr(other, declared.by[0])
    if declared.by[0] == "source_id":
        named = case((other.source == one.source, named), else_=other.identifier)
    return (select(named).where(other.id == getattr(one, key)).limit(literal_column("1"))
            .correlate(one).scalar_subquery())


def _value(declared: Field, column: Any, labels: str | None) -> Any:
    if not (declared.codelist and labels):
        return column
    codes = codelist(declared.codelist).codes
    return case(*((column == code, words.in_language(labels)) for code, words in codes.items()),
                else_=column)


def _cell(column: Column, *, safe: bool) -> Any:
    """Return a column as one cell: lists joined by ;, formulas disarmed where `safe`."""
    value = column.expression
    if isinstance(column.kind, ARRAY):
        value = func.array_to_string(value, ";")
    if not safe or not column.is_text:
        return value
    text = value.cast(postgresql.TEXT) if hasattr(value, "cast") else value
    return case((and_(text.regexp_match(FORMULA), ~text.regexp_match(NUMBER)),
                 func.concat("'", text)), else_=text)


_FORMS = {"year": "YYYY", "month": "YYYY-MM", "day": "YYYY-MM-DD"}


def _partial(one: Any, name: str) -> Any:
    """Write a date as exactly as it is known, in the zone of the session."""
    value, precision = getattr(one, name), getattr(one, f"{name}_precision")
    return case(*((precision == p, func.to_char(value, form)) for p, form in _FORMS.items()),
                else_=func.to_char(value, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM'))
