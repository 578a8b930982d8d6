"""GeoParquet: columns of Apache Arrow, one of them shapes as WKB; Parquet without shapes as well.

Read by Arrow itself, batch by batch. What a column of the file holds besides texts, numbers, dates,
truth and lists of these is left out and told.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from importers.base import BATCH_ROWS, Batch, Contents, Options, Table, check_size, unreadable
from importers.headers import check_width
from importers.typed import Kept, batch, texts

_MAGIC = b"PAR1"
#: What the standard says of a file that names no CRS: longitude and latitude on WGS84.
_UNNAMED = "EPSG:4326"


class GeoParquet:
    """Reads GeoParquet and Parquet; rows are counted from 1."""

    format = "GeoParquet"
    suffixes = frozenset({".parquet", ".geoparquet"})

    def accepts(self, head: bytes) -> bool:
        """Tell by the magic."""
        return head.startswith(_MAGIC)

    def read(self, path: Path, options: Options) -> Contents:
        """Open the one table of the file."""
        check_size(path, options.limits.gis)
        with _opened(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
        geo = _geo(path, schema)
        shape = str(geo["primary_column"]) if geo else None
        plain = [one.name for one in schema if one.name != shape and _is_plain(one.type)]
        check_width(path, len(plain), options.limits)
        left = [one.name for one in schema if one.name != shape and one.name not in plain]
        said = (f"columns of {', '.join(left)} are not read: they are nested or bytes",)
        crs = options.crs or (_crs(path, geo["columns"][shape]) if geo else None)
        table = Table(path.name.split(".")[0], tuple(plain),
                      lambda table: _batches(path, table, shape, options), crs, rows)
        return Contents((table,), said if left else ())


def _opened(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, memory_map=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise unreadable(path, "it is no whole Parquet file", "Copy or export it again.") from error


def _geo(path: Path, schema: pa.Schema) -> dict[str, Any] | None:
    """Return what the file says of its shapes; None for a file without any."""
    told = (schema.metadata or {}).get(b"geo")
    if told is None:
        return None
    try:
        geo: dict[str, Any] = json.loads(told)
        one = geo["columns"][geo["primary_column"]]
        encoding, kind = one["encoding"], schema.field(geo["primary_column"]).type
    except (ValueError, KeyError, TypeError, RecursionError):
        raise unreadable(path, "what it says of its shapes is broken",
                         "Export it again, as GeoParquet.") from None
    if encoding != "WKB" or not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
        raise unreadable(path, "its shapes are not written as WKB",
                         "Export it with the encoding WKB.")
    return geo


def _crs(path: Path, said: dict[str, Any]) -> str:
    """Return the CRS of the shapes; one that is null is one that nobody knows."""
    if "crs" not in said:
        return _UNNAMED
    try:
        found = CRS.from_user_input(said["crs"]).to_authority() if said["crs"] else None
    except (CRSError, ValueError, TypeError, RecursionError):
        found = None
    if found is None:
        raise unreadable(path, "it does not say its coordinate system",
                         "Name it with --crs, as EPSG:4490.")
    return _UNNAMED if found == ("OGC", "CRS84") else ":".join(found)


def _is_plain(kind: pa.DataType) -> bool:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return not pa.types.is_nested(kind.value_type) and _is_plain(kind.value_type)
    if pa.types.is_dictionary(kind):
        return _is_plain(kind.value_type)
    return not (pa.types.is_nested(kind) or pa.types.is_binary(kind)
                or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))


def _batches(path: Path, table: Table, shape: str | None, options: Options) -> Iterator[Batch]:
    wanted, first = [*table.columns, *([shape] if shape else [])], 1
    with _opened(path) as file:
        try:
            for found in file.iter_batches(BATCH_ROWS, columns=wanted, use_threads=False):
                kept = _kept(table, found, shape, first)
                for one in batch(table, kept, _parsed, options.limits):
                    yield one if shape else Batch(one.columns, one.lines)
                first += found.num_rows
        except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
            wrong = f"it breaks off after {first - 1:,} rows"
            raise unreadable(path, wrong, "Copy or export it again.") from error


def _kept(table: Table, found: pa.RecordBatch, shape: str | None, first: int) -> Kept:
    """Return the rows of a batch as text, with their shapes."""
    columns = [_written(found.column(name)) for name in table.columns]
    shapes = found.column(shape).to_pylist() if shape else [None] * found.num_rows
    kept = Kept()
    for place in range(found.num_rows):
        row = texts(table, first + place, [column[place] for column in columns], careful=True)
        if row is not None:
            kept.rows.append(row)
            kept.places.append(first + place)
            kept.shapes.append(shapes[place])
    return kept


def _written(column: Any) -> list[Any]:
    """Return a column's values; days and moments by their ISO text, decimals by their digits."""
    return [value if value is None or isinstance(value, str | bool | int | float | list)
            else value.isoformat() if hasattr(value, "isoformat") else str(value)
            for value in column.to_pylist()]


def _parsed(shapes: Any) -> Any:
    return shapely.from_wkb(shapes, on_invalid="ignore")
