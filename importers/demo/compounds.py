"""Compounds: what a lot leaves of its block when the streets have taken theirs."""

from dataclasses import dataclass

import shapely
from shapely import Polygon, STRtree
from shapely.geometry.base import BaseGeometry

from importers.demo.fabric import Fabric, Ground
from importers.demo.plan import Lot, lots
from importers.demo.polygons import largest, merged
from importers.demo.site import Site, make_site
from importers.demo.streets import Street

_WALL = 0.8
_ROUND = 5.0


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a lot in one cell: its ground, its grid and its buildable site."""

    ground: Polygon
    grid: str
    site: Site


@dataclass(frozen=True, slots=True)
class Compound:
    """A lot on the ground; `source_id` is empty where the lot is no compound."""

    source_id: str
    lot: Lot
    polygon: Polygon
    parts: tuple[Part, ...]


def build_compounds(fabric: Fabric, streets: list[Street]) -> list[Compound]:
    """Return every lot with its ground, numbered where it is a compound."""
    reserves = [s.reserve for s in streets if s.local]
    tree = STRtree(reserves)
    found: list[Compound] = []
    number = 0
    for key, lot in lots().items():
        grounds = [g for g in fabric.cells if g.cell.lot == key]
        number += bool(lot.kind)
        source_id = f"C{number:03d}" if lot.kind else ""
        found.append(_compound(source_id, lot, grounds, _taken(grounds, reserves, tree)))
    return found


def _taken(
    grounds: list[Ground], reserves: list[BaseGeometry], tree: STRtree
) -> BaseGeometry:
    whole = shapely.union_all([g.polygon for g in grounds])
    return shapely.union_all([reserves[i] for i in sorted(tree.query(whole))])


def _compound(source_id: str, lot: Lot, grounds: list[Ground], taken: BaseGeometry) -> Compound:
    whole = merged(g.polygon for g in grounds)
    polygon = _trimmed(whole, taken)
    margin = float(lot.spec.get("margin", 3.0))
    parts = []
    for ground in grounds:
        piece = largest(shapely.intersection(polygon, ground.polygon))
        middle = ground.cell.polygon.centroid
        parts.append(Part(piece, ground.cell.grid,
                          make_site(piece, (middle.x, middle.y), margin=margin)))
    return Compound(source_id, lot, polygon, tuple(parts))


def _trimmed(whole: Polygon, taken: BaseGeometry) -> Polygon:
    """Return the lot less its streets, drawn back by half a wall, its corners rounded."""
    free = largest(shapely.difference(whole, taken))
    inner = shapely.buffer(free, -_WALL - _ROUND, join_style="mitre")
    rounded = shapely.buffer(inner, _ROUND, quad_segs=3)
    return largest(shapely.simplify(rounded, 0.05))
