"""Filters that callers write (CQL2 text): bounded first, parsed by cql2, walked into SQLAlchemy.

Length, nesting and size are bounded before the parser sees anything: some thousand parentheses
would end the process. Values are bound by whoever executes; names are looked up, never written.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Float,
    Integer,
    Text,
    and_,
    any_,
    func,
    literal,
    not_,
    or_,
)

from spatial.crs import STORAGE
from spatial.errors import InvalidInput

LONGEST, MOST_NODES, DEEPEST = 4_000, 20, 5
_MOST_VERTICES = 1_000
#: What may be asked by name: a column or any expression of one.
Names = Mapping[str, Any]
_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": lambda a, b: a == b, "<>": lambda a, b: a != b, "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b}
_SPATIAL: Mapping[str, Callable[[Any, Any], Any]] = {
    "s_intersects": func.ST_Intersects, "s_within": func.ST_Within,
    "s_contains": func.ST_Contains, "s_disjoint": func.ST_Disjoint,
    "s_equals": func.ST_Equals, "s_touches": func.ST_Touches,
    "s_crosses": func.ST_Crosses, "s_overlaps": func.ST_Overlaps}
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
_DEPTH = re.compile(r"[()\[\]{}]")


def parse_filter(text: str, names: Names) -> ColumnElement[bool]:
    """Return the condition that a CQL2 text means, over what `names` lets be asked.

    Raises InvalidInput for what is too long, too deep or none, and for names that are not there:
    a field that is hidden is as unknown as one that never was.
    """
    return _Walk(names).condition(_parsed(text), 1)


def _parsed(text: str) -> Any:
    import cql2

    if not text.strip():
        raise InvalidInput("The filter is empty; write one, or leave it out.")
    if len(text) > LONGEST:
        raise InvalidInput(f"The filter has {len(text):,} characters; {LONGEST:,} are allowed.")
    bare = _QUOTED.sub("", text)
    if _nesting(bare) > 2 * DEEPEST:
        raise InvalidInput(f"The filter is nested too deep; {DEEPEST} levels are allowed.")
    try:
        return cql2.parse_text(text).to_json()
    except (cql2.ParseError, cql2.ValidationError, ValueError, RuntimeError) as error:
        said = " ".join(str(error).split())[:200]
        raise InvalidInput(f"The filter is no CQL2 text: {said}. For example: "
                           "storeys_above_ground >= 6 AND function = 'residential'") from None


def _nesting(text: str) -> int:
    deepest = depth = 0
    for sign in _DEPTH.findall(text):
        depth += 1 if sign in "([{" else -1
        deepest = max(deepest, depth)
    return deepest


class _Walk:
    """One walk through a parsed filter, counting what it passes."""

    def __init__(self, names: Names) -> None:
        self._names, self._nodes = names, 0

    def condition(self, node: Any, depth: int) -> ColumnElement[bool]:
        """Return the condition of a node."""
        self._count(depth)
        if not isinstance(node, dict) or "op" not in node:
            raise InvalidInput("The filter must compare something, such as height > 10.")
        operator, parts = str(node["op"]).lower(), list(node.get("args") or ())
        if operator in ("and", "or"):
            both = [self.condition(part, depth + 1) for part in parts]
            return and_(*both) if operator == "and" else or_(*both)
        if operator == "not":
            return not_(self.condition(parts[0], depth + 1))
        return self._compared(operator, parts)

    def _compared(self, operator: str, parts: list[Any]) -> ColumnElement[bool]:
        """Return a comparison; the first part names what is compared."""
        if operator in _COMPARE:
            return self._ordered(operator, *parts)
        if operator == "isnull":
            found: ColumnElement[bool] = self._named(parts[0]).is_(None)
            return found
        if operator == "in":
            column = self._named(parts[0])
            return self._any_of(column, [_literal(one, column) for one in parts[1]])
        if operator == "between":
            column = self._named(parts[0])
            low, high = (_literal(one, column) for one in parts[1:3])
            return and_(column >= low, column <= high)
        if operator == "like":
            return self._like(self._named(parts[0]), str(parts[1]))
        if operator in _SPATIAL:
            return self._spatial(operator, parts)
        raise InvalidInput(f"The filter uses {operator[:40]!r}; there are: AND, OR, NOT, =, <>, <, "
                           "<=, >, >=, LIKE, IN, BETWEEN, IS NULL and S_INTERSECTS and its kin.")

    def _ordered(self, operator: str, left: Any, right: Any) -> ColumnElement[bool]:
        if not _is_name(left) and _is_name(right):
            turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
            left, right, operator = right, left, turned.get(operator, operator)
        column = self._named(left)
        value = self._named(right) if _is_name(right) else _literal(right, column)
        if isinstance(getattr(column, "type", None), ARRAY):
            if operator not in ("=", "<>"):
                raise InvalidInput("A list is asked with = or <>: aliases = '阳光小区'.")
            inside: ColumnElement[bool] = _bound(value) == any_(column)
            return inside if operator == "=" else not_(inside)
        compared: ColumnElement[bool] = _COMPARE[operator](column, value)
        return compared

    def _like(self, column: Any, pattern: str) -> ColumnElement[bool]:
        if isinstance(getattr(column, "type", None), ARRAY):
            column = func.array_to_string(column, ";")
        found: ColumnElement[bool] = column.cast(Text).like(pattern)
        return found

    def _any_of(self, column: Any, values: list[Any]) -> ColumnElement[bool]:
        self._nodes += len(values)
        self._count(1)
        if isinstance(getattr(column, "type", None), ARRAY):
            return or_(*(_bound(value) == any_(column) for value in values))
        found: ColumnElement[bool] = column.in_(values)
        return found

    def _spatial(self, operator: str, parts: list[Any]) -> ColumnElement[bool]:
        shapes = [self._named(part) if _is_name(part) else _shape(part) for part in parts]
        found: ColumnElement[bool] = _SPATIAL[operator](*shapes)
        return found

    def _named(self, node: Any) -> Any:
        self._count(1)
        if not _is_name(node):
            raise InvalidInput("The filter must name the field on the left, as in height > 10.")
        name = str(node["property"])
        if name not in self._names:
            raise InvalidInput(f"There is no field {name[:40]!r} to filter by; there are: "
                               f"{', '.join(self._names)}.")
        return self._names[name]

    def _count(self, depth: int) -> None:
        self._nodes += 1
        if depth > DEEPEST:
            raise InvalidInput(f"The filter is nested too deep; {DEEPEST} levels are allowed.")
        if self._nodes > 2 * MOST_NODES:
            raise InvalidInput(f"The filter asks too much at once; {MOST_NODES} comparisons and "
                               "connections are allowed.")


def _bound(value: Any) -> Any:
    return literal(value, Text) if isinstance(value, str) else value


def _is_name(node: Any) -> bool:
    return isinstance(node, dict) and set(node) == {"property"}


def _literal(node: Any, column: Any) -> Any:
    """Return a value as the column holds it; refuses what it cannot hold."""
    kind = getattr(column, "type", None)
    if isinstance(node, dict):
        node = node.get("timestamp") or node.get("date") or node
    if isinstance(kind, Boolean):
        fits = isinstance(node, bool)
    elif isinstance(kind, Integer | Float):
        fits = isinstance(node, int | float) and not isinstance(node, bool) and abs(node) < 1e15
    else:
        fits = isinstance(node, str | int | float) and not isinstance(node, bool)
        node = _moment(node) if fits and kind is not None and _is_time(kind) else str(node)
    if not fits or (isinstance(node, str) and "\0" in node):
        raise InvalidInput(f"The filter compares a field with {str(node)[:60]!r}, which it can "
                           "never hold; write numbers bare and texts in 'quotes'.")
    return node


def _is_time(kind: Any) -> bool:
    return isinstance(kind, Date | DateTime)


def _moment(node: Any) -> Any:
    try:
        return datetime.fromisoformat(str(node).replace("Z", "+00:00"))
    except ValueError:
        raise InvalidInput(f"The filter compares a time with {str(node)[:40]!r}; write "
                           "TIMESTAMP('2024-05-01T00:00:00Z').") from None


def _shape(node: Any) -> Any:
    """Return a geometry of the filter, made by the database out of its GeoJSON."""
    import shapely

    body = {"type": "Polygon", "coordinates": [_box(node["bbox"])]} if isinstance(
        node, dict) and "bbox" in node else node
    try:
        shape = shapely.from_geojson(json.dumps(body))
    except (ValueError, TypeError, shapely.errors.GEOSException):
        raise InvalidInput("The filter has a geometry that is none; write it as WKT, longitude "
                           "first.") from None
    if shapely.get_num_coordinates(shape) > _MOST_VERTICES or not shapely.is_valid(shape):
        raise InvalidInput(f"The filter's geometry must be valid, with at most {_MOST_VERTICES:,} "
                           "vertices.")
    return func.ST_GeomFromText(shapely.to_wkt(shape, rounding_precision=9), STORAGE)


def _box(corners: Any) -> list[list[float]]:
    west, south, east, north = corners[0], corners[1], corners[-2], corners[-1]
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


