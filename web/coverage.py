"""Coverage over HTTP: shares by grid, view-sheds, blind ground, gaps, and what would change."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, g, request
from werkzeug.exceptions import UnsupportedMediaType

from layers.across import coverage as answers
from layers.across import coverage_files as files
from layers.across.coverage_reach import MODES, STATIONS, claims
from layers.across.coverage_town import town
from layers.across.theme_table import DIGITS
from spatial.errors import InvalidInput
from spatial.visibility import TASKS
from web.bodies import parse_json
from web.endpoint import endpoint
from web.params import choice, number, read_pairs, text, whole

bp = Blueprint("coverage", __name__)
MEDIA = "application/geo+json"
TASK = choice("task", "What cameras must be good enough for (IEC 62676-4).", tuple(TASKS),
              default="observe")
KINDS = text("stations", f"Kinds of station, separated by commas: {', '.join(STATIONS)}.",
             most=200, default="police_station")
MINUTES = number("minutes", "Minutes along the streets to a door.", least=0.5, most=120,
                 default=15.0)
MODE = choice("mode", "How stations' people come; by default as is usual for the kind.", MODES)
HOUR = number("hour", "Hour of the day: gates that are shut then are closed.", least=0, most=24)
ASKED = (TASK, KINDS, MINUTES, MODE, HOUR)
MOST = whole("limit", "How many gaps at most.", least=1, most=1000, default=50)
SEAL = number("seal", "Minutes in which every gate must be reached.", least=1, most=240,
              default=15.0)
POST = number("post", "Minutes in which every patrol point must be reached.", least=1, most=240,
              default=30.0)
#: Cameras and stations that one question may imagine, or take away.
CHANGES_MOST = 200


@bp.get("/api/coverage")
@endpoint(*ASKED)
def show(**asked: Any) -> dict[str, Any]:
    """Tell what cameras see, stations reach and patrols pass: the whole, and a row a grid."""
    found = _found(asked)
    return {"asked": _said(found), "total": answers.total(found, g.caller),
            "items": answers.by_grid(found, g.caller), "next": None}


@bp.get("/api/coverage/cameras")
@endpoint(*ASKED, media=MEDIA)
def cameras(**asked: Any) -> dict[str, Any]:
    """Give the view-shed of every working camera, clipped by buildings."""
    return files.shed_features(_found(asked))


@bp.get("/api/coverage/blind")
@endpoint(*ASKED, media=MEDIA)
def blind(**asked: Any) -> dict[str, Any]:
    """Give the open ground of each grid that no camera sees."""
    return files.blind_features(_found(asked))


@bp.get("/api/coverage/buildings")
@endpoint(*ASKED, media=MEDIA)
def buildings(**asked: Any) -> dict[str, Any]:
    """Give every building with what covers it and its minutes along the streets."""
    return files.building_features(_found(asked))


@bp.get("/api/coverage/gaps")
@endpoint(*ASKED, MOST, media=MEDIA)
def gaps(limit: int, **asked: Any) -> dict[str, Any]:
    """Give the gaps that no camera sees, the most pressing first."""
    found = _found(asked)
    points = files.incident_points(g.session, found.town.areas.srid)
    return files.gap_features(answers.gaps(found, g.caller, incidents=points, most=limit))


@bp.get("/api/coverage/claim")
@endpoint(SEAL, POST, MODE)
def claim(seal: float, post: float, mode: str | None) -> dict[str, Any]:
    """Check a claim such as "15 minutes to seal, 30 minutes to post"."""
    return {"items": claims(g.session, town(g.session), seal=seal, post=post,
                            mode=mode or "ebike"), "next": None}


@bp.post("/api/coverage/what-if")
@endpoint()
def what_if() -> dict[str, Any]:
    """Tell what changes once `cameras` or `stations` are added and those `without` are gone.

    A camera is {lon, lat, azimuth?, hfov?, height?}, a station {lon, lat}; to move one, name it
    in `without` and add it elsewhere. `asked` narrows as the query of /api/coverage does.
    """
    body = _body()
    found = _found(read_pairs([(key, str(value)) for key, value in body["asked"].items()],
                              ASKED, g.zone))
    srid = found.town.areas.srid
    after = answers.what_if(
        g.session, found, drop=[str(one) for one in body["without"]],
        add=[files.imagined_camera(_place(one, "azimuth", "hfov", "height"), srid, n)
             for n, one in enumerate(body["cameras"])],
        new_stations=[files.imagined_station(_place(one), srid, n)
                      for n, one in enumerate(body["stations"])])
    before = answers.total(found, g.caller)
    sheds = files.shed_features(after)
    new = [one for one in sheds["features"] if str(one["id"]).startswith("new-")]
    return {"asked": _said(found), "digits": DIGITS, "sheds": files.collection(new),
            "items": files.changes(before, answers.total(after, g.caller)), "next": None}


def _found(asked: Mapping[str, Any]) -> answers.Coverage:
    kinds = tuple(kind.strip() for kind in str(asked["stations"]).split(",") if kind.strip())
    return answers.coverage(g.session, answers.Asked(
        task=asked["task"], kinds=kinds, minutes=asked["minutes"], mode=asked["mode"],
        hour=asked["hour"]))


def _said(found: answers.Coverage) -> dict[str, Any]:
    asked = found.asked
    return {"task": asked.task, "pixels_a_metre": TASKS[asked.task], "stations": asked.kinds,
            "minutes": asked.minutes, "mode": asked.comes_by, "hour": asked.hour,
            "status": asked.status, "version": found.town.state}


def _body() -> dict[str, Any]:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("The body must be application/json.")
    body = parse_json(request.get_data(cache=True))
    kinds: dict[str, type] = {"cameras": list, "stations": list, "without": list, "asked": dict}
    if not isinstance(body, dict) or set(body) - set(kinds):
        raise InvalidInput(f"The body is an object of {', '.join(kinds)}.")
    for name, kind in kinds.items():
        if not isinstance(body.setdefault(name, kind()), kind) or len(body[name]) > CHANGES_MOST:
            raise InvalidInput(f"{name} must be a JSON {kind.__name__} of at most "
                               f"{CHANGES_MOST}.")
    return body


def _place(said: Any, *more: str) -> list[Any]:
    """Return lon, lat and more numbers of an imagined thing, None where they are not said."""
    if not isinstance(said, dict) or set(said) - {"lon", "lat", *more} or not {
            "lon", "lat"} <= set(said):
        raise InvalidInput(f"A place is an object of {', '.join(('lon', 'lat', *more))}.")
    found = [said.get(name) for name in ("lon", "lat", *more)]
    if any(isinstance(one, bool) or not isinstance(one, int | float | None) for one in found):
        raise InvalidInput(f"{', '.join(('lon', 'lat', *more))} are numbers.")
    return found
