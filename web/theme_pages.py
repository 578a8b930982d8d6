"""The page of thematic maps: choose a theme, see it, read its table, take it away as a file."""

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, make_response, render_template, request

from layers.across import theme_store
from layers.across.style import THEMES as SCHEMES
from layers.across.theme_files import FORMS, SHEETS
from layers.across.theme_legend import legend, number
from layers.across.theme_spec import LEVELS, LOCATED, Theme, built_in
from layers.across.theme_table import headings, rows
from layers.across.themes import ThemeMap, theme_map
from layers.codelists import codelist
from spatial.errors import RegistryError
from web.endpoint import endpoint
from web.headers import POLICY
from web.params import text
from web.rooms import rooms_of
from web.themes import LEVEL, METHOD, MONTHS, SERVICES, wanted

bp = Blueprint("theme_pages", __name__)
WORDS = Path(__file__).parent / "words" / "themes.json"
NAME = text("theme", "Name of a built-in theme, or the identifier of a saved one.", most=40,
            default="incident_rate")
CHOICES = (NAME, LEVEL, MONTHS, SERVICES, METHOD)
PERIODS = (1, 3, 6, 12, 24)
WAYS = ("quantiles", "natural", "equal", "box", "deviations", "head_tail")
#: Rows of the table on the page; files hold all.
ROWS_MOST = 400


@bp.get("/themes")
@endpoint(*CHOICES, page=True)
def page(theme: str, **asked: Any) -> Response:
    """Show a theme with its table and files, and all themes to choose from."""
    fault, found, one = None, None, None
    try:
        division, _, one = wanted(theme, asked)
        found = theme_map(g.session, one, g.caller, division=division, vault=g.vault)
    except RegistryError as error:
        g.session.rollback()
        fault = str(error)
    scheme = request.cookies.get("theme")
    answer = make_response(render_template(
        "themes/page.html", t=words(g.language), language=g.language,
        theme=scheme if scheme in SCHEMES else None, fault=fault, one=one, found=found,
        name=theme, asked=asked, rooms=rooms_of(g.caller, g.language), mine=_mine(),
        themes=built_in().values(), levels=_levels(one),
        periods=PERIODS, methods=WAYS, services=codelist("service_code").codes.items(),
        query=_query(asked), forms=(*FORMS, *SHEETS)[::-1], number=number,
        **(_told(found) if found else {})), 422 if fault else 200)
    # The map is a page of its own in a frame, cut off from this one by its own policy.
    answer.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return answer


@cache
def words(language: str) -> dict[str, str]:
    """Return every word of the page in one language."""
    found = json.loads(WORDS.read_text(encoding="utf-8"))
    return {key: said[language] for key, said in found.items()}


def _told(found: ThemeMap) -> dict[str, Any]:
    """Return legend, table and headings of an answer, the highest values first."""
    table = [row for row in rows(found, g.language)
             if row["value"] is not None or row["flag"] == "suppressed"]
    table.sort(key=lambda row: (row["value"] is None, -(row["value"] or 0)))
    return {"told": legend(found, language=g.language, zone=g.zone), "rows": table[:ROWS_MOST],
            "headings": headings(found, g.language), "valued": len(table),
            "areas": len(found.areas)}


def _levels(one: Theme | None) -> tuple[str, ...]:
    """Return the levels that a theme can be shown by."""
    if one is None:
        return LEVELS
    if one.statistic == "density":
        return ("hexagon",)
    return LEVELS if one.counts in LOCATED and one.statistic != "median" else LEVELS[:-1]


def _mine() -> list[tuple[str, str]]:
    return [(one.identifier, one.document["title"][g.language])
            for one in theme_store.saved_by(g.session, g.caller)]


def _query(asked: dict[str, Any]) -> str:
    """Return the choices as the end of a URL, with the language."""
    given = {key: value for key, value in asked.items() if value is not None}
    return urlencode({**given, "lang": g.language})
