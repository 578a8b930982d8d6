"""Tables read by GDAL, for the formats that are no plain text: through Arrow, batch by batch.

Which drivers it has is settled in `confinement`; which of them a file is of, by each reader from
the file's contents.
"""

import datetime
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely

from importers.base import BATCH_ROWS, Batch, Limits, Table, shown, unreadable
from importers.headers import check_width
from importers.typed import Kept, batch, rejected, texts

#: Reads a text as it stands in the file; None where it cannot be.
Decode = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Found:
    """One layer as GDAL sees it: `data` is what it opens, `path` what messages name."""

    path: Path
    data: Path
    layer: str
    columns: tuple[str, ...]
    crs: str | None
    rows: int
    limits: Limits
    decode: Decode = field(default=lambda text: text)
    kept: object = None
    """What must live as long as this does: the folder that `data` lies in."""


def layers_of(path: Path, data: Path) -> list[str]:
    """Name the layers of a file."""
    import pyogrio

    with _guarded(path):
        return [str(name) for name, _ in pyogrio.list_layers(data)]


def find(path: Path, data: Path, layer: str, limits: Limits, **how: Any) -> Found:
    """Describe one layer of a file; `how` is said to GDAL as well (its `encoding`)."""
    import pyogrio

    with _guarded(path):
        info = pyogrio.read_info(data, layer=layer, force_feature_count=True, **how)
    names = tuple(map(str, info["fields"]))
    check_width(path, len(names), limits)
    return Found(path, data, layer, names, info["crs"], int(info["features"]), limits)


def batches(found: Found, table: Table, **how: Any) -> Iterator[Batch]:
    """Read the layer; rows that cannot be become issues of the table."""
    place = 0
    for columns, shapes in arrow(found, **how):
        kept = Kept()
        for row, shape in zip(zip(*columns, strict=True), shapes, strict=True):
            place += 1
            _keep(found, table, kept, place, row, shape)
        yield from batch(table, kept, _parsed, found.limits)
    if place < found.rows:
        wrong = f"it is cut off: of {found.rows:,} rows it has {place:,}"
        raise unreadable(found.path, wrong, "Copy or export it again.")


def arrow(found: Found, **how: Any) -> Iterator[tuple[list[list[Any]], list[bytes | None]]]:
    """Yield the columns of each batch and its shapes as WKB."""
    from pyogrio.raw import open_arrow

    with _guarded(found.path), open_arrow(
            found.data, layer=found.layer, batch_size=BATCH_ROWS, use_pyarrow=True,
            **how) as (meta, reader):  # fmt: skip
        shape = meta["geometry_name"] or "wkb_geometry"
        while (part := _next(reader)) is not None:
            names = part.schema.names
            columns = [part.column(names.index(str(name))).to_pylist() for name in meta["fields"]]
            shapes = part.column(names.index(shape)).to_pylist() if shape in names else None
            if not columns:
                columns = []
            yield columns, shapes if shapes is not None else [None] * part.num_rows


def _next(reader: Any) -> Any:
    try:
        return reader.read_next_batch()
    except StopIteration:
        return None


def _keep(found: Found, table: Table, kept: Kept, place: int, row: Sequence[Any],
          shape: bytes | None) -> None:  # fmt: skip
    values = [_plain(value) for value in row]
    read = [found.decode(value) if isinstance(value, str) else value for value in values]
    for name, value, said in zip(table.columns, values, read, strict=True):
        if said is None and value is not None:
            remedy = "Its bytes are no text in the encoding of the others: enter it again."
            table.issues.append(rejected(place, "broken text", value, remedy, column=name,
                                         cells=[None if v is None else str(v) for v in read]))
            return
    written = texts(table, place, read, careful=True)
    if written is not None:
        kept.rows.append(written)
        kept.places.append(place)
        kept.shapes.append(shape or None)        # FlatGeobuf has no other way to say none


def _plain(value: Any) -> Any:
    """Write dates as text, and bytes as nothing: no ledger has any."""
    if isinstance(value, datetime.datetime):
        at_midnight = value.time() == datetime.time() and value.tzinfo is None
        return value.date().isoformat() if at_midnight else value.isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return None if isinstance(value, bytes) else value


def _parsed(shapes: Any) -> Any:
    return shapely.from_wkb(shapes, on_invalid="ignore")


@contextmanager
def _guarded(path: Path) -> Iterator[None]:
    """Say plainly what GDAL says, without the paths that only this process knows."""
    import pyarrow as pa
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

    try:
        yield
    except (DataSourceError, DataLayerError, FeatureError, pa.ArrowException, OSError,
            ValueError, RuntimeError) as error:  # fmt: skip
        said = " ".join(str(error).split())
        wrong = f"it is damaged or cut off ({shown(_without_paths(said))})"
        raise unreadable(path, wrong, "Copy or export it again.") from None


def _without_paths(said: str) -> str:
    return " ".join(word for word in said.split() if "/" not in word)
