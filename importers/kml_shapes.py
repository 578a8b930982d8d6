"""Geometries of KML: points, lines, polygons and several of them, without their altitudes."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import shapely

from importers.base import Limits
from importers.xml_text import local

#: Stands for a geometry that is none.
BAD = object()
_SIMPLE = ("Point", "LineString", "LinearRing", "Polygon")
_DEEPEST = 4
_MANY: dict[str, Callable[[Any], Any]] = {
    "Point": shapely.multipoints, "LineString": shapely.multilinestrings,
    "Polygon": shapely.multipolygons}


def shape_of(placemark: Any, limits: Limits) -> Any:
    """Return a placemark's geometry, None where it has none, BAD where it is none."""
    try:
        found = list(_shapes(placemark, limits, 0))
    except (ValueError, shapely.errors.GEOSException):
        return BAD
    if len(found) < 2:
        return found[0] if found else None
    kinds = {shape.geom_type for shape in found}
    return _MANY.get("".join(kinds), shapely.geometrycollections)(found)


def _shapes(element: Any, limits: Limits, depth: int) -> Iterator[Any]:
    if depth > _DEEPEST:
        raise ValueError("too deep")
    for child in element:
        tag = local(child.tag)
        if tag == "MultiGeometry":
            yield from _shapes(child, limits, depth + 1)
        elif tag == "Polygon":
            yield _polygon(child, limits)
        elif tag in _SIMPLE:
            pairs = _coordinates(child, limits)
            yield shapely.Point(pairs[0]) if tag == "Point" else shapely.LineString(pairs)
        elif tag in ("Track", "MultiTrack", "Model"):
            raise ValueError(tag)


def _polygon(element: Any, limits: Limits) -> Any:
    rings: dict[str, list[Any]] = {"outerBoundaryIs": [], "innerBoundaryIs": []}
    for child in element:
        for ring in child:
            if local(child.tag) in rings and local(ring.tag) == "LinearRing":
                rings[local(child.tag)].append(_closed(_coordinates(ring, limits)))
    (outer,) = rings["outerBoundaryIs"]
    return shapely.Polygon(outer, rings["innerBoundaryIs"])


def _closed(pairs: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return pairs if pairs[0] == pairs[-1] else [*pairs, pairs[0]]


def _coordinates(element: Any, limits: Limits) -> list[tuple[float, float]]:
    """Read "lon,lat[,altitude] lon,lat …"; raises ValueError for what are no coordinates."""
    text = next((one.text or "" for one in element if local(one.tag) == "coordinates"), "")
    parts = text.split()
    if len(parts) > limits.vertices or not parts:
        raise ValueError("no coordinates, or too many")
    pairs = [(float(part[0]), float(part[1])) for part in (one.split(",") for one in parts)
             if len(part) > 1 or _refuse(part)]  # fmt: skip
    if not all(map(math.isfinite, (one for pair in pairs for one in pair))):
        raise ValueError("not finite")
    return pairs


def _refuse(part: list[str]) -> bool:
    raise ValueError(f"no coordinates: {part[:1]}")
