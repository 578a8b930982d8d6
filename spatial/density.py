"""Density of events as a surface, and hexagons of fixed size: maps that no border distorts.

The surface is a Gaussian kernel on a fine raster, divided by the mass of the kernel that lies
inside the study area, so that its edges are not paler for being edges. Metres of one metric CRS;
density is weight a square kilometre.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from spatial.errors import InvalidInput
from spatial.statistics import Numbers

#: The kernel's standard deviation in metres that may be asked for.
BANDWIDTHS = (50.0, 1000.0)
#: Raster cells to one bandwidth, and the most cells of a surface.
FINE, CELLS_MOST = 8, 4_000_000
Cells = npt.NDArray[np.int64]


def hexagon_of(points: Numbers, side: float) -> Cells:
    """Return the hexagon (q, r) that holds each point (n, 2), counted from the CRS's origin.

    Hexagons stand on a corner; `side` is in metres. The origin is fixed, so cells never move.
    """
    x, y = points[:, 0] / side, points[:, 1] / side
    q, r = math.sqrt(3) / 3 * x - y / 3, 2 / 3 * y
    cube = np.column_stack([q, r, -q - r])
    near = np.rint(cube)
    off = np.abs(near - cube)
    worst = off.argmax(axis=1)
    rest = -(near.sum(axis=1) - near[np.arange(len(near)), worst])
    near[np.arange(len(near)), worst] = rest
    return near[:, :2].astype(np.int64)


def hexagons(cells: Cells, side: float) -> npt.NDArray[Any]:
    """Return the polygons of cells (n, 2)."""
    middle = centres(cells, side)
    angles = np.radians(np.arange(6) * 60 + 30)
    ring = side * np.column_stack([np.cos(angles), np.sin(angles)])
    # To the millimetre, so that neighbours share their corners exactly.
    return np.asarray(shapely.polygons(np.round(middle[:, None] + ring[None], 3)), dtype=object)


def centres(cells: Cells, side: float) -> Numbers:
    """Return the middle of cells (n, 2)."""
    q, r = cells[:, 0], cells[:, 1]
    return side * np.column_stack([math.sqrt(3) * (q + r / 2), 1.5 * r])


def hexagons_within(area: BaseGeometry, side: float) -> Cells:
    """Return the cells whose middle lies in `area`."""
    west, south, east, north = area.bounds
    r = np.arange(math.floor(south / (1.5 * side)) - 1, math.ceil(north / (1.5 * side)) + 2)
    found = []
    for row in r:
        first = math.floor(west / (math.sqrt(3) * side) - row / 2) - 1
        last = math.ceil(east / (math.sqrt(3) * side) - row / 2) + 1
        q = np.arange(first, last + 1)
        found.append(np.column_stack([q, np.full(len(q), row)]))
    cells = np.vstack(found).astype(np.int64)
    shapely.prepare(area)
    inside = shapely.contains_xy(area, *centres(cells, side).T)
    return np.asarray(cells[inside])


def surface(points: Numbers, weights: Any, area: BaseGeometry, at: Numbers, *,
            bandwidth: float = 200.0) -> Numbers:
    """Return the density at the places `at` (m, 2) of events at `points` (n, 2).

    Gaussian kernel of standard deviation `bandwidth` on cells of bandwidth / 8, cut off at four
    of them, each cell divided by the kernel's mass inside `area`. Events outside are left out.
    """
    if not BANDWIDTHS[0] <= bandwidth <= BANDWIDTHS[1]:
        raise InvalidInput(f"The bandwidth is {bandwidth:g} m; {BANDWIDTHS[0]:g} to "
                           f"{BANDWIDTHS[1]:g} m is wanted.")
    west, south, east, north = area.bounds
    cell = max(bandwidth / FINE, math.sqrt((east - west) * (north - south) / CELLS_MOST))
    columns, rows = (max(1, math.ceil(size / cell)) for size in (east - west, north - south))
    corner = np.array([west, south])

    def cells_of(places: Numbers) -> Cells:
        found = np.floor((places - corner) / cell).astype(np.int64)
        return np.asarray(np.clip(found, 0, (columns - 1, rows - 1)))

    shapely.prepare(area)
    inside = shapely.contains_xy(area, points[:, 0], points[:, 1])
    events = np.zeros((columns, rows))
    np.add.at(events, tuple(cells_of(points[inside]).T),
              np.broadcast_to(np.asarray(weights, dtype=np.float64), len(points))[inside])
    x, y = np.meshgrid(west + (np.arange(columns) + 0.5) * cell,
                       south + (np.arange(rows) + 0.5) * cell, indexing="ij")
    mask = shapely.contains_xy(area, x.ravel(), y.ravel()).reshape(columns, rows).astype(float)
    across, along = (_kernel(size, bandwidth / cell) for size in (columns, rows))
    mass, smooth = (across @ one @ along for one in (mask, events))
    dense = np.divide(smooth, mass, out=np.zeros_like(smooth), where=mass > 0.05)
    found: Numbers = dense[tuple(cells_of(at).T)] / cell ** 2 * 1e6
    return found


def _kernel(size: int, spread: float) -> Numbers:
    """Return the (size, size) matrix that smooths one axis: two of them are the filter."""
    steps = np.arange(size)
    away = steps[:, None] - steps[None]
    found = np.exp(-0.5 * (away / spread) ** 2) * (np.abs(away) <= 4 * spread)
    reach = np.arange(-math.floor(4 * spread), math.floor(4 * spread) + 1)
    return np.asarray(found / np.exp(-0.5 * (reach / spread) ** 2).sum())
