"""Rows of typed sources (GeoJSON, GeoPackage): values to text, geometries to checked WKB."""

import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from importers.base import Batch, Issue, Limits, Table, shown

# Whole numbers beyond are no longer exact in the floating point they were written with.
_EXACT_BELOW = 2**53
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_BAD_SHAPE = "Give a geometry of numbers, with closed rings and of a kind a map can show."

Parse = Callable[[Any], Any]


@dataclass(slots=True)
class Kept:
    """Rows on their way into a batch; shapes as found, None for a row without one."""

    rows: list[list[str | None]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    shapes: list[Any] = field(default_factory=list)


def canonical(value: Any) -> str | None:
    """Write a value as text: no `.0`, lists joined by `;`, what is nested as JSON.

    Raises ValueError for a whole number that floating point cannot have kept, and for none.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not value.is_integer() and math.isfinite(value):
            return repr(value)
        if not abs(value) < _EXACT_BELOW:
            raise ValueError(f"{value:.0f}")
        return str(int(value))
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        return ";".join(canonical(item) or "" for item in value)
    return json.dumps(value, ensure_ascii=False)


def texts(
    table: Table, place: int, values: Sequence[Any], *, careful: bool
) -> list[str | None] | None:
    """Write a row's values as text, or record why it cannot be; `careful` looks into strings."""
    row: list[str | None] = []
    lost: str | None = None
    for name, value in zip(table.columns, values, strict=True):
        try:
            row.append(canonical(value))
        except ValueError as error:
            row.append(str(error))
            lost = name
    if lost is not None:
        value, remedy = row[table.columns.index(lost)], "Write the number as text, in quotes."
        issue = rejected(place, "precision lost", value, remedy, column=lost, cells=row)
    elif careful and any(cell and _UNSTORABLE.search(cell) for cell in row):
        remedy = "Remove zero bytes and halves of characters (\\u0000, \\ud800)."
        cells = [cell and _UNSTORABLE.sub("\ufffd", cell) for cell in row]
        issue = rejected(place, "broken text", None, remedy, cells=cells)
    else:
        return row
    table.issues.append(issue)
    return None


def batch(table: Table, kept: Kept, parse: Parse, limits: Limits) -> Iterator[Batch]:
    """Parse the geometries at once; rows whose geometry is none become issues.

    `parse` takes an array of shapes as found, and gives None for what it cannot read.
    """
    shapes = parse(np.array(kept.shapes, dtype=object))
    good = []
    for index, found in enumerate(kept.shapes):
        remedy = _fault(found, shapes[index], limits)
        if remedy is None:
            good.append(index)
            continue
        value = found if isinstance(found, str) else None
        issue = rejected(kept.places[index], "geometry", value, remedy, column="geometry",
                         cells=kept.rows[index])  # fmt: skip
        table.issues.append(issue)
    if good:
        columns = zip(*(kept.rows[index] for index in good), strict=True)
        wkb = shapely.to_wkb(shapes[good], output_dimension=3).tolist()
        named = dict(zip(table.columns, columns, strict=bool(table.columns)))
        yield Batch(named, [kept.places[index] for index in good], wkb)


def rejected(
    place: int,
    rule: str,
    value: str | None,
    remedy: str,
    *,
    column: str | None = None,
    cells: Sequence[str | None] = (),
) -> Issue:
    """Say why a row is not delivered."""
    return Issue(place, column, rule, shown(value), remedy, cells=tuple(cells))


def _fault(found: Any, shape: Any, limits: Limits) -> str | None:
    if found is not None and shape is None:
        return _BAD_SHAPE
    if shape is not None and shapely.get_num_coordinates(shape) > limits.vertices:
        return f"Simplify it to at most {limits.vertices:,} vertices."
    return None
