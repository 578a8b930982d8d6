"""JSON bodies, read by the same declarations as queries. No Flask here."""

import json
import re
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from spatial.errors import InvalidInput
from web.params import Parameter, read_pairs

DEPTH_MOST = 32
_KINDS: dict[str, Any] = {"string": str, "integer": int, "number": (int, float), "boolean": bool}
_OUTSIDE_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


def read_json(raw: bytes, declared: Sequence[Parameter], zone: ZoneInfo) -> dict[str, Any]:
    """Read a JSON object whose properties are `declared`; null counts as absent."""
    body = parse_json(raw)
    if not isinstance(body, dict):
        raise InvalidInput("The body must be a JSON object.")
    known = {one.name: one for one in declared}
    pairs = [(name, _as_text(name, value, known.get(name)))
             for name, value in body.items() if value is not None or name not in known]
    return read_pairs(pairs, declared, zone)


def parse_json(raw: bytes) -> Any:
    """Parse strictly: UTF-8, no NaN, no property twice, at most DEPTH_MOST levels."""
    _check_depth(raw)
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant,
                          object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(
            error, json.JSONDecodeError) else ""
        raise InvalidInput(f"The body is no JSON in UTF-8{where}.") from None


def _as_text(name: str, value: Any, known: Parameter | None) -> str:
    if known is None:
        return ""
    kind = known.schema["type"]
    if not isinstance(value, _KINDS[kind]) or (isinstance(value, bool) and kind != "boolean"):
        raise InvalidInput(f"{name} must be a JSON {kind}.")
    return value if isinstance(value, str) else json.dumps(value)


def _check_depth(raw: bytes) -> None:
    depth = 0
    for found in _OUTSIDE_TEXTS.finditer(raw):
        mark = found.group()
        depth += 1 if mark in (b"[", b"{") else -1 if mark in (b"]", b"}") else 0
        if depth > DEPTH_MOST:
            raise InvalidInput(f"The body is nested deeper than {DEPTH_MOST} levels.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) < len(pairs):
        raise InvalidInput("The body names a property twice.")
    return body


def _refuse_constant(name: str) -> Any:
    raise InvalidInput(f"{name} is no number of JSON.")
