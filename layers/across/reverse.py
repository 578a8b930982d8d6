"""What is at this point? The most exact place that holds it, and its chain.

A footprint holds it, else a compound, else a grid, else a division; with a height or a floor the
storey and the unit. A building nearby is told apart: it is never the answer itself.
"""

from collections.abc import Sequence
from math import asin, cos, radians, sin, sqrt
from typing import Any

from sqlalchemy import Select, func, literal_column, select
from sqlalchemy.orm import Session

from layers.across.places import place_json
from layers.buildings import Building
from layers.compounds import Compound
from layers.divisions import Division
from layers.grids import Grid
from layers.storeys import Storey
from layers.units import Unit
from spatial.crs import STORAGE
from spatial.errors import InvalidInput
from spatial.history import NOW, Moment, seen
from spatial.state import version

EARTH_M = 6_371_008.8
#: A building is near when its wall is within this many metres.
NEAR_M = 60.0
#: Degrees that hold NEAR_M at every latitude people live at.
NEAR_DEGREES = 0.002
Point = tuple[float, float]


def metres_between(one: Point, other: tuple[float, ...]) -> float:
    """Return the great-circle distance of two points (longitude, latitude; degrees) in metres."""
    lon, lat, to_lon, to_lat = map(radians, (one[0], one[1], other[0], other[1]))
    part = sin((to_lat - lat) / 2) ** 2
    part += cos(lat) * cos(to_lat) * sin((to_lon - lon) / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(part)))


def reverse(
    session: Session, lon: float, lat: float, *, height: float | None = None,
    floor: float | None = None, moment: Moment = NOW,
) -> dict[str, Any]:
    """Return the most exact place at a point (EPSG:4326), with `height` in metres above ground.

    `floor` is a storey's index: 1 the ground floor, -1 the first basement. `relation` is null
    where the place holds the point; `near` tells of the closest building when none holds it.
    """
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InvalidInput(f"({lon}, {lat}) is no longitude and latitude in degrees.")
    point = func.ST_SetSRID(func.ST_MakePoint(lon, lat), STORAGE)
    building = _first(session, _covering(Building, point, moment))
    ref = (_around(session, point, moment) if building is None else
           _inside(session, building, point, height=height, floor=floor, moment=moment))
    places = place_json(session, [ref], moment) if ref else []
    place = places[0] if places else None
    return {
        "status": "match" if place else "none", "level": place["level"] if place else None,
        "ref": place["identifier"] if place else None, "place": place,
        "chain": place["chain"] if place else [], "relation": None,
        "near": None if building else _near(session, (lon, lat), point, moment),
        "registry_version": str(version(session))}  # fmt: skip


def _first(session: Session, query: Select[Any]) -> int | None:
    row = session.execute(query.limit(1)).first()
    return None if row is None else int(row[0])


def _covering(model: Any, point: Any, moment: Moment) -> Select[Any]:
    """Select the keys of the features that hold the point, the smallest first."""
    one: Any = seen(model, moment)
    return (select(one.id).where(func.ST_Covers(one.geometry, point))
            .order_by(func.ST_Area(one.geometry), one.id))


def _around(session: Session, point: Any, moment: Moment) -> tuple[str, int] | None:
    """Return the compound, grid or division that holds the point."""
    for letter, model in (("c", Compound), ("g", Grid), ("d", Division)):
        found = _first(session, _covering(model, point, moment))
        if found is not None:
            return letter, found
    return None


def _inside(
    session: Session, building: int, point: Any, *, height: float | None, floor: float | None,
    moment: Moment,
) -> tuple[str, int]:
    """Return the unit or storey at this height or floor of a building, else the building."""
    if height is None and floor is None:
        return "b", building
    storeys: Any = seen(Storey, moment)
    query = select(storeys.id).where(storeys.building_id == building)
    if floor is not None:
        query = query.where(storeys.index == floor)
    else:
        query = query.where(storeys.base_m <= height, storeys.top_m > height)
    storey = _first(session, query.order_by(storeys.index))
    unit = _unit(session, building, storey, point, height=height, moment=moment)
    if unit is not None:
        return "u", unit
    return ("f", storey) if storey is not None else ("b", building)


def _unit(
    session: Session, building: int, storey: int | None, point: Any, *, height: float | None,
    moment: Moment,
) -> int | None:
    units: Any = seen(Unit, moment)
    query = select(units.id).where(units.building_id == building,
                                   func.ST_Covers(units.geometry, point))
    if storey is not None:
        query = query.where(units.storey_id == storey)
    elif height is not None:
        query = query.where(units.base_m <= height, units.top_m > height)
    else:
        return None
    return _first(session, query.order_by(func.ST_Area(units.geometry), units.id))


def _near(session: Session, at: Point, point: Any, moment: Moment) -> dict[str, Any] | None:
    """Return the closest building within NEAR_M, with metres to its wall."""
    one: Any = seen(Building, moment)
    wall = func.ST_ClosestPoint(one.geometry, point)
    close = func.ST_Expand(point, literal_column(str(NEAR_DEGREES)))
    query = select(one.id, func.ST_X(wall), func.ST_Y(wall)).where(one.geometry.op("&&")(close))
    rows: Sequence[Any] = session.execute(query).all()
    ranked = sorted((metres_between(at, (row[1], row[2])), row[0]) for row in rows)
    if not ranked or ranked[0][0] > NEAR_M:
        return None
    place = place_json(session, [("b", ranked[0][1])], moment)
    return {"relation": "near", "metres": round(ranked[0][0], 1),
            "place": place[0] if place else None}
