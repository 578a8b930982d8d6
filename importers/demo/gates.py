"""Gates of compounds: where their boundary comes nearest to the streets around them."""

from dataclasses import dataclass

import shapely
from shapely import Point, STRtree

from importers.demo.compounds import Compound
from importers.demo.streets import WIDTH, Street

_WAYS = ("东门", "北门", "西门", "南门")


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate on a compound's boundary; `outside` is where it opens onto the street."""

    compound: Compound
    street: Street
    label: str
    x: float
    y: float
    outside: Point
    main: bool


def build_gates(compounds: list[Compound], streets: list[Street]) -> list[Gate]:
    """Return up to two gates of every compound, the main one first."""
    local = [s for s in streets if s.local]
    tree = STRtree([s.line for s in local])
    found = []
    for compound in compounds:
        if compound.source_id:
            near = sorted(tree.query(compound.polygon, predicate="dwithin", distance=26.0))
            found += _of(compound, [local[i] for i in near])
    return found


def _of(compound: Compound, streets: list[Street]) -> list[Gate]:
    """Open gates on the two streets with the longest fronts, back streets before main roads."""
    fronts = []
    for street in streets:
        shared = street.line.intersection(shapely.buffer(compound.polygon, 26.0))
        if shared.length > 40.0:
            fronts.append((street.kind != "back", -round(shared.length, 3), street, shared))
    fronts.sort(key=lambda f: (f[0], f[1], f[2].source_id))
    gates: dict[str, Gate] = {}
    for _, _, street, shared in fronts:
        gate = _gate(compound, street, shared, main=not gates)
        gates.setdefault(gate.label, gate)
    return list(gates.values())[: 1 if compound.lot.kind == "courtyard" else 2]


def _gate(compound: Compound, street: Street, shared: shapely.Geometry, *, main: bool) -> Gate:
    longest = max(shapely.get_parts(shapely.line_merge(shared)), key=lambda p: p.length)
    outside = longest.interpolate(0.5, normalized=True)
    edge = shapely.shortest_line(compound.polygon.boundary, outside).coords[0]
    middle = compound.polygon.centroid
    dx, dy = edge[0] - middle.x, edge[1] - middle.y
    west, south, east, north = compound.polygon.bounds
    dx, dy = dx / (east - west), dy / (north - south)
    way = (0 if dx > 0 else 2) if abs(dx) > abs(dy) else (1 if dy > 0 else 3)
    kerb = WIDTH[street.kind] / 2.0
    short = shapely.shortest_line(Point(edge), outside)
    return Gate(compound, street, _WAYS[way], edge[0], edge[1],
                short.interpolate(max(0.0, short.length - kerb)), main)
