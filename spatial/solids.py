"""Volumes of units derived from a footprint, storeys, entrances and the units themselves.

The footprint is cut across its long axis by entrance, then by door order on the floor; a
volume is a part of it between the storey's base and top. What is cut lies in `cutting`, along
which way in `paths`. Coordinates are metres in and out; walls of 0.1 m and, between two rows,
a corridor of up to 1.8 m (8 % of the depth) stay free, so that the units of a storey fill at
least 80 % of it. The answer depends on the values only, never on the order they come in.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon

from spatial.errors import InvalidGeometry
from spatial.floorplans import WALL, EntranceSpec, FloorPlan, UnitSpec
from spatial.outlines import Outline, single

__all__ = ["EntranceSpec", "StoreySpec", "UnitSpec", "Volume", "derive", "entrance_sections",
           "facade_bearing", "levels", "stack"]

#: Metres from floor to floor where nothing is known.
STOREY_HEIGHT = 3.0


@dataclass(frozen=True)
class StoreySpec:
    """A storey: `index` 1 is the ground floor, -1 the first below, 1.5 a mezzanine above 1."""

    key: str
    index: float
    label: str = ""
    base_m: float | None = None
    top_m: float | None = None


@dataclass(frozen=True)
class Volume:
    """A unit's volume: a polygon from base to top; `share` is its part of the footprint."""

    polygon: Polygon
    base_m: float
    top_m: float
    share: float


def stack(storeys_above: int, storeys_below: int = 0,
          height: float | None = None) -> list[StoreySpec]:
    """Return the storeys of a building that has none recorded, from the lowest up."""
    rise = height / storeys_above if height and height > 0 and storeys_above > 0 else STOREY_HEIGHT
    below = [StoreySpec(f"B{depth}", -depth, f"B{depth}", -depth * STOREY_HEIGHT,
                        (1 - depth) * STOREY_HEIGHT) for depth in range(storeys_below, 0, -1)]
    above = [StoreySpec(f"{floor}F", floor, f"{floor}F", (floor - 1) * rise, floor * rise)
             for floor in range(1, storeys_above + 1)]
    return [*below, *above]


def levels(storeys: Iterable[StoreySpec]) -> dict[str, tuple[float, float]]:
    """Return base and top of every storey in metres above ground.

    What is not recorded follows from the neighbours, then from 3 m a storey. A mezzanine
    takes the upper half of the storey it is in.
    """
    ordered = sorted(storeys, key=lambda storey: (storey.index, storey.key))
    found: dict[str, tuple[float, float]] = {}
    ground = [storey for storey in ordered if storey.index > 0]
    top = 0.0
    for storey in ground:
        base = top if storey.base_m is None else storey.base_m
        if storey.index % 1 and storey.base_m is None and found:
            under, (low, high) = list(found.items())[-1]
            base, default = (low + high) / 2, high
            found[under] = (low, base)
        else:
            default = base + STOREY_HEIGHT
        top = max(default if storey.top_m is None else storey.top_m, base + 0.1)
        found[storey.key] = (base, top)
    base = 0.0
    for storey in reversed(ordered[:len(ordered) - len(ground)]):
        top = base if storey.top_m is None else storey.top_m
        base = min(top - STOREY_HEIGHT if storey.base_m is None else storey.base_m, top - 0.1)
        found[storey.key] = (base, top)
    return found


def derive(footprint: Outline, storeys: Sequence[StoreySpec], entrances: Sequence[EntranceSpec],
           units: Sequence[UnitSpec]) -> dict[str, Volume]:
    """Return the volume of every unit by key.

    A unit whose storey is not given has none, nor have the units of a floor that cannot be
    cut because the footprint is too thin. Raises InvalidGeometry if the footprint has no area.
    """
    plan = FloorPlan(footprint, entrances, units)
    heights = levels(storeys)
    floors: dict[str, list[UnitSpec]] = defaultdict(list)
    for unit in units:
        if unit.storey_key in heights:
            floors[unit.storey_key].append(unit)
    volumes = {}
    for storey, there in sorted(floors.items()):
        base, top = heights[storey]
        try:
            ordered, pieces = plan.floor(there)
        except InvalidGeometry:
            continue
        for unit, (polygon, share) in zip(ordered, pieces, strict=True):
            volumes[unit.key] = Volume(polygon, base, top, share)
    return volumes


def entrance_sections(footprint: Outline, entrances: Sequence[EntranceSpec],
                      units: Sequence[UnitSpec] = ()) -> dict[str, Polygon]:
    """Return each entrance's part of the footprint, as `derive` cuts it for these units.

    Of detached parts with fewer entrances, each entrance has the largest.
    """
    plan = FloorPlan(footprint, entrances, units)
    sections = plan.sections or [single(plan.outline)] * len(plan.entrances)
    return {key: plan.placed(section)
            for key, section in zip(plan.entrances, sections, strict=True)}


def facade_bearing(footprint: Outline, unit_polygon: Polygon) -> float:
    """Return the bearing (degrees clockwise from grid north) that the unit looks out to.

    It is the outward normal of its longest outer wall, walls to a yard last; a unit without
    one looks away from the middle of the building. Of equal walls the one to the south wins.
    """
    outer = shapely.MultiLineString([part.exterior for part in shapely.get_parts(footprint)])
    corners = shapely.get_coordinates(shapely.orient_polygons(unit_polygon).exterior)
    steps = np.diff(corners, axis=0)
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    bearings = np.degrees(np.arctan2(steps[:, 1], -steps[:, 0])) % 360
    middles = shapely.points((corners[:-1] + corners[1:]) / 2)
    for walls in (outer, shapely.boundary(footprint)):
        faces: dict[float, float] = defaultdict(float)
        for index in np.flatnonzero(shapely.distance(middles, walls) < 3 * WALL):
            faces[round(float(bearings[index]), 0) % 360] += float(lengths[index])
        if faces:
            return max(faces, key=lambda face: (round(faces[face]), -abs(face - 180), face))
    (x, y), = shapely.get_coordinates(unit_polygon.centroid) - shapely.get_coordinates(
        footprint.centroid)
    return float(np.degrees(np.arctan2(x, y)) % 360)
