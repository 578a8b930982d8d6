"""Small helpers that keep what shapely returns a polygon, or say that it is none."""

from collections.abc import Iterable

import numpy as np
import shapely
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from spatial.errors import InvalidGeometry


def polygon(geometry: object) -> Polygon:
    """Return the geometry, which must be one polygon."""
    if isinstance(geometry, Polygon):
        return geometry
    raise InvalidGeometry(f"The plan leaves a {type(geometry).__name__} where a polygon is due.")


def largest(geometry: BaseGeometry) -> Polygon:
    """Return the largest polygon among the parts of a geometry."""
    return polygon(max(shapely.get_parts(geometry), key=lambda part: part.area))


def merged(parts: Iterable[Polygon]) -> Polygon:
    """Return the union of polygons that share their edges exactly."""
    every = list(parts)
    if len(every) == 1:
        return every[0]
    whole = shapely.coverage_union_all(np.array(every, dtype=object))
    return polygon(whole if isinstance(whole, Polygon) else shapely.union_all(every))


def longest(geometry: BaseGeometry) -> LineString:
    """Return the longest line among the parts of a geometry."""
    line = max(shapely.get_parts(geometry), key=lambda part: part.length)
    assert isinstance(line, LineString)
    return line


def xy(point: BaseGeometry) -> tuple[float, float]:
    """Return the coordinates of a point."""
    assert isinstance(point, Point)
    return point.x, point.y
