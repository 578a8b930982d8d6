"""The plan of the district, read from data/demo/plan.json: streets, blocks cut into lots, lots.

A block is a rectangle of the plan with the tree that cuts it: `[axis, positions, street names,
parts]`, where an empty street name is a mere wall between neighbours and a part is a lot's key.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import LineString, Polygon, box

from importers.demo.frame import Floats
from importers.demo.polygons import polygon

DATA = Path(__file__).parent.parent.parent / "data"
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Lot:
    """A piece of ground with one use; a compound where `kind` is set."""

    key: str
    name: str
    kind: str
    style: str
    community: str
    spec: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """A part of a lot that lies in one grid, as a polygon of the plan."""

    lot: str
    part: int
    community: str
    grid: str
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class StreetLine:
    """A straight piece of a named street on the plan."""

    name: str
    kind: str
    line: LineString


@cache
def plan_data() -> Mapping[str, Any]:
    """Return the plan as it is written."""
    data: Mapping[str, Any] = json.loads((DATA / "demo" / "plan.json").read_text("utf-8"))
    return data


@cache
def river_line() -> Floats:
    """Return the river's course on the plan, a point every 40 m, smooth through its bends."""
    knots = np.array(plan_data()["river"], dtype=np.float64)
    u = np.arange(knots[0, 0], knots[-1, 0] + 1.0, 40.0)
    return np.column_stack((u, _smooth(knots, u)))


def _smooth(knots: Floats, u: Floats) -> Floats:
    """Return a cubic Hermite curve through the knots (Catmull-Rom slopes)."""
    slope = np.gradient(knots[:, 1], knots[:, 0])
    i = np.clip(np.searchsorted(knots[:, 0], u) - 1, 0, len(knots) - 2)
    width = knots[i + 1, 0] - knots[i, 0]
    t = (u - knots[i, 0]) / width
    start = (2 * t**3 - 3 * t**2 + 1) * knots[i, 1] + (t**3 - 2 * t**2 + t) * width * slope[i]
    end = (3 * t**2 - 2 * t**3) * knots[i + 1, 1] + (t**3 - t**2) * width * slope[i + 1]
    result: Floats = start + end
    return result


def river_at(u: float) -> float:
    """Return how far north the river's middle runs at `u`."""
    line = river_line()
    return float(np.interp(u, line[:, 0], line[:, 1]))


def bank(west: float, east: float) -> Floats:
    """Return the river's middle between two longitudes of the plan, west to east."""
    line = river_line()
    inner = line[(line[:, 0] > west + 1e-6) & (line[:, 0] < east - 1e-6)]
    return np.vstack(([west, river_at(west)], inner, [east, river_at(east)]))


def area(bounds: list[Any]) -> Polygon:
    """Return the polygon of a box, of which the north or south side may be the river."""
    west, south, east, north = bounds
    if south == "river":
        return Polygon([*bank(west, east), (east, north), (west, north)])
    if north == "river":
        return Polygon([*bank(west, east)[::-1], (west, south), (east, south)])
    return polygon(box(west, south, east, north))


def lots() -> dict[str, Lot]:
    """Return every lot of the complete subdistrict by its key, in the order of the plan."""
    specs = plan_data()["lots"]
    found: dict[str, Lot] = {}
    for block in plan_data()["blocks"]:
        for key, _ in _leaves(tuple(block["box"]), block["cut"]):
            spec = specs[key]
            found[key] = Lot(
                key, spec["name"], spec["kind"], spec["style"], block["community"], spec
            )
    return found


def cells() -> list[Cell]:
    """Return the cells of the complete subdistrict; together they fill it."""
    ground = area(next(s["box"] for s in plan_data()["subdistricts"] if s.get("complete")))
    result = []
    for block in plan_data()["blocks"]:
        for key, bounds in _leaves(tuple(block["box"]), block["cut"]):
            spec = plan_data()["lots"][key]
            for part, piece in enumerate(_halves(bounds, spec.get("split"))):
                grid = f"{spec.get('group', key)}/{part}"
                shape = polygon(shapely.intersection(box(*piece), ground))
                result.append(Cell(key, part, block["community"], grid, shape))
    return result


def _halves(bounds: Box, split: str | None) -> list[Box]:
    west, south, east, north = bounds
    if split is None:
        return [bounds]
    middle = (west + east) / 2.0
    return [(west, south, middle, north), (middle, south, east, north)]


def _leaves(bounds: Box, tree: Any) -> Iterator[tuple[str, Box]]:
    if isinstance(tree, str):
        yield tree, bounds
        return
    axis, positions, _, parts = tree
    for piece, part in zip(_slices(bounds, axis, positions), parts, strict=True):
        yield from _leaves(piece, part)


def _slices(bounds: Box, axis: str, positions: list[float]) -> list[Box]:
    west, south, east, north = bounds
    if axis == "v":
        edges = [west, *positions, east]
        return [(a, south, b, north) for a, b in zip(edges, edges[1:], strict=False)]
    edges = [south, *positions, north]
    return [(west, a, east, b) for a, b in zip(edges, edges[1:], strict=False)]


def street_lines() -> list[StreetLine]:
    """Return every piece of street on the plan: main roads first, then the back streets."""
    mains = [StreetLine(m["name"], "main", _main(m)) for m in plan_data()["mains"]]
    backs: list[StreetLine] = []
    for block in plan_data()["blocks"]:
        backs.extend(_cuts(tuple(block["box"]), block["cut"]))
    return mains + backs


def _main(main: Mapping[str, Any]) -> LineString:
    at, start, end = main["at"], main["from"], main["to"]
    ends = [(at, start), (at, end)] if main["axis"] == "v" else [(start, at), (end, at)]
    return LineString(ends)


def _cuts(bounds: Box, tree: Any) -> Iterator[StreetLine]:
    if isinstance(tree, str):
        return
    axis, positions, names, parts = tree
    west, south, east, north = bounds
    for at, name in zip(positions, names, strict=True):
        ends = [(at, south), (at, north)] if axis == "v" else [(west, at), (east, at)]
        if name:
            yield StreetLine(name, "back", LineString(ends))
    for piece, part in zip(_slices(bounds, axis, positions), parts, strict=True):
        yield from _cuts(piece, part)
