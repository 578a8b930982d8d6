"""Who and what is at a place; the purpose comes in the body, and every call is recorded."""

from typing import Any

from flask import Blueprint, g

from layers.across.occupancy import MOST, PAGE, Period, Why, occupants
from web.endpoint import endpoint
from web.params import moment, whole
from web.persons import PURPOSE, REASONS

bp = Blueprint("occupants", __name__)
AT = moment("at", "Who was here on that day.")
FROM = moment("from", "Who was here from that day on …")
TO = moment("to", "… until the end of this one.", end_of_day=True)
LIMIT = whole("limit", "How many residencies at most.", least=1, most=MOST, default=PAGE)


@bp.post("/api/places/<identifier>/occupants")
@endpoint(body=(PURPOSE, *REASONS, AT, FROM, TO, LIMIT), personal=True)
def who(identifier: str, purpose: str, case: str | None, call: str | None, limit: int,
        **said: Any) -> dict[str, Any]:
    """Tell who and what is at a place: now, on a day, or in a period. Every call is recorded."""
    period = Period.of(said["at"], said["from"], said["to"])
    return occupants(g.session, g.vault, g.caller, identifier, period=period, limit=limit,
                     why=Why(purpose=purpose, case=case, call=call), settings=g.settings)
