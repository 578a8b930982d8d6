"""Measured solids: bodies of facets, as surveys and city models bring them.

A facet is a polygon in space, a list of rings (outer first) without their closing point, seen
from outside counter-clockwise; a body is a list of facets. Coordinates are metres, or degrees
and metres where only shapes are passed on; heights are metres above the building's ground.
Stored, a body is a MULTIPOLYGON Z and several are a GEOMETRYCOLLECTION Z of them: a
POLYHEDRALSURFACE would say more, and GEOS reads none.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Ring = npt.NDArray[np.float64]
Facet = Sequence[Ring]
Body = Sequence[Facet]

#: Points nearer than this are one.
TOLERANCE = 0.001
#: The upward share of a normal below which a facet stands: 78 degrees and steeper.
STEEP = 0.2
ROOF, GROUND, WALL = "RoofSurface", "GroundSurface", "WallSurface"


def normal(facet: Facet) -> Ring:
    """Return a facet's normal; its length is the area (Newell)."""
    ring = facet[0]
    after = np.roll(ring, -1, axis=0)
    area = np.cross(ring - ring[0], after - ring[0]).sum(axis=0) / 2
    return np.asarray(area, dtype=np.float64)


def kind(facet: Facet) -> str:
    """Tell roof from ground from wall by the way a facet looks."""
    across = normal(facet)
    length = float(np.linalg.norm(across))
    up = float(across[2]) / length if length else 0.0
    return ROOF if up > STEEP else GROUND if up < -STEEP else WALL


def volume(body: Body) -> float:
    """Return the volume in the body's units, negative where it is inside out (divergence)."""
    origin = body[0][0][0]
    total = 0.0
    for ring in (ring for facet in body for ring in facet):
        points = ring - origin
        fan = np.cross(points[1:-1] - points[0], points[2:] - points[0])
        total += float((fan @ points[0]).sum())
    return total / 6


def open_edges(body: Body) -> int:
    """Count the edges that no other facet meets the other way round: 0 of a closed, oriented body.

    An edge that two facets walk the same way counts, too.
    """
    edges: Counter[tuple[tuple[int, ...], ...]] = Counter()
    for ring in (ring for facet in body for ring in facet):
        points = [tuple(point) for point in np.rint((ring - body[0][0][0]) / TOLERANCE).astype(int)]
        for start, end in zip(points, [*points[1:], points[0]], strict=True):
            if start != end:
                edges[start, end] += 1
    return sum(max(count - edges[end, start], 0) for (start, end), count in edges.items())


def measured_volume(bodies: Iterable[Body]) -> float | None:
    """Return the volume of bodies that are all closed; None where one is open."""
    total = 0.0
    for body in bodies:
        if open_edges(body):
            return None
        total += abs(volume(body))
    return total


def extent(bodies: Iterable[Body]) -> tuple[float, float]:
    """Return the lowest and the highest point."""
    heights = [ring[:, 2] for body in bodies for facet in body for ring in facet]
    return float(min(map(np.min, heights))), float(max(map(np.max, heights)))


def footprint(bodies: Iterable[Body]) -> Any:
    """Return what bodies cover seen from above; None for walls alone. Takes degrees, too."""
    bodies = list(bodies)
    scale = _metres(bodies)
    flat = [shapely.Polygon(facet[0][:, :2], [ring[:, :2] for ring in facet[1:]])
            for body in bodies for facet in body if kind([facet[0] * scale]) != WALL]
    if not flat:
        return None
    whole = shapely.make_valid(np.array(flat, dtype=object))
    areas = [part for shape in whole for part in shapely.get_parts(shape)
             if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(areas, grid_size=_grid(areas)) if areas else None


def _metres(bodies: Sequence[Body]) -> Ring:
    """Return what makes about metres of coordinates: 1 where they are metres already."""
    first = bodies[0][0][0][0]
    every = np.concatenate([ring[:, :2] for body in bodies for facet in body for ring in facet])
    if np.abs(every).max() > 360:
        return np.ones(3)
    return np.array([111_320 * np.cos(np.radians(first[1])), 110_570, 1.0])


def _grid(areas: Sequence[Any]) -> float:
    """Return a millimetre, in degrees where the coordinates are so."""
    west, _, east, _ = shapely.total_bounds(np.array(areas, dtype=object))
    return 1e-8 if max(abs(west), abs(east)) <= 360 else TOLERANCE


def to_shape(bodies: Sequence[Body]) -> Any:
    """Return bodies as they are stored."""
    shapes = [shapely.MultiPolygon([(facet[0], list(facet[1:])) for facet in body])
              for body in bodies]
    return shapes[0] if len(shapes) == 1 else shapely.GeometryCollection(shapes)


def from_shape(shape: Any) -> list[list[list[Ring]]]:
    """Return the bodies of what is stored; ValueError where it is no solid."""
    parts = shapely.get_parts(shape) if shape.geom_type == "GeometryCollection" else [shape]
    if not all(part.geom_type == "MultiPolygon" and part.has_z for part in parts) or not len(parts):
        raise ValueError("a solid is a MULTIPOLYGON Z, or a GEOMETRYCOLLECTION Z of them")
    return [[[_open(ring) for ring in (facet.exterior, *facet.interiors)]
             for facet in shapely.get_parts(part)] for part in parts]


def _open(ring: Any) -> Ring:
    return np.asarray(shapely.get_coordinates(ring, include_z=True)[:-1], dtype=np.float64)


def prism(outline: Any, base: float, top: float) -> list[list[list[Ring]]]:
    """Return the bodies of an outline extruded from base to top, one a polygon."""
    return [_extruded(part, base, top) for part in shapely.get_parts(outline)]


def _extruded(polygon: Any, base: float, top: float) -> list[list[Ring]]:
    turned = shapely.orient_polygons(polygon)
    rings = [np.asarray(shapely.get_coordinates(ring)[:-1], dtype=np.float64)
             for ring in (turned.exterior, *turned.interiors)]
    walls = [[np.array([(*start, base), (*end, base), (*end, top), (*start, top)])]
             for ring in rings for start, end in zip(ring, np.roll(ring, -1, axis=0), strict=True)]
    return [[_at(ring[::-1], base) for ring in rings], *walls, [_at(ring, top) for ring in rings]]


def _at(ring: Ring, height: float) -> Ring:
    return np.column_stack([ring, np.full(len(ring), height)])
