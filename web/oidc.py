"""Signing in at the identity provider: there and back, bound to this browser, once."""

from typing import NoReturn
from urllib.parse import quote

from flask import Blueprint, Response, current_app, g, redirect, request
from flask.typing import ResponseReturnValue

from layers.across import oidc_sign_ins, sign_ins
from spatial.audit import Event, record
from spatial.errors import NotFound, NotSignedIn
from spatial.oidc import BACK, Provider, provider
from web import authentication, limiting
from web.admin_frame import own
from web.auth import NEXT, safe_next
from web.endpoint import endpoint
from web.params import text

bp = Blueprint("oidc", __name__)
AWAY_S = 600
#: Providers send more than they must; what is not needed is taken and left unread.
MORE = ("session_state", "scope", "authuser", "hd", "prompt", "error_description", "error_uri")
ANSWER = (text("code", "What the provider trades for an ID token.", most=4000),
          text("state", "Which sign-in this answers.", most=200),
          text("error", "Why there is no code.", most=200),
          text("iss", "Who answers.", most=500),
          *(text(name, "Not used.", least=0, most=4000) for name in MORE))


@bp.get("/sign-in/oidc")
@endpoint(NEXT, open=True, personal=True, page=True)
def leave(next: str | None) -> ResponseReturnValue:
    """Send the browser to the identity provider."""
    there = _provider()
    limiting.admit_sign_in()
    kept, one = oidc_sign_ins.begin(g.session, safe_next(next))
    url = there.begin(state=oidc_sign_ins.state_of(kept), nonce=one.nonce, verifier=one.verifier)
    response = current_app.make_response(redirect(url, 303))
    # Lax: it has to come back with a visitor from the provider's site.
    response.set_cookie(_cookie(), kept, max_age=AWAY_S, httponly=True, samesite="Lax", path="/",
                        secure=request.is_secure)
    return response


@bp.get(BACK)
@endpoint(*ANSWER, open=True, personal=True, page=True)
def arrive(code: str | None, state: str | None, error: str | None, iss: str | None,
           **_more: str | None) -> ResponseReturnValue:
    """Take the provider's answer; sign in whom an admin has said it means."""
    there = _provider()
    one = oidc_sign_ins.finish(g.session, request.cookies.get(_cookie(), ""), state or "")
    # Good once, whatever comes of it.
    g.session.commit()
    if one is None or error or not code or (iss is not None and iss != there.issuer):
        _refuse("This sign-in did not begin here, took too long or was refused; begin again.")
    claims = there.finish(code=code, nonce=one.nonce, verifier=one.verifier)
    found = oidc_sign_ins.whom(g.session, claims)
    if found is None:
        _refuse("Nobody here is recognised by this sign-in; ask an admin.")
    secret = sign_ins.start(g.session, *found, factor_roles=authentication.factor_roles(),
                            with_password=False)
    return _enter(secret, one.next)


def _enter(secret: str, next: str) -> Response:
    """Go on from a page of ours: a redirect from elsewhere would not carry a Strict cookie."""
    who = authentication.caller_with(secret)
    if who is None:
        next = "/sign-in/step?next=" + quote(next, safe="/")
    else:
        record(g.session, g.vault, Event(actor=who.actor, role=who.role, action="sign-in"))
    response = own("account/arrived.html", target=next)
    authentication.keep_cookie(response, secret, g.settings.session_hours)
    response.delete_cookie(_cookie(), path="/", httponly=True, samesite="Lax",
                           secure=request.is_secure)
    return response


def _refuse(why: str) -> NoReturn:
    record(g.session, g.vault, Event(actor="?", role="", action="sign-in", note="refused"))
    g.session.commit()
    raise NotSignedIn(why)


def _provider() -> Provider:
    found = provider(g.settings)
    if found is None:
        raise NotFound("There is no identity provider here; sign in with a password.")
    return found


def _cookie() -> str:
    return "__Host-doorplate-oidc" if request.is_secure else "doorplate-oidc"
