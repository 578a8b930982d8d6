"""The admin's pages: users and what they may act as, tokens of programs, open sessions.

Every change is one line of the audit, and nothing here tells of a resident.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from layers.access import GRANTABLE, roles_named
from layers.across import assignments, user_admin, web_sessions
from layers.across.assignments import Wish
from layers.across.factors import has_factor
from layers.faults import Fault
from layers.users import AppUser
from spatial.errors import RuleViolated
from web.admin_frame import act, admin, areas, audited, role_names, show
from web.endpoint import endpoint
from web.forms import faults_of, read_form
from web.params import choice, moment, text

bp = Blueprint("admin", __name__)
PAGE = 25
DONE = ("granted", "proposed", "approved", "revoked", "disabled", "enabled", "identified",
        "forgotten", "ended", "token_revoked")
WORDS = text("q", "Part of a name or an e-mail address.", most=80)
AFTER = text("after", "The last name of the page before.", most=80)
SAID = choice("done", "What has just been done, to be told.", DONE)
GRANT = (choice("role", "The role.", [str(role) for role in GRANTABLE]).needed(),
         text("area", "A division's code or identifier.", most=20).needed(),
         text("grids", "Codes of grids, separated by commas.", most=400),
         moment("since", "The first day."), moment("until", "The last day.", end_of_day=True))
NEW = (text("name", "The user's name.", most=80).needed(),
       text("email", "The e-mail address.", most=200), *GRANT)
ACTS = ("grant", "disable", "enable", "reset", "identify", "forget")
DO = choice("do", "What to do.", ACTS).needed()
IDENTITY = (text("email", "The e-mail address.", most=200),
            text("subject", "The subject at the OIDC provider.", most=255))
SETTLE = (choice("do", "What to do.", ("approve", "revoke")).needed(),)


@bp.get("/admin")
@endpoint(WORDS, AFTER, SAID, page=True, personal=True)
def users(q: str | None, after: str | None, done: str | None) -> ResponseReturnValue:
    """Show the users of the caller's area and what waits for approval."""
    by = admin()
    found = user_admin.users_of(g.session, by, words=q or "", after=after or "", limit=PAGE + 1)
    shown = found[:PAGE]
    held = user_admin.assignments_of(g.session, by, shown)
    waits = [] if q or after else user_admin.waiting(g.session, by)
    return show("admin/users.html", tab="users", q=q or "", users=shown, held=held, waits=waits,
                done=done, more=shown[-1].name_key if len(found) > PAGE else None,
                names=_names([one for each in held.values() for one in each]
                             + [one for _, one in waits]))


@bp.route("/admin/users/new", methods=("GET", "POST"))
@endpoint(page=True, personal=True)
def new_user() -> ResponseReturnValue:
    """Add a user with a first assignment; the one-time password is shown once."""
    by = admin()
    faults: list[Fault] = []
    if request.method == "POST":
        given, faults = read_form(NEW)
        try:
            if not faults:
                user, password = user_admin.create(
                    g.session, by, given["name"], _wish(given), email=given["email"],
                    approval_roles=roles_named(g.settings.approval_roles))
                audited("user-add", user.name)
                return show("admin/password.html", tab="users", user=user, password=password)
        except RuleViolated as error:
            g.session.rollback()
            faults = faults_of(error)
    return show("admin/new.html", tab="users", faults=faults, areas=areas(by))


@bp.get("/admin/users/<int:number>")
@endpoint(SAID, page=True, personal=True)
def user(number: int, done: str | None) -> ResponseReturnValue:
    """Show one user: assignments, sessions, account."""
    by = admin()
    return _user_page(user_admin.user_of(g.session, by, number), done=done)


@bp.post("/admin/users/<int:number>")
@endpoint(page=True, personal=True)
def change_user(number: int) -> ResponseReturnValue:
    """Grant a role, disable or enable, replace the password, say how OIDC means the user."""
    by = admin()
    one = user_admin.user_of(g.session, by, number)
    what = request.form.get("do")
    extra = {"grant": GRANT, "identify": IDENTITY}.get(what or "", ())
    given, faults = read_form((DO, *extra))
    if not faults:
        try:
            done = _change(one, given)
            if isinstance(done, Response):
                return done
            return redirect(url_for("admin.user", number=number, done=done), 303)
        except RuleViolated as error:
            g.session.rollback()
            faults = faults_of(error)
    return _user_page(user_admin.user_of(g.session, by, number), faults=faults)


@bp.post("/admin/assignments/<int:number>")
@endpoint(page=True, personal=True)
def settle(number: int) -> ResponseReturnValue:
    """Approve what another admin has granted, or revoke an assignment."""
    given, faults = read_form(SETTLE)
    if faults:
        raise RuleViolated(str(faults[0]), faults)
    by, what = admin(), given["do"]
    try:
        one = (assignments.approve if what == "approve" else assignments.revoke)(
            g.session, by, number)
    except RuleViolated as error:
        g.session.rollback()
        whose = assignments.whose(g.session, number)
        return _user_page(user_admin.user_of(g.session, by, whose), faults=faults_of(error))
    audited("user-approve" if what == "approve" else "user-unassign", f"assignment {number}")
    return redirect(url_for("admin.user", number=one.user_id, done=what + "d"), 303)


def _change(one: AppUser, given: dict[str, Any]) -> str | Response:
    """Do what a form asks; return the word for it, or the page that shows a password once."""
    by, what = admin(), given["do"]
    if what == "grant":
        made = assignments.grant(g.session, by, one, _wish(given),
                                 approval_roles=roles_named(g.settings.approval_roles))
        audited("user-assign", one.name)
        return "proposed" if made.approval_needed else "granted"
    if what == "reset":
        password = user_admin.reset_password(g.session, by, one)
        audited("user-reset-password", one.name)
        return show("admin/password.html", tab="users", user=one, password=password)
    return act(one, what, given)


def _wish(given: dict[str, Any]) -> Wish:
    grids = (given["grids"] or "").replace("，", ",").replace("、", ",").split(",")
    return Wish(role=given["role"], area=given["area"], since=given["since"],
                until=given["until"],
                grids=tuple(grid.strip() for grid in grids if grid.strip()))


def _user_page(one: AppUser, *, faults: Sequence[Fault] = (), done: str | None = None
               ) -> Response:
    by = admin()
    held = user_admin.assignments_of(g.session, by, [one])[one.id]
    idle = timedelta(minutes=g.settings.session_idle_min)
    return show("admin/user.html", tab="users", user=one, held=held, names=_names(held),
                sessions=web_sessions.sessions_of(g.session, by, idle=idle, user_id=one.id),
                mine=user_admin.controls(g.session, by, one), areas=areas(by), done=done,
                faults=faults, factor=has_factor(g.session, one.id))


def _names(held: Sequence[Any]) -> dict[str, str]:
    return {**assignments.area_names(g.session, [one.area for one in held]),
            "*": "全区" if g.language == "zh" else "everywhere"} | role_names()
