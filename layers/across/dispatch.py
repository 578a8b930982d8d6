"""The dispatch card: what is read aloud to those who set out: where, how to get in, what is near.

Nothing of it is about persons: address, gate, entrance, floor, lift, nearest hydrant and AED.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from layers.access import Audience, Sight
from layers.across.nearby import nearest, on_record
from layers.across.places import place_json
from layers.buildings import Building
from layers.caller import Caller
from layers.codelists import codelist
from layers.facilities import Facility
from layers.incidents import Incident
from layers.posts import Post
from spatial.errors import Forbidden, NotFound
from spatial.history import valid

#: What is looked for around the place, in the order of the card.
NEAR_KINDS = ("hydrant", "aed", "fire_station", "police_station")
#: How many posts of the grid are named.
POSTS_MOST = 3


def dispatch_card(session: Session, caller: Caller, incident: str) -> dict[str, Any]:
    """Return the card of an incident in the caller's area; NotFound for any other."""
    if caller.sees(Audience.INCIDENT_TEXT) is not Sight.CLEAR:
        raise Forbidden(f"The role {caller.role} sends nobody out.")
    row = session.execute(
        select(Incident.identifier, Incident.service_code, Incident.requested_at, Incident.unit_id,
               Incident.building_id, Incident.compound_id, Incident.scope,
               func.ST_X(func.ST_PointOnSurface(Incident.geometry)).label("lon"),
               func.ST_Y(func.ST_PointOnSurface(Incident.geometry)).label("lat"))
        .where(or_(Incident.identifier == incident, Incident.source_id == incident),
               caller.within(Incident.scope)).limit(1)).first()
    if row is None:
        raise NotFound("There is no incident of that name in your area.")
    place = _place(session, row)
    point = place["point"] if place else _spot(row)
    return {"incident": row.identifier, "service": _service(row.service_code),
            "requested_at": row.requested_at.isoformat() if row.requested_at else None,
            "place": place, "point": point, "way_in": _way_in(session, place),
            "near": nearest(session, (point[0], point[1]), NEAR_KINDS) if point else {},
            "posts": _posts(session, place)}


def spoken(card: Mapping[str, Any], language: str) -> str:
    """Return the card as sentences to be read aloud over a radio."""
    place, way = card["place"], card["way_in"]
    if place is None:
        return ""
    words = _SPOKEN[language]
    said = [card["service"][language] if card["service"] else "", place["full_label"]]
    if way["storey"]:
        said.append(words["storey"].format(way["storey"], way["storeys"] or "?"))
    if way["gates"]:
        said.append(words["gates"].format(words["or"].join(one["label"] for one in way["gates"])))
    said.append(words["lift" if way["lifts"] else "no_lift"])
    said += [words[kind].format(each[0]["label"], each[0]["metres"])
             for kind, each in card["near"].items() if each and kind in words]
    return words["stop"].join(one for one in said if one) + words["stop"].strip()


_SPOKEN: Mapping[str, Mapping[str, str]] = {
    "zh": {"stop": "。", "or": "或", "storey": "{0}，全楼共{1}层", "gates": "从{0}进入",
           "lift": "有电梯", "no_lift": "无电梯登记", "hydrant": "最近消火栓：{0}，{1}米",
           "aed": "最近除颤器：{0}，{1}米"},
    "en": {"stop": ". ", "or": " or ", "storey": "Floor {0} of {1}", "gates": "Enter by {0}",
           "lift": "There is a lift", "no_lift": "No lift on record",
           "hydrant": "Nearest hydrant: {0}, {1} metres", "aed": "Nearest AED: {0}, {1} metres"}}


def _service(code: str | None) -> dict[str, str] | None:
    words = codelist("service_code").codes.get(str(code))
    return words.as_json() if words else None


def _place(session: Session, row: Any) -> dict[str, Any] | None:
    for letter, key in (("u", row.unit_id), ("b", row.building_id), ("c", row.compound_id)):
        if key is not None:
            return next(iter(place_json(session, [(letter, key)])), None)
    return None


def _spot(row: Any) -> list[float] | None:
    return None if row.lon is None else [round(row.lon, 7), round(row.lat, 7)]


def _way_in(session: Session, place: dict[str, Any] | None) -> dict[str, Any]:
    """Return gates, entrance, storey and lifts on the way to a place."""
    if place is None:
        return {"gates": [], "entrance": None, "storey": None, "storeys": None, "lifts": []}
    steps = {step["level"]: step for step in place["chain"]}
    building = _building(session, steps.get("building"))
    lifts = on_record(session, "lift", Facility.building_id == building.id) if building else []
    compound = building.compound_id if building else None
    gates = on_record(session, "gate", Facility.compound_id == compound) if compound else []
    return {"gates": gates, "lifts": lifts,
            "entrance": steps["entrance"]["label"] if "entrance" in steps else None,
            "storey": place.get("storey_label") or _label_of_storey(steps),
            "storeys": building.storeys_above_ground if building else None}


def _label_of_storey(steps: dict[str, Any]) -> str | None:
    return steps["storey"]["label"] if "storey" in steps else None


def _building(session: Session, step: dict[str, Any] | None) -> Any:
    if step is None:
        return None
    return session.execute(select(
        Building.id, Building.compound_id, Building.storeys_above_ground).where(
        Building.identifier == step["identifier"])).first()


def _posts(session: Session, place: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return who is on duty for the grid of the place, with the office phone."""
    from layers.grids import Grid

    grid = next((step for step in (place or {}).get("chain", ()) if step["level"] == "grid"), None)
    if grid is None:
        return []
    rows = session.execute(
        select(Post.role, Post.staff_name, Post.phone).join(Grid, Grid.id == Post.grid_id)
        .where(Grid.identifier == grid["identifier"], valid(Post, func.now()),
               Post.phone.is_not(None)).order_by(Post.id).limit(POSTS_MOST))
    roles = codelist("post_role").codes
    return [{"role": roles[role].as_json() if role in roles else None, "name": name,
             "phone": phone} for role, name, phone in rows]
