"""What the API offers, derived from the routes and their contracts."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from werkzeug.routing import Rule

from spatial.version import VERSION
from web.endpoint import Contract, contract_of, endpoint
from web.params import LANGUAGE, Parameter

bp = Blueprint("docs", __name__)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
#: Not part of the API although open to all.
HIDDEN = ("static", "docs.favicon")
PATH_TYPES = {"int": "integer", "float": "number"}
_TEXTS = ("type", "title", "title_zh", "detail", "detail_zh")
PROBLEM = {"type": "object", "properties": {
    "status": {"type": "integer"}, **{name: {"type": "string"} for name in _TEXTS}}}
FAILURES = {"400": "A value is not acceptable.", "401": "Sign in first.",
            "403": "The role may not do this.",
            "404": "Unknown, or outside of the caller's area.",
            "429": "Too many requests; see Retry-After.",
            "503": "Not available now; see Retry-After."}
#: What routes that change something, or take a body, may answer besides.
OF_CHANGES = {"409": "It has changed meanwhile, or is so already.",
              "413": "The body is too large.", "415": "The body is of another media type."}
#: What pages may answer besides.
OF_PAGES = {"303": "Another page goes on.", "422": "A form that is not filled in as it should be."}


@bp.get("/openapi.json")
@endpoint(media="application/vnd.oai.openapi+json")
def openapi() -> dict[str, Any]:
    """Describe the API in OpenAPI 3.1."""
    return description()


@bp.get("/docs")
@endpoint(page=True)
def docs() -> ResponseReturnValue:
    """Show the API's description to people."""
    return render_template("docs.html", api=description())


@bp.get("/favicon.ico")
@bp.get("/favicon.svg")
@endpoint(open=True, media="image/svg+xml")
def favicon() -> ResponseReturnValue:
    """Give the site's icon."""
    return current_app.send_static_file("favicon.svg")


def description() -> dict[str, Any]:
    """Return the OpenAPI document of every route that answers programs."""
    paths: dict[str, dict[str, Any]] = {}
    for rule, contract in routes():
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
        for method in sorted(METHODS, key=METHODS.index):
            if method in (rule.methods or ()):
                paths.setdefault(path, {})[method.lower()] = _operation(rule, contract)
    return {"openapi": "3.1.0", "info": {"title": "Doorplate 门牌", "version": VERSION},
            "paths": paths, "security": [{"bearer": []}, {"session": []}],
            "components": {"schemas": {"Problem": PROBLEM}, "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "doorplate"}}}}


def routes() -> Iterator[tuple[Rule, Contract]]:
    """Yield the routes that programs may use, by path."""
    for rule in sorted(current_app.url_map.iter_rules(), key=lambda rule: rule.rule):
        contract = contract_of(rule.endpoint)
        if rule.endpoint not in HIDDEN and not (contract.page and not contract.open):
            yield rule, contract


def _operation(rule: Rule, contract: Contract) -> dict[str, Any]:
    view = current_app.view_functions[rule.endpoint]
    words = inspect.getdoc(view) or rule.endpoint
    summary, _, more = words.partition("\n")
    said: dict[str, Any] = {
        "operationId": rule.endpoint.replace(".", "_"), "summary": summary,
        "tags": [rule.endpoint.partition(".")[0]], "parameters": [
            *_path_parameters(rule), *(_query(one) for one in (*contract.query, LANGUAGE))]}
    if more.strip():
        said["description"] = inspect.cleandoc(more)
    if contract.open:
        said["security"] = []
    if contract.body:
        said["requestBody"] = {"required": True, "content": {
            "application/json": {"schema": _object(contract.body)}}}
    said["responses"] = _responses(contract, is_change=bool({"POST", "PUT", "PATCH", "DELETE"}
                                                            & (rule.methods or set())))
    return said


def _responses(contract: Contract, *, is_change: bool) -> dict[str, Any]:
    media: dict[str, Any] = {"schema": {}}
    if contract.example:
        media["example"] = dict(contract.example)
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    answers: dict[str, Any] = {str(contract.status): {"description": "The answer.", "content": {
        "text/html" if contract.page else contract.media: media}}}
    failures = FAILURES | (OF_CHANGES if is_change else {}) | (OF_PAGES if contract.page else {})
    if contract.empty:
        answers["204"] = {"description": "There is nothing here."}
    if contract.page and is_change:
        answers["202"] = {"description": "The password was right; a second step is wanted."}
    return answers | {code: {"description": words, "content": problem}
                      for code, words in sorted(failures.items())}


def _path_parameters(rule: Rule) -> Iterator[dict[str, Any]]:
    for kind, name in re.findall(r"<(?:([a-z]+)[^:<>]*:)?([^<>]+)>", rule.rule):
        yield {"name": name, "in": "path", "required": True,
               "schema": {"type": PATH_TYPES.get(kind, "string")}}


def _query(one: Parameter) -> dict[str, Any]:
    return {"name": one.name, "in": "query", "required": one.required, "description": one.about,
            "schema": _schema(one)}


def _object(body: tuple[Parameter, ...]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": {
        one.name: {**_schema(one), "description": one.about} for one in body}}
    required = [one.name for one in body if one.required]
    return schema | ({"required": required} if required else {})


def _schema(one: Parameter) -> dict[str, Any]:
    return dict(one.schema) | ({} if one.default is None else {"default": one.default})
