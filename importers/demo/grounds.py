"""Green and water: the river, the park with its lake, lawns between houses, sports grounds."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import Geometry, LineString, Polygon

from importers.demo.buildings import Building
from importers.demo.compounds import Compound
from importers.demo.frame import bend_polygon
from importers.demo.plan import river_line

_GREEN_STYLES = ("park", "green", "riverside", "square")


@dataclass(frozen=True, slots=True)
class Ground:
    """A green or a water in local metres."""

    kind: str
    name: str
    polygon: Geometry
    source_id: str = ""


def build_grounds(
    compounds: list[Compound], buildings: list[Building], rng: random.Random
) -> list[Ground]:
    """Return greens and waters, the ones below first."""
    river = river_ground()
    found = [river]
    for compound in compounds:
        own = [b for b in buildings if b.compound is compound]
        if compound.lot.style in _GREEN_STYLES:
            found += _park(compound, river.polygon, rng)
        elif compound.lot.kind not in ("market", "other", ""):
            found += _lawns(compound, own)
    return [replace(g, source_id=f"A{i:04d}") for i, g in enumerate(found, start=1)]


def river_ground() -> Ground:
    """Return the river, between its banks, across the whole district."""
    line = river_line()
    half = 40.0 + 9.0 * np.sin(line[:, 0] / 310.0) + 5.0 * np.sin(line[:, 0] / 97.0)
    north = np.column_stack((line[:, 0], line[:, 1] + half))
    south = np.column_stack((line[:, 0], line[:, 1] - half))
    return Ground("river", "清禾河", bend_polygon(Polygon(np.vstack((north, south[::-1])))))


def _park(compound: Compound, river: Geometry, rng: random.Random) -> Iterator[Ground]:
    kind = "green" if compound.lot.style in ("green", "square") else "park"
    green = shapely.difference(compound.polygon, shapely.buffer(river, 6.0))
    pieces = [p for p in shapely.get_parts(green) if p.area > 200.0]
    for piece in pieces:
        yield Ground(kind, compound.lot.name, piece)
    if compound.lot.style == "park":
        yield Ground("water", "镜湖", _lake(compound, rng))


def _lake(compound: Compound, rng: random.Random) -> Polygon:
    """Draw a lake with a smooth shore in the middle of a park."""
    west, south, east, north = compound.parts[0].site.polygon.bounds
    middle = ((west + east) / 2.0 - 12.0, (south + north) / 2.0 + 12.0)
    waves = [(k, rng.uniform(-1, 1) * 0.30 / k, rng.uniform(0, math.tau)) for k in range(2, 6)]
    shore = []
    for turn in np.linspace(0.0, math.tau, 72, endpoint=False):
        swell = 1.0 + sum(a * math.sin(k * turn + p) for k, a, p in waves)
        shore.append((middle[0] + math.cos(turn) * (east - west) * 0.29 * swell,
                      middle[1] + math.sin(turn) * (north - south) * 0.24 * swell))
    lake: Polygon = compound.parts[0].site.to_ground(Polygon(shore))  # type: ignore[assignment]
    return lake


def _lawns(compound: Compound, own: list[Building]) -> Iterator[Ground]:
    """Yield what is left between the houses and the paths around them."""
    houses = [b.draft.polygon for b in own]
    walls = shapely.union_all(shapely.buffer(houses, 4.2, join_style="mitre"))
    free = shapely.difference(shapely.buffer(compound.polygon, -3.2), walls)
    if compound.lot.kind == "campus":
        field = _field(compound, walls)
        if field is not None:
            yield Ground("sports", f"{compound.lot.name}操场", field)
            free = shapely.difference(free, shapely.buffer(field, 3.0))
    free = shapely.difference(free, shapely.union_all(list(_paths(compound))))
    opened = shapely.buffer(shapely.buffer(free, -2.6), 2.6, quad_segs=3)
    for piece in shapely.get_parts(shapely.simplify(opened, 0.15)):
        if piece.area > 90.0:
            yield Ground("green", "", piece)


def _paths(compound: Compound) -> Iterator[Geometry]:
    """Yield the walks of a compound: along its middle, one each way."""
    for part in compound.parts:
        west, south, east, north = part.site.polygon.bounds
        for share in (0.33, 0.67) if compound.lot.style == "walkup" else (0.5,):
            y = south + (north - south) * share
            across = LineString([(west, y), (east, y)])
            yield shapely.buffer(part.site.to_ground(across), 2.2)
        x = (west + east) / 2.0
        yield shapely.buffer(part.site.to_ground(LineString([(x, south), (x, north)])), 2.6)


def _field(compound: Compound, walls: Geometry) -> Polygon | None:
    """Lay the largest running track that fits between the houses of a school."""
    site = compound.parts[0].site
    west, south, east, north = site.polygon.bounds
    inner = shapely.difference(shapely.buffer(compound.polygon, -5.0), walls)
    for scale in (1.0, 0.85, 0.7, 0.55, 0.42, 0.32, 0.22):
        half, radius = 42.0 * scale, 34.0 * scale
        for x in np.linspace(west + half + radius, east - half - radius, 9):
            for y in np.linspace(south + radius, north - radius, 9):
                straight = LineString([(x - half, y), (x + half, y)])
                track = site.to_ground(shapely.buffer(straight, radius))
                if inner.covers(track):
                    return track  # type: ignore[return-value]
    return None
