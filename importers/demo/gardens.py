"""Gardens: the shores, walks and running tracks that grounds are made of."""

import math
import random
from collections.abc import Iterator

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from importers.demo.compounds import Compound
from importers.demo.frame import Floats
from importers.demo.polygons import polygon
from importers.demo.site import Site


def lake(compound: Compound, rng: random.Random, share: float) -> Polygon:
    """Draw a water with a smooth shore that takes `share` of the lot's width to each side."""
    waves = [(k, rng.uniform(-1, 1) * 0.30 / k, rng.uniform(0, math.tau)) for k in range(2, 6)]
    turns = np.linspace(0.0, math.tau, 72, endpoint=False)
    swell = np.ones_like(turns)
    for k, size, phase in waves:
        swell += size * np.sin(k * turns + phase)
    return _oval(compound, share, 0.83 * share, turns, swell)


def _oval(
    compound: Compound, wide: float, deep: float, turns: Floats, swell: Floats
) -> Polygon:
    site = compound.parts[0].site
    west, south, east, north = _bounds(compound, site)
    x = (west + east) / 2.0 + np.cos(turns) * (east - west) * wide * swell
    y = (south + north) / 2.0 + np.sin(turns) * (north - south) * deep * swell
    return polygon(site.to_ground(Polygon(np.column_stack((x, y)))))


def _bounds(compound: Compound, site: Site) -> tuple[float, float, float, float]:
    """Return the box of a whole lot in the axes of one of its sites."""
    whole: tuple[float, float, float, float] = site.from_ground(compound.polygon).bounds
    return whole


def walks(compound: Compound, water: Polygon) -> BaseGeometry:
    """Return the walks of a park: one around its water, and from there to the corners."""
    shore = shapely.buffer(water, 11.0)
    ring = shapely.difference(shapely.buffer(shore, 3.2), shore)
    rays = [shapely.difference(ray, shore) for ray in _rays(compound)]
    return shapely.union_all([ring, *rays])


def _rays(compound: Compound) -> Iterator[BaseGeometry]:
    site = compound.parts[0].site
    west, south, east, north = _bounds(compound, site)
    x, y = (west + east) / 2.0, (south + north) / 2.0
    for end in ((west, south), (east, south), (east, north), (west, north), (x, south), (x, north)):
        yield shapely.buffer(site.to_ground(LineString([(x, y), end])), 1.7)


def plots(compound: Compound) -> BaseGeometry:
    """Return the walks that cut a long green into plots, and one along it."""
    site = compound.parts[0].site
    west, south, east, north = _bounds(compound, site)
    middle = (south + north) / 2.0
    lines = [LineString([(x, south), (x, north)]) for x in np.arange(west + 38.0, east, 76.0)]
    lines += [LineString([(west, middle), (east, middle)])]
    return shapely.union_all([shapely.buffer(site.to_ground(line), 1.6) for line in lines])


def paths(compound: Compound) -> BaseGeometry:
    """Return the walks of an estate: a ring among towers, straight ones between rows."""
    if compound.lot.style == "tower":
        turns = np.linspace(0.0, math.tau, 60, endpoint=False)
        ring = _oval(compound, 0.27, 0.24, turns, np.ones_like(turns))
        inner = shapely.buffer(ring, -1.9)
        spokes = [shapely.difference(p, ring) for p in _straight(compound)]
        return shapely.union_all([shapely.difference(shapely.buffer(ring, 1.9), inner), *spokes])
    return shapely.union_all(list(_straight(compound)))


def _straight(compound: Compound) -> Iterator[BaseGeometry]:
    for part in compound.parts:
        west, south, east, north = part.site.polygon.bounds
        for share in (0.33, 0.67) if compound.lot.style == "walkup" else (0.5,):
            y = south + (north - south) * share
            yield shapely.buffer(part.site.to_ground(LineString([(west, y), (east, y)])), 2.2)
        x = (west + east) / 2.0
        yield shapely.buffer(part.site.to_ground(LineString([(x, south), (x, north)])), 2.4)


def running_track(compound: Compound, walls: BaseGeometry) -> Polygon | None:
    """Lay the largest running track that fits between the houses of a school."""
    site = compound.parts[0].site
    inner = shapely.difference(shapely.buffer(compound.polygon, -5.0), walls)
    for scale in (1.0, 0.85, 0.7, 0.55, 0.42, 0.32, 0.22):
        for track in _tracks(site, scale):
            if inner.covers(track):
                return track
    return None


def _tracks(site: Site, scale: float) -> Iterator[Polygon]:
    west, south, east, north = site.polygon.bounds
    half, radius = 42.0 * scale, 34.0 * scale
    for x in np.linspace(west + half + radius, east - half - radius, 9):
        for y in np.linspace(south + radius, north - radius, 9):
            straight = LineString([(x - half, y), (x + half, y)])
            yield polygon(site.to_ground(shapely.buffer(straight, radius)))
