"""GeoJSON, whole or a feature a line, and plain JSON records.

Coordinates are longitude or easting first, as every program writes them; the `crs` member of
the standard's first edition is obeyed, for much of the world still writes it.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from importers.base import (
    BATCH_ROWS,
    Batch,
    Contents,
    Issue,
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

_SHAPES = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon",
                     "MultiPolygon", "GeometryCollection"})  # fmt: skip
_OTHERS = {"Topology": "TopoJSON", "CityJSON": "CityJSON", "CityJSONFeature": "CityJSON"}
_EPSG = re.compile(r"EPSG[:/]+(?:[\d.]*[:/])?(\d{4,6})$", re.IGNORECASE)
_encode = json.JSONEncoder(check_circular=False).encode
_DEEPEST_COLLECTION = 2
# Whole numbers beyond are no longer exact in the floating point they were written with.
_EXACT_BELOW = 2**53


@dataclass(frozen=True, slots=True)
class _Form:
    path: Path
    encoding: str
    limits: Limits
    names: tuple[str, ...]
    crs: str


@dataclass(frozen=True, slots=True)
class Record:
    """A feature or a plain object: its values by name, and its geometry as JSON."""

    values: Mapping[str, Any]
    geometry: Any


@dataclass(slots=True)
class _Kept:
    """Rows on their way into a batch."""

    rows: list[list[str | None]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    shapes: list[str | None] = field(default_factory=list)


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
        form = _Form(path, encoding, options.limits, tuple(names), crs)
        name = str(text.members.get("name") or path.stem)
        table = Table(name, form.names, lambda table: _batches(form, table), crs, rows)
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


def canonical(value: Any) -> str | None:
    """Write a value as text: no `.0`, lists joined by `;`, what is nested as JSON.

    Raises ValueError for a whole number that floating point cannot have kept.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value.is_integer():
            if abs(value) >= _EXACT_BELOW:
                raise ValueError(f"{value:.0f}")
            return str(int(value))
        return repr(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        return ";".join(canonical(item) or "" for item in value)
    return json.dumps(value, ensure_ascii=False)


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
    kept = _Kept()
    for place, found in enumerate(text.objects(), 1):
        _keep(form, table, kept, place, found, careful)
        if len(kept.rows) == BATCH_ROWS:
            yield from _batch(form, table, kept)
            kept = _Kept()
    yield from _batch(form, table, kept)


def _keep(form: _Form, table: Table, kept: _Kept, place: int, found: Any, careful: bool) -> None:
    """Write an object as a row of text, or record why it cannot be."""
    if not isinstance(found, dict):
        table.issues.append(_issue(place, "no feature", str(found), "Give an object."))
        return
    read = record(found)
    row: list[str | None] = []
    for name in form.names:
        try:
            row.append(canonical(read.values.get(name)))
        except ValueError as lost:
            remedy = "Write the number as text, in quotes."
            table.issues.append(_issue(place, "precision lost", str(lost), remedy, column=name))
            return
    if careful and not _storable(row):
        remedy = "Remove zero bytes and halves of characters (\\u0000, \\ud800)."
        table.issues.append(_issue(place, "broken text", None, remedy))
        return
    kept.rows.append(row)
    kept.places.append(place)
    kept.shapes.append(_shape_text(read.geometry))


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


def _batch(form: _Form, table: Table, kept: _Kept) -> Iterator[Batch]:
    """Parse the geometries at once; rows whose geometry is none become issues."""
    texts = np.array(kept.shapes, dtype=object)
    shapes = shapely.from_geojson(texts, on_invalid="ignore")
    good = []
    for index, text in enumerate(kept.shapes):
        remedy = _fault(text, shapes[index], form.limits)
        if remedy is None:
            good.append(index)
            continue
        issue = _issue(kept.places[index], "geometry", text, remedy, column="geometry",
                       cells=kept.rows[index])  # fmt: skip
        table.issues.append(issue)
    if good:
        columns = zip(*(kept.rows[index] for index in good), strict=True)
        wkb = shapely.to_wkb(shapes[good], output_dimension=3).tolist()
        yield Batch(dict(zip(form.names, columns, strict=bool(form.names))),
                    [kept.places[index] for index in good], wkb)  # fmt: skip


def _fault(text: str | None, shape: Any, limits: Limits) -> str | None:
    if text is not None and shape is None:
        return "Give a geometry of RFC 7946, with numbers for coordinates and closed rings."
    if shape is not None and shapely.get_num_coordinates(shape) > limits.vertices:
        return f"Simplify it to at most {limits.vertices:,} vertices."
    return None


def _storable(row: Sequence[str | None]) -> bool:
    return not any(cell and re.search("[\0\ud800-\udfff]", cell) for cell in row)


def _issue(
    place: int,
    rule: str,
    value: str | None,
    remedy: str,
    *,
    column: str | None = None,
    cells: Sequence[str | None] = (),
) -> Issue:
    return Issue(place, column, rule, shown(value), remedy, cells=tuple(cells))
