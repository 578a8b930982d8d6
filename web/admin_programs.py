"""The admin's pages of tokens and sessions: made, told once, listed, ended."""

from datetime import timedelta

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from layers.access import TOKEN_ROLES
from layers.across import tokens, web_sessions
from layers.faults import Fault
from spatial.errors import RuleViolated
from web.admin_frame import admin, areas, audited, show
from web.endpoint import endpoint
from web.forms import faults_of, read_form
from web.params import choice, text, whole

bp = Blueprint("admin_programs", __name__)
SAID = choice("done", "What has just been done, to be told.", ("revoked", "ended"))
TOKEN = (text("name", "What the program is called.", most=80).needed(),
         choice("role", "The role.", [str(role) for role in TOKEN_ROLES]).needed(),
         text("area", "A division's code or identifier.", most=20).needed(),
         whole("days", "How many days it is good for.", least=1, most=3650).needed())
AFTER = whole("before", "The number of the last token of the page before.", least=1, most=2**62)
PAGE = 25


@bp.route("/admin/tokens", methods=("GET", "POST"))
@endpoint(AFTER, SAID, page=True, personal=True)
def tokens_page(before: int | None, done: str | None) -> ResponseReturnValue:
    """Show the tokens of the caller's area; make one, whose secret is shown once."""
    by = admin()
    faults: list[Fault] = []
    if request.method == "POST":
        given, faults = read_form(TOKEN)
        try:
            if not faults:
                secret = tokens.make(g.session, by, given["name"], role=given["role"],
                                     area=given["area"], days=given["days"])
                audited("token-add", given["name"])
                return show("admin/token.html", tab="tokens", name=given["name"],
                            secret_value=secret)
        except RuleViolated as error:
            g.session.rollback()
            faults = faults_of(error)
    found = tokens.tokens_of(g.session, by, before=before, limit=PAGE + 1)
    return show("admin/tokens.html", tab="tokens", faults=faults, done=done, areas=areas(by),
                tokens=found[:PAGE], more=found[PAGE - 1].id if len(found) > PAGE else None)


@bp.post("/admin/tokens/<int:number>/revoke")
@endpoint(page=True, personal=True)
def revoke_token(number: int) -> ResponseReturnValue:
    """End a token at once."""
    tokens.revoke(g.session, admin(), number)
    audited("token-revoke", str(number))
    return redirect(url_for("admin_programs.tokens_page", done="revoked"), 303)


@bp.get("/admin/sessions")
@endpoint(SAID, page=True, personal=True)
def sessions_page(done: str | None) -> ResponseReturnValue:
    """Show who is signed in now in the caller's area."""
    idle = timedelta(minutes=g.settings.session_idle_min)
    return show("admin/sessions.html", tab="sessions", done=done,
                sessions=web_sessions.sessions_of(g.session, admin(), idle=idle))


@bp.post("/admin/sessions/<int:number>/end")
@endpoint(page=True, personal=True)
def end_session(number: int) -> ResponseReturnValue:
    """End a session at once."""
    whose = web_sessions.end(g.session, admin(), number)
    audited("session-end", whose)
    return redirect(url_for("admin_programs.sessions_page", done="ended"), 303)
