"""A small drawing of where candidates lie: outlines of buildings, named streets, pins."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from layers.buildings import Building
from layers.compounds import Compound
from layers.streets import Street
from spatial.crs import STORAGE
from spatial.history import seen

WIDTH, HEIGHT, MARGIN = 480, 260, 34
#: Metres around the candidates that are drawn at least, and above which buildings are left out.
LEAST_M, MOST_BUILDINGS_M = 260.0, 2_500.0
METRES_PER_DEGREE = 111_195.0
MOST_SHAPES = 600
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Sketch:
    """The drawing, in units of its view box; `bar` is the length of `bar_m` metres."""

    compounds: list[str]
    buildings: list[str]
    streets: list[tuple[str, str, Point]]
    pins: list[Point | None]
    bar: float
    bar_m: int
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class _Frame:
    """How degrees become units of the drawing."""

    west: float
    north: float
    across: float  # degrees of longitude per unit
    down: float

    def at(self, lon: float, lat: float) -> Point:
        """Return where a position lies in the drawing."""
        return (round((lon - self.west) / self.across, 1), round((self.north - lat) / self.down, 1))

    def path(self, shape: BaseGeometry) -> str:
        """Return lines and polygons as the path of an SVG."""
        parts = []
        for part in getattr(shape, "geoms", [shape]):
            lines = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
            for line in lines:
                points = [self.at(x, y) for x, y, *_ in line.coords]
                closed = "Z" if part.geom_type == "Polygon" else ""
                parts.append("M" + "L".join(f"{x:g} {y:g}" for x, y in points) + closed)
        return "".join(parts)


def sketch(session: Session, points: Sequence[Point | None]) -> Sketch | None:
    """Draw the surroundings of some points (EPSG:4326), in their order; None without a point."""
    known = [p for p in points if p is not None]
    if not known:
        return None
    frame, metres = _frame(known)
    box = func.ST_MakeEnvelope(frame.west, frame.north - HEIGHT * frame.down,
                               frame.west + WIDTH * frame.across, frame.north, STORAGE)
    buildings = _shapes(session, Building, box) if metres <= MOST_BUILDINGS_M else []
    bar_m = next(m for m in (10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20)
                 if m <= metres / 3 or m == 20)  # noqa: PLR2004
    return Sketch(
        compounds=[frame.path(s) for s, _ in _shapes(session, Compound, box)
                   if s.geom_type.endswith("Polygon")],
        buildings=[frame.path(s) for s, _ in buildings if s.geom_type.endswith("Polygon")],
        streets=[_street(frame, s, name) for s, name in _shapes(session, Street, box)
                 if s.geom_type.endswith("LineString")],
        pins=[frame.at(*p) if p else None for p in points],
        bar=round(bar_m / metres * WIDTH, 1), bar_m=bar_m)


def _frame(points: Sequence[Point]) -> tuple[_Frame, float]:
    """Return a frame that holds all points with a margin, and its width in metres."""
    lons, lats = [p[0] for p in points], [p[1] for p in points]
    lon, lat = (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2
    east_m = METRES_PER_DEGREE * cos(radians(lat))
    wide = (max(lons) - min(lons)) * east_m / (WIDTH - 2 * MARGIN)
    high = (max(lats) - min(lats)) * METRES_PER_DEGREE / (HEIGHT - 2 * MARGIN)
    unit_m = max(wide, high, LEAST_M / WIDTH)
    across, down = unit_m / east_m, unit_m / METRES_PER_DEGREE
    return _Frame(lon - across * WIDTH / 2, lat + down * HEIGHT / 2, across, down), unit_m * WIDTH


def _shapes(session: Session, model: Any, box: Any) -> list[tuple[BaseGeometry, str]]:
    one: Any = seen(model)
    rows = session.execute(
        select(func.ST_AsBinary(func.ST_Intersection(one.geometry, box)), one.name)
        .where(one.geometry.intersects(box), func.ST_Dimension(one.geometry) > 0,
               func.ST_IsValid(one.geometry)).limit(MOST_SHAPES))
    cut = [(shapely.from_wkb(bytes(row[0])), row[1] or "") for row in rows if row[0]]
    # The index knows boxes only: a street may pass the corner of the drawing without entering it.
    return [(shape, name) for shape, name in cut if not shape.is_empty]


def _street(frame: _Frame, shape: BaseGeometry, name: str) -> tuple[str, str, Point]:
    middle = shape.interpolate(0.5, normalized=True)
    return frame.path(shape), name, frame.at(middle.x, middle.y)
