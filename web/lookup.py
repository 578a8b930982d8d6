"""Where is this? Addresses, suggestions, organizations and points over HTTP."""

from datetime import datetime
from typing import Any

from flask import Blueprint, g

from layers.across.firms import lookup_organization
from layers.across.lookup import lookup_address
from layers.across.reverse import reverse
from layers.across.suggestions import suggest
from spatial.errors import InvalidInput
from spatial.history import Moment
from web.endpoint import endpoint
from web.params import VALID_AT, number, position, text, whole, yes

bp = Blueprint("lookup", __name__)
#: One character more than an address may have, so that the refusal is the resolver's own.
Q = text("q", "What somebody wrote or said.", most=2_000).needed()
LIMIT = whole("limit", "How many answers at most.", least=1, most=50, default=10)
NEAR = position("near", "Among equal answers the nearest to this point comes first.")
WITHIN = text("within", "Only inside this division: code or identifier.", most=40)
EXPLAIN = yes("explain", "Tell each step, what it saw and why the others lost.")
CARET = whole("caret", "Where in the text the caret stands; by default at its end.", least=0,
              most=2_000)
NAME = text("q", "A name or its beginning: characters, pinyin or initials.", most=200)
CREDIT_CODE = text("credit_code", "Unified social credit code; exact.", most=60)
LON = number("lon", "Longitude in degrees.", least=-180, most=180).needed()
LAT = number("lat", "Latitude in degrees.", least=-90, most=90).needed()
HEIGHT = number("height", "Metres above ground.", least=-500, most=2000)
FLOOR = number("floor", "Index of the storey: 1 is the ground floor.", least=-50, most=300)


@bp.get("/api/lookup/address")
@endpoint(Q, LIMIT, NEAR, WITHIN, VALID_AT, EXPLAIN)
def address(q: str, limit: int, near: tuple[float, float] | None, within: str | None,
            valid_at: datetime | None, explain: bool) -> dict[str, Any]:
    """Find the place that an address means, and say how sure that is and why."""
    return lookup_address(g.session, q, limit=limit, near=near, within=within,
                          valid_at=Moment(valid_at=valid_at), explain=explain)


@bp.get("/api/lookup/suggest")
@endpoint(Q, CARET, WITHIN, LIMIT)
def suggestions(q: str, caret: int | None, within: str | None, limit: int) -> dict[str, Any]:
    """Suggest places while someone types: names first, then their parts in natural order."""
    return {**suggest(g.session, q, caret=caret, within=within, limit=limit), "next": None}


@bp.get("/api/lookup/organization")
@endpoint(NAME, CREDIT_CODE, LIMIT)
def organization(q: str | None, credit_code: str | None, limit: int) -> dict[str, Any]:
    """Find organizations by name or by credit code, with their premises."""
    if (q is None) == (credit_code is None):
        raise InvalidInput("One of q and credit_code must be given.")
    return {**lookup_organization(g.session, q, credit_code=credit_code, limit=limit),
            "next": None}


@bp.get("/api/lookup/reverse")
@endpoint(LON, LAT, HEIGHT, FLOOR, VALID_AT)
def at_point(lon: float, lat: float, height: float | None, floor: float | None,
             valid_at: datetime | None) -> dict[str, Any]:
    """Tell what is at a point: the most precise place and the chain of every level above it."""
    return reverse(g.session, lon, lat, height=height, floor=floor,
                   moment=Moment(valid_at=valid_at))
