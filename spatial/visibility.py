"""What a camera sees of the ground: range from pixel density, clipped by the buildings around.

A view-shed is found by an angular sweep: one ray for each few degrees and three round each corner
of a wall, each cut at the nearest wall. A camera above a roof sees over it; its buildings throw
finite shadows, which are subtracted. Terrain and trees are not known. Metres of one metric CRS;
azimuths are degrees clockwise from north, other angles degrees; densities pixels a metre.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from spatial.errors import InvalidInput
from spatial.statistics import Numbers

#: Pixels a metre that a task needs (EN/IEC 62676-4).
TASKS: Mapping[str, float] = {"detect": 25.0, "observe": 62.5, "recognise": 125.0,
                              "identify": 250.0}
#: From this angle on the picture is unrolled, not projected.
WIDE = 120.0
#: A roof this much below the camera is seen over, in metres.
OVER_M = 0.1
#: Metres that a camera drawn inside a wall may be moved out of it.
OUT_M = 2.0
STEP = math.radians(3.0)
_HAIR = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One camera: where it stands, how high, where it looks and how far.

    `hfov` 360 sees all round. `near` is the radius of the blind zone at its foot.
    """

    x: float
    y: float
    height: float
    azimuth: float
    hfov: float
    reach: float
    near: float = 0.0


@dataclass(frozen=True, slots=True)
class Walls:
    """Buildings that stand in the way: footprints (b,), heights (b,), and their walls.

    `edges` (w, 4) from x, y to x, y; `start` (b + 1,) where each building's edges begin.
    """

    footprints: npt.NDArray[Any]
    heights: Numbers
    edges: Numbers
    start: npt.NDArray[np.int64]
    tree: shapely.STRtree


def reach_of(pixel_width: float, hfov: float, density: float) -> float:
    """Return metres at which a camera still has `density` pixels a metre (IEC 62676-4).

    d = W / (2 ppm tan(hfov / 2)); from 120° on W / (hfov in radians × ppm).
    """
    if not (pixel_width > 0 and 0 < hfov <= 360 and density > 0):
        raise InvalidInput("Pixels, angle of view and density must be above 0, the angle at most "
                           "360°.")
    angle = math.radians(hfov)
    if hfov >= WIDE:
        return pixel_width / (angle * density)
    return pixel_width / (2 * density * math.tan(angle / 2))


def near_blind(height: float, tilt: float, vfov: float) -> float:
    """Return the radius of the blind zone at the camera's foot, h / tan(tilt + vfov / 2).

    `tilt` is degrees below the horizon. 0 where the lower edge of the view reaches the foot.
    """
    lowest = abs(tilt) + vfov / 2
    if height <= 0 or lowest >= 90:
        return 0.0
    return height / math.tan(math.radians(lowest)) if lowest > 0 else math.inf


def walls(footprints: npt.NDArray[Any], heights: Any) -> Walls:
    """Return buildings (b,) of polygons or multipolygons, ready for `viewsheds`.

    A height of NaN hides all that lies behind it, whatever the camera's height.
    """
    tall = np.asarray(heights, dtype=np.float64)
    rings, owner = [], []
    for index, shape in enumerate(footprints):
        for polygon in shapely.get_parts(shape):
            for ring in shapely.get_rings(polygon):
                points = shapely.get_coordinates(ring)
                rings.append(np.hstack([points[:-1], points[1:]]))
                owner += [index] * (len(points) - 1)
    edges = np.vstack(rings) if rings else np.empty((0, 4))
    start = np.searchsorted(np.asarray(owner), np.arange(len(footprints) + 1))
    return Walls(footprints, np.where(np.isnan(tall), np.inf, tall), edges,
                 start.astype(np.int64), shapely.STRtree(footprints))


