"""Write the ledgers: GeoJSON for what has a shape, CSV for the rest, in registry.md's columns."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import Geometry

from importers.demo.frame import to_lonlat

Row = Mapping[str, Any]


def cell(value: Any) -> str:
    """Write a value as a cell: lists by semicolons, truth as words, numbers without noise."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ";".join(str(v) for v in value)
    if isinstance(value, float):
        return f"{value:.8f}".rstrip("0").rstrip(".")
    return str(value)


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write a table and return how many rows it has."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([cell(v) for v in row])
            count += 1
    return count


def write_geojson(path: Path, rows: Iterable[tuple[Row, Geometry]]) -> int:
    """Write features whose geometry is in longitude and latitude; return how many."""
    lines = []
    for values, geometry in rows:
        properties = {k: _plain(v) for k, v in values.items()}
        body = json.dumps(properties, ensure_ascii=False)
        shape = shapely.to_geojson(geometry)
        lines.append(f'{{"type": "Feature", "properties": {body}, "geometry": {shape}}}')
    text = ",\n".join(lines)
    path.write_text(f'{{"type": "FeatureCollection", "features": [\n{text}\n]}}\n', "utf-8")
    return len(lines)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return ";".join(str(v) for v in value) or None
    return None if value == "" else value


def lonlats(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return points of local metres in longitude and latitude."""
    if not points:
        return []
    lonlat = to_lonlat(np.array(points, dtype=np.float64))
    return [(float(lon), float(lat)) for lon, lat in lonlat]
