"""The views of the map that a user keeps, over HTTP."""

from typing import Any

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from layers.across import views
from spatial.errors import Forbidden
from web.endpoint import endpoint
from web.params import text

bp = Blueprint("views", __name__)
NAME = text("name", "What the view is called; one of that name is replaced.", most=60).needed()
VIEW = text("view", "What stands behind the # of a link to the map.", most=4000).needed()


@bp.get("/api/map/views")
@endpoint(personal=True, example={"items": [
    {"id": 3, "name": "向阳小区", "view": "c=122.2,43.6,16,-24,50", "saved_at":
     "2026-11-20T08:00:00+08:00"}], "next": None})
def saved() -> dict[str, Any]:
    """List the caller's own views, the last one saved first."""
    return {"items": views.views_of(g.session, _user()), "next": None}


@bp.post("/api/map/views")
@endpoint(body=(NAME, VIEW), personal=True)
def keep(name: str, view: str) -> dict[str, Any]:
    """Keep a view of the map under a name."""
    return {"id": views.keep_view(g.session, _user(), name, view)}


@bp.delete("/api/map/views/<int:number>")
@endpoint(personal=True, status=204)
def drop(number: int) -> ResponseReturnValue:
    """Drop a view."""
    views.drop_view(g.session, _user(), number)
    return "", 204


def _user() -> int:
    """Return the number of who is signed in; a token has no views of its own."""
    if g.caller.user_id is None:
        raise Forbidden("A token keeps no views; sign in.")
    return int(g.caller.user_id)
