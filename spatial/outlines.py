"""What cutting needs to know of an outline: its walls, extent, area, and points along it.

Metres; angles are radians, counter-clockwise from the x axis.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely import MultiPolygon, Polygon

Points = npt.NDArray[np.float64]
#: Where points lie along an outline: grows from its first door to its last.
Order = Callable[[Points], npt.NDArray[np.float64]]
Outline = Polygon | MultiPolygon

# Overlays snap to a tenth of a millimetre: on a grid they cannot fail.
GRID = 1e-4
NOTHING = Polygon()


def turned(geometry: Any, angle: float) -> Any:
    """Rotate about the origin by `angle`."""
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    matrix = np.array([[cos, sin], [-sin, cos]])
    return shapely.transform(geometry, lambda points: points @ matrix)


def single(geometry: Any) -> Polygon:
    """Return the largest polygon of whatever an overlay left."""
    if isinstance(geometry, Polygon):
        return geometry
    parts = [part for part in shapely.get_parts(geometry) if isinstance(part, Polygon)]
    return max(parts, key=lambda part: part.area, default=NOTHING)


def wall_angle(outline: Outline) -> float:
    """Return the direction of the walls, in [0, 90°): the mean of all, the long ones first."""
    rings = shapely.get_parts(shapely.boundary(outline))
    steps = np.concatenate([np.diff(shapely.get_coordinates(ring), axis=0) for ring in rings])
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    fourfold = np.sum(lengths**2 * np.exp(4j * np.arctan2(steps[:, 1], steps[:, 0])))
    return float(np.angle(fourfold) / 4 % (np.pi / 2))


def extent(outline: Outline, angle: float) -> tuple[float, float]:
    """Return length along and across `angle`."""
    west, south, east, north = turned(outline, -angle).bounds
    return east - west, north - south


def is_compact(outline: Outline) -> bool:
    """Tell whether straight cuts suit the outline: nearly a rectangle, or nearly convex."""
    along, across = extent(outline, wall_angle(outline))
    return bool(outline.area >= 0.8 * along * across
                or outline.area >= 0.88 * outline.convex_hull.area)


def area_west_of(outline: Outline, xs: Points) -> Points:
    """Return the area of the outline left of each x: the sum over the walls of -∫ y dx."""
    rings = shapely.get_parts(shapely.boundary(shapely.orient_polygons(outline)))
    ends = [shapely.get_coordinates(ring) for ring in rings]
    start = np.concatenate([ring[:-1] for ring in ends])
    end = np.concatenate([ring[1:] for ring in ends])
    run = end[:, 0] - start[:, 0]
    upright = run == 0
    low = np.minimum(start[:, 0], end[:, 0])
    reach = np.clip(xs[:, None], low, np.maximum(start[:, 0], end[:, 0]))
    slope = np.where(upright, 0.0, (end[:, 1] - start[:, 1]) / np.where(upright, 1.0, run))
    middle = start[:, 1] + slope * ((low + reach) / 2 - start[:, 0])
    return np.asarray(-(np.sign(run) * (reach - low) * middle).sum(axis=1))


def boundary_points(outline: Outline, count: int = 24) -> Points:
    """Return points spread evenly along the outer wall."""
    ring = single(outline).exterior
    return shapely.get_coordinates(
        shapely.line_interpolate_point(ring, np.arange(count) / count, normalized=True))
