"""Cut the ground of the other subdistricts into communities and grids on the plan."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

import shapely
from shapely import Polygon

from importers.demo.plan import area, plan_data
from importers.demo.polygons import polygon

_SNAP = 0.16


@dataclass(frozen=True, slots=True)
class Piece:
    """A grid of the plan: subdistrict and community by their order, grid by its key."""

    subdistrict: int
    community: str
    grid: str
    polygon: Polygon


def partition(rng: random.Random, *, taken: int) -> list[Piece]:
    """Return the grids of all subdistricts but the complete one, `taken` of the total gone."""
    wanted = plan_data()["district"]["grids"] - taken
    rest = [(i, s) for i, s in enumerate(plan_data()["subdistricts"]) if not s.get("complete")]
    communities = [
        (i, f"{s['name']}/{n}", shape)
        for i, s in rest
        for n, shape in enumerate(_share(area(s["box"]), s["communities"], rng))
    ]
    counts = _apportion([_appeal(shape) for _, _, shape in communities], wanted)
    return [
        Piece(i, name, f"{name}/{n}", grid)
        for (i, name, shape), count in zip(communities, counts, strict=True)
        for n, grid in enumerate(_share(shape, count, rng))
    ]


def _appeal(shape: Polygon) -> float:
    """Weigh a community: nearer the middle and larger means more people, so more grids."""
    far = math.hypot(shape.centroid.x, shape.centroid.y)
    return math.sqrt(shape.area) / (1.0 + far / 2600.0)


def _apportion(weights: list[float], total: int) -> list[int]:
    """Share `total` by weight with at least four each (largest remainders)."""
    free = total - 4 * len(weights)
    exact = [w / sum(weights) * free for w in weights]
    counts = [4 + int(x) for x in exact]
    order = sorted(range(len(exact)), key=lambda i: (int(exact[i]) - exact[i], i))
    for i in order[: total - sum(counts)]:
        counts[i] += 1
    return counts


def _share(shape: Polygon, count: int, rng: random.Random) -> Iterator[Polygon]:
    """Halve a shape again and again until it is `count` pieces of nearly one size."""
    if count == 1:
        yield shape
        return
    first = count // 2
    west, south, east, north = shape.bounds
    upright = east - west > (north - south) * rng.uniform(0.85, 1.15)
    low, high = _cut(shape, first / count, upright, rng)
    yield from _share(low, first, rng)
    yield from _share(high, count - first, rng)


def _cut(
    shape: Polygon, share: float, upright: bool, rng: random.Random
) -> tuple[Polygon, Polygon]:
    slant = rng.uniform(-0.10, 0.10)
    at = _place(shape, share + rng.uniform(-0.03, 0.03), upright, slant)
    road = _near_main(shape, at, upright)
    if road is not None:
        at, slant = road, 0.0
    half = _half_plane(shape, at, upright, slant)
    below, above = shapely.intersection(shape, half), shapely.difference(shape, half)
    return polygon(below), polygon(above)


def _place(shape: Polygon, share: float, upright: bool, slant: float) -> float:
    """Find by bisection where a line leaves `share` of the area below it."""
    west, south, east, north = shape.bounds
    low, high = (west, east) if upright else (south, north)
    for _ in range(12):
        middle = (low + high) / 2.0
        part = shapely.intersection(shape, _half_plane(shape, middle, upright, slant))
        low, high = (middle, high) if part.area < share * shape.area else (low, middle)
    return round((low + high) / 2.0, 2)


def _half_plane(shape: Polygon, at: float, upright: bool, slant: float) -> Polygon:
    west, south, east, north = shape.bounds
    if upright:
        lean, far = slant * (north - south + 20.0) / 2.0, west - 9000.0
        return Polygon(
            [(far, south - 10), (at - lean, south - 10), (at + lean, north + 10), (far, north + 10)]
        )
    lean, far = slant * (east - west + 20.0) / 2.0, south - 9000.0
    return Polygon(
        [(west - 10, far), (east + 10, far), (east + 10, at + lean), (west - 10, at - lean)]
    )


def _near_main(shape: Polygon, at: float, upright: bool) -> float | None:
    west, south, east, north = shape.bounds
    low, high = (west, east) if upright else (south, north)
    reach = (high - low) * _SNAP
    roads = [
        float(m["at"])
        for m in plan_data()["mains"]
        if (m["axis"] == "v") == upright and abs(m["at"] - at) < reach
    ]
    roads = [r for r in roads if low + reach < r < high - reach]
    return min(roads, key=lambda r: abs(r - at)) if roads else None
