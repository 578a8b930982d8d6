"""The street network: how long it takes from a station to each door.

Streets are cut where they meet; a door, a station or a gate hangs on the nearest piece by a
straight access path. Reach is measured at the door, never by a drawn polygon: a circle of the
same minutes claims a tenth more households than the streets allow. All coordinates are metres
of one metric CRS; speeds are metres a second, times are seconds, infinite where no way leads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from spatial.errors import InvalidInput
from spatial.statistics import Mask, Numbers

#: Metres a second: on foot, older people on foot, by electric bicycle.
SPEEDS: Mapping[str, float] = {"walk": 1.2, "older": 0.9, "ebike": 4.2}
#: Metres a second by car, by class of street; what has no class goes like a road.
CAR: Mapping[str, float] = {"main": 11.0, "road": 8.0, "back": 5.5, "lane": 4.0}
#: Metres by which a street's end may miss the street it meets.
UNDERSHOOT_M = 4.0
#: Coordinates are kept to the millimetre, so that ends which meet are one.
_GRID_M = 0.001
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class StreetGraph:
    """Pieces of streets between the places where they meet or end.

    `nodes` (n, 2); `ends` (m, 2) indices of nodes; `lines` (m,) their geometry, running from the
    first end to the second; `street` (m,) which input line a piece comes from; `closed` (m,)
    pieces that cannot be passed; `one_way` (m,) pieces passed from the first end only.
    """

    nodes: Numbers
    ends: Indices
    lines: npt.NDArray[Any]
    street: Indices
    closed: Mask
    one_way: Mask

    @property
    def lengths(self) -> Numbers:
        """Return the length of each piece."""
        return np.asarray(shapely.length(self.lines))

    def without(self, barriers: npt.NDArray[Any]) -> "StreetGraph":
        """Return the same with every piece closed that crosses one of `barriers`."""
        crossed = np.unique(shapely.STRtree(self.lines).query(barriers, predicate="intersects")[1])
        closed = self.closed.copy()
        closed[crossed] = True
        return replace(self, closed=closed)


@dataclass(frozen=True, slots=True)
class Access:
    """Ways from places onto the network, any number a place.

    `place` (a,) index of the place; `edge` (a,) the piece; `along` (a,) metres from its first
    end; `path` (a,) metres of straight path before the street is reached.
    """

    place: Indices
    edge: Indices
    along: Numbers
    path: Numbers
    places: int


def build(lines: npt.NDArray[Any], *, one_way: Mask | None = None) -> StreetGraph:
    """Return the graph of street lines (k,); ends that miss a street by a little are led on.

    Raises InvalidInput where there is no line at all. Streets meet wherever they cross: leave a
    bridge's line out, or name what it crosses as a barrier.
    """
    parts, owner = shapely.get_parts(lines, return_index=True)
    usable = (shapely.get_type_id(parts) == 1) & ~shapely.is_empty(parts)
    parts, owner = parts[usable], owner[usable]
    if not len(parts):
        raise InvalidInput("There are no streets to travel along; import streets first.")
    parts = shapely.set_precision(_led_on(parts), _GRID_M)
    pieces = shapely.set_precision(shapely.get_parts(shapely.node(
        shapely.multilinestrings(parts))), _GRID_M)
    pieces = pieces[shapely.length(pieces) > 0]
    nodes, ends = _ends(pieces)
    street = _owners(pieces, parts, owner)
    ways = np.zeros(len(pieces), bool) if one_way is None else _directed(pieces, lines, street,
                                                                          one_way)
    return StreetGraph(nodes, ends, pieces, street, np.zeros(len(pieces), bool), ways)


def _led_on(parts: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Lead each loose end on to the street that it misses by UNDERSHOOT_M or less."""
    tree = shapely.STRtree(parts)
    found = list(parts)
    for last in (False, True):
        tips = shapely.get_point(parts, -1 if last else 0)
        who, other = tree.query(tips, predicate="dwithin", distance=UNDERSHOOT_M)
        gap = shapely.distance(tips[who], parts[other])
        gap[who == other] = np.inf
        for at in np.unique(who):
            mine = np.flatnonzero(who == at)
            nearest = mine[np.argmin(gap[mine])]
            if _GRID_M < gap[nearest] < np.inf and (gap[mine] > _GRID_M).all():
                found[at] = _joined(found[at], tips[at], parts[other[nearest]], last=last)
    return np.array(found, dtype=object)


