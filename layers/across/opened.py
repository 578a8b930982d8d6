"""An opened building: its units, slabs, doors and sections as GeoJSON, ready to be raised.

Shapes are cut for display (seams between units, slabs that stand proud); what is stored stays as
it is. Heights are true, below ground too: the page lifts basements, the data does not.
"""

import json
from typing import Any

from sqlalchemy import Numeric, Select, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from layers.across import scene
from layers.across.tiles import drawn_height
from layers.buildings import Building
from layers.entrances import Entrance
from layers.storeys import Storey
from layers.units import Unit
from spatial.crs import STORAGE, WEB
from spatial.errors import NotFound
from spatial.history import NOW, Moment, seen
from spatial.state import metric_srid

DECIMALS = 8
#: Index, label, base and top of a storey.
Level = tuple[float, str | None, float, float]
#: Metres by which a unit is drawn smaller, a slab larger, and half the size of a door's canopy.
INSET, PROUD, CANOPY = -0.09, 0.45, 1.5


def opened(session: Session, identifier: str, part: str, moment: Moment = NOW) -> str:
    """Return `part` (units, storeys, entrances, sections) of a building as GeoJSON text."""
    building = seen(Building, moment)
    found = session.execute(select(building.id).where(building.identifier == identifier)).scalar()
    if found is None:
        raise NotFound(f"There is no building {identifier[:20]}.")
    srid = metric_srid(session) or WEB
    if part == "storeys":
        return _slabs(session, found, srid, moment)
    rows = {"units": _units, "entrances": _doors, "sections": _sections}[part]
    return _collection(session, rows(found, srid, moment))


def _slabs(session: Session, building: int, srid: int, moment: Moment) -> str:
    """Lay a slab under each storey and one on top, all of the footprint's shape.

    Where no unit is known each storey is one body, so that the building does not stand empty.
    """
    one, storey = seen(Building, moment), seen(Storey, moment)
    slab, body, height, count, dimension = session.execute(select(
        _outline(one.geometry, srid, PROUD), _outline(one.geometry, srid, INSET),
        drawn_height(one), one.storeys_above_ground, func.ST_Dimension(one.geometry)).where(
        one.id == building)).one()
    if dimension != 2:
        return json.dumps({"type": "FeatureCollection", "features": []})
    rows = session.execute(select(storey.index, storey.label, storey.base_m, storey.top_m).where(
        storey.building_id == building).order_by(storey.base_m)).all()
    known: list[Level] = [(index, label, base, top) for index, label, base, top in rows
                          if base is not None and top is not None]
    levels = known or even_levels(height, count)
    floor, label, _, roof = levels[-1]
    features = [_level(slab, level, level[2] - 0.12, level[2] + 0.16)
                for level in (*levels, (floor, label, roof, roof))]
    if not _has_units(session, building, moment):
        features += [_level(body, level, level[2], level[3], body=True) for level in levels]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def _outline(shape: Any, srid: int, by: float) -> Any:
    return func.ST_AsGeoJSON(_grown(shape, srid, by), DECIMALS)


def _level(shape: str, level: Level, base: float, top: float,
           **more: Any) -> dict[str, Any]:
    said = {"floor": level[0], "storey": level[1], "base": round(base, 3), "top": round(top, 3)}
    return {"type": "Feature", "geometry": json.loads(shape), "properties": said | more}


def _has_units(session: Session, building: int, moment: Moment) -> bool:
    one = seen(Unit, moment)
    drawn = select(one.id).where(one.building_id == building, one.geometry.is_not(None))
    return session.execute(drawn.limit(1)).first() is not None


def even_levels(height: float, count: int | None) -> list[Level]:
    """Return (index, label, base, top) of storeys nobody recorded: about 3 m each."""
    number = min(max(count or round(height / 3), 1), 200)
    return [(n + 1, f"{n + 1}F", height * n / number, height * (n + 1) / number)
            for n in range(number)]


def _collection(session: Session, rows: Select[Any]) -> str:
    one = rows.subquery("one")
    shape = cast(func.ST_AsGeoJSON(one.c.geom, DECIMALS), JSONB)
    said = func.jsonb_strip_nulls(func.to_jsonb(one.table_valued())).op("-")(literal("geom"))
    feature = func.jsonb_build_object("type", "Feature", "geometry", shape, "properties", said)
    every = func.coalesce(func.jsonb_agg(feature), cast(literal("[]"), JSONB))
    text = func.jsonb_build_object("type", "FeatureCollection", "features", every)
    return str(session.scalar(select(cast(text, JSONB).op("#>>")(literal("{}")))
                              .select_from(one)))


def _grown(shape: Any, srid: int, by: float, style: str = "join=mitre") -> Any:
    grown = func.ST_Buffer(func.ST_Transform(shape, srid), by, style)
    return func.ST_Transform(grown, STORAGE)


def _units(building: int, srid: int, moment: Moment) -> Select[Any]:
    one, storey, entrance = seen(Unit, moment), seen(Storey, moment), seen(Entrance, moment)
    cut = _grown(one.geometry, srid, INSET)
    shape = case((func.ST_IsEmpty(cut), one.geometry), else_=cut)
    floor = func.coalesce(storey.index, func.floor(one.base_m / 3) + 1, 1)
    base = func.coalesce(one.base_m, storey.base_m, (floor - 1) * 3)
    rows: Select[Any] = (select(one.identifier, floor.label("floor"), storey.label.label("storey"),
                   entrance.number.label("ent"), entrance.identifier.label("entrance"),
                   one.designator.label("no"), one.position, one.use, _rounded(base, "base"),
                   _rounded(func.coalesce(one.top_m, base + 3), "top"), shape.label("geom"))
            .outerjoin(storey, storey.id == one.storey_id)
            .outerjoin(entrance, entrance.id == one.entrance_id)
            .where(one.building_id == building, one.geometry.is_not(None))
            .order_by(floor, one.id))
    return rows


def _rounded(value: Any, name: str) -> Any:
    return func.round(cast(value, Numeric), 3).label(name)


def _doors(building: int, srid: int, moment: Moment) -> Select[Any]:
    one = seen(Entrance, moment)
    return select(one.identifier, one.number, one.label.label("name"),
                  literal(1).label("floor"), literal(2.7).label("base"), literal(3.05).label("top"),
                  _grown(one.geometry, srid, CANOPY, "endcap=square").label("geom")).where(
        one.building_id == building, func.ST_Dimension(one.geometry) == 0)


def _sections(building: int, _srid: int, moment: Moment) -> Select[Any]:
    one, piece = seen(Entrance, moment), scene.SECTION.c
    spot = func.ST_Transform(piece.geom_3857, STORAGE).label("geom")
    return select(one.identifier, func.coalesce(one.label, one.number).label("name"),
                  piece.height, spot).join_from(
        scene.SECTION, one, one.id == piece.entrance_id).where(piece.building_id == building)
