"""What each route takes and gives, declared beside its view; routing and documents follow it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar, cast

from flask import current_app, g, jsonify, request
from flask.typing import ResponseReturnValue

from web.bodies import read_json
from web.params import Parameter, read_query

MEBIBYTE = 1024 * 1024
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """How a route may be called, and how its answer is kept.

    `status` is that of its success, and 204 that of nothing where it may be `empty`. `query` and
    `body` reach the view as keyword arguments. `open` routes need no sign-in; `personal` answers
    are never stored; a `page` answers people, in HTML, errors included. A route without `body`
    reads the request itself, up to `most_bytes`.
    """

    query: tuple[Parameter, ...] = ()
    body: tuple[Parameter, ...] = ()
    open: bool = False
    personal: bool = False
    page: bool = False
    most_bytes: int = MEBIBYTE
    media: str = "application/json"
    status: int = 200
    empty: bool = False
    example: Mapping[str, Any] = field(default_factory=dict)


PLAIN = Contract()


def endpoint(*query: Parameter, **said: Any) -> Callable[[View], View]:
    """Declare a view's contract; `said` are the other members of Contract."""
    contract = Contract(query=query, **said)

    def declare(view: View) -> View:
        @wraps(view)
        def call(**path: Any) -> ResponseReturnValue:
            asked = read_query(request.query_string, contract.query, g.zone)
            if contract.body:
                asked |= read_json(_body(contract), contract.body, g.zone)
            answer = view(**path, **{one.name: asked[one.name]
                                     for one in (*contract.query, *contract.body)})
            return _as_declared(answer, contract)
        call.contract = contract  # type: ignore[attr-defined]
        return cast(View, call)
    return declare


def contract_of(name: str | None) -> Contract:
    """Return the contract of the endpoint called `name`; without one, nothing may be asked."""
    view = current_app.view_functions.get(name or "")
    return cast(Contract, getattr(view, "contract", PLAIN))


def _as_declared(answer: ResponseReturnValue, contract: Contract) -> ResponseReturnValue:
    """Turn plain data into JSON of the declared media type."""
    if not isinstance(answer, dict | list):
        return answer
    response = jsonify(answer)
    response.mimetype = contract.media
    return response


def _body(contract: Contract) -> bytes:
    if request.mimetype != "application/json":
        from werkzeug.exceptions import UnsupportedMediaType

        raise UnsupportedMediaType("The body must be application/json.")
    return request.get_data(cache=True)
