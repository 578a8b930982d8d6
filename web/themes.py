"""Thematic maps over HTTP: the list, the answer, its frames, its files, and saved ones."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import shapely
from flask import Blueprint, Response, g, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import UnsupportedMediaType

from layers.across import theme_store
from layers.across.theme_files import FORMS, MEDIA, SHEETS, document
from layers.across.theme_frames import Film, Frame, frames
from layers.across.theme_legend import legend
from layers.across.theme_period import UNITS
from layers.across.theme_spec import LEVELS, SIDES, Theme, adapted, built_in, palettes, written
from layers.across.theme_table import DIGITS, features, headings, rows
from layers.across.themes import ThemeMap, theme_map
from layers.codelists import codelist
from spatial.classes import K_MOST, METHODS
from spatial.errors import InvalidInput
from web.bodies import parse_json
from web.endpoint import endpoint
from web.params import choice, moment, number, text, whole

bp = Blueprint("themes", __name__)
#: folium's pages carry their scripts inside: they run in an origin of their own, cut off from
#: this site and from every other.
SANDBOX = "; ".join((
    "sandbox allow-scripts allow-downloads", "default-src 'none'", "script-src 'unsafe-inline'",
    "style-src 'unsafe-inline'", "img-src data:", "base-uri 'none'", "form-action 'none'",
    "frame-ancestors 'self'"))
LEVEL = choice("level", "Areas to show it by.", LEVELS)
DIVISION = text("division", "Only inside this division: code or identifier.", most=40)
SINCE = moment("from", "First day of the period.")
UNTIL = moment("to", "The day after the period.")
MONTHS = number("months", "Length of the period, back from its end.", least=0.03, most=120)
SERVICES = text("services", "Only incidents of these services, separated by commas.", most=800)
METHOD = choice("method", "How classes are made.", (*METHODS, "around"))
CLASSES = whole("classes", "How many classes.", least=1, most=K_MOST)
BREAKS = text("breaks", "Inner breaks of the method fixed, separated by commas.", most=200)
PALETTE = choice("palette", "Colours of the classes.", tuple(palettes()))
SIDE = choice("side", "Side of hexagons in metres.", tuple(f"{side:g}" for side in SIDES))
BANDWIDTH = number("bandwidth", "Bandwidth of a density in metres.", least=50, most=1000)
VERSION = whole("version", "Version of a saved theme; by default the newest.", least=1, most=10**6)
SCHEME = choice("scheme", "Colours for a light or a dark ground.", ("light", "dark"),
                default="light")
CHOICES = (LEVEL, DIVISION, SINCE, UNTIL, MONTHS, SERVICES, METHOD, CLASSES, BREAKS, PALETTE,
           SIDE, BANDWIDTH, VERSION, SCHEME)
COUNT = whole("frames", "How many steps.", least=2, most=60, default=12)
UNIT = choice("unit", "What a step is counted in; weeks begin on Monday.", UNITS, default="month")
STEP = whole("step", "Units from one step to the next.", least=1, most=12, default=1)
WINDOW = whole("window", "Units that each step covers.", least=1, most=24, default=1)


@bp.get("/api/themes")
@endpoint()
def list_themes() -> dict[str, Any]:
    """List the built-in themes and one's own, with what may be chosen."""
    own = [{"name": one.identifier, "version": one.version, "saved": True,
            "title": one.document["title"], "unit": one.document["unit"]}
           for one in theme_store.saved_by(g.session, g.caller)]
    items = [{"name": one.name, "saved": False, **_described(one)}
             for one in built_in().values()]
    services = [{"code": code, "label": said.in_language(g.language)}
                for code, said in codelist("service_code").codes.items()]
    return {"items": items + own, "levels": list(LEVELS), "methods": [*METHODS, "around"],
            "palettes": list(palettes()), "services": services, "next": None}


@bp.get("/api/themes/<name>")
@endpoint(*CHOICES)
def show(name: str, **asked: Any) -> dict[str, Any]:
    """Answer a theme: its legend, and one row an area."""
    found, scheme = _answered(name, asked)
    return {**_head(found, scheme), "items": rows(found, g.language), "next": None}


@bp.get("/api/themes/<name>/areas")
@endpoint(*CHOICES, media="application/geo+json")
def areas(name: str, **asked: Any) -> dict[str, Any]:
    """Give the areas of a theme as GeoJSON, coloured, with the legend beside.

    Of hexagons only those that have a figure: most of a town's are empty.
    """
    found, scheme = _answered(name, asked)
    told = _head(found, scheme)
    colours = [one["colour"] for one in told["legend"]["classes"]]
    spots = shapely.get_coordinates(shapely.point_on_surface(
        found.areas.shapes[found.areas.drawn])).round(DIGITS)
    shapes = [one | {"properties": one["properties"] | {
        "at": spot, "colour": colours[k] if (k := one["properties"]["class"]) >= 0 else None}}
        for one, spot in zip(features(found, g.language), spots.tolist(), strict=True)
        if found.areas.cells is None or one["properties"]["class"] >= 0]
    return {"type": "FeatureCollection", **told, "features": shapes}


