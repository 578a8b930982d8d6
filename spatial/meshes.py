"""Measured solids as triangles: what a graphics card draws of them."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import shapely

from spatial.facets import Body, Facet, kind, normal

Points = npt.NDArray[np.float64]
#: Metres in a degree of latitude, and of longitude at the equator.
METRES_NORTH, METRES_EAST = 110_570.0, 111_320.0


def mesh(bodies: Sequence[Body], middle: tuple[float, float]) -> list[float]:
    """Return x, y, z and roof (1 or 0) of each corner of each triangle, one after another.

    Bodies are in degrees and metres; x and y are metres east and north of `middle`. Facets that
    look at the ground are left out: nobody sees them.
    """
    scale = np.array([METRES_EAST * np.cos(np.radians(middle[1])), METRES_NORTH, 1.0])
    origin = np.array([*middle, 0.0])
    corners: list[float] = []
    for body in bodies:
        for facet in body:
            here = [(ring - origin) * scale for ring in facet]
            what = kind(here)
            if what != "GroundSurface":
                roof = 1.0 if what == "RoofSurface" else 0.0
                for point in (one for triangle in triangles(here) for one in triangle):
                    corners += [round(float(value), 3) for value in point] + [roof]
    return corners


def triangles(facet: Facet) -> Iterator[Points]:
    """Yield the triangles of a facet, holes left out, wound as the facet is."""
    across = normal(facet)
    if not np.linalg.norm(across):
        return
    if len(facet) == 1 and len(facet[0]) == 3:
        yield facet[0]
        return
    along, up = _plane(across)
    corners = np.concatenate(list(facet))
    flat = [np.column_stack([ring @ along, ring @ up]) for ring in facet]
    shape = shapely.Polygon(flat[0], flat[1:])
    if not shape.is_valid:
        return
    known = np.concatenate(flat)
    for part in shapely.get_parts(shapely.constrained_delaunay_triangles(shape)):
        found = shapely.get_coordinates(part)[:3]
        nearest = [int(np.argmin(((known - one) ** 2).sum(axis=1))) for one in found]
        triangle = corners[nearest]
        turned = np.cross(triangle[1] - triangle[0], triangle[2] - triangle[0]) @ across
        yield triangle if turned > 0 else triangle[::-1]


def _plane(across: Points) -> tuple[Points, Points]:
    """Return two directions at right angles that lie in the plane with this normal."""
    unit = across / np.linalg.norm(across)
    aside = np.array([0.0, 0.0, 1.0]) if abs(unit[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
    along = np.cross(aside, unit)
    along /= np.linalg.norm(along)
    return along, np.cross(unit, along)
