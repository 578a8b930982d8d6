"""What is round a place, and what lies in an area drawn on the map."""

from datetime import datetime
from typing import Any

from flask import Blueprint, g

from layers.access import Role
from layers.across.around import around
from layers.across.inside import area_of, inside
from layers.across.pins import pins
from spatial.history import Moment
from web.endpoint import endpoint
from web.params import VALID_AT, number, position, text

bp = Blueprint("around", __name__)
OUTLINE = text("outline", "The area as WKT: POLYGON((lon lat, …)).", most=60_000)
NEAR = position("near", "The middle of a circle, lon,lat; with radius_m.")
PLACES = text("places", "Identifiers, separated by commas.", most=60_000).needed()
RADIUS = number("radius_m", "Metres round `near`.", least=1, most=10_000)


@bp.get("/api/places/<identifier>/around")
@endpoint(VALID_AT)
def near_place(identifier: str, valid_at: datetime | None) -> dict[str, Any]:
    """Tell the posts that answer for a place, with phones, and the nearest facilities."""
    return around(g.session, identifier, g.language, Moment(valid_at=valid_at),
                  staff=g.caller.role is not Role.DISPLAY_WALL)


@bp.post("/api/map/inside")
@endpoint(body=(OUTLINE, NEAR, RADIUS, VALID_AT))
def in_area(outline: str | None, near: tuple[float, float] | None, radius_m: float | None,
            valid_at: datetime | None) -> dict[str, Any]:
    """Count what lies in an area drawn by hand, as far as the role may see such counts."""
    area = area_of(g.session, outline, near, radius_m)
    return inside(g.session, g.caller, area, g.language, Moment(valid_at=valid_at))


@bp.post("/api/map/pins")
@endpoint(body=(PLACES,), media="application/geo+json")
def many(places: str) -> dict[str, Any]:
    """Tell where many places are, as points; a list of addresses is pinned so."""
    return pins(g.session, [one.strip() for one in places.split(",") if one.strip()])
