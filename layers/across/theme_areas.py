"""The areas of a theme: grids, communities, subdistricts, or hexagons of fixed size."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from layers.divisions import Division
from layers.grids import Grid
from spatial.crs import STORAGE, transform_geometries
from spatial.density import hexagon_of, hexagons, hexagons_within
from spatial.errors import InvalidInput
from spatial.history import NOW, Moment, seen
from spatial.state import metric_srid
from spatial.statistics import Mask, Numbers

#: More hexagons than this are no map; the side grows until there are fewer.
HEXAGONS_MOST = 60_000
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Areas:
    """The areas (n,) of one level, in the order of the tree.

    `lows`, `highs` bound the numbers that each owns (no meaning for hexagons); `parents` names
    what each lies in. `shapes` are in degrees, `metric` the same in the registry's metric CRS;
    None where an area has no shape.
    """

    level: str
    identifiers: tuple[str, ...]
    labels: tuple[str, ...]
    parents: tuple[str, ...]
    lows: Indices
    highs: Indices
    shapes: npt.NDArray[Any]
    srid: int
    cells: Indices | None = None
    side: float = 0.0
    ground: BaseGeometry | None = None

    def __len__(self) -> int:
        return len(self.identifiers)

    @cached_property
    def metric(self) -> npt.NDArray[Any]:
        """Return the shapes in metres."""
        return transform_geometries(self.shapes, STORAGE, self.srid)

    @cached_property
    def km2(self) -> Numbers:
        """Return the size of each area; NaN without a shape."""
        return np.asarray(shapely.area(self.metric) / 1e6)

    @cached_property
    def drawn(self) -> Mask:
        """Tell which areas have a shape."""
        return np.asarray(~(shapely.is_missing(self.shapes) | shapely.is_empty(self.shapes)))

    def of_numbers(self, numbers: Indices) -> Indices:
        """Return which area owns each number of the tree; -1 for none."""
        if not len(self):
            return np.full(len(numbers), -1)
        found = np.searchsorted(self.lows, numbers, side="right") - 1
        return np.where((found >= 0) & (numbers <= self.highs[found]), found, -1)

    def of_points(self, points: Numbers) -> Indices:
        """Return which hexagon holds each point (m, 2) in metres; -1 for none."""
        assert self.cells is not None
        place = {tuple(cell): index for index, cell in enumerate(self.cells.tolist())}
        return np.array([place.get(tuple(cell), -1)
                         for cell in hexagon_of(points, self.side).tolist()], dtype=np.int64)


def areas_of(session: Session, level: str, *, within: tuple[int, int], moment: Moment = NOW,
             side: float = 100.0) -> Areas:
    """Return the areas of a level whose number lies within a range, as they stood at `moment`."""
    srid = metric_srid(session)
    if srid is None:
        raise InvalidInput("There are no places yet; import divisions and grids first.")
    if level == "hexagon":
        ground = _fixed(session, "community", within, moment, srid)
        if not ground.drawn.any():
            ground = _fixed(session, "grid", within, moment, srid)
        return _hexagons(ground, side)
    return _fixed(session, level, within, moment, srid)


def _fixed(session: Session, level: str, within: tuple[int, int], moment: Moment,
           srid: int) -> Areas:
    one: Any = seen(Grid if level == "grid" else Division, moment)
    parent: Any = aliased(Division)
    up = one.community_id if level == "grid" else one.parent_id
    low, high = (one.scope, one.scope) if level == "grid" else (one.low, one.high)
    query = (select(one.identifier, one.name, parent.name.label("parent"), low.label("low"),
                    high.label("high"), func.ST_AsBinary(one.geometry).label("shape"))
             .outerjoin(parent, parent.id == up).where(low.between(*within), low > 0)
             .order_by(low, one.id))
    if level != "grid":
        query = query.where(one.level == level)
    rows = session.execute(query).all()
    return Areas(level, tuple(r.identifier for r in rows), tuple(r.name for r in rows),
                 tuple(r.parent or "" for r in rows),
                 np.array([r.low for r in rows], dtype=np.int64),
                 np.array([r.high for r in rows], dtype=np.int64),
                 np.array(shapely.from_wkb([r.shape and bytes(r.shape) for r in rows]),
                          dtype=object), srid)


def _hexagons(ground: Areas, side: float) -> Areas:
    """Return the hexagons whose middle lies in the ground that areas cover."""
    if not ground.drawn.any():
        raise InvalidInput("No community and no grid has a shape; hexagons need the ground.")
    whole = ground_of(ground)
    while whole.area / (2.6 * side ** 2) > HEXAGONS_MOST:
        side *= 2
    cells = hexagons_within(whole, side)
    shapes = transform_geometries(hexagons(cells, side), ground.srid, STORAGE)
    names = tuple(f"{side:g}_{q}_{r}" for q, r in cells.tolist())
    nothing = np.zeros(len(cells), dtype=np.int64)
    return Areas("hexagon", names, names, ("",) * len(cells), nothing, nothing, shapes,
                 ground.srid, cells, side, whole)


def ground_of(areas: Areas) -> BaseGeometry:
    """Return the ground of all areas as one shape in metres."""
    return areas.ground or shapely.union_all(areas.metric[areas.drawn])
