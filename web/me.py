"""Who is signed in, what they may act as, and changing from one to another."""

from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from layers.across import assignments, web_sessions
from layers.users import Assignment
from spatial.audit import Event, record
from spatial.errors import Forbidden
from web import authentication
from web.auth import said
from web.endpoint import endpoint
from web.params import whole
from web.rooms import rooms_of

bp = Blueprint("me", __name__)
NUMBER = whole("assignment", "The number of one of your assignments, from /api/me.",
               least=1, most=2**63 - 1).needed()


@bp.get("/api/me")
@endpoint(personal=True, example={
    "name": "wang", "role": "officer", "area": "150502001", "token": False,
    "demonstration": False, "assignments": [
        {"id": 7, "role": "officer", "area": "150502001", "area_name": "明仁街道", "grids": [],
         "from": "2026-01-05T08:00:00+08:00", "to": None, "active": True}],
    "rooms": [{"path": "/map", "title": "地图"}]})
def me() -> dict[str, Any]:
    """Tell who is signed in, in which role, over which area, and what else they may act as."""
    return _all(g.caller.assignment_id)


@bp.post("/api/me/assignment")
@endpoint(body=(NUMBER,), personal=True)
def switch(assignment: int) -> Response:
    """Act in another of one's assignments from now on; sets a new session's cookie."""
    secret = request.cookies.get(authentication.cookie_name(), "")
    if g.caller.user_id is None or not secret:
        raise Forbidden("A token acts in one role; only who signed in can change it.")
    fresh = web_sessions.switch(g.session, secret, g.caller, assignment,
                                factor_roles=authentication.factor_roles())
    record(g.session, g.vault, Event(actor=g.caller.actor, role=g.caller.role, action="switch",
                                     subjects=(f"assignment {assignment}",)))
    g.caller = authentication.caller_with(fresh)
    response = jsonify(_all(assignment))
    authentication.keep_cookie(response, fresh, g.settings.session_hours)
    return response


def _all(active: int | None) -> dict[str, Any]:
    mine = assignments.acting(g.session, g.caller.user_id) if g.caller.user_id else ()
    names = assignments.area_names(g.session, [one.area for one in mine])
    return said(g.caller) | {"assignments": [
        _assignment(one, names.get(one.area), active) for one in mine],
        "rooms": rooms_of(g.caller, g.language)}


def _assignment(one: Assignment, name: str | None, active: int | None) -> dict[str, Any]:
    until = one.valid_to.astimezone(g.zone).isoformat() if one.valid_to else None
    return {"id": one.id, "role": one.role, "area": one.area, "area_name": name,
            "grids": one.grids, "from": one.valid_from.astimezone(g.zone).isoformat(),
            "to": until, "active": one.id == active}
