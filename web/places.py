"""Places over HTTP: one place in full, its versions, and totals by area."""

from datetime import datetime
from typing import Any

from flask import Blueprint, g

from layers.across.counts import METRICS
from layers.across.details import MOST, PAGE, detail
from layers.across.rollup import levels, rollup_for
from layers.across.versions import history
from web.endpoint import endpoint
from web.params import MOMENT, VALID_AT, choice, moment_of, text, whole

bp = Blueprint("places", __name__)
LIMIT = whole("limit", "How many parts of the place to list.", least=1, most=MOST, default=PAGE)
CURSOR = text("cursor", "Where the last page ended: its `next`.", most=20)
DIVISION = text("division", "Code or identifier of a division; by default your own area.", most=40)
LEVEL = choice("level", "By which areas to total.", levels()).needed()
METRIC = choice("metric", "What to count.", tuple(METRICS)).needed()


@bp.get("/api/places/<identifier>")
@endpoint(LIMIT, CURSOR, *MOMENT)
def place(identifier: str, limit: int, cursor: str | None, valid_at: datetime | None,
          known_at: datetime | None) -> dict[str, Any]:
    """Tell everything about one place: attributes, chain, parts, shape, volume, camera."""
    return detail(g.session, identifier, moment_of(valid_at, known_at), limit=limit,
                  cursor=cursor)


@bp.get("/api/places/<identifier>/history")
@endpoint()
def versions(identifier: str) -> dict[str, Any]:
    """Tell the versions of one place: who, when, why, from which source."""
    return history(g.session, identifier)


@bp.get("/api/rollup")
@endpoint(DIVISION, LEVEL, METRIC, VALID_AT)
def totals(division: str | None, level: str, metric: str,
           valid_at: datetime | None) -> dict[str, Any]:
    """Total a measure by area; the rows and the residual always make up the total."""
    return rollup_for(g.caller, g.session, metric=metric, level=level, division=division,
                      moment=moment_of(valid_at, None)).as_json()