def viewsheds(views: Sequence[View], around: Walls) -> npt.NDArray[Any]:
    """Return the ground that each camera sees (v,): polygons, empty where it sees none.

    A camera that stands inside a building is moved out along its axis by OUT_M at most; one
    that stays inside sees nothing.
    """
    if not views:
        return np.empty(0, dtype=object)
    views = [_outside(view, around) for view in views]
    points = shapely.points([(view.x, view.y) for view in views])
    who, met = around.tree.query(points, predicate="dwithin",
                                 distance=np.array([view.reach for view in views]))
    order = np.argsort(who, kind="stable")
    ends = np.searchsorted(who[order], np.arange(len(views) + 1))
    found = [_seen(view, met[order[a:b]], around)
             for view, a, b in zip(views, ends[:-1], ends[1:], strict=True)]
    shapes = np.array(found, dtype=object)
    bad = ~shapely.is_valid(shapes)
    for index in np.flatnonzero(bad):
        # What touches itself along a wall leaves lines behind, which see nothing.
        parts = shapely.get_parts(shapely.make_valid(shapes[index], method="structure"))
        shapes[index] = shapely.union_all(parts[shapely.get_type_id(parts) == 3])
    return shapes


def inside_walls(view: View, around: Walls) -> bool:
    """Tell whether a camera stands inside a building, higher than its own mounting allows."""
    point = shapely.Point(view.x, view.y)
    met = around.tree.query(point, predicate="within")
    return bool((around.heights[met] > view.height - OVER_M).any())


def _outside(view: View, around: Walls) -> View:
    for out in (0.0, OUT_M / 4, OUT_M / 2, OUT_M):
        moved = _moved(view, out)
        if not inside_walls(moved, around):
            return moved
    return _moved(view, 0.0, reach=0.0)


def _moved(view: View, out: float, *, reach: float | None = None) -> View:
    angle = math.radians(90.0 - view.azimuth)
    return View(x=view.x + out * math.cos(angle), y=view.y + out * math.sin(angle),
                height=view.height, azimuth=view.azimuth, hfov=view.hfov, near=view.near,
                reach=view.reach if reach is None else reach)


def _seen(view: View, met: npt.NDArray[np.int64], around: Walls) -> BaseGeometry:
    if view.reach <= view.near or view.reach <= 0:
        return shapely.Polygon()
    if (around.heights[met] < view.height - OVER_M).any():
        shape = by_shadows(view, met, around)
    else:
        shape = by_sweep(view, met, around)
    if view.near > 0:
        shape = shape.difference(shapely.Point(view.x, view.y).buffer(view.near))
    return shape


def by_sweep(view: View, met: npt.NDArray[np.int64], around: Walls) -> BaseGeometry:
    """Return what a camera below every roof sees, cut by the buildings `met` (indices)."""
    edges = _facing(np.concatenate([around.edges[around.start[b]:around.start[b + 1]]
                                    for b in met]) if len(met) else np.empty((0, 4)), view)
    axis, half = math.radians(90.0 - view.azimuth), math.radians(view.hfov) / 2
    rays = axis + _rays(edges, axis, half, view.reach)
    far = _cut(edges, rays, view.reach)
    points = np.column_stack([view.x + far * np.cos(rays), view.y + far * np.sin(rays)])
    if view.hfov < 360:
        points = np.vstack([[view.x, view.y], points])
    return shapely.Polygon(points)


def _facing(edges: Numbers, view: View) -> Numbers:
    """Return the edges within reach, relative to the camera."""
    near = edges - np.array([view.x, view.y, view.x, view.y])
    run = near[:, 2:] - near[:, :2]
    square = np.maximum((run ** 2).sum(axis=1), 1e-18)
    at = np.clip(-(near[:, :2] * run).sum(axis=1) / square, 0.0, 1.0)
    nearest = near[:, :2] + at[:, None] * run
    return np.asarray(near[(nearest ** 2).sum(axis=1) <= view.reach ** 2])


def _rays(edges: Numbers, axis: float, half: float, reach: float) -> Numbers:
    """Return the angles of the rays, from the axis: even steps, and three round each corner."""
    even = np.linspace(-half, half, math.ceil(2 * half / STEP) + 1)
    corners = np.vstack([edges[:, :2], edges[:, 2:]])
    corners = corners[(corners ** 2).sum(axis=1) <= reach ** 2 * 1.0001]
    turned = (np.arctan2(corners[:, 1], corners[:, 0]) - axis + np.pi) % (2 * np.pi) - np.pi
    met = _where_reached(edges, reach)
    turned = np.concatenate([turned, (met - axis + np.pi) % (2 * np.pi) - np.pi])
    close = np.concatenate([turned - _HAIR, turned, turned + _HAIR])
    return np.unique(np.concatenate([even, close[(close > -half) & (close < half)]]))


