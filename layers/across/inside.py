"""What lies in an area somebody drew: buildings, and counts the caller may see of them.

Areas drawn by hand can be drawn round one household, and two of them subtracted: so those who
may see persons only as rounded counts of fixed areas get no count of persons here at all.
"""

import json
from dataclasses import dataclass
from typing import Any

from geoalchemy2 import Geography
from shapely import Polygon, to_wkt
from sqlalchemy import cast, func, select
from sqlalchemy.orm import Session

from layers.across.counts import METRICS
from layers.across.labels import building_label
from layers.across.rollup import EVERYONE, EXACT, EXACT_FOR
from layers.across.tiles import OPEN_KINDS
from layers.buildings import Building
from layers.caller import Caller
from layers.codelists import codelist
from layers.compounds import Compound
from layers.facilities import Facility
from layers.units import Unit
from spatial.crs import STORAGE
from spatial.errors import InvalidGeometry, InvalidInput
from spatial.geometry import area_m2, mend
from spatial.history import NOW, Moment, seen
from spatial.walls import everywhere

VERTICES_MOST = 2_000
AREA_MOST_KM2 = 400.0
BUILDINGS_MOST = 2_000
#: Counts of persons and of what is theirs: not for drawn areas, unless a role may see them exact.
OF_PERSONS = tuple(name for name in METRICS if name not in EVERYONE and name != "incidents")


@dataclass(frozen=True, slots=True)
class Area:
    """A drawn area in the storage CRS, with its size."""

    shape: Any
    m2: float


def area_of(session: Session, outline: str | None, near: tuple[float, float] | None,
            radius_m: float | None) -> Area:
    """Return the area within an outline (WKT), or round a point; InvalidInput if it is neither."""
    if (outline is None) == (near is None) or (near is None) != (radius_m is None):
        raise InvalidInput("Give outline (a polygon as WKT), or near with radius_m.")
    if outline is None:
        spot = func.ST_SetSRID(func.ST_MakePoint(*near), STORAGE)  # type: ignore[misc]
        ring = func.ST_Buffer(cast(spot, Geography), radius_m, 24)
        outline = session.scalar(select(func.ST_AsText(ring)))
    polygon, _ = mend(str(outline))
    if not isinstance(polygon, Polygon) or polygon.is_empty:
        raise InvalidGeometry("An area is one polygon; draw its corners in order.")
    if len(polygon.exterior.coords) > VERTICES_MOST:
        raise InvalidGeometry(f"The outline has more than {VERTICES_MOST:,} corners.")
    m2 = area_m2(polygon)
    if m2 > AREA_MOST_KM2 * 1e6:
        raise InvalidGeometry(f"The area is larger than {AREA_MOST_KM2:.0f} km²; draw less.")
    return Area(func.ST_GeomFromText(to_wkt(polygon, rounding_precision=8), STORAGE), m2)


def inside(session: Session, caller: Caller, area: Area, language: str,
           moment: Moment = NOW) -> dict[str, Any]:
    """Return the area as GeoJSON with its counts, and the buildings within as features.

    A building is inside when the point that stands for it is. `withheld` names the measures that
    the role may not have of drawn areas.
    """
    building: Any = seen(Building, moment)
    within = (building.geometry.op("&&")(area.shape),
              func.ST_Intersects(func.ST_PointOnSurface(building.geometry), area.shape))
    keys = select(building.id).where(*within).cte("inside").prefix_with("MATERIALIZED")
    allowed = [name for name in METRICS if _may(caller, name)]
    counts = {name: _count(session, caller, name, keys, moment) for name in allowed}
    told = [{"metric": name, "label": METRICS[name].title.in_language(language), "value": value}
            for name, value in counts.items()]
    shape = json.loads(session.scalar(select(func.ST_AsGeoJSON(area.shape, 7))) or "null")
    return {"type": "FeatureCollection", "counts": told, "area_m2": round(area.m2, 1),
            "facilities": _facilities(session, area, language, moment),
            "withheld": [METRICS[name].title.in_language(language)
                         for name in METRICS if name not in allowed],
            "features": [{"type": "Feature", "geometry": shape, "properties": {
                "area_m2": round(area.m2, 1), **counts}},
                *_buildings(session, building, within, language)]}


def _may(caller: Caller, name: str) -> bool:
    return name in EVERYONE or caller.role in EXACT_FOR.get(name, EXACT)


def _count(session: Session, caller: Caller, name: str, keys: Any, moment: Moment) -> int:
    """Count the things of a measure whose building is inside; persons in the caller's area only."""
    things = METRICS[name].things(moment).subquery("things")
    home: Any = seen(Unit, moment)
    query = select(func.count()).select_from(things).outerjoin(
        home, home.id == things.c.unit_id).where(
        func.coalesce(things.c.building_id, home.building_id).in_(select(keys.c.id)))
    if name in OF_PERSONS:
        query = query.where(caller.within(things.c.scope))
    with everywhere(session):
        return int(session.scalar(query) or 0)


def _facilities(session: Session, area: Area, language: str,
                moment: Moment) -> list[dict[str, Any]]:
    one: Any = seen(Facility, moment)
    rows = session.execute(select(one.kind, func.count()).where(
        one.kind.in_(OPEN_KINDS), func.ST_Intersects(one.geometry, area.shape))
        .group_by(one.kind).order_by(func.count().desc(), one.kind))
    kinds = codelist("facility_kind")
    return [{"kind": kind, "label": kinds.label(kind, language), "value": number}
            for kind, number in rows]


def _buildings(session: Session, building: Any, within: Any,
               language: str) -> list[dict[str, Any]]:
    rows = session.execute(select(
        building.identifier, building.label, building.number, building.name, building.plate,
        building.function, building.storeys_above_ground, Compound.name.label("compound"),
        func.ST_AsGeoJSON(building.geometry, 7).label("shape"))
        .outerjoin(Compound, Compound.id == building.compound_id).where(*within)
        .order_by(Compound.name, building.id).limit(BUILDINGS_MOST)).mappings()
    uses = codelist("building_function")
    return [{"type": "Feature", "geometry": json.loads(row["shape"]), "properties": {
        "identifier": row["identifier"], "label": building_label(dict(row)),
        "compound": row["compound"], "use": uses.label(row["function"], language),
        "storeys": row["storeys_above_ground"]}} for row in rows]
