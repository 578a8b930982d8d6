"""The grid worker's page on a phone, and the supervisor's page of what the visits found."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, g, redirect, request
from flask.typing import ResponseReturnValue

from layers.access import Role
from layers.across import visit_list, visit_photos, visiting
from layers.codelists import codelist
from spatial.errors import Conflict, Forbidden, InvalidInput, NotFound
from web import admin_frame, authentication
from web.bodies import parse_json
from web.endpoint import endpoint
from web.forms import page, read_form
from web.params import choice, text

bp = Blueprint("field", __name__)
WORDS = Path(__file__).parent / "words" / "field.json"
BUILDING = text("building", "Identifier of a building of one's area.", most=20).needed()
DONE = choice("done", "What was done before.", ("accepted", "refused"))
SETTLE = (choice("do", "Accept or refuse.", ("accept", "refuse")).needed(),
          text("reason", "Why it is refused.", most=300))
#: What is told on the page itself; other errors have their own.
TOLD = (Conflict, Forbidden, InvalidInput, NotFound)
LISTS = ("sex", "relation_to_head", "unit_use")


@bp.get("/field")
@endpoint(page=True, personal=True)
def field() -> Response:
    """Show the page of visits: my buildings, their doors, what waits to be sent."""
    _visitor()
    lists = {name: [(code, words.in_language(g.language))
                    for code, words in codelist(name).codes.items()] for name in LISTS}
    return page("field/field.html", _words(g.language), tab="field", setup={
        "words": _own(g.language), "lists": lists, "language": g.language,
        "user": g.caller.actor, "hours": visit_list.CARRIED_H, "most": visiting.RECORDS_MOST,
        "photos": visit_photos.EACH_MOST})


def _visitor() -> None:
    if g.caller.role not in visit_list.VISITORS:
        raise Forbidden(f"The role {g.caller.role} makes no visits.")


@bp.get("/field/worker.js")
@endpoint(open=True)
def worker() -> Response:
    """Give the service worker that keeps the page, never data, for times without a line."""
    code = (Path(str(current_app.static_folder)) / "field" / "worker.js").read_text("utf-8")
    return Response(code, mimetype="text/javascript", headers={"Service-Worker-Allowed": "/field"})


@bp.get("/api/visits/standing")
@endpoint(open=True, personal=True)
def standing() -> dict[str, Any]:
    """Tell a phone whose sign-in is no longer taken whether it is over, or was only left idle.

    What waits on a phone is wiped when a sign-in has ended or was revoked; after some idle time it
    waits until the same person has signed in again.
    """
    return {"over": not authentication.is_kept()}


@bp.get("/api/visits/buildings")
@endpoint()
def buildings() -> dict[str, Any]:
    """Tell the buildings of the caller's area, those with doors never visited first."""
    return {"items": visit_list.buildings_due(g.session, g.caller), "next": None}


@bp.get("/api/visits/doors")
@endpoint(BUILDING, personal=True)
def doors(building: str) -> dict[str, Any]:
    """Tell the doors of a building and who is known there, for a round; on the record."""
    return visit_list.doors_of(g.session, g.vault, g.caller, building, settings=g.settings)


@bp.post("/api/visits")
@endpoint(personal=True)
def visits() -> dict[str, Any]:
    """Keep visits: `{"records": [{key, unit, outcome, findings, base, seen_at}]}`, each once."""
    _visitor()
    if request.mimetype != "application/json":
        raise InvalidInput("The body must be application/json.")
    body = parse_json(request.get_data())
    if not isinstance(body, dict) or set(body) != {"records"}:
        raise InvalidInput("The body is an object with records, a list of visits.")
    return {"records": visiting.take_in(g.session, g.vault, g.caller, body["records"])}


@bp.put("/api/visits/<visit>/photos/<photo>")
@endpoint(personal=True, most_bytes=visit_photos.BYTES_MOST)
def photo(visit: str, photo: str) -> dict[str, Any]:
    """Keep a picture of the place beside one's visit: a JPEG, PNG or WebP, encoded anew."""
    return visit_photos.keep(g.session, g.caller, visit, photo, request.get_data())


@bp.get("/desk/visits/photos/<photo>")
@endpoint(personal=True, media="image/jpeg")
def picture(photo: str) -> Response:
    """Show a picture of a visit to who settles it; the look is recorded."""
    _supervisor()
    image = visit_photos.image_of(g.session, g.vault, g.caller, photo)
    return Response(image, mimetype="image/jpeg")


@bp.get("/desk/visits")
@endpoint(DONE, page=True, personal=True)
def desk(done: str | None) -> Response:
    """Show what the visits found to differ, both values side by side."""
    return _desk(done=done)


@bp.post("/desk/visits/<key>")
@endpoint(page=True, personal=True)
def settle(key: str) -> ResponseReturnValue:
    """Accept a visit's findings into the register, or refuse them."""
    given, faults = read_form(SETTLE)
    if faults:
        return _desk(problem=_words(g.language)["choose"])
    accept = given["do"] == "accept"
    try:
        visiting.settle(g.session, g.vault, g.caller, key, accept=accept, reason=given["reason"])
    except TOLD as error:
        g.session.rollback()
        return _desk(problem=str(error))
    return redirect(f"/desk/visits?done={'accepted' if accept else 'refused'}", 303)


def _desk(done: str | None = None, problem: str | None = None) -> Response:
    _supervisor()
    waits = visiting.waiting(g.session, g.vault, g.caller)
    present = {unit: visit_list.door_now(g.session, g.vault, g.caller, unit, g.settings)
               for unit in dict.fromkeys(one["unit"] for one in waits if one["unit"])}
    return page("field/desk.html", _words(g.language), tab="visits", waits=waits, done=done,
                problem=problem, present=present, at=_at, word=_word,
                status=422 if problem else 200)


def _supervisor() -> None:
    if g.caller.role is not Role.OFFICER:
        raise Forbidden(f"The role {g.caller.role} settles no visits.")


def _at(moment: str) -> str:
    from datetime import datetime

    return admin_frame.day(datetime.fromisoformat(moment), minute=True)


def _word(codes: str, code: str | None) -> str:
    return codelist(codes).label(code, g.language) or "" if code else ""


@cache
def _own(language: str) -> dict[str, str]:
    found = json.loads(WORDS.read_text(encoding="utf-8"))
    return {name: both[language] for name, both in found.items()}


@cache
def _words(language: str) -> dict[str, str]:
    return admin_frame.words(language) | _own(language)
