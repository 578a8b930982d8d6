"""What a sign-in asks for after the password: a code, a password of one's own, a second factor."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, g, redirect, request
from flask.typing import ResponseReturnValue

from layers.across import factors, sign_ins
from layers.across.own_account import choose_password
from layers.across.sign_ins import Staged
from layers.faults import Fault, refuse
from spatial.audit import Event, record
from spatial.errors import RuleViolated
from web import authentication
from web.admin_frame import own
from web.auth import NEXT, safe_next
from web.endpoint import endpoint
from web.forms import faults_of, read_form
from web.params import text

bp = Blueprint("steps", __name__)
CODE = text("code", "A code of the authenticator, or a recovery code.", most=40).needed()
CHOSEN = (text("password", "The new password.", most=1000).needed(),
          text("again", "The new password again.", most=1000).needed())
FIELDS = {"code": (CODE,), "password": CHOSEN, "enrol": (CODE,)}


@bp.get("/sign-in/step")
@endpoint(NEXT, open=True, personal=True, page=True)
def step(next: str | None) -> ResponseReturnValue:
    """Ask for what the sign-in still wants."""
    one = _waiting()
    return _page(one, next) if one else _start_again()


@bp.post("/sign-in/step")
@endpoint(NEXT, open=True, personal=True, page=True, most_bytes=16 * 1024)
def take(next: str | None) -> ResponseReturnValue:
    """Take what was asked for; open the door, or ask for the next thing."""
    authentication.refuse_foreign_origin()
    one = _waiting()
    if one is None:
        return _start_again()
    sign_ins.refuse_guessing(g.session, one.user.name)
    given, faults = read_form(FIELDS[one.stage])
    codes: list[str] = []
    if not faults:
        try:
            codes = _take(one, given)
        except RuleViolated as error:
            faults = faults_of(error)
            _note(one, faults)
    return _page(one, next, faults) if faults else _further(one, next, codes)


def _take(one: Staged, given: dict[str, Any]) -> list[str]:
    """Pass the stage or raise RuleViolated; return recovery codes that were made."""
    if one.stage == "password":
        choose_password(g.session, one.user, given["password"], given["again"])
    elif one.stage == "enrol":
        return factors.confirm(g.session, g.vault, one.user, given["code"])
    elif not factors.check(g.session, g.vault, one.user, given["code"]):
        refuse([Fault("code", "code")])
    return []


def _note(one: Staged, faults: list[Fault]) -> None:
    """Count a wrong code like a wrong password: the pause holds for both."""
    if one.stage == "code" and faults:
        sign_ins.note_failure(g.session, one.user.name)
        record(g.session, g.vault, Event(actor="?", role="", action="sign-in", note="refused"))


def _further(one: Staged, next: str | None, codes: list[str]) -> Response:
    secret, stage = sign_ins.advance(g.session, one, factor_roles=authentication.factor_roles())
    target = safe_next(next)
    if stage is not None:
        target = "/sign-in/step?next=" + quote(target, safe="/")
    else:
        record(g.session, g.vault, Event(actor=one.user.name, role=one.assignment.role,
                                         action="sign-in"))
    response = own("account/codes.html", codes=codes, target=target) if codes else (
        current_app.make_response(redirect(target, 303)))
    authentication.keep_cookie(response, secret, g.settings.session_hours)
    return response


def _waiting() -> Staged | None:
    secret = request.cookies.get(authentication.cookie_name(), "")
    return sign_ins.staged(g.session, secret[:authentication.SECRET_MOST]) if secret else None


def _start_again() -> Response:
    return current_app.make_response(redirect("/sign-in", 303))


def _page(one: Staged, next: str | None, faults: list[Fault] | None = None) -> Response:
    secret = factors.begin(g.session, g.vault, one.user) if one.stage == "enrol" else ""
    return own("account/step.html", stage=one.stage, faults=faults or [], next=safe_next(next),
               whose=one.user.name, secret_value=secret, picture=_picture(secret, one.user.name))


def _picture(secret: str, name: str) -> str:
    return factors.picture(factors.uri(secret, name)) if secret else ""
