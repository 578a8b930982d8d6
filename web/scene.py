"""What the map fetches when a building is opened, and the incidents above the roofs."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g

from layers.across.open_incidents import open_incidents
from layers.across.opened import opened
from layers.across.solids import Box, solids
from spatial.history import Moment
from web.endpoint import endpoint
from web.params import VALID_AT, box

bp = Blueprint("scene", __name__)
MEDIA = "application/geo+json"
BBOX = box("bbox", "What meets this box: west,south,east,north in degrees.").needed()


def _part(identifier: str, part: str, valid_at: datetime | None) -> Response:
    body = opened(g.session, identifier, part, Moment(valid_at=valid_at))
    return Response(body, mimetype=MEDIA)


@bp.get("/api/places/<identifier>/units")
@endpoint(VALID_AT, media=MEDIA)
def units(identifier: str, valid_at: datetime | None) -> Response:
    """Return the units of a building as polygons with `base` and `top` in metres."""
    return _part(identifier, "units", valid_at)


@bp.get("/api/places/<identifier>/storeys")
@endpoint(VALID_AT, media=MEDIA)
def storeys(identifier: str, valid_at: datetime | None) -> Response:
    """Return the slabs of a building's storeys, and the one on top."""
    return _part(identifier, "storeys", valid_at)


@bp.get("/api/places/<identifier>/entrances")
@endpoint(VALID_AT, media=MEDIA)
def entrances(identifier: str, valid_at: datetime | None) -> Response:
    """Return the canopies above a building's entrances."""
    return _part(identifier, "entrances", valid_at)


@bp.get("/api/places/<identifier>/sections")
@endpoint(VALID_AT, media=MEDIA)
def sections(identifier: str, valid_at: datetime | None) -> Response:
    """Return where the labels of a building's entrances stand on the roof."""
    return _part(identifier, "sections", valid_at)


@bp.get("/api/incidents")
@endpoint(media=MEDIA)
def incidents() -> dict[str, Any]:
    """Return open incidents as points: kind, urgency, status; no text, no dwelling."""
    return open_incidents(g.session, g.language)


@bp.get("/api/map/solids")
@endpoint(BBOX, VALID_AT)
def measured(bbox: Box, valid_at: datetime | None) -> dict[str, Any]:
    """Return measured buildings as triangles: x, y, z in metres round a middle, and 1 on roofs."""
    return {"items": solids(g.session, bbox, Moment(valid_at=valid_at)), "next": None}
