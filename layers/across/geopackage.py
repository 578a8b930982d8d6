"""GeoPackage and FlatGeobuf from rows of CSV whose last column is hex WKB, batch by batch."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyogrio
from pyarrow import csv

from spatial.crs import STORAGE

BLOCK = 4 << 20
#: The format's own key; called `fid`, as by default, it would pass for a source's number.
FID = "row"
#: Numbers are numbers in a GeoPackage; everything else stays the text that it is.
NUMBERS = {"index", "base_m", "top_m", "height", "area_m2", "storeys_above_ground",
           "storeys_below_ground", "year_built", "azimuth", "tilt", "hfov", "vfov",
           "pixel_width", "range_m", "service_radius_m"}


def write(rows: Path, path: Path, *, name: str) -> None:
    """Write the rows to a new GeoPackage with one table called `name`."""
    _write(rows, path, name, driver="GPKG", layer_options={"FID": FID})


def write_flatgeobuf(rows: Path, path: Path, *, name: str) -> None:
    """Write the rows to a new FlatGeobuf, with its index of places if every row has one."""
    try:
        _write(rows, path, name, driver="FlatGeobuf")
    except pyogrio.errors.DataLayerError:
        _write(rows, path, name, driver="FlatGeobuf", layer_options={"SPATIAL_INDEX": "NO"})


def _write(rows: Path, path: Path, name: str, **how: Any) -> None:
    path.unlink(missing_ok=True)
    schema, batches = read_rows(rows)
    pyogrio.write_arrow(
        pa.RecordBatchReader.from_batches(schema, batches), path, layer=name,
        geometry_type="Unknown", crs=f"EPSG:{STORAGE}", **(
            {"geometry_name": "geometry"} | how))


def read_rows(rows: Path) -> tuple[Any, Iterator[Any]]:
    """Return the schema of such rows and their batches, with shapes as WKB."""
    with rows.open("rb") as file:
        header = file.readline().decode().strip().split(",")
    read = csv.open_csv(
        rows, read_options=csv.ReadOptions(block_size=BLOCK, use_threads=False),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types={c: pa.float64() if c in NUMBERS else pa.string() for c in header},
            strings_can_be_null=True))
    fields = [pa.field(f.name, pa.binary() if f.name == "geometry" else f.type)
              for f in read.schema]
    schema = pa.schema(fields)
    return schema, _decoded(read, schema)


def _decoded(read: Any, schema: Any) -> Iterator[Any]:
    for batch in read:
        shapes = [bytes.fromhex(text) if text else None
                  for text in batch.column(batch.num_columns - 1).to_pylist()]
        arrays = [*batch.columns[:-1], pa.array(shapes, pa.binary())]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)
