"""What coverage is measured against: grids, buildings with their doors, streets, gates, water.

Read once a version of the registry and kept. Persons enter as the number of households of a
building and no further; who is covered by what is never asked.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from layers.across.kept import Kept
from layers.across.theme_areas import Areas, Indices, areas_of
from layers.buildings import Building
from layers.entrances import Entrance
from layers.facilities import Facility
from layers.grounds import Ground
from layers.households import Household
from layers.streets import Street
from layers.units import Unit
from spatial.crs import STORAGE, transform_geometries
from spatial.errors import InvalidInput
from spatial.history import seen
from spatial.network import CAR, StreetGraph, build
from spatial.state import version
from spatial.statistics import Numbers
from spatial.visibility import Walls, walls
from spatial.walls import everywhere

#: Metres in front of a door at which it counts as seen or reached.
BEFORE_DOOR_M = 1.0
STOREY_M = 3.0
Shapes = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Town:
    """The town in metres. Buildings (b,), doors (d,), streets (s,), gates (g,).

    `grid` is the index of the grid that a building lies in, -1 for none; `door_of` the building
    of each door. A building without an entrance has no door: it is measured at its walls.
    """

    areas: Areas
    keys: Indices
    names: tuple[str, ...]
    footprints: Shapes
    heights: Numbers
    households: Numbers
    grid: Indices
    compounds: Indices
    doors: Shapes
    door_of: Indices
    streets: Shapes
    street_class: tuple[str, ...]
    water: Shapes
    gates: Shapes
    gate_of: Indices
    gate_hours: tuple[str, ...]
    state: int

    @cached_property
    def walls(self) -> Walls:
        """Return the buildings as what stands in the way."""
        return walls(self.footprints, self.heights)

    @cached_property
    def graph(self) -> StreetGraph:
        """Return the street network."""
        return build(self.streets)

    @cached_property
    def car_speeds(self) -> Numbers:
        """Return metres a second by car on each piece of the network."""
        pace = np.array([CAR.get(name, CAR["road"]) for name in self.street_class])
        return np.asarray(pace[self.graph.street])

    @cached_property
    def open_ground(self) -> Shapes:
        """Return each grid less its buildings and water."""
        tree = shapely.STRtree(np.concatenate([self.footprints, self.water]))
        every = np.asarray(tree.geometries)
        found = self.areas.metric.copy()
        area, thing = tree.query(found, predicate="intersects")
        for index in np.unique(area):
            taken = shapely.union_all(every[thing[area == index]])
            found[index] = merged(np.array([shapely.difference(found[index], taken)]), AREAS)
        return found

    @cached_property
    def street_parts(self) -> Shapes:
        """Return the street lines of each grid as one shape."""
        found = np.array([shapely.MultiLineString()] * len(self.areas), dtype=object)
        area, line = shapely.STRtree(self.streets).query(self.areas.metric,
                                                         predicate="intersects")
        cut = shapely.intersection(self.areas.metric[area], self.streets[line])
        for index in np.unique(area):
            found[index] = merged(cut[area == index], LINES)
        return found


#: Types of shapely's parts.
LINES, AREAS = 1, 3


def merged(shapes: Shapes, kind: int) -> Any:
    """Return the parts of one kind, lines or areas, as one shape: touching leaves others too."""
    parts = shapely.get_parts(shapes)
    return shapely.union_all(parts[shapely.get_type_id(parts) == kind])


_TOWNS: Kept[Town] = Kept(seconds=600.0, most=2)


def town(session: Session) -> Town:
    """Return the town as it stands now; InvalidInput where there is nothing to measure."""
    state = version(session)
    return _TOWNS.get((state, str(session.get_bind().engine.url)), lambda: _read(session, state))


def _read(session: Session, state: int) -> Town:
    areas = areas_of(session, "grid", within=(-(2**63), 2**63 - 1))
    srid = areas.srid
    rows = rows_of(session, Building, "identifier", "label", "number", "name", "height",
                 "storeys_above_ground", "scope", "compound_id")
    if not rows:
        raise InvalidInput("There are no buildings yet; import them first.")
    place = {row.id: index for index, row in enumerate(rows)}
    shapes = _metres([row.shape for row in rows], srid)
    scopes = np.array([row.scope for row in rows], dtype=np.int64)
    doors, door_of = _doors(session, place, shapes, srid)
    streets, classes, water, gates, gate_of, hours = _around(session, srid)
    return Town(
        areas, np.array([row.id for row in rows], dtype=np.int64),
        tuple(row.label or row.name or row.number or row.identifier for row in rows), shapes,
        np.array([_height(row) for row in rows]), _households(session, place),
        areas.of_numbers(scopes), _keys(rows), doors, door_of, streets, classes, water, gates,
        gate_of, hours, state)


def _doors(session: Session, place: dict[int, int], footprints: Shapes, srid: int
           ) -> tuple[Shapes, Indices]:
    """Return the spots in front of doors, and the building of each."""
    doors = rows_of(session, Entrance, "building_id")
    building = np.array([place.get(row.building_id, -1) for row in doors], dtype=np.int64)
    known = building >= 0
    spots = _metres([row.shape for row in doors], srid)[known]
    return before(spots, footprints[building[known]]), building[known]


def _around(session: Session, srid: int
            ) -> tuple[Shapes, tuple[str, ...], Shapes, Shapes, Indices, tuple[str, ...]]:
    """Return streets with their classes, water, and gates with compound and hours."""
    streets = rows_of(session, Street, "street_class")
    water = [row for row in rows_of(session, Ground, "kind") if row.kind in _WATER]
    gates = [row for row in rows_of(session, Facility, "kind", "compound_id", "hours")
             if row.kind == "gate"]
    lines, ponds, spots = (_metres([row.shape for row in found], srid)
                           for found in (streets, water, gates))
    return (lines, tuple(row.street_class or "road" for row in streets), ponds, spots,
            _keys(gates), tuple(row.hours or "" for row in gates))


def _keys(rows: list[Any]) -> Indices:
    return np.array([row.compound_id or -1 for row in rows], dtype=np.int64)


_WATER = ("water", "river")


def rows_of(session: Session, model: Any, *names: str) -> list[Any]:
    """Return the present rows of a layer that have a shape, with some columns."""
    one: Any = seen(model)
    return list(session.execute(
        select(one.id, func.ST_AsBinary(one.geometry).label("shape"),
               *(getattr(one, name) for name in names))
        .where(one.geometry.is_not(None)).order_by(one.id)))


def _metres(shapes: list[Any], srid: int) -> Shapes:
    found = np.array(shapely.from_wkb([bytes(one) for one in shapes]), dtype=object)
    return transform_geometries(found.reshape(-1), STORAGE, srid)


def _height(row: Any) -> float:
    return float(row.height or STOREY_M * max(row.storeys_above_ground or 1, 1))


def _households(session: Session, place: dict[int, int]) -> Numbers:
    """Return how many households each building has; the session must see all of them."""
    home: Any = seen(Household)
    key = func.coalesce(home.building_id, Unit.building_id)
    found = np.zeros(len(place))
    with everywhere(session):
        for building, number in session.execute(
                select(key, func.count()).select_from(home)
                .outerjoin(Unit, Unit.id == home.unit_id).group_by(key)):
            if building in place:
                found[place[building]] += number
    return found


def before(doors: Shapes, footprints: Shapes) -> Shapes:
    """Return the points BEFORE_DOOR_M in front of doors, away from their building."""
    if not len(doors):
        return doors
    spots = shapely.get_coordinates(doors)
    middle = shapely.get_coordinates(shapely.centroid(footprints))
    out = spots - shapely.get_coordinates(shapely.line_interpolate_point(
        shapely.boundary(footprints), shapely.line_locate_point(
            shapely.boundary(footprints), doors)))
    away = np.where(np.hypot(*out.T)[:, None] > 0.05, out, spots - middle)
    length = np.maximum(np.hypot(*away.T), 1e-9)[:, None]
    sign = np.where(shapely.contains(footprints, doors), -1.0, 1.0)[:, None]
    outside = np.where(np.hypot(*out.T)[:, None] > 0.05, sign, 1.0)
    return np.asarray(shapely.points(spots + outside * away / length * BEFORE_DOOR_M))
