"""Cuts an outline into contiguous parts of given shares, in an order along the outline.

Rectangles and the like are cut straight across (`slabs`), in rows where the parts would get too
narrow. Other outlines (L, U, T, courtyards) are halved by the shortest straight wall that
leaves the right shares and keeps the order, until the pieces can be cut straight. Everything is
in metres, deterministic, and uses no random numbers. Angles are radians, counter-clockwise from
the x axis; a cut "along" an angle runs across it.
"""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import shapely
from shapely import Polygon

from spatial.halving import halved
from spatial.outlines import (
    GRID,
    Order,
    Outline,
    Points,
    area_west_of,
    boundary_points,
    extent,
    is_compact,
    single,
    turned,
    wall_angle,
)

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


def slabs(outline: Outline, weights: Sequence[float], angle: float,
          gap: float = 0.0) -> list[Polygon] | None:
    """Cut straight across `angle` into parts of these weights, `gap` metres between them.

    Returns None when a part would fall to pieces.
    """
    flat = turned(outline, -angle)
    west, south, east, north = flat.bounds
    shares = np.array(list(accumulate(weights))[:-1]) / sum(weights) * flat.area
    cuts = _where_area_is(flat, shares)
    boxes = shapely.box(np.concatenate([[west - 1], cuts + gap / 2]), south - 1,
                        np.concatenate([cuts - gap / 2, [east + 1]]), north + 1)
    pieces = shapely.intersection(flat, boxes, grid_size=GRID)
    whole = [single(piece) for piece in pieces]
    if any(part.area < 0.98 * piece.area or part.is_empty
           for part, piece in zip(whole, pieces, strict=True)):
        return None
    return [turned(part, angle) for part in whole]


def _where_area_is(flat: Outline, shares: Points) -> Points:
    """Return the x left of which each share of the area lies.

    Between corners the area grows almost straight: a guess from there is exact in rectangles,
    elsewhere the gap between corners is halved until it is.
    """
    corners = np.unique(shapely.get_coordinates(flat)[:, 0])
    areas = np.maximum.accumulate(area_west_of(flat, corners))
    index = np.clip(np.searchsorted(areas, shares), 1, len(corners) - 1)
    low, high = corners[index - 1], corners[index]
    cuts = np.interp(shares, areas, corners)
    for _ in range(34):
        found = area_west_of(flat, cuts)
        if np.abs(found - shares).max(initial=0.0) < 1e-7 * flat.area:
            break
        low, high = np.where(found < shares, cuts, low), np.where(found < shares, high, cuts)
        cuts = (low + high) / 2
    return np.asarray(cuts)


def row_count(count: int, length: float, depth: float) -> int:
    """Return in how many rows `count` parts lie: one, two about a corridor, more for stalls."""
    rows = 1
    while rows < count:
        width = length * rows / count
        if rows == 1:
            narrow = width < NARROW and depth >= max(2 * _SHALLOW, 1.8 * width)
            slender = count > 2 and depth >= _DEEP and depth > _ELONGATED * width
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
