"""GeoPackage: the tables of features and attributes in an SQLite file.

Read as what it is, by the standard library and not by GDAL: one format, no drivers that open
other files or the network. The file is opened read-only, its schema is not trusted, and only
plain tables are read, for a view could run anything for ever.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from importers.base import (
    BATCH_ROWS,
    MEBIBYTE,
    Batch,
    Contents,
    Limits,
    Options,
    Table,
    check_size,
    shown,
    unreadable,
)
from importers.headers import check_width
from importers.typed import Kept, batch, rejected, texts

_MAGIC = b"SQLite format 3\0"
_ENVELOPE_BYTES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
_EMPTY_FLAG = 0x10
_LONGEST_VALUE = 64 * MEBIBYTE
_PRAGMAS = ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON")
_CONTENTS = """
    SELECT c.table_name, c.identifier, g.column_name, s.organization, s.organization_coordsys_id
      FROM gpkg_contents c
      JOIN sqlite_master m ON m.name = c.table_name AND m.type = 'table'
                          AND m.sql NOT LIKE 'CREATE VIRTUAL%'
      LEFT JOIN gpkg_geometry_columns g ON g.table_name = c.table_name
      LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id
     WHERE c.data_type IN ('features', 'attributes')
     ORDER BY c.rowid"""


@dataclass(frozen=True, slots=True)
class _Layer:
    path: Path
    name: str
    geometry: str | None
    columns: tuple[str, ...]
    switches: frozenset[int]
    """Places of the columns that are declared BOOLEAN."""
    limits: Limits


class GeoPackage:
    """Reads GeoPackages; rows are counted in the order of the table, from 1."""

    format = "GeoPackage"
    suffixes = frozenset({".gpkg"})

    def accepts(self, head: bytes) -> bool:
        """Tell by SQLite's magic; another SQLite file is refused on reading."""
        return head.startswith(_MAGIC)

    def read(self, path: Path, options: Options) -> Contents:
        """Open the layers, or the one that `options.layer` names."""
        check_size(path, options.limits.geopackage)
        with closing(_connect(path)) as file:
            listed = _guarded(path, lambda: file.execute(_CONTENTS).fetchall())
            found = [row for row in listed if options.layer in (None, row[0])]
            if not found:
                names = ", ".join(str(row[0]) for row in listed) or "none"
                wrong = f"it has no such layer ({shown(options.layer)})"
                raise unreadable(path, wrong, f"Its layers are: {names}.")
            remarks: list[str] = []
            tables = [_guarded(path, lambda row=row: _table(path, file, row, options, remarks))
                      for row in found]  # fmt: skip
        return Contents(tuple(tables), tuple(remarks))


def wkb(blob: Any) -> bytes | None:
    """Unwrap a geometry: 8 bytes of header, an envelope, then WKB; None for an empty one.

    What is no geometry becomes bytes that no reader of WKB takes.
    """
    if blob is None:
        return None
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) < 8:
        return b"?"
    envelope = _ENVELOPE_BYTES.get(blob[3] >> 1 & 7)
    if blob[3] & _EMPTY_FLAG:
        return None
    return blob[8 + envelope :] if envelope is not None else b"?"


def _connect(path: Path) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    file = sqlite3.connect(uri, uri=True)
    file.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    for pragma in _PRAGMAS:
        _guarded(path, lambda pragma=pragma: file.execute(f"PRAGMA {pragma}"))
    return file


def _guarded(path: Path, ask: Any) -> Any:
    try:
        return ask()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        wrong = f"it is no whole GeoPackage ({shown(str(error))})"
        raise unreadable(path, wrong, "Copy or export it again.") from error


def _table(
    path: Path, file: sqlite3.Connection, row: Sequence[Any], options: Options, remarks: list[str]
) -> Table:
    name, _, geometry, organization, code = row
    described = file.execute("SELECT name, upper(type) FROM pragma_table_info(?)", (name,))
    declared = [(column, kind) for column, kind in described if column != geometry]
    blobs = [column for column, kind in declared if kind.startswith("BLOB")]
    if blobs:
        remarks.append(f"{name}: columns of bytes are not read: {', '.join(blobs)}")
    plain = [(column, kind) for column, kind in declared if column not in blobs]
    check_width(path, len(plain), options.limits)
    switches = frozenset(at for at, (_, kind) in enumerate(plain) if kind == "BOOLEAN")
    layer = _Layer(path, name, geometry, tuple(column for column, _ in plain), switches,
                   options.limits)  # fmt: skip
    crs = options.crs or (f"{organization}:{code}" if geometry and organization != "NONE" else None)
    rows = file.execute(f"SELECT count(*) FROM {_quoted(name)}").fetchone()[0]
    return Table(name, layer.columns, lambda table: _batches(layer, table), crs, rows)


def _batches(layer: _Layer, table: Table) -> Iterator[Batch]:
    wanted = [*layer.columns, *([layer.geometry] if layer.geometry else [])]
    query = f"SELECT {', '.join(map(_quoted, wanted))} FROM {_quoted(layer.name)}"
    with closing(_connect(layer.path)) as file:
        cursor = _guarded(layer.path, lambda: file.execute(query))
        first = 1
        while rows := _guarded(layer.path, lambda: cursor.fetchmany(BATCH_ROWS)):
            kept = Kept()
            for place, row in enumerate(rows, first):
                _keep(layer, table, kept, place, row)
            for found in batch(table, kept, _parsed, layer.limits):
                yield found if layer.geometry else Batch(found.columns, found.lines)
            first += len(rows)


def _keep(layer: _Layer, table: Table, kept: Kept, place: int, row: tuple[Any, ...]) -> None:
    values = [bool(value) if at in layer.switches and value is not None else value
              for at, value in enumerate(row[: len(layer.columns)])]  # fmt: skip
    if any(isinstance(value, bytes) for value in values):
        remedy = "The column holds bytes where text or a number belongs."
        table.issues.append(rejected(place, "broken text", None, remedy))
        return
    written = texts(table, place, values, careful=True)
    if written is not None:
        kept.rows.append(written)
        kept.places.append(place)
        kept.shapes.append(wkb(row[-1]) if layer.geometry else None)


def _parsed(shapes: Any) -> Any:
    return shapely.from_wkb(shapes, on_invalid="ignore")


def _quoted(name: str) -> str:
    """Quote a name of the file's own for SQLite."""
    return '"' + name.replace('"', '""') + '"'
