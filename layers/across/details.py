"""One place in full: attributes, what it holds, its shape, its volume, and where to look from."""

import json
from collections.abc import Mapping
from typing import Any

from shapely import MultiPolygon, Polygon, from_wkb
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from layers.across.chains import COLUMNS, models
from layers.across.measured import measured_volume
from layers.across.pairs import merged_into
from layers.across.places import LEVELS, Place, find, label_of, place_json
from layers.base import Feature, Field, fields_of
from layers.codelists import codelist
from spatial.crs import WEB
from spatial.errors import InvalidInput, NotFound
from spatial.floorplans import natural
from spatial.history import NOW, Moment, seen
from spatial.solids import facade_bearing
from spatial.state import metric_srid

DECIMALS = 8
#: How near the camera stands to a place of each level, and how steeply it looks.
ZOOMS = {"unit": 19.0, "storey": 19.0, "entrance": 18.6, "building": 18.0, "facility": 18.0,
         "plate": 18.0, "compound": 16.8, "street": 16.0, "grid": 15.8, "group": 15.8,
         "community": 15.2, "subdistrict": 14.0, "district": 12.5, "city": 10.0, "province": 7.0}
PITCHES = {"unit": 56.0, "storey": 56.0, "entrance": 60.0, "building": 60.0, "facility": 60.0,
           "plate": 58.0, "compound": 58.0}
#: The bearing of the plain view of the district.
BEARING = -24.0
#: What a place holds: the letters of its parts with the column that points back, in order.
PARTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "d": (("d", "parent_id"), ("g", "community_id"), ("c", "community_id")),
    "g": (("b", "grid_id"),), "c": (("b", "compound_id"),), "s": (("p", "street_id"),),
    "b": (("e", "building_id"), ("f", "building_id"), ("u", "building_id")),
    "e": (("u", "entrance_id"),), "f": (("u", "storey_id"),),
}
PAGE, MOST = 100, 1000


def detail(session: Session, identifier: str, moment: Moment = NOW, *, limit: int = PAGE,
           cursor: str | None = None) -> dict[str, Any]:
    """Return a place with everything that the registry says of it, persons apart."""
    place = find(session, identifier, moment)
    described = place_json(session, [place.ref], moment)
    if not described:
        raise NotFound(f"{identifier} was not there on that day; ask for another.")
    row = _row(session, place, moment)
    said = described[0] | attributes(models()[place.ref.letter], row)
    said["geometry"] = json.loads(row["shape"]) if row.get("shape") else None
    said["children"] = children(session, place, moment, limit=limit, cursor=cursor)
    outline = _outline(session, place, row, moment)
    said["volume"] = _volume(place, row, outline)
    said["camera"] = _camera(said, outline)
    said["replaced_by"] = _successors(session, place, row) if said["status"] == "retired" else []
    return said


