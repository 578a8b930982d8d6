"""Whom to call and what is near: the posts of a place's grid and divisions, nearest facilities."""

from typing import Any

from sqlalchemy import Text, func, or_, select, true
from sqlalchemy.orm import Session

from layers.across.nearby import OUT
from layers.across.places import find, place_json
from layers.across.reverse import metres_between
from layers.across.tiles import OPEN_KINDS
from layers.codelists import codelist
from layers.divisions import Division
from layers.facilities import Facility
from layers.grids import Grid
from layers.posts import Post
from spatial.crs import STORAGE, WEB
from spatial.history import NOW, Moment, seen

#: Of each kind the nearest one is told, where it lies within this many metres.
REACH_M = 5_000.0
#: Metres of web mercator that hold REACH_M at every latitude people live at.
REACH_3857 = REACH_M * 3


def around(session: Session, identifier: str, language: str,
           moment: Moment = NOW, *, staff: bool = True) -> dict[str, Any]:
    """Return `posts`, the smallest area first, and `facilities`, the nearest of each kind."""
    place = place_json(session, [find(session, identifier, moment).ref], moment)[0]
    return {"posts": _posts(session, place, language, moment) if staff else [],
            "facilities": _facilities(session, place, language, moment)}


def _posts(session: Session, place: dict[str, Any], language: str,
           moment: Moment) -> list[dict[str, Any]]:
    areas = [one["identifier"] for one in reversed(place["chain"])
             if one["level"] == "grid" or one["identifier"].startswith("d")]
    post: Any = seen(Post, moment)
    code = func.coalesce(Grid.identifier, Division.identifier)
    rows = session.execute(
        select(post.identifier, post.role, post.staff_name, post.phone, post.level,
               code.label("area"), func.coalesce(Grid.name, Division.name).label("area_name"))
        .outerjoin(Grid, Grid.id == post.grid_id)
        .outerjoin(Division, Division.id == post.division_id)
        .where(or_(Grid.identifier.in_(areas), Division.identifier.in_(areas)))
        .order_by(post.id).limit(200)).mappings()
    roles = codelist("post_role")
    found = [{"identifier": row["identifier"], "role": roles.label(row["role"], language),
              "name": row["staff_name"], "phone": row["phone"],
              "area": {"identifier": row["area"], "label": row["area_name"]}} for row in rows]
    return sorted(found, key=lambda one: areas.index(one["area"]["identifier"]))


def _facilities(session: Session, place: dict[str, Any], language: str,
                moment: Moment) -> list[dict[str, Any]]:
    if not place["point"]:
        return []
    rows = session.execute(_nearest(place["point"], moment)).mappings().all()
    kinds = codelist("facility_kind")
    found = [{"identifier": row["identifier"], "kind": row["kind"],
              "label": row["name"] or kinds.label(row["kind"], language),
              "kind_label": kinds.label(row["kind"], language), "phone": row["phone"],
              "hours": row["hours"], "point": [row["lon"], row["lat"]],
              "metres": round(metres_between(place["point"], (row["lon"], row["lat"])))}
             for row in rows if row["identifier"] != place["identifier"]]
    return sorted((one for one in found if one["metres"] <= REACH_M), key=_by_distance)


def _by_distance(one: dict[str, Any]) -> tuple[int, str]:
    return one["metres"], one["kind"]


def _nearest(point: list[float], moment: Moment) -> Any:
    """Select the nearest facility of each kind, ranked in web mercator so that its index serves."""
    one: Any = seen(Facility, moment)
    here = func.ST_Transform(func.ST_SetSRID(func.ST_MakePoint(*point), STORAGE), WEB)
    spot = func.ST_PointOnSurface(one.geometry)
    wanted = func.unnest(list(OPEN_KINDS), type_=Text).table_valued("kind").render_derived("wanted")
    nearest = (select(one.identifier, one.kind, one.name, one.phone, one.hours,
                      func.ST_X(spot).label("lon"), func.ST_Y(spot).label("lat"))
               .where(one.kind == wanted.c.kind, func.coalesce(one.status, "").not_in(OUT),
                      one.geom_3857.op("&&")(func.ST_Expand(here, REACH_3857)))
               .order_by(one.geom_3857.op("<->")(here)).limit(1).lateral("nearest"))
    return select(nearest).select_from(wanted.join(nearest, true()))