@bp.get("/api/themes/<name>/frames")
@endpoint(*CHOICES, COUNT, UNIT, STEP, WINDOW)
def film(name: str, **asked: Any) -> dict[str, Any]:
    """Walk a theme through time: classes and values of every area at each step, one legend.

    All steps have the borders of today and one set of breaks. Steps are civil days, weeks or
    months; the last one is `incomplete` while it runs.
    """
    walk = Film(count=asked.pop("frames"), zone=g.zone,
                **{key: asked.pop(key) for key in ("unit", "step", "window")})
    division, scheme, theme = wanted(name, asked)
    found, _ = frames(g.session, theme, g.caller, walk, division=division, vault=g.vault)
    last = found[-1].found
    return {**_head(last, scheme), "identifiers": list(last.areas.identifiers),
            "frames": [_frame(one) for one in found], "next": None}


@bp.get("/api/themes/<name>.<form>")
@endpoint(*CHOICES)
def file(name: str, form: str, **asked: Any) -> Response:
    """Give a theme as a file: geojson, csv, gpkg, html, png or pdf."""
    if form not in (*FORMS, *SHEETS):
        raise InvalidInput(f"A theme is no {form[:20]!r}; there are: "
                           f"{', '.join((*FORMS, *SHEETS))}.")
    found, _ = _answered(name, asked)
    answer = Response(document(found, form, language=g.language, zone=g.zone,
                               home=g.settings.home), content_type=MEDIA[form])
    kind = "inline" if form == "html" else "attachment"
    answer.headers["Content-Disposition"] = f'{kind}; filename="{found.theme.name}.{form}"'
    if form == "html":
        answer.headers["Content-Security-Policy"] = SANDBOX
    return answer


@bp.post("/api/themes")
@endpoint(status=201)
def save() -> ResponseReturnValue:
    """Keep a theme of one's own; the body is its document."""
    kept = theme_store.save(g.session, g.caller, _document())
    return {"name": kept.identifier, "version": kept.version, **_described(kept)}, 201


@bp.put("/api/themes/<name>")
@endpoint(VERSION.needed())
def change(name: str, version: int) -> dict[str, Any]:
    """Add a version to one's own theme; `version` is the one it was made from."""
    kept = theme_store.change(g.session, g.caller, name, _document(), base=version)
    return {"name": kept.identifier, "version": kept.version, **_described(kept)}


def _document() -> dict[str, Any]:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("The body must be application/json.")
    body = parse_json(request.get_data(cache=True))
    if not isinstance(body, dict):
        raise InvalidInput("The body must be a JSON object.")
    return body


def _answered(name: str, asked: dict[str, Any]) -> tuple[ThemeMap, str]:
    division, scheme, theme = wanted(name, asked)
    return theme_map(g.session, theme, g.caller, division=division, vault=g.vault), scheme


def wanted(name: str, asked: dict[str, Any]) -> tuple[str | None, str, Theme]:
    """Return the division, the colour scheme and the theme as the query changes it."""
    said = dict(asked)
    division, scheme = said.pop("division", None), said.pop("scheme", "light")
    theme = theme_store.theme_named(g.session, name, version=said.pop("version", None))
    renamed: dict[str, tuple[str, Callable[[Any], Any]]] = {
        "from": ("since", _same), "to": ("until", _same), "classes": ("k", _same),
        "services": ("services", _codes), "breaks": ("breaks", _numbers), "side": ("side", float)}
    given = {}
    for key, value in said.items():
        if value is not None:
            target, read = renamed.get(key, (key, _same))
            given[target] = read(value)
    return division, scheme, adapted(theme, **given)


def _same(value: Any) -> Any:
    return value


def _codes(value: str) -> tuple[str, ...]:
    return tuple(code.strip() for code in value.split(",") if code.strip())


def _numbers(value: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in value.split(","))
    except ValueError:
        raise InvalidInput(f"breaks is {value[:40]!r}; numbers separated by commas are "
                           "wanted.") from None


def _described(theme: Theme) -> dict[str, Any]:
    return {**written(theme), "level": theme.level, "timed": theme.is_timed}


def _head(found: ThemeMap, scheme: str) -> dict[str, Any]:
    told = legend(found, language=g.language, zone=g.zone, scheme=scheme)
    return {"theme": {"name": found.theme.name, **_described(found.theme)},
            "at": _iso(found.at), "since": _iso(found.period.since),
            "until": _iso(found.period.until), "legend": told,
            "headings": headings(found, g.language)}


def _frame(frame: Frame) -> dict[str, Any]:
    found = frame.found
    table = rows(found, g.language)
    counts = [row["count"] for row in table]
    return {"from": _iso(found.period.since), "to": _iso(found.period.until),
            "incomplete": frame.incomplete, "classes": found.index.tolist(),
            "values": [row["value"] for row in table], "counts": counts,
            "total": float(sum(count or 0 for count in counts))}


def _iso(when: datetime) -> str:
    return when.astimezone(g.zone).isoformat()