def _joined(line: Any, tip: Any, other: Any, *, last: bool) -> Any:
    """Return `line` led on from its tip to the nearest spot of `other`, and a hair across it."""
    (x0, y0), (x1, y1) = shapely.get_coordinates(shapely.shortest_line(tip, other))
    over = 1 + 2 * _GRID_M / max(np.hypot(x1 - x0, y1 - y0), _GRID_M)
    spot = [[x0 + (x1 - x0) * over, y0 + (y1 - y0) * over]]
    points = shapely.get_coordinates(line)
    return shapely.linestrings(np.vstack([points, spot] if last else [spot, points]))


def _ends(pieces: npt.NDArray[Any]) -> tuple[Numbers, Indices]:
    first = shapely.get_coordinates(shapely.get_point(pieces, 0))
    last = shapely.get_coordinates(shapely.get_point(pieces, -1))
    both = np.round(np.vstack([first, last]) / _GRID_M).astype(np.int64)
    nodes, index = np.unique(both, axis=0, return_inverse=True)
    ends = index.reshape(2, -1).T.astype(np.int64)
    return np.asarray(nodes * _GRID_M, dtype=np.float64), ends


def _owners(pieces: npt.NDArray[Any], parts: npt.NDArray[Any], owner: Indices) -> Indices:
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    which, nearest = shapely.STRtree(parts).query_nearest(middles, all_matches=False)
    found = np.zeros(len(pieces), dtype=np.int64)
    found[which] = owner[nearest]
    return found


def _directed(pieces: npt.NDArray[Any], lines: npt.NDArray[Any], street: Indices,
              one_way: Mask) -> Mask:
    """Tell which pieces are one-way, turning those round in place that run against their street."""
    first = shapely.line_locate_point(lines[street], shapely.get_point(pieces, 0))
    last = shapely.line_locate_point(lines[street], shapely.get_point(pieces, -1))
    against = one_way[street] & (first > last)
    pieces[against] = shapely.reverse(pieces[against])
    return one_way[street]


def attach(graph: StreetGraph, points: npt.NDArray[Any]) -> Access:
    """Return the way of each point (p,) onto the nearest piece that is not closed."""
    open_ = np.flatnonzero(~graph.closed)
    if not len(open_):
        raise InvalidInput("Every street is closed; nothing can be reached.")
    tree = shapely.STRtree(graph.lines[open_])
    place, nearest = tree.query_nearest(points, all_matches=False)
    edge = open_[nearest]
    lines = graph.lines[edge]
    return Access(place.astype(np.int64), edge.astype(np.int64),
                  np.asarray(shapely.line_locate_point(lines, points[place])),
                  np.asarray(shapely.distance(lines, points[place])), len(points))


def through_gates(doors: npt.NDArray[Any], inside: Indices, gates: npt.NDArray[Any],
                  of: Indices, graph: StreetGraph, *, open_gates: Mask | None = None) -> Access:
    """Return the ways of doors that lie behind walls: by each open gate of their compound.

    `inside` (d,) the compound of each door, -1 for none; `of` (g,) that of each gate. A door
    whose compound has no gate at all goes straight to the street; one whose gates are all
    closed has no way out, and stays unreachable.
    """
    allowed = np.ones(len(gates), bool) if open_gates is None else open_gates
    walled = np.isin(inside, np.unique(of[of >= 0])) & (inside >= 0)
    free = np.flatnonzero(~walled)
    plain = attach(graph, doors[free])
    door, gate = _pairs(np.flatnonzero(walled), inside, np.flatnonzero(allowed), of)
    by_gate = attach(graph, gates[gate]) if len(gate) else attach(graph, gates[:0])
    walk = np.asarray(shapely.distance(doors[door], gates[gate]))[by_gate.place]
    return Access(np.concatenate([free[plain.place], door[by_gate.place]]),
                  np.concatenate([plain.edge, by_gate.edge]),
                  np.concatenate([plain.along, by_gate.along]),
                  np.concatenate([plain.path, by_gate.path + walk]), len(doors))


def _pairs(doors: Indices, inside: Indices, gates: Indices, of: Indices
           ) -> tuple[Indices, Indices]:
    """Pair every door with every gate of the same compound."""
    order = gates[np.argsort(of[gates], kind="stable")]
    start = np.searchsorted(of[order], inside[doors], side="left")
    count = np.searchsorted(of[order], inside[doors], side="right") - start
    shift = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(doors, count), order[np.repeat(start, count) + shift]


