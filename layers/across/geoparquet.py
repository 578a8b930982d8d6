"""GeoParquet 1.1 from rows of CSV whose last column is hex WKB, batch by batch through Arrow."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyproj import CRS

from layers.across.geopackage import read_rows
from spatial.crs import STORAGE

VERSION = "1.1.0"


def write(rows: Path, path: Path, *, name: str) -> None:
    """Write the rows to a new GeoParquet file; `name` is kept in its metadata."""
    path.unlink(missing_ok=True)
    schema, batches = read_rows(rows)
    geo = {"version": VERSION, "primary_column": "geometry", "columns": {"geometry": {
        "encoding": "WKB", "geometry_types": [], "crs": json.loads(
            CRS.from_epsg(STORAGE).to_json())}}}
    schema = schema.with_metadata({"geo": json.dumps(geo), "layer": name})
    with pq.ParquetWriter(path, schema, compression="zstd") as out:
        for batch in batches:
            out.write_table(pa.Table.from_batches([batch]).cast(schema))