def attributes(model: type[Feature], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that tell of no person: plain values, and how to show each of them."""
    values: dict[str, Any] = {}
    shown: dict[str, Any] = {}
    for column, declared in fields_of(model).items():
        if declared.personal or declared.sealed or declared.refers or row[column] is None:
            continue
        name = str(declared.ledger or column)
        values[name] = row[column]
        shown[name] = _shown(declared, row[column])
    span = {name: row[name].isoformat() if row[name] else None
            for name in ("valid_from", "valid_to", "creation_date")}
    return {"attributes": values, "fields": shown, "source": row["source"], **span}


def children(session: Session, place: Place, moment: Moment = NOW, *, limit: int = PAGE,
             cursor: str | None = None) -> dict[str, Any]:
    """Return a page of the parts of a place, kind by kind, each in natural order."""
    parts: list[dict[str, Any]] = []
    for letter, column in PARTS.get(place.ref.letter, ()):
        one: Any = seen(models()[letter], moment)
        rows = session.execute(select(one.id, one.identifier, one.source_id, *(
            getattr(one, name) for name in COLUMNS[letter])).where(
            getattr(one, column) == place.ref.id)).mappings()
        parts += sorted((_part(letter, row) for row in rows), key=_in_order)
    start = _start(parts, cursor)
    items = [{k: v for k, v in part.items() if k != "order"}
             for part in parts[start:start + limit]]
    more = start + limit < len(parts)
    return {"items": items, "count": len(parts),
            "next": items[-1]["identifier"] if more and items else None}


def _part(letter: str, row: Any) -> dict[str, Any]:
    level = row["level"] if letter == "d" else LEVELS[letter]
    said = {"level": level, "identifier": row["identifier"], "source_id": row["source_id"],
            "label": label_of(letter, row), "order": row["index"] if letter == "f" else 0.0}
    for name in ("index", "base_m", "top_m") if letter == "f" else ():
        said[name] = row[name]
    return said


def _in_order(part: Mapping[str, Any]) -> tuple[Any, ...]:
    return part["order"], natural(part["label"]), part["identifier"]


def _start(parts: list[dict[str, Any]], cursor: str | None) -> int:
    if cursor is None:
        return 0
    for position, part in enumerate(parts):
        if part["identifier"] == cursor:
            return position + 1
    raise InvalidInput("cursor names none of these parts any more; begin again without it.")


def _shown(declared: Field, value: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"title": declared.title.as_json()}
    if declared.codelist:
        words = codelist(declared.codelist).codes.get(str(value))
        said["label"] = words.as_json() if words else None
    if declared.unit:
        said["unit"] = declared.unit
    return said


def _row(session: Session, place: Place, moment: Moment) -> Mapping[str, Any]:
    model = models()[place.ref.letter]
    one: Any = model if moment.is_now else seen(model, moment)
    columns = [getattr(one, c.name) for c in model.__table__.columns
               if c.name not in ("geometry", "geom_3857", "solid")]
    for name, label in (("geometry", "shape"), ("solid", "solid")):
        if hasattr(model, name):
            columns.append(func.ST_AsGeoJSON(getattr(one, name), DECIMALS).label(label))
    return dict(session.execute(select(*columns).where(one.id == place.ref.id)).mappings().one())


def _outline(session: Session, place: Place, row: Mapping[str, Any],
             moment: Moment) -> Mapping[str, Any] | None:
    """Return the footprint of the building that a unit or storey is part of."""
    if place.ref.letter not in "uf":
        return None
    building: Any = seen(models()["b"], moment)
    srid = metric_srid(session) or WEB
    metric = func.ST_AsBinary(func.ST_Transform(building.geometry, srid))
    own = None
    if row.get("shape"):
        drawn = func.ST_SetSRID(func.ST_GeomFromGeoJSON(row["shape"]), 4326)
        own = func.ST_AsBinary(func.ST_Transform(drawn, srid))
    found = session.execute(select(
        func.ST_AsGeoJSON(building.geometry, DECIMALS).label("shape"), metric.label("footprint"),
        *([own.label("own")] if own is not None else [])).where(
        building.id == row["building_id"])).mappings().first()
    return dict(found) if found else None


def _volume(place: Place, row: Mapping[str, Any],
            outline: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if row.get("solid"):
        return measured_volume(row)
    if outline is None or row["base_m"] is None or row["top_m"] is None:
        return None
    shape = row.get("shape") or (outline["shape"] if place.ref.letter == "f" else None)
    if shape is None:
        return None
    return {"polygon": json.loads(shape), "base_m": row["base_m"], "top_m": row["top_m"],
            "source": row.get("volume_source") or "storey"}


def _camera(said: Mapping[str, Any],
            outline: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the view in which a unit's outer wall faces whoever looks."""
    if said["point"] is None:
        return None
    level = said["level"]
    return {"center": said["point"], "zoom": ZOOMS.get(level, 17.0),
            "pitch": PITCHES.get(level, 0.0 if level in ("city", "province") else 50.0),
            "bearing": _bearing(outline)}


def _bearing(outline: Mapping[str, Any] | None) -> float:
    if outline is None or not outline.get("own") or not outline["footprint"]:
        return BEARING
    footprint, own = from_wkb(bytes(outline["footprint"])), from_wkb(bytes(outline["own"]))
    if not isinstance(footprint, Polygon | MultiPolygon) or not isinstance(own, Polygon):
        return BEARING
    return round((facade_bearing(footprint, own) + 180.0) % 360.0, 1)


def _successors(session: Session, place: Place, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what stands where a retired place stood, begun at its end or later.

    Of a record that turned out to be another's, that other.
    """
    model = models()[place.ref.letter]
    if merged := merged_into(session, model.__tablename__, place.ref.id):
        return _named(session, [(place.ref.letter, merged)])
    if not row.get("shape") or row["valid_to"] is None:
        return []
    one: Any = seen(model)
    spot = func.ST_PointOnSurface(func.ST_SetSRID(func.ST_GeomFromGeoJSON(row["shape"]), 4326))
    keys = session.execute(select(one.id).where(
        func.ST_Intersects(one.geometry, spot), one.id != place.ref.id,
        one.valid_from >= row["valid_to"]).order_by(one.valid_from).limit(10)).scalars().all()
    return _named(session, [(place.ref.letter, key) for key in keys])


def _named(session: Session, refs: list[tuple[str, int]]) -> list[dict[str, Any]]:
    """Return of some places what leads to them."""
    return [{name: said[name] for name in ("level", "identifier", "source_id", "label",
                                           "full_label")} for said in place_json(session, refs)]
