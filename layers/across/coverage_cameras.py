"""What public cameras see: ground, streets and doors of each grid; never a dwelling or a person.

A view-shed ends at walls, so the inside of buildings is never part of it. A building counts as
covered where the ground in front of a door lies in a view-shed; one without doors where a
quarter of its walls does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from sqlalchemy.orm import Session

from layers.across.coverage_town import AREAS, Shapes, Town, merged, rows_of
from layers.across.kept import Kept
from layers.across.theme_areas import Indices
from layers.facilities import Facility
from spatial.crs import STORAGE, transform_geometries
from spatial.errors import InvalidInput
from spatial.statistics import Mask, Numbers
from spatial.visibility import TASKS, View, near_blind, reach_of, viewsheds

#: What is taken where a camera does not say it.
HEIGHT_M, HFOV, TILT, PIXELS = 4.0, 75.0, 15.0, 1920
#: Metres beyond which no camera is taken to see, whatever its pixels.
FARTHEST_M = 150.0
FACADE_EVERY_M, FACADE_OUT_M, FACADE_SHARE = 4.0, 0.5, 0.25
#: A view this wide or wider sees all round.
ROUND = 359.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """One camera as the register has it, or as a planner imagines it; metres and degrees."""

    identifier: str
    x: float
    y: float
    name: str = ""
    height: float | None = None
    azimuth: float | None = None
    tilt: float | None = None
    hfov: float | None = None
    vfov: float | None = None
    pixel_width: int | None = None
    range_m: float | None = None
    status: str = "working"

    @property
    def guessed(self) -> bool:
        """Tell whether something that shapes the view is not known; it is drawn dashed."""
        return None in (self.height, self.azimuth, self.hfov, self.pixel_width)

    def view(self, task: str) -> View:
        """Return how far it sees for a task; without an azimuth it sees all round."""
        hfov = 360.0 if self.azimuth is None else self.hfov or HFOV
        hfov = 360.0 if hfov >= ROUND else hfov
        height = HEIGHT_M if self.height is None else self.height
        vfov = self.vfov or min((self.hfov or HFOV) * 0.5625, 90.0)
        reach = min(reach_of(self.pixel_width or PIXELS, hfov, TASKS[task]),
                    self.range_m or FARTHEST_M, FARTHEST_M)
        near = 0.0 if hfov == 360 else near_blind(
            height, TILT if self.tilt is None else self.tilt, vfov)
        return View(x=self.x, y=self.y, height=max(height, 0.1), azimuth=self.azimuth or 0.0,
                    hfov=hfov, reach=reach, near=min(near, reach))


@dataclass(frozen=True, eq=False)
class Seen:
    """What cameras see: view-sheds (v,), and by grid (n,) and building (b,) what lies in them."""

    cameras: tuple[Camera, ...]
    sheds: Shapes
    ground: Shapes
    ground_m2: Numbers
    street_m: Numbers
    twice_m2: Numbers
    doors: Mask
    buildings: Mask


_SEEN: Kept[Seen] = Kept(seconds=600.0, most=8)


def cameras(session: Session, town: Town, *, status: Sequence[str] = ("working",)
            ) -> tuple[Camera, ...]:
    """Return the cameras of the register with one of the statuses; none named means working."""
    rows = [row for row in rows_of(session, Facility, "kind", "identifier", "name", "height",
                                 "azimuth", "tilt", "hfov", "vfov", "pixel_width", "range_m",
                                 "status") if row.kind == "camera"]
    kept = [row for row in rows if (row.status or "working") in status]
    shapes = shapely.from_wkb([bytes(row.shape) for row in kept])
    spots = shapely.get_coordinates(shapely.centroid(transform_geometries(
        np.array(shapes, dtype=object).reshape(-1), STORAGE, town.areas.srid)))
    return tuple(Camera(
        identifier=row.identifier, x=float(x), y=float(y), name=row.name or "",
        height=row.height, azimuth=row.azimuth, tilt=row.tilt, hfov=row.hfov, vfov=row.vfov,
        pixel_width=row.pixel_width or None, range_m=row.range_m or None,
        status=row.status or "working") for row, (x, y) in zip(kept, spots, strict=True))


def watched(town: Town, shown: tuple[Camera, ...], *, task: str = "observe") -> Seen:
    """Return what cameras see for a task (detect, observe, recognise, identify)."""
    if task not in TASKS:
        raise InvalidInput(f"task is {task[:20]!r}; one of {', '.join(TASKS)} is wanted.")
    return _SEEN.get((town.state, id(town), shown, task), lambda: _watched(town, shown, task))


def _watched(town: Town, shown: tuple[Camera, ...], task: str) -> Seen:
    sheds = viewsheds([one.view(task) for one in shown], town.walls)
    n = len(town.areas)
    blank = np.array([shapely.Polygon()] * n, dtype=object)
    empty = Seen(shown, sheds, blank, np.zeros(n), np.zeros(n), np.zeros(n),
                 np.zeros(len(town.doors), bool), np.zeros(len(town.keys), bool))
    return _measured(town, empty, np.arange(n))


def _measured(town: Town, seen: Seen, grids: Indices) -> Seen:
    """Return `seen` with the figures of some grids, and of all doors, measured anew."""
    ground, ground_m2 = seen.ground.copy(), seen.ground_m2.copy()
    street_m, twice_m2 = seen.street_m.copy(), seen.twice_m2.copy()
    tree = shapely.STRtree(seen.sheds)
    area, shed = tree.query(town.areas.metric[grids], predicate="intersects")
    for place, index in enumerate(grids):
        over = seen.sheds[shed[area == place]]
        # To the millimetre, so that noise of the last digits cannot break a union.
        union = shapely.union_all(over, grid_size=0.001) if len(over) else shapely.Polygon()
        ground[index] = merged(np.array([shapely.intersection(
            union, town.open_ground[index])]), AREAS)
        ground_m2[index] = shapely.area(ground[index])
        street_m[index] = shapely.length(shapely.intersection(union, town.street_parts[index]))
        twice_m2[index] = _twice(over, town.open_ground[index])
    doors = np.zeros(len(town.doors), bool)
    doors[np.unique(tree.query(town.doors, predicate="intersects")[0])] = True
    return replace(seen, ground=ground, ground_m2=ground_m2, street_m=street_m,
                   twice_m2=twice_m2, doors=doors, buildings=_buildings(town, doors, tree))


def _twice(sheds: Shapes, ground: Any) -> float:
    """Return the square metres of open ground that two cameras or more see."""
    if len(sheds) < 2:
        return 0.0
    first, second = shapely.STRtree(sheds).query(sheds, predicate="intersects")
    pairs = first < second
    both = shapely.intersection(sheds[first[pairs]], sheds[second[pairs]])
    whole = shapely.set_precision(merged(both, AREAS), 0.001)
    return float(shapely.area(shapely.intersection(whole, ground)))


def _buildings(town: Town, doors: Mask, tree: shapely.STRtree) -> Mask:
    """Return the buildings with a door that is seen; without doors, those by their walls."""
    number = np.bincount(town.door_of, minlength=len(town.keys))
    found = np.bincount(town.door_of, doors, minlength=len(town.keys)) > 0
    bare = np.flatnonzero(number == 0)
    if len(bare):
        points, owner = facade(town.footprints[bare])
        hit = np.zeros(len(points), bool)
        hit[np.unique(tree.query(points, predicate="intersects")[0])] = True
        share = np.bincount(owner, hit, len(bare)) / np.maximum(np.bincount(
            owner, minlength=len(bare)), 1)
        found[bare] = share >= FACADE_SHARE
    return np.asarray(found)


def facade(footprints: Shapes) -> tuple[Shapes, Indices]:
    """Return points round each footprint, FACADE_OUT_M outside its walls, and whose they are."""
    rings = shapely.boundary(shapely.buffer(footprints, FACADE_OUT_M, join_style="mitre"))
    count = np.maximum(4, (shapely.length(rings) // FACADE_EVERY_M)).astype(np.int64)
    owner = np.repeat(np.arange(len(footprints)), count)
    step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    spots = shapely.line_interpolate_point(rings[owner], step / count[owner], normalized=True)
    return spots, owner


def with_changes(town: Town, seen: Seen, *, task: str, add: Sequence[Camera] = (),
                 drop: Sequence[str] = ()) -> Seen:
    """Return what is seen once cameras are added or gone; only the touched grids are measured."""
    unknown = set(drop) - {one.identifier for one in seen.cameras}
    if unknown:
        raise InvalidInput(f"There is no working camera {sorted(unknown)[0][:40]!r} to move or "
                           "take away.")
    kept = np.array([one.identifier not in drop for one in seen.cameras], dtype=bool)
    new = viewsheds([one.view(task) for one in add], town.walls)
    changed = np.concatenate([seen.sheds[~kept], new])
    touched = np.unique(shapely.STRtree(town.areas.metric).query(
        changed, predicate="intersects")[1]) if len(changed) else np.empty(0, dtype=np.int64)
    stay = tuple(one for one, keep in zip(seen.cameras, kept, strict=True) if keep)
    after = replace(seen, cameras=(*stay, *add), sheds=np.concatenate([seen.sheds[kept], new]))
    return _measured(town, after, touched)


