"""What happens around every request: one session, one caller, one transaction.

A view that returns has its transaction committed before the answer leaves; one that raises has
it rolled back. So an answer with personal data and its audit line are kept or lost together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import quote
from zoneinfo import ZoneInfo

from flask import Flask, Response, current_app, g, redirect, request
from sqlalchemy.orm import Session

from layers.across.reach import bind
from spatial.config import Settings
from spatial.errors import InvalidInput, NotSignedIn
from web import authentication, language, limiting
from web.endpoint import contract_of
from web.headers import dress
from web.params import UNPRINTABLE, read_query

if TYPE_CHECKING:
    from spatial.sealing import Vault

#: Where programs ask; everything else is for people, and answers them with pages.
API = ("/api/", "/ogc", "/tiles/", "/styles/", "/open311/", "/openapi.json", "/health", "/static/")


@dataclass(frozen=True, slots=True)
class House:
    """What the application was made with."""

    new_session: Callable[[], Session]
    vault: "Vault"
    settings: Settings


def house() -> House:
    """Return what this application was made with."""
    return cast(House, current_app.extensions["doorplate"])


def init_app(app: Flask) -> None:
    """Put the frame around every request of `app`."""
    app.before_request(_begin)
    app.before_request(_admit)
    app.after_request(_finish)
    app.teardown_request(_close)


def is_page() -> bool:
    """Tell whether the present request comes from a person who reads pages."""
    page = contract_of(request.endpoint).page or not request.path.startswith(API)
    return page and not request.is_json


def _begin() -> None:
    ours = house()
    g.session = ours.new_session()
    bind(g.session, ours.vault, None)
    g.vault, g.settings, g.zone = ours.vault, ours.settings, ZoneInfo(ours.settings.zone)
    g.caller, g.contract = None, contract_of(request.endpoint)
    g.language = language.choose(request.args.get("lang"), request.cookies.get("lang"),
                                 request.accept_languages)
    request.max_content_length = g.contract.most_bytes
    if UNPRINTABLE.search(request.path):
        raise InvalidInput("The path holds a control character.")


def _admit() -> Response | None:
    """Let nobody past who has not signed in, then refuse what the route does not know."""
    if not (g.contract.open or request.endpoint == "static"):
        g.caller = authentication.caller()
        if g.caller is None:
            return _turn_away()
        limiting.admit()
        bind(g.session, g.vault, g.caller)
    if request.routing_exception is None:
        read_query(request.query_string, g.contract.query, g.zone)
    return None


def _turn_away() -> Response:
    if is_page() and request.method in ("GET", "HEAD"):
        wanted = request.full_path if request.query_string else request.path
        return cast(Response, redirect("/sign-in?next=" + quote(wanted, safe="/"), 303))
    raise NotSignedIn("Sign in, or send a token as Authorization: Bearer.")


def _finish(response: Response) -> Response:
    if "session" in g:
        g.session.commit()
    if is_page():
        language.keep(response, request.args.get("lang"))
    return dress(response)


def _close(_error: BaseException | None) -> None:
    if "session" in g:
        g.session.close()
