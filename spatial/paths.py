"""The way along a building: where its first door is, where its last, and what lies between.

Straight buildings run along their long axis from west to east (north to south where they stand
across), courtyards clockwise round the yard from the west, all others along their middle line.
"""

import heapq
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely
from shapely import LineString, Polygon

from spatial.outlines import Order, Outline, Points, extent, is_compact, wall_angle

#: A hole larger than this share of the outer area makes a courtyard; smaller is a light well.
YARD = 0.04


def facing(angle: float) -> float:
    """Return `angle` or its opposite, so that it points east, or south where nearer to that."""
    return (angle + 3 * np.pi / 4 - 1e-9) % np.pi - 3 * np.pi / 4 + 1e-9


def long_axis(outline: Outline) -> float:
    """Return the direction of the long side; of a square, the side that runs east."""
    angle = wall_angle(outline)
    along, across = extent(outline, angle)
    if max(along, across) < 1.1 * min(along, across):
        eastward = abs(facing(angle)) <= np.pi / 4
        return facing(angle if eastward else angle + np.pi / 2)
    return facing(angle if along > across else angle + np.pi / 2)


def building_order(outline: Outline) -> Order:
    """Return where points lie along the building: grows from its first door to its last."""
    if isinstance(outline, Polygon):
        yard = max((Polygon(ring) for ring in outline.interiors),
                   key=lambda hole: float(hole.area), default=Polygon())
        if yard.area > YARD * Polygon(outline.exterior).area:
            return _around(shapely.get_coordinates(yard.centroid)[0])
        if not is_compact(outline):
            line = middle_line(outline)
            return lambda points: np.asarray(
                shapely.line_locate_point(line, shapely.points(points)))
    axis = long_axis(outline)
    direction = np.array([np.cos(axis), np.sin(axis)])
    return lambda points: points @ direction


def _around(centre: Points) -> Order:
    """Return the order clockwise round the centre, from the west."""
    def order(points: Points) -> Points:
        away = points - centre
        clockwise = (np.pi - np.arctan2(away[:, 1], away[:, 0])) % (2 * np.pi)
        return np.asarray(clockwise)

    return order


def middle_line(outline: Polygon) -> LineString:
    """Return a line from one end of the outline to the other, through the middle of its arms.

    It is the longest way through the triangles of the outline; the western end comes first.
    """
    triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(outline))
    centres = shapely.get_coordinates(shapely.centroid(triangles))
    doors = _doors(triangles)
    far = _farthest(0, centres, doors)[-1]
    way = _farthest(far, centres, doors)
    stops = [centres[way[0]], *(doors[one][other] for one, other in pairwise(way)),
             centres[way[-1]]]
    if len(way) == 1:
        stops = list(shapely.get_coordinates(triangles[way[0]])[:2])
    first, last = stops[0], stops[-1]
    if (round(first[0] - last[0], 3), round(last[1] - first[1], 3)) > (0.0, 0.0):
        stops.reverse()
    return LineString(stops)


def _doors(triangles: npt.NDArray[np.object_]) -> list[dict[int, Points]]:
    """Return, for each triangle, its neighbours and the middle of the side they share."""
    sides: dict[frozenset[tuple[float, float]], list[int]] = {}
    for index, triangle in enumerate(triangles):
        corners = [tuple(corner) for corner in np.round(shapely.get_coordinates(triangle), 6)]
        for side in pairwise(corners):
            sides.setdefault(frozenset(side), []).append(index)
    doors: list[dict[int, Points]] = [{} for _ in triangles]
    for ends, owners in sides.items():
        if len(owners) == 2:
            middle = np.array(sorted(ends)).mean(axis=0)
            doors[owners[0]][owners[1]] = doors[owners[1]][owners[0]] = middle
    return doors


def _farthest(start: int, centres: Points, doors: list[dict[int, Points]]) -> list[int]:
    """Return the way from `start` to the triangle that is farthest from it on foot."""
    reached: dict[int, tuple[float, int]] = {}
    queue = [(0.0, start, start)]
    while queue:
        walked, here, before = heapq.heappop(queue)
        if here in reached:
            continue
        reached[here] = (walked, before)
        for there, door in doors[here].items():
            step = np.hypot(*(door - centres[here])) + np.hypot(*(centres[there] - door))
            heapq.heappush(queue, (walked + float(step), there, here))
    way = [max(reached, key=lambda index: (reached[index][0], -index))]
    while way[-1] != start:
        way.append(reached[way[-1]][1])
    return way[::-1]
