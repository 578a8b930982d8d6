"""One's own account: what one acts as, the password, the second factor."""

from typing import Any

from flask import Blueprint, Response, current_app, g, redirect, request
from flask.typing import ResponseReturnValue

from layers.across import assignments, factors, own_account, web_sessions
from layers.faults import Fault, refuse
from layers.users import AppUser
from spatial.audit import Event, record
from spatial.errors import Forbidden, RuleViolated
from web import authentication
from web.admin_frame import own
from web.endpoint import endpoint
from web.forms import faults_of, read_form
from web.params import choice, text, whole
from web.steps import CHOSEN, CODE

bp = Blueprint("account", __name__)
SAID = choice("done", "What has just been done.", ("password", "switched", "factor_off"))
DO = choice("do", "What to do.", ("switch", "password", "begin", "confirm", "remove")).needed()
FIELDS: dict[str, tuple[Any, ...]] = {
    "switch": (whole("assignment", "One of yours.", least=1, most=2**63 - 1).needed(),),
    "password": (text("present", "The present password.", most=1000).needed(), *CHOSEN),
    "confirm": (CODE,), "remove": (CODE,)}


@bp.get("/account")
@endpoint(SAID, page=True, personal=True)
def account(done: str | None) -> ResponseReturnValue:
    """Show one's own account."""
    return _page(done=done)


@bp.post("/account")
@endpoint(page=True, personal=True, most_bytes=16 * 1024)
def change() -> ResponseReturnValue:
    """Act in another role, change the password, set up or remove the second factor."""
    _me()
    what = request.form.get("do", "")
    given, faults = read_form((DO, *FIELDS.get(what, ())))
    if not faults:
        try:
            return _change(what, given)
        except RuleViolated as error:
            faults = faults_of(error)
    return _page(faults=faults, enrolling=what == "confirm")


def _change(what: str, given: dict[str, Any]) -> Response:
    if what == "switch":
        return _switch(given["assignment"])
    if what == "begin":
        return _page(enrolling=True)
    user = _me()
    if what == "password":
        _password(user, given)
    elif what == "confirm":
        codes = factors.confirm(g.session, g.vault, user, given["code"])
        _audited("factor-add")
        return own("account/codes.html", codes=codes, target="/account")
    else:
        factors.remove(g.session, g.vault, user, given["code"])
        _audited("factor-remove")
    return _back("password" if what == "password" else "factor_off")


def _password(user: AppUser, given: dict[str, Any]) -> None:
    right = own_account.change_password(g.session, user, given["present"], given["password"],
                                        given["again"], secret=_secret())
    if not right:
        refuse([Fault("present", "password_wrong")])
    _audited("password-change")


def _switch(number: int) -> Response:
    fresh = web_sessions.switch(g.session, _secret(), g.caller, number,
                                factor_roles=authentication.factor_roles())
    _audited("switch", f"assignment {number}")
    response = _back("switched")
    authentication.keep_cookie(response, fresh, g.settings.session_hours)
    return response


def _me() -> AppUser:
    """Return the user who has signed in; a token is nobody's account."""
    if g.caller.user_id is None:
        raise Forbidden("A token has no account.")
    return g.session.get_one(AppUser, g.caller.user_id)  # type: ignore[no-any-return]


def _secret() -> str:
    return request.cookies.get(authentication.cookie_name(), "")


def _audited(action: str, *subjects: str) -> None:
    record(g.session, g.vault, Event(actor=g.caller.actor, role=g.caller.role, action=action,
                                     subjects=subjects))


def _back(done: str) -> Response:
    return current_app.make_response(redirect(f"/account?done={done}", 303))


def _page(*, faults: list[Fault] | None = None, done: str | None = None,
          enrolling: bool = False) -> Response:
    user = _me()
    mine = assignments.acting(g.session, user.id)
    factor = factors.has_factor(g.session, user.id)
    secret = factors.begin(g.session, g.vault, user) if enrolling and not factor else ""
    return own("account/account.html", user=user, mine=mine, done=done, faults=faults or [],
               names=assignments.area_names(g.session, [one.area for one in mine]),
               factor=factor, left=factors.recovery_left(g.session, user.id),
               secret_value=secret,
               picture=factors.picture(factors.uri(secret, user.name)) if secret else "")
