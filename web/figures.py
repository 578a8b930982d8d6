"""Figures of orders over HTTP, and as files."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g

from layers.across.orders_figures import WAYS, Asked, figures
from layers.across.orders_sheets import MEDIA, as_csv, as_geojson, as_xlsx
from web.endpoint import endpoint
from web.params import choice, moment

bp = Blueprint("figures", __name__)
BY = choice("by", "How to group: service, level, owner, month, channel or status.", WAYS,
            default="service")
PERIOD = (moment("since", "Received since then."),
          moment("until", "Received until then.", end_of_day=True))
FORMAT = choice("format", "The form of the file.", tuple(MEDIA), default="csv")
_WRITERS = {"csv": as_csv, "xlsx": as_xlsx}


@bp.get("/api/incidents/figures")
@endpoint(BY, *PERIOD)
def shown(by: str, since: datetime | None, until: datetime | None) -> dict[str, Any]:
    """Return response, completion, on-time and satisfaction rates with their parts.

    `rows` and `residual` make up `total`; a rate of nothing is null. Orders count by when they were
    received, and only those of the caller's area.
    """
    return figures(g.session, g.caller, _asked(by, since, until), g.language)


@bp.get("/api/incidents/figures/export")
@endpoint(BY, *PERIOD, FORMAT)
def export(by: str, since: datetime | None, until: datetime | None, format: str) -> Response:
    """Give the figures as CSV or XLSX; as GeoJSON by grid, with the grids' shapes."""
    asked = _asked(by, since, until)
    if format == "geojson":
        body = as_geojson(g.session, g.caller, asked, g.language)
    else:
        body = _WRITERS[format](figures(g.session, g.caller, asked, g.language), g.language)
    answer = Response(body, mimetype=MEDIA[format])
    answer.headers["Content-Disposition"] = f'attachment; filename="orders-{by}.{format}"'
    return answer


def _asked(by: str, since: datetime | None, until: datetime | None) -> Asked:
    return Asked(by=by, since=since, until=until, zone=g.settings.zone)