def _where_reached(edges: Numbers, reach: float) -> Numbers:
    """Return the angles at which walls leave the circle of the camera's reach."""
    run = edges[:, 2:] - edges[:, :2]
    a = np.maximum((run ** 2).sum(axis=1), 1e-18)
    b = (edges[:, :2] * run).sum(axis=1)
    root = b ** 2 - a * ((edges[:, :2] ** 2).sum(axis=1) - reach ** 2)
    found = []
    for sign in (-1.0, 1.0):
        at = (-b + sign * np.sqrt(np.maximum(root, 0.0))) / a
        hit = (root > 0) & (at > 0) & (at < 1)
        spot = edges[hit, :2] + at[hit, None] * run[hit]
        found.append(np.arctan2(spot[:, 1], spot[:, 0]))
    return np.concatenate(found)


def _cut(edges: Numbers, rays: Numbers, reach: float) -> Numbers:
    """Return how far each ray goes: to the nearest wall, `reach` at most."""
    if not len(edges):
        return np.full(len(rays), reach)
    ux, uy = np.cos(rays)[:, None], np.sin(rays)[:, None]
    x, y = edges[:, 0], edges[:, 1]
    ex, ey = edges[:, 2] - x, edges[:, 3] - y
    across = ux * ey - uy * ex
    with np.errstate(divide="ignore", invalid="ignore"):
        far = (x * ey - y * ex) / across
        share = (x * uy - y * ux) / across
        hit = (np.abs(across) > 1e-12) & (far > 1e-6) & (share >= -1e-9) & (share <= 1 + 1e-9)
    found: Numbers = np.minimum(np.where(hit, far, np.inf).min(axis=1), reach)
    return found


def sector(view: View) -> BaseGeometry:
    """Return what a camera would see if nothing stood in its way, the blind zone included."""
    half = math.radians(view.hfov) / 2
    rays = math.radians(90.0 - view.azimuth) + np.linspace(-half, half,
                                                           math.ceil(2 * half / STEP) + 1)
    points = np.column_stack([view.x + view.reach * np.cos(rays),
                              view.y + view.reach * np.sin(rays)])
    return shapely.Polygon(points if view.hfov >= 360 else
                           np.vstack([[view.x, view.y], points]))


def by_shadows(view: View, met: npt.NDArray[np.int64], around: Walls) -> BaseGeometry:
    """Return the sector less the ground shadow of every building `met`.

    A roof below the camera throws a shadow of the length factor h_c / (h_c - h_b); one at or
    above it, to the end of sight.
    """
    shapes = [_shadow(view, shape, around.heights[b]) for b in met
              for shape in shapely.get_parts(around.footprints[b])]
    return sector(view).difference(shapely.union_all(np.array(shapes, dtype=object)))


def _shadow(view: View, footprint: Any, height: float) -> BaseGeometry:
    """Return the footprint and all that it hides."""
    # Short edges, so that what a near wall hides reaches beyond the sector in every direction.
    step = max(1.0, 2 * shapely.distance(footprint, shapely.Point(view.x, view.y)))
    points = shapely.get_coordinates(shapely.segmentize(
        shapely.get_exterior_ring(footprint), step))
    away = points - (view.x, view.y)
    if height > view.height - OVER_M:
        distance = np.maximum(np.hypot(*away.T), 1e-6)
        far = (view.x, view.y) + away * np.maximum(4 * view.reach / distance, 1.0)[:, None]
    else:
        far = (view.x, view.y) + away * (view.height / (view.height - height))
    strips = shapely.polygons(np.stack([points[:-1], points[1:], far[1:], far[:-1]], axis=1))
    return shapely.union_all([footprint, *list(shapely.make_valid(strips))])  # type: ignore[arg-type]
