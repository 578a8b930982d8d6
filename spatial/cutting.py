"""Cuts an outline into contiguous parts of given shares, in an order along the outline.

Rectangles and the like are cut straight across (`slabs`), in rows where the parts would get too
narrow. Other outlines (L, U, T, courtyards) are halved by the shortest straight wall that
leaves the right shares and keeps the order, until the pieces can be cut straight. Everything is
in metres, deterministic, and uses no random numbers. Angles are radians, counter-clockwise from
the x axis; a cut "along" an angle runs across it.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from shapely import MultiPolygon, Polygon

Points = npt.NDArray[np.float64]
#: Where points lie along an outline: grows from its first door to its last.
Order = Callable[[Points], npt.NDArray[np.float64]]
Outline = Polygon | MultiPolygon

#: Parts narrower than this get a second row, if the outline is deep enough (metres).
NARROW = 4.5
_SHALLOW = 3.5
_SLENDER = 4.0
# From this depth on (metres), parts deeper than so many times their width lie in two rows.
_DEEP = 14.0
_ELONGATED = 2.2
_CORRIDOR = 1.8
#: Share of the depth that a corridor between two rows may take.
_CORRIDOR_SHARE = 0.08
# Overlays snap to a tenth of a millimetre: on a grid they cannot fail.
_GRID = 1e-4
_NOTHING = Polygon()
#: A cut that costs less is not worth a search for slanting ones.
_GOOD = 0.45


class Cut(NamedTuple):
    """A way to halve an outline: the two parts, how many parts go to the first, its cost."""

    cost: float
    taken: int
    first: Polygon
    second: Polygon


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
    return max(parts, key=lambda part: part.area, default=_NOTHING)


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


def slabs(outline: Outline, weights: Sequence[float], angle: float,
          gap: float = 0.0) -> list[Polygon] | None:
    """Cut straight across `angle` into parts of these weights, `gap` metres between them.

    Returns None when a part would fall to pieces.
    """
    flat = turned(outline, -angle)
    west, south, east, north = flat.bounds
    total = sum(weights)
    shares = np.array(list(accumulate(weights))[:-1]) / total * flat.area
    low, high = np.full(len(shares), west), np.full(len(shares), east)
    for _ in range(34):
        middle = (low + high) / 2
        under = area_west_of(flat, middle) < shares
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    cuts = (low + high) / 2
    boxes = shapely.box(np.concatenate([[west - 1], cuts + gap / 2]), south - 1,
                        np.concatenate([cuts - gap / 2, [east + 1]]), north + 1)
    pieces = shapely.intersection(flat, boxes, grid_size=_GRID)
    whole = [single(piece) for piece in pieces]
    if any(part.area < 0.98 * piece.area or part.is_empty
           for part, piece in zip(whole, pieces, strict=True)):
        return None
    return [turned(part, angle) for part in whole]


def row_count(count: int, length: float, depth: float) -> int:
    """Return in how many rows `count` parts lie: one, two about a corridor, more for stalls."""
    rows = 1
    while rows < count:
        width = length * rows / count
        if rows == 1:
            narrow = width < NARROW and depth >= max(2 * _SHALLOW, 1.8 * width)
            slender = depth >= _DEEP and depth > _ELONGATED * width
        else:
            narrow, slender = False, depth / rows > _SLENDER * width
        if not (narrow or slender):
            break
        rows += 1
    return rows


def axis_along(outline: Outline, order: Order) -> float:
    """Return the wall direction along which the order grows."""
    angle = wall_angle(outline)
    points = boundary_points(outline)
    flat = points @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    places = order(points)
    centred = flat - flat.mean(axis=0)
    slope = (centred * (places - places.mean())[:, None]).sum(axis=0) / (centred**2).sum(axis=0)
    sides = np.ptp(flat, axis=0)
    gain = slope * sides
    if sides.max() > 2.5 * sides.min():
        gain = np.where(sides == sides.max(), gain, 0.0)
    across = int(np.abs(gain[1]) > np.abs(gain[0]))
    return angle + across * np.pi / 2 + (np.pi if gain[across] < 0 else 0.0)


def boundary_points(outline: Outline, count: int = 24) -> Points:
    """Return points spread evenly along the outer wall."""
    ring = single(outline).exterior
    return shapely.get_coordinates(
        shapely.line_interpolate_point(ring, np.arange(count) / count, normalized=True))


def grid(outline: Outline, weights: Sequence[float], angle: float,
         *, rows: bool) -> list[Polygon] | None:
    """Cut straight, in one row or several, each row in the direction of `angle`.

    The first row lies on the right of `angle`: in the south where that points east.
    """
    length, _ = extent(outline, angle)
    count = len(weights)
    depth = outline.area / length
    many = row_count(count, length, depth) if rows else 1
    if many == 1:
        return slabs(outline, weights, angle)
    starts = [-(-count * row // many) for row in range(many + 1)]
    lines = [weights[a:b] for a, b in zip(starts, starts[1:], strict=False)]
    gap = min(_CORRIDOR, _CORRIDOR_SHARE * depth) if many == 2 else 0.0
    bands = slabs(outline, [sum(line) for line in lines], angle + np.pi / 2, gap)
    cut = [slabs(band, line, angle) for band, line in zip(bands or [], lines, strict=False)]
    if not cut or any(part is None for part in cut):
        return None
    return [part for line in cut if line for part in line]


def layout(outline: Outline, weights: Sequence[float], order: Order, *, rows: bool = True,
           angle: float | None = None) -> list[Polygon]:
    """Cut the outline into one contiguous part a weight, in order; `angle` forces the axis."""
    if outline.geom_type == "MultiPolygon":
        return _apart(outline, weights, order, rows=rows, angle=angle)
    if len(weights) == 1:
        return [single(outline)]
    if angle is not None or is_compact(outline):
        axis = axis_along(outline, order) if angle is None else angle
        pieces = grid(outline, weights, axis, rows=rows)
        if pieces:
            return pieces
    cut = halved(single(outline), weights, order)
    return [*layout(cut.first, weights[:cut.taken], order, rows=rows),
            *layout(cut.second, weights[cut.taken:], order, rows=rows)]


def _apart(outline: Outline, weights: Sequence[float], order: Order, *, rows: bool,
           angle: float | None) -> list[Polygon]:
    """Share the weights among detached parts by area; parts too small for one are left out."""
    parts = sorted(shapely.get_parts(outline), key=lambda part: -part.area)[:len(weights)]
    parts.sort(key=lambda part: float(order(boundary_points(part)).mean()))
    areas = np.array([part.area for part in parts])
    counts = np.ones(len(parts), dtype=int)
    for _ in range(len(weights) - len(parts)):
        counts[np.argmax(areas / counts)] += 1
    ends = np.cumsum(counts)
    return [piece for part, count, end in zip(parts, counts, ends, strict=True)
            for piece in layout(part, weights[end - count:end], order, rows=rows, angle=angle)]


def halved(outline: Polygon, weights: Sequence[float], order: Order) -> Cut:
    """Halve by the shortest straight wall that leaves the right shares and keeps the order."""
    count = len(weights)
    middle = count // 2
    counts = {middle} if count < 4 else {middle - 1, middle, middle + 1} - {0}
    angle = wall_angle(outline)
    best: list[Cut] = []
    for slant in (0.0, np.pi / 4):
        found = [cut for turn in range(4) for cut in _walls(
            outline, weights, sorted(counts), angle + slant + turn * np.pi / 2, order)]
        best = sorted(best + found, key=lambda cut: (round(cut.cost, 6), cut.taken))[:1]
        if best and best[0].cost < _GOOD:
            break
    return best[0]


def _walls(outline: Polygon, weights: Sequence[float], counts: Sequence[int], angle: float,
           order: Order) -> list[Cut]:
    """Return cuts across `angle`, each growing from one tip of the outline."""
    flat = turned(outline, -angle)
    found = []
    for tip in _tips(flat):
        for count in counts:
            share = sum(weights[:count]) / sum(weights)
            for grown, is_first in ((share, True), (1 - share, False)):
                part, rest = _grown(flat, tip, grown * flat.area)
                if part.is_empty or rest.is_empty:
                    continue
                first, second = (part, rest) if is_first else (rest, part)
                pair = turned(first, angle), turned(second, angle)
                cost = _cost(outline, pair, share, order) + 0.1 * abs(count / len(weights) - 0.5)
                found.append(Cut(cost, count, *pair))
    return found


def _tips(flat: Polygon) -> list[Points]:
    """Return the corners where a wall sweeping east first meets an arm, at most four."""
    ring = shapely.get_coordinates(flat.exterior)[:-1]
    x = np.round(ring[:, 0], 3)
    lowest = (x < np.roll(x, 1)) & (x <= np.roll(x, -1))
    corners = ring[lowest]
    return list(corners[np.argsort(corners[:, 0], kind="stable")][:4])


def _grown(flat: Polygon, tip: Points, target: float) -> tuple[Polygon, Polygon]:
    """Sweep a wall east from `tip` until the arm behind it has the target area.

    Where arms join the area jumps; then the nearer side is taken. What falls off beside
    the larger rest goes to the part, so that both are contiguous.
    """
    seed = shapely.Point(tip)
    west, south, east, north = flat.bounds
    low, high = float(tip[0]), east
    less, more = 0.0, float(flat.area)
    part = _NOTHING
    for turn in range(16):
        lean = 0.5 if turn % 3 == 2 else np.clip((target - less) / (more - less), 0.02, 0.98)
        middle = low + (high - low) * float(lean)
        part = _arm(flat, shapely.box(west - 1, south - 1, middle, north + 1), seed)
        if abs(part.area - target) < 1e-4 * flat.area or high - low < 1e-3:
            break
        if part.area < target:
            low, less = middle, part.area
        else:
            high, more = middle, part.area
    rest = single(shapely.difference(flat, part, grid_size=_GRID))
    return single(shapely.difference(flat, rest, grid_size=_GRID)), rest


def _arm(flat: Polygon, box: Polygon, seed: shapely.Point) -> Polygon:
    """Return the piece of the outline inside the box that the seed touches."""
    piece = shapely.intersection(flat, box, grid_size=_GRID)
    if isinstance(piece, Polygon):
        return piece
    pieces = shapely.get_parts(piece)
    near = pieces[shapely.distance(pieces, seed) < 1e-3]
    return single(near[0]) if len(near) else _NOTHING


def _cost(outline: Polygon, pair: tuple[Polygon, Polygon], share: float, order: Order) -> float:
    """Weigh a cut: a long wall, ragged parts, wrong shares and a broken order all cost."""
    first, second = pair
    wall = (first.length + second.length - outline.length) / 2 / np.sqrt(outline.area)
    ragged = sum(part.area / outline.area * (1 - part.area / _box_area(part)) for part in pair)
    wrong = abs(first.area / (first.area + second.area) - share)
    before, after = order(boundary_points(first)), order(boundary_points(second))
    span = max(before.max(), after.max()) - min(before.min(), after.min()) or 1.0
    apart = (after.mean() - before.mean()) / span
    return float(wall + ragged + 12 * wrong + 1.5 * max(0.0, 0.5 - apart))


def _box_area(part: Polygon) -> float:
    along, across = extent(part, wall_angle(part))
    return max(along * across, 1e-9)
