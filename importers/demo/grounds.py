"""Green and water: the river, the park with its lake, lawns between houses, sports grounds."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from importers.demo import gardens
from importers.demo.buildings import Building
from importers.demo.compounds import Compound
from importers.demo.frame import bend_polygon
from importers.demo.plan import river_line

_GREEN_STYLES = ("park", "green", "riverside", "square")
_PAVED = {"hospital": 7.5, "office_park": 9.0, "courtyard": 1.6, "village": 1.6}
"""How far paving reaches beyond the paths around houses, in metres; elsewhere 2.6."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A green or a water in local metres."""

    kind: str
    name: str
    polygon: BaseGeometry
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
            found += _park(compound, own, river.polygon, rng)
        elif compound.lot.kind not in ("market", "other", ""):
            found += _lawns(compound, own, rng)
    return [replace(g, source_id=f"A{i:04d}") for i, g in enumerate(found, start=1)]


def river_ground() -> Ground:
    """Return the river, between its banks, across the whole district."""
    line = river_line()
    half = 40.0 + 9.0 * np.sin(line[:, 0] / 310.0) + 5.0 * np.sin(line[:, 0] / 97.0)
    north = np.column_stack((line[:, 0], line[:, 1] + half))
    south = np.column_stack((line[:, 0], line[:, 1] - half))
    return Ground("river", "清禾河", bend_polygon(Polygon(np.vstack((north, south[::-1])))))


def _park(
    compound: Compound, own: list[Building], river: BaseGeometry, rng: random.Random
) -> Iterator[Ground]:
    """Yield a park without its walks, and its lake if it has one."""
    kind = "green" if compound.lot.style in ("green", "square") else "park"
    green = shapely.difference(compound.polygon, shapely.buffer(river, 7.0))
    green = shapely.difference(green, shapely.union_all([_apron(b, 5.0) for b in own]))
    lake = gardens.lake(compound, rng, 0.29) if compound.lot.style == "park" else None
    walks = gardens.walks(compound, lake) if lake is not None else gardens.plots(compound)
    yield from _pieces(kind, compound.lot.name, shapely.difference(green, walks), 120.0)
    if lake is not None:
        yield Ground("water", "镜湖", lake)


def _lawns(compound: Compound, own: list[Building], rng: random.Random) -> Iterator[Ground]:
    """Yield what is left between the houses and the paths around them."""
    walls = shapely.union_all([_apron(b, 4.2) for b in own])
    free = shapely.difference(shapely.buffer(compound.polygon, -3.2), walls)
    if compound.lot.kind == "campus":
        field = gardens.running_track(compound, walls)
        if field is not None:
            yield Ground("sports", f"{compound.lot.name}操场", field)
            free = shapely.difference(free, shapely.buffer(field, 3.0))
    free = shapely.difference(free, gardens.paths(compound))
    paved = _PAVED.get(compound.lot.kind, 2.6)
    opened = shapely.buffer(shapely.buffer(free, -paved), min(paved, 3.0), quad_segs=4)
    yield from _pieces("green", "", shapely.simplify(opened, 0.15), 90.0)
    if compound.lot.spec.get("pond"):
        yield Ground("water", "", gardens.lake(compound, rng, 0.11))


def _apron(building: Building, width: float) -> BaseGeometry:
    return shapely.buffer(building.draft.polygon, width, join_style="mitre")


def _pieces(kind: str, name: str, ground: BaseGeometry, least: float) -> Iterator[Ground]:
    for piece in shapely.get_parts(ground):
        if piece.area > least:
            yield Ground(kind, name, piece)
