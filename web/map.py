"""The map page: the district in 3D, down to the door."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from layers.access import PERSON_READERS, REVEALABLE, REVEALS, Audience, Role, Sight
from layers.across.map_layers import map_layers
from layers.across.overview import characters, extent_of, roots
from layers.across.signs import symbols
from layers.across.solids import has_solids
from layers.across.style import THEMES, palette
from layers.caller import Caller
from layers.codelists import codelist
from spatial.state import remembered, version
from web.endpoint import endpoint
from web.modules import modules
from web.params import choice, yes
from web.underlay import underlays

bp = Blueprint("map", __name__)
#: Where changes of incidents come by themselves, where that is built in.
STREAM = "/api/incidents/stream"
WORDS = Path(__file__).parent / "words"
MODULE = "/static/map/main.mjs"
LISTS = ("purposes", "unit_use", "building_function", "facility_kind", "sex", "residency_kind",
         "relation_to_head", "organization_kind", "role")
THEME = choice("theme", "Colours: light or dark; by default what was used last.", THEMES)
WALL = yes("wall", "As a wall shows it: kept views in turn, nothing of persons.")
PLAIN = yes("plain", "Without smoothed edges and fading, for slow machines.")


@bp.get("/")
@endpoint(page=True)
def start() -> ResponseReturnValue:
    """Lead to the map."""
    return redirect("/map", 302)


@bp.get("/wall")
@endpoint(THEME, page=True)
def wall(theme: str | None) -> ResponseReturnValue:
    """Lead to the map as a wall shows it."""
    return redirect("/map?wall=1" + (f"&theme={theme}" if theme else ""), 302)


@bp.get("/map")
@endpoint(THEME, PLAIN, WALL, page=True)
def page(theme: str | None, plain: bool, wall: bool) -> ResponseReturnValue:
    """Show the map."""
    kept = request.cookies.get("theme")
    theme = theme or (kept if kept in THEMES else None)
    return render_template("map/page.html", t=words(g.language), language=g.language, theme=theme,
                           modules=modules(MODULE), setup={**_setup(wall), "plain": plain})


@cache
def words(language: str) -> dict[str, str]:
    """Return every word of the page in one language: its own, and those of its overlays."""
    found: dict[str, str] = {}
    for path in (WORDS / f"map.{language}.json", *sorted(WORDS.glob(f"map.*.{language}.json"))):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found


def _may(caller: Caller, wall: bool) -> dict[str, Any]:
    """Return what the caller's role lets the page offer; the server refuses the rest anyway."""
    reads = not wall and caller.role in PERSON_READERS
    return {"persons": reads, "occupants": reads,
            "dispatch": reads and caller.sees(Audience.INCIDENT_TEXT) is Sight.CLEAR,
            "muster": not wall and caller.role is Role.OPERATOR and not caller.is_token,
            "reveals": sorted(REVEALS.get(caller.role, ()), key=REVEALABLE.index) if reads else []}


def _known() -> dict[str, Any]:
    """Return what is read from all of the registry: once for each of its versions."""
    now, kept = version(g.session), current_app.extensions.setdefault("map", {})
    if now not in kept:
        session = g.session
        found = {"bounds": extent_of(session), "measured": has_solids(session),
                 "roots": roots(session), "characters": characters(session),
                 "crs": remembered(session, "metric_srid")}
        kept.clear()
        kept[now] = found
    return dict(kept[now])


def _setup(wall: bool) -> dict[str, Any]:
    """Return what the page's modules need to know before they ask for anything."""
    live = any(rule.rule == STREAM for rule in current_app.url_map.iter_rules())
    lists = {name: [(code, label.in_language(g.language))
                    for code, label in codelist(name).codes.items()] for name in LISTS}
    return {"user": g.caller.name, "may": _may(g.caller, wall), "live": live,
            "wall": wall or g.caller.role is Role.DISPLAY_WALL,
            "language": g.language, "words": words(g.language), "lists": lists,
            "symbols": symbols(), "layers": map_layers(g.language),
            "underlays": underlays(g.settings), **_known(),
            "palettes": {name: dict(palette(name)) for name in THEMES}}
