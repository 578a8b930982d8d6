"""Which HTTP status each error of the house becomes, and how it is written."""

import json
import logging
from collections.abc import Mapping

from flask import Flask, Response, current_app, g, render_template, request
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from spatial.audit import Event, record
from spatial.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    NotSignedIn,
    RegistryError,
    RuleViolated,
    TooManyRequests,
    Unavailable,
)
from spatial.wording import in_chinese, words

STATUS: dict[type[RegistryError], int] = {
    InvalidInput: 400, NotSignedIn: 401, Forbidden: 403, NotFound: 404, Conflict: 409,
    TooManyRequests: 429, Unavailable: 503, RegistryError: 500}
RETRY_S = 3
BUSY = "The database is busy or away; try again in a moment."
#: English words of errors -> Chinese ones.
TITLES: Mapping[str, str] = words()
log = logging.getLogger(__name__)


def status_of(error: RegistryError) -> int:
    """Return the status of the nearest class in STATUS."""
    return next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)


def init_app(app: Flask) -> None:
    """Answer every error with a problem document (RFC 9457), or with a page."""
    app.register_error_handler(RegistryError, _of_the_house)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(DBAPIError, _of_the_database)
    app.register_error_handler(PoolTimeout, _of_the_database)
    app.register_error_handler(Exception, _bug)


def problem(status: int, title: str, detail: str, **more: object) -> Response:
    """Return the answer to a request that failed, as its kind of client reads it."""
    from web.frame import is_page

    if "session" in g:
        g.session.rollback()
    chinese, told = TITLES.get(title, title), in_chinese(detail) or detail
    if is_page():
        if g.get("language") == "zh":
            title, detail = chinese, told
        text = render_template("error.html", status=status, title=title, detail=detail)
        return Response(text, status, mimetype="text/html")
    body = {"type": "about:blank", "title": title, "title_zh": chinese, "status": status,
            "detail": detail, "detail_zh": told, **more}
    return Response(json.dumps(body, ensure_ascii=False), status,
                    mimetype="application/problem+json")


def _of_the_house(error: RegistryError) -> Response:
    status = status_of(error)
    if isinstance(error, Forbidden) or (
            isinstance(error, NotFound | TooManyRequests) and g.get("admitted")
            and g.contract.personal):
        _note_refusal()
    more = {"violations": [str(v) for v in error.violations]} if isinstance(
        error, RuleViolated) else {}
    response = problem(status, error.title, str(error), **more)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="doorplate"'
    if status in (429, 503):
        response.headers["Retry-After"] = str(getattr(error, "retry_after", RETRY_S))
    return response


def _note_refusal() -> None:
    """Tell the audit who was refused what; what the view had done is not kept."""
    g.session.rollback()
    caller = g.get("caller")
    record(g.session, g.vault, Event(
        actor=caller.actor if caller else "?", role=caller.role if caller else "",
        action=request.endpoint or "", note="refused"))
    g.session.commit()


def _of_http(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        return current_app.make_response(error.get_response())
    response = problem(error.code or 500, error.name, error.description or error.name)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _of_the_database(error: Exception) -> Response:
    if isinstance(error, DataError):
        return _of_the_house(InvalidInput("A value is outside of what the registry can hold."))
    if isinstance(error, PoolTimeout | OperationalError) or getattr(
            error, "connection_invalidated", False):
        log.warning("database: %s", type(error).__name__)
        return _of_the_house(Unavailable(BUSY))
    return _bug(error)


def _bug(error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return problem(500, RegistryError.title, "This is a fault of the program; it has been noted.")
