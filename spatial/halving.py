"""Halves an outline by the shortest straight wall that leaves the right shares.

A wall sweeps in from each tip of the outline, in the direction of the walls or, where that
gives nothing good, slanting, until the arm behind it has its share. Both halves are whole.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from shapely import Polygon

from spatial.errors import InvalidGeometry
from spatial.outlines import (
    GRID,
    NOTHING,
    Order,
    Points,
    boundary_points,
    extent,
    single,
    turned,
    wall_angle,
)

#: A cut that costs less is not worth a search for slanting ones.
_GOOD = 0.45
# Metres on either side that a part must be wider than, everywhere.
_NECK = 0.4
_WRONG = 12.0
# Cuts to have at hand in case the best has a neck.
_SPARE = 3


class Cut(NamedTuple):
    """A way to halve an outline: the two parts, how many parts go to the first, its cost."""

    cost: float
    taken: int
    first: Polygon
    second: Polygon


class Arm(NamedTuple):
    """What a wall across `angle` would cut off, before it is known what is left."""

    bound: float
    taken: int
    is_first: bool
    angle: float
    share: float
    part: Polygon


def halved(outline: Polygon, weights: Sequence[float], order: Order) -> Cut:
    """Halve by the shortest straight wall that leaves the right shares and keeps the order."""
    count = len(weights)
    middle = count // 2
    counts = (middle - 1, middle, middle + 1) if 4 <= count <= 12 else (middle,)
    angle = wall_angle(outline)
    cuts: list[Cut] = []
    for slant, picky in ((0.0, True), (np.pi / 4, True), (0.0, False)):
        arms = [arm for turn in range(4) for arm in _arms(
            outline, weights, counts, angle + slant + turn * np.pi / 2, order, picky)]
        for arm in sorted(arms, key=lambda arm: (round(arm.bound, 6), arm.taken)):
            if len(cuts) > _SPARE and arm.bound > min(cut.cost for cut in cuts):
                break
            cuts += _cut_off(outline, arm, count, order)
        cuts.sort(key=lambda cut: (round(cut.cost, 6), cut.taken))
        good = next((cut for cut in cuts if _holds(cut.first) and _holds(cut.second)), None)
        if good and (good.cost < _GOOD or slant):
            return good
    if not cuts:
        raise InvalidGeometry(f"A part of {outline.area:.1f} m² of the footprint is too thin for "
                              f"{count} units; draw it anew, or give a point")
    return good or cuts[0]


def _holds(part: Polygon) -> bool:
    """Tell whether the part is of one piece within its walls, without a neck."""
    inner = part.buffer(-_NECK, join_style="mitre")
    return bool(single(inner).area > 0.97 * inner.area)


def _arms(outline: Polygon, weights: Sequence[float], counts: Sequence[int], angle: float,
          order: Order, picky: bool) -> list[Arm]:
    """Return what walls across `angle` may cut off, growing from each tip of the outline.

    If `picky`, a first part grows only from a tip in the earlier half of the order, a last
    part from the later half: that is where good cuts are.
    """
    flat = turned(outline, -angle)
    middle = order(boundary_points(outline)).mean()
    found = []
    for tip in _tips(flat):
        early = order(shapely.get_coordinates(turned(shapely.Point(tip), angle)))[0] <= middle
        for count in counts:
            share = sum(weights[:count]) / sum(weights)
            for grown, is_first in ((share, True), (1 - share, False)):
                if picky and is_first != early:
                    continue
                part = _grown(flat, tip, grown * flat.area)
                if part.is_empty:
                    continue
                bound = (_wall(part) / np.sqrt(outline.area)
                         + _WRONG * abs(part.area / flat.area - grown))
                found.append(Arm(float(bound), count, is_first, angle, share, part))
    return found


def _wall(part: Polygon) -> float:
    """Return the length of the new wall: the part's sides that stand at its eastern end."""
    sides = np.diff(shapely.get_coordinates(part), axis=0)
    ends = shapely.get_coordinates(part)[:-1]
    east = part.bounds[2]
    upright = (np.abs(sides[:, 0]) < 1e-6) & (ends[:, 0] > east - 1e-6)
    return float(np.abs(sides[upright, 1]).sum())


