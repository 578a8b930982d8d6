"""The fabric: every grid of the district as faces of one planar graph.

All outlines are noded together on the plan, and each face is bent edge by edge, so that two
neighbours always share their vertices exactly. Communities, subdistricts and the district are
unions of their grids; nothing can gape or overlap.
"""

import random
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import Polygon, STRtree

from importers.demo.frame import bend_polygon, to_globe
from importers.demo.partition import Piece, partition
from importers.demo.plan import Cell, cells
from importers.demo.polygons import merged

COMPLETE = 0
"""The complete subdistrict is the first of the plan."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A cell of the complete subdistrict in local metres, with its grid's key."""

    cell: Cell
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class GridShape:
    """A grid: who it belongs to and its outline in longitude and latitude."""

    subdistrict: int
    community: str
    key: str
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class Fabric:
    """The grids of the whole district and the cells of the complete subdistrict."""

    grids: tuple[GridShape, ...]
    cells: tuple[Ground, ...]


def build_fabric(rng: random.Random) -> Fabric:
    """Cut the whole district into grids, from west to east and north to south."""
    own = cells()
    own_grids = {c.grid for c in own}
    pieces = [Piece(COMPLETE, c.community, c.grid, c.polygon) for c in own]
    pieces += partition(rng, taken=len(own_grids))
    faces = _faces([p.polygon for p in pieces])
    bent = [bend_polygon(face) for face in faces]
    grouped: dict[tuple[int, str, str], list[Polygon]] = defaultdict(list)
    for piece, face in zip(pieces, bent, strict=True):
        grouped[piece.subdistrict, piece.community, piece.grid].append(to_globe(face))
    grids = [GridShape(*key, merged(parts)) for key, parts in grouped.items()]
    grounds = [Ground(cell, face) for cell, face in zip(own, bent[: len(own)], strict=True)]
    first = {p.community: n for n, p in reversed(list(enumerate(pieces)))}
    grids.sort(key=lambda g: (g.subdistrict, first[g.community], *_reading_order(g.polygon)))
    return Fabric(tuple(grids), tuple(grounds))


def _reading_order(polygon: Polygon) -> tuple[int, float]:
    """Order grids as CJ/T 349 5.7 numbers them: left to right, top to bottom."""
    return -round(polygon.centroid.y / 0.0018), polygon.centroid.x


def _faces(outlines: list[Polygon]) -> list[Polygon]:
    """Return the outlines as faces of one noded graph, in the same order."""
    lines = shapely.union_all(shapely.boundary(np.array(outlines, dtype=object)), grid_size=0.001)
    found = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    inner = shapely.point_on_surface(found)
    home = STRtree(outlines).query(inner, predicate="within")
    homes: dict[int, list[Any]] = defaultdict(list)
    for face, outline in zip(*home, strict=True):
        homes[int(outline)].append(found[face])
    return [merged(homes[i]) for i in range(len(outlines))]