def travel_times(graph: StreetGraph, start: Access, end: Access, *, speed: Any = SPEEDS["walk"],
                 path_speed: float = SPEEDS["walk"]) -> Numbers:
    """Return seconds from the nearest of the starts to each end place (places,).

    t = min over the ends of the access piece of (time to that node + rest of the piece) + access
    path, on both sides; where start and end hang on the same piece, also straight along it.
    `speed` is one number or one a piece; the access paths are walked at `path_speed`.
    """
    pace = np.broadcast_to(np.asarray(speed, dtype=np.float64), len(graph.lines))
    if not (np.isfinite(pace).all() and (pace > 0).all() and path_speed > 0):
        raise InvalidInput("Speeds must be above 0.")
    times = np.full(end.places, np.inf)
    if len(start.edge) and len(end.edge):
        found = _by_nodes(graph, start, end, pace, path_speed)
        same = _along_one(graph, start, end, pace, path_speed)
        np.minimum.at(times, end.place, np.minimum(found, same))
    return times


def _by_nodes(graph: StreetGraph, start: Access, end: Access, pace: Numbers,
              path_speed: float) -> Numbers:
    from scipy.sparse.csgraph import dijkstra

    n, lengths = len(graph.nodes), graph.lengths
    reached = dijkstra(_matrix(graph, start, pace, path_speed), indices=n)[:n]
    first, last = graph.ends[end.edge].T
    rest = (lengths[end.edge] - end.along) / pace[end.edge]
    backward = np.where(graph.one_way[end.edge], np.inf, reached[last] + rest)
    forward = reached[first] + end.along / pace[end.edge]
    shut = np.where(graph.closed[end.edge], np.inf, 0.0)
    found: Numbers = np.minimum(forward, backward) + end.path / path_speed + shut
    return found


def _matrix(graph: StreetGraph, start: Access, pace: Numbers, path_speed: float) -> Any:
    """Return the costs between nodes; one node more, the last, leads to all the starts."""
    from scipy.sparse import csr_array

    n, lengths = len(graph.nodes), graph.lengths
    first, last = graph.ends.T
    there, back = ~graph.closed, ~graph.closed & ~graph.one_way
    lead = start.path / path_speed
    near, far = graph.ends[start.edge].T
    open_ = ~graph.closed[start.edge]
    to_near = open_ & ~graph.one_way[start.edge]
    rows = [first[there], last[back], np.full(open_.sum() + to_near.sum(), n)]
    columns = [last[there], first[back], far[open_], near[to_near]]
    onward = lead + (lengths[start.edge] - start.along) / pace[start.edge]
    costs = [(lengths / pace)[there], (lengths / pace)[back], onward[open_],
             (lead + start.along / pace[start.edge])[to_near]]
    return _least(csr_array, np.concatenate(rows), np.concatenate(columns),
                  np.concatenate(costs), n + 1)


def _least(make: Any, rows: Indices, columns: Indices, costs: Numbers, size: int) -> Any:
    """Return a sparse matrix with the least cost of each pair (a plain one would add them up)."""
    order = np.lexsort((costs, columns, rows))
    rows, columns, costs = rows[order], columns[order], costs[order]
    new = np.ones(len(rows), bool)
    new[1:] = (np.diff(rows) != 0) | (np.diff(columns) != 0)
    # A cost of exactly 0 would be read as no edge.
    return make((np.maximum(costs[new], 1e-9), (rows[new], columns[new])), shape=(size, size))


def _along_one(graph: StreetGraph, start: Access, end: Access, pace: Numbers,
               path_speed: float) -> Numbers:
    """Return seconds straight along the piece that a start and an end share."""
    found = np.full(len(end.edge), np.inf)
    ends, starts = _pairs(np.arange(len(end.edge)), end.edge, np.arange(len(start.edge)),
                          start.edge)
    ahead = end.along[ends] - start.along[starts]
    edge = end.edge[ends]
    shut = graph.closed[edge] | (graph.one_way[edge] & (ahead < 0))
    took = (np.abs(ahead) / pace[edge] + (end.path[ends] + start.path[starts]) / path_speed)
    np.minimum.at(found, ends, np.where(shut, np.inf, took))
    return found
