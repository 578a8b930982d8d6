"""GeoJSON, whole or a feature a line, and plain JSON records.

Coordinates are longitude or easting first, as every program writes them; the `crs` member of
the standard's first edition is obeyed, for much of the world still writes it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from importers.base import (
    BATCH_ROWS,
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
from importers.json_text import JsonText
from importers.text import find_encoding
from importers.typed import Kept, batch, rejected, texts

_SHAPES = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon",
                     "MultiPolygon", "GeometryCollection"})  # fmt: skip
_OTHERS = {"Topology": "TopoJSON", "CityJSONFeature": "CityJSON without its first object"}
_EPSG = re.compile(r"EPSG[:/]+(?:[\d.]*[:/])?(\d{4,6})$", re.IGNORECASE)
_encode = json.JSONEncoder(check_circular=False).encode
_DEEPEST_COLLECTION = 2


@dataclass(frozen=True, slots=True)
class _Form:
    path: Path
    encoding: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class Record:
    """A feature or a plain object: its values by name, and its geometry as JSON."""

    values: Mapping[str, Any]
    geometry: Any


class GeoJson:
    """Reads GeoJSON and JSON records; rows are counted as features, from 1."""

    format = "GeoJSON"
    suffixes = frozenset({".geojson", ".json", ".geojsonl", ".geojsons", ".jsonl", ".ndjson"})

    def accepts(self, head: bytes) -> bool:
        """Tell by the first sign."""
        return head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\x1e \t\r\n")[:1] in (b"{", b"[")

    def read(self, path: Path, options: Options) -> Contents:
        """Open the one table of the file; all of it is parsed once to know its columns."""
        check_size(path, options.limits.geojson)
        encoding = find_encoding(path, options.encoding)
        text = JsonText(path, encoding)
        names: dict[str, None] = {}
        rows = 0
        for found in text.objects():
            rows += 1
            if isinstance(found, dict):
                _refuse_others(path, found)
                names.update(dict.fromkeys(record(found).values))
                check_width(path, len(names), options.limits)
        _refuse_others(path, text.members)
        crs, remarks = _crs(path, text.members, options.crs)
        form = _Form(path, encoding, options.limits)
        name = str(text.members.get("name") or path.stem)
        table = Table(name, tuple(names), lambda table: _batches(form, table), crs, rows)
        return Contents((table,), tuple(remarks))


def record(found: Mapping[str, Any]) -> Record:
    """Read a feature; a plain object's geometry is its first value that is one."""
    if found.get("type") == "Feature":
        values = found.get("properties")
        values = dict(values) if isinstance(values, dict) else {}
        if "id" in found:
            values["feature id" if "id" in values else "id"] = found["id"]
        return Record(values, found.get("geometry"))
    if _is_shape(found):
        return Record({}, found)
    key = next((key for key, value in found.items() if _is_shape(value)), None)
    return Record({name: value for name, value in found.items() if name != key},
                  found[key] if key is not None else None)  # fmt: skip


def _is_shape(value: Any) -> bool:
    return (isinstance(value, dict) and value.get("type") in _SHAPES
            and ("coordinates" in value or "geometries" in value))  # fmt: skip


def _refuse_others(path: Path, members: Mapping[str, Any]) -> None:
    kind = members.get("type")
    other = _OTHERS.get(kind) if isinstance(kind, str) else None
    if other:
        raise unreadable(path, f"it is {other}", "Convert it to GeoJSON first.")
    if kind == "FeatureCollection" and "features" in members:
        raise unreadable(path, "its features are no list", "Export it again.")


def _crs(path: Path, members: Mapping[str, Any], given: str | None) -> tuple[str, list[str]]:
    named = members.get("crs")
    if named is None:
        return given or "EPSG:4326", []
    inner = named.get("properties") if isinstance(named, dict) else None
    name = str(inner.get("name")) if isinstance(inner, dict) else "?"
    code = _EPSG.search(name)
    found = f"EPSG:{code[1]}" if code else "EPSG:4326" if name.endswith("CRS84") else None
    if given is not None:
        return given, [] if found == given else [f"taken as {given}; the file says {shown(name)}"]
    if found is None:
        wrong = f"its CRS '{shown(name)}' is unknown"
        raise unreadable(path, wrong, "Name it yourself, as EPSG:4490.")
    return found, [f"the file says its CRS is {found}"]


def _batches(form: _Form, table: Table) -> Iterator[Batch]:
    text = JsonText(form.path, form.encoding)
    careful = text.has_escapes()
    kept = Kept()
    for place, found in enumerate(text.objects(), 1):
        _keep(table, kept, place, found, careful)
        if len(kept.rows) == BATCH_ROWS:
            yield from batch(table, kept, _parsed, form.limits)
            kept = Kept()
    yield from batch(table, kept, _parsed, form.limits)


def _keep(table: Table, kept: Kept, place: int, found: Any, careful: bool) -> None:
    """Write an object as a row of text, or record why it cannot be."""
    if not isinstance(found, dict):
        table.issues.append(rejected(place, "no feature", str(found), "Give an object."))
        return
    read = record(found)
    values = [read.values.get(name) for name in table.columns]
    row = texts(table, place, values, careful=careful)
    if row is not None:
        kept.rows.append(row)
        kept.places.append(place)
        kept.shapes.append(_shape_text(read.geometry))


def _parsed(shapes: Any) -> Any:
    return shapely.from_geojson(shapes, on_invalid="ignore")


def _shape_text(geometry: Any) -> str | None:
    """Write a geometry for GEOS; what cannot be one becomes a text that it refuses."""
    if geometry is None:
        return None
    if not _is_shape(geometry) or _depth(geometry) > _DEEPEST_COLLECTION:
        return ""
    parts = geometry.get("coordinates", geometry.get("geometries"))
    return _encode(geometry) if parts else None


def _depth(geometry: Mapping[str, Any]) -> int:
    depth, layer = 1, [geometry]
    while layer and depth <= _DEEPEST_COLLECTION:
        inner = [part.get("geometries") for part in layer if isinstance(part, dict)]
        layer = [part for parts in inner if isinstance(parts, list) for part in parts]
        depth += bool(layer)
    return depth
