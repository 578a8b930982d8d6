"""A site: a lot's cell seen from its own south, where buildings are set in rows."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon, box
from shapely.affinity import affine_transform
from shapely.geometry.base import BaseGeometry

from importers.demo.frame import heading
from importers.demo.polygons import largest

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Site:
    """Buildable ground in local axes: `polygon` turned so that the plan's east is x."""

    polygon: Polygon
    angle: float

    def to_ground(self, geometry: BaseGeometry) -> BaseGeometry:
        """Turn a geometry of the site back into local metres."""
        return _turn(geometry, self.angle)

    def from_ground(self, geometry: BaseGeometry) -> BaseGeometry:
        """Turn a geometry in local metres into the axes of the site."""
        return _turn(geometry, -self.angle)

    @property
    def low(self) -> float:
        """The southern edge of the ground that is nearly as wide as the site."""
        return _edge(self.polygon, upward=True)

    @property
    def high(self) -> float:
        """The northern edge of the ground that is nearly as wide as the site."""
        return _edge(self.polygon, upward=False)

    def span(self, south: float, north: float) -> Span:
        """Return the widest x-range that lies inside the site from `south` to `north`."""
        ranges = [_chord(self.polygon, y) for y in np.linspace(south, north, 5)]
        return max(r[0] for r in ranges), min(r[1] for r in ranges)


def make_site(ground: Polygon, centre: tuple[float, float], *, margin: float) -> Site:
    """Return the site of a piece of ground whose middle on the plan is `centre`."""
    angle = heading(centre)
    inner = shapely.buffer(ground, -margin, join_style="mitre")
    return Site(largest(_turn(inner, -angle)), angle)


def _turn(geometry: BaseGeometry, angle: float) -> BaseGeometry:
    c, s = math.cos(angle), math.sin(angle)
    turned: BaseGeometry = affine_transform(geometry, [c, -s, s, c, 0.0, 0.0])
    return turned


def _chord(polygon: Polygon, y: float) -> Span:
    west, _, east, _ = polygon.bounds
    line = shapely.LineString([(west - 1.0, y), (east + 1.0, y)])
    parts = shapely.get_parts(shapely.intersection(polygon, line))
    if len(parts) == 0 or parts[0].is_empty:
        return west, west
    longest = max(parts, key=lambda p: p.length).bounds
    return longest[0], longest[2]


def _edge(polygon: Polygon, *, upward: bool) -> float:
    _, south, _, north = polygon.bounds
    levels = np.arange(south + 0.25, north, 0.75)
    wide = [b - a for a, b in (_chord(polygon, y) for y in levels)]
    enough = 0.86 * float(np.median(wide))
    fit: Iterable[float] = (y for y, w in zip(levels, wide, strict=True) if w >= enough)
    return float(min(fit) if upward else max(fit))


def row_places(site: Site, rows: int, depth: float, *, apart: float = 60.0) -> list[float]:
    """Return the southern edge of each row, the outer rows along the edges of the site."""
    low, high = site.low, site.high - depth
    if rows == 1:
        return [low + 0.5 * (high - low)]
    step = min((high - low) / (rows - 1), depth + apart)
    start = low + (high - low - step * (rows - 1)) / 2.0
    return [start + step * i for i in range(rows)]


def slide(site: Site, place: Span, size: Span, way: float) -> float:
    """Return how far south or north a building at `place` can go and stay inside the site."""
    x, y = place
    for _ in range(60):
        after = y + way * 0.75
        if way == 0.0 or not site.polygon.covers(box(x, after, x + size[0], after + size[1])):
            break
        y = after
    return y