def _cut_off(outline: Polygon, arm: Arm, count: int, order: Order) -> list[Cut]:
    """Return the cut that the arm makes, none if nothing is left.

    What falls off beside the larger rest goes to the part, so that both are contiguous.
    """
    flat = turned(outline, -arm.angle)
    rest = single(shapely.difference(flat, arm.part, grid_size=GRID))
    part = single(shapely.difference(flat, rest, grid_size=GRID))
    if part.is_empty or rest.is_empty:
        return []
    first, second = (part, rest) if arm.is_first else (rest, part)
    pair = turned(first, arm.angle), turned(second, arm.angle)
    cost = _cost(outline, pair, arm.share, order) + 0.1 * abs(arm.taken / count - 0.5)
    return [Cut(cost, arm.taken, *pair)]


def _tips(flat: Polygon) -> list[Points]:
    """Return the corners where a wall sweeping east first meets an arm, at most four."""
    ring = shapely.get_coordinates(flat.exterior)[:-1]
    x = np.round(ring[:, 0], 3)
    lowest = (x < np.roll(x, 1)) & (x <= np.roll(x, -1))
    corners = ring[lowest]
    return list(corners[np.argsort(corners[:, 0], kind="stable")][:4])


def _grown(flat: Polygon, tip: Points, target: float) -> Polygon:
    """Sweep a wall east from `tip` until the arm behind it has the target area.

    Where arms join the area jumps; then the wall stands at the jump.
    """
    seed = shapely.Point(tip)
    west, south, east, north = flat.bounds
    low, high = float(tip[0]), east
    less, more = 0.0, float(flat.area)
    part = NOTHING
    for turn in range(16):
        lean = 0.5 if turn % 3 == 2 else np.clip((target - less) / (more - less), 0.02, 0.98)
        middle = low + (high - low) * float(lean)
        part = _piece_at(flat, shapely.box(west - 1, south - 1, middle, north + 1), seed)
        if abs(part.area - target) < 3e-4 * flat.area or high - low < 1e-3:
            break
        if part.area < target:
            low, less = middle, part.area
        else:
            high, more = middle, part.area
    return part


def _piece_at(flat: Polygon, box: Polygon, seed: shapely.Point) -> Polygon:
    """Return the piece of the outline inside the box that the seed touches."""
    try:
        piece = shapely.intersection(flat, box)
    except shapely.errors.GEOSException:  # slower, but cannot fail
        piece = shapely.intersection(flat, box, grid_size=GRID)
    if isinstance(piece, Polygon):
        return piece
    pieces = shapely.get_parts(piece)
    near = pieces[shapely.distance(pieces, seed) < 1e-3]
    return single(near[0]) if len(near) else NOTHING


def _cost(outline: Polygon, pair: tuple[Polygon, Polygon], share: float, order: Order) -> float:
    """Weigh a cut: a long wall, ragged parts, wrong or lost shares, a broken order."""
    first, second = pair
    wall = (first.length + second.length - outline.length) / 2 / np.sqrt(outline.area)
    ragged = sum(part.area / outline.area * (1 - part.area / _box_area(part)) for part in pair)
    both = first.area + second.area
    wrong = abs(first.area / both - share) + 5 * (1 - both / outline.area)
    before, after = order(boundary_points(first)), order(boundary_points(second))
    span = max(before.max(), after.max()) - min(before.min(), after.min()) or 1.0
    apart = (after.mean() - before.mean()) / span
    return float(wall + ragged + _WRONG * wrong + 1.5 * max(0.0, 0.5 - apart))


def _box_area(part: Polygon) -> float:
    along, across = extent(part, wall_angle(part))
    return max(along * across, 1e-9)
