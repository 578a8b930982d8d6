"""Who is asking: the session's cookie, a bearer token, or a token as a password of HTTP Basic."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Response, g, request

from layers.access import Role, roles_named
from layers.across.callers import caller_of_session, caller_of_token, only_idle
from layers.caller import Caller
from spatial.errors import Forbidden, NotSignedIn

SECRET_MOST = 200
SAFE = ("GET", "HEAD", "OPTIONS")


def cookie_name() -> str:
    """Return the cookie's name; over TLS one that no other host can set."""
    return "__Host-doorplate" if request.is_secure else "doorplate"


def caller() -> Caller | None:
    """Return who is asking, or None; a token that is wrong is an error, not a nobody."""
    given = request.authorization
    if given is not None or "Authorization" in request.headers:
        secret = (given.token if given.type == "bearer" else given.password) if given else None
        found = caller_of_token(g.session, secret[:SECRET_MOST]) if secret else None
        if found is None:
            raise NotSignedIn("The token is unknown, revoked or too old.")
        return found
    secret = request.cookies.get(cookie_name(), "")
    found = caller_with(secret) if 0 < len(secret) <= SECRET_MOST else None
    if found is not None:
        refuse_foreign_origin()
    return found


def caller_with(secret: str) -> Caller | None:
    """Return who is signed in by the secret of a session."""
    return caller_of_session(
        g.session, secret, idle=timedelta(minutes=g.settings.session_idle_min),
        longest=timedelta(hours=g.settings.session_hours))


def is_kept() -> bool:
    """Tell whether the browser's session stands, however long nobody used it."""
    secret = request.cookies.get(cookie_name(), "")
    return 0 < len(secret) <= SECRET_MOST and only_idle(
        g.session, secret, longest=timedelta(hours=g.settings.session_hours))


def factor_roles() -> frozenset[Role]:
    """Return the roles that sign in with a code besides the password."""
    return roles_named(g.settings.second_factor_roles)


def refuse_foreign_origin() -> None:
    """Refuse a change that another site's page sends with this browser's cookie.

    Browsers say where a request comes from; a client that says nothing is no browser.
    """
    if request.method in SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = (site in ("same-origin", "none") if site is not None
            else origin is None or urlsplit(origin).netloc == request.host)
    if not ours:
        raise Forbidden("This request comes from another site's page.")


def keep_cookie(response: Response, secret: str, hours: int) -> None:
    """Hand the session's secret to the browser, out of reach of scripts and other sites."""
    response.set_cookie(cookie_name(), secret, max_age=hours * 3600, httponly=True,
                        secure=request.is_secure, samesite="Strict", path="/")


def drop_cookie(response: Response) -> None:
    """Take the session's secret back."""
    response.delete_cookie(cookie_name(), path="/", httponly=True, secure=request.is_secure,
                           samesite="Strict")
