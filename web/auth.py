"""The sign-in page: user name and password against a session's cookie."""

from typing import Any
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, current_app, g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from layers.across import sign_ins
from layers.across.break_glass import sweep
from layers.caller import Caller
from spatial.audit import Event, record
from spatial.errors import InvalidInput, NotSignedIn, TooManyRequests
from web import authentication, limiting
from web.bodies import read_json
from web.endpoint import endpoint
from web.params import UNPRINTABLE, read_pairs, text

bp = Blueprint("auth", __name__)
HOME = "/map"
NEXT = text("next", "Where to go after signing in: a path of this site.", most=2000)
CREDENTIALS = (text("username", "The user's name.", most=200).needed(),
               text("password", "The password.", most=1000).needed())


@bp.get("/sign-in")
@endpoint(NEXT, open=True, personal=True, page=True)
def sign_in_page(next: str | None) -> ResponseReturnValue:
    """Show the sign-in page."""
    return _page(status=200, failure=None, next=safe_next(next))


@bp.post("/sign-in")
@endpoint(NEXT, open=True, personal=True, page=True, most_bytes=16 * 1024)
def sign_in(next: str | None) -> ResponseReturnValue:
    """Sign in with `username` and `password`, as a form or as JSON; sets the session's cookie."""
    authentication.refuse_foreign_origin()
    limiting.admit_sign_in()
    sweep(g.session)
    return _by_json() if request.mimetype == "application/json" else _by_form(next)


@bp.post("/sign-out")
@endpoint(personal=True, page=True)
def sign_out() -> ResponseReturnValue:
    """End this session, here and on the server."""
    secret = request.cookies.get(authentication.cookie_name())
    if secret:
        sign_ins.sign_out(g.session, secret)
        record(g.session, g.vault,
               Event(actor=g.caller.actor, role=g.caller.role, action="sign-out"))
    response = current_app.make_response(redirect("/sign-in", 303))
    authentication.drop_cookie(response)
    return response


def safe_next(wanted: str | None) -> str:
    """Return `wanted` if it is a path of this site, else the map's."""
    if (not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\", "/sign-"))
            or "\\" in wanted or UNPRINTABLE.search(wanted)):
        return HOME
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return HOME
    return HOME if parts.scheme or parts.netloc else wanted


def _by_form(next: str | None) -> ResponseReturnValue:
    fields = (*CREDENTIALS, NEXT)
    form = [(name, value) for name, values in request.form.lists() for value in values]
    target = safe_next(next)
    try:
        given = read_pairs(form, fields, g.zone)
        target = safe_next(given["next"] or next)
        signed_in = _try(given)
    except InvalidInput:
        signed_in = None
    except TooManyRequests as error:
        response = _page(status=429, failure="paused", next=target)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    if signed_in is None:
        return _page(status=401, failure="wrong", next=target)
    if signed_in[1] is None:
        target = "/sign-in/step?next=" + quote(target, safe="/")
    response = current_app.make_response(redirect(target, 303))
    authentication.keep_cookie(response, signed_in[0], g.settings.session_hours)
    return response


def _by_json() -> ResponseReturnValue:
    signed_in = _try(read_json(request.get_data(), CREDENTIALS, g.zone))
    if signed_in is None:
        # The failure is counted: kept although the request is refused.
        g.session.commit()
        raise NotSignedIn("The name or the password is not right.")
    # 202: the password was right, and the page of steps asks for more.
    response = jsonify(said(signed_in[1]) if signed_in[1] else {"step": "/sign-in/step"})
    response.status_code = 200 if signed_in[1] else 202
    authentication.keep_cookie(response, signed_in[0], g.settings.session_hours)
    return response


def _try(given: dict[str, Any]) -> tuple[str, Caller | None] | None:
    """Return the session's secret and who it is, None while it waits; failures are audited too."""
    secret = sign_ins.sign_in(g.session, given["username"], given["password"],
                              factor_roles=authentication.factor_roles())
    if secret is None:
        record(g.session, g.vault, Event(actor="?", role="", action="sign-in", note="refused"))
        return None
    who = authentication.caller_with(secret)
    if who is not None:
        record(g.session, g.vault, Event(actor=who.actor, role=who.role, action="sign-in"))
    return secret, who


def said(who: Caller) -> dict[str, Any]:
    """Return who acts, in which role, over which area."""
    return {"name": who.name, "role": str(who.role), "area": who.area, "token": who.is_token,
            "demonstration": who.demonstration}


def _page(*, status: int, failure: str | None, next: str) -> Response:
    html = render_template("sign-in.html", failure=failure, next=next)
    response = Response(html, status, mimetype="text/html")
    # With no-referrer the browser would send this form with `Origin: null`.
    response.headers["Referrer-Policy"] = "same-origin"
    return response
