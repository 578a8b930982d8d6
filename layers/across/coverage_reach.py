"""Who is reached in time: stations by street and as the crow flies, patrols by what they pass.

Reach is measured door by door along the streets, through the gates that are open at that hour.
The straight line is offered for comparison and always called so.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from sqlalchemy.orm import Session

from layers.across.coverage_town import Shapes, Town, rows_of
from layers.across.kept import Kept
from layers.facilities import Facility
from layers.patrols import Patrol
from spatial.crs import STORAGE, transform_geometries
from spatial.errors import InvalidInput
from spatial.network import SPEEDS, Access, attach, through_gates, travel_times
from spatial.statistics import Mask, Numbers, people_weighted

STATIONS = ("police_station", "service_station", "fire_station", "aed", "hydrant", "clinic",
            "shelter")
#: What each kind of station comes by.
COMES_BY = {"fire_station": "car"}
MODES = (*SPEEDS, "car")
#: Minutes that answers are given for.
MINUTES = (5.0, 10.0, 15.0, 30.0)
#: Metres round a planned route within which a door is passed.
PASSED_M = 25.0
_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*[-–~至]\s*(\d{1,2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class Spot:
    """A station or a patrol point, in metres."""

    identifier: str
    kind: str
    name: str
    x: float
    y: float


@dataclass(frozen=True, eq=False)
class Reach:
    """How far each building (b,) is from the nearest of some spots.

    `seconds` along the streets to its nearest door, infinite where no way leads; `straight` in
    metres.
    """

    spots: tuple[Spot, ...]
    mode: str
    seconds: Numbers
    straight: Numbers

    def within(self, minutes: float) -> Mask:
        """Tell which buildings are reached in so many minutes."""
        return np.asarray(self.seconds <= minutes * 60)


_REACHES: Kept[Reach] = Kept(seconds=600.0, most=24)


def stations(session: Session, town: Town, kinds: Sequence[str]) -> tuple[Spot, ...]:
    """Return the working stations of some kinds."""
    for kind in kinds:
        if kind not in STATIONS:
            raise InvalidInput(f"{kind[:40]!r} is no kind of station; there are: "
                               f"{', '.join(STATIONS)}.")
    rows = [row for row in rows_of(session, Facility, "kind", "identifier", "name", "status")
            if row.kind in kinds and (row.status or "working") == "working"]
    spots = _spots([row.shape for row in rows], town)
    return tuple(Spot(row.identifier, row.kind, row.name or "", float(x), float(y))
                 for row, (x, y) in zip(rows, spots, strict=True))


def _spots(shapes: list[Any], town: Town) -> Numbers:
    found = np.array(shapely.from_wkb([bytes(one) for one in shapes]), dtype=object).reshape(-1)
    moved = transform_geometries(found, STORAGE, town.areas.srid)
    return np.asarray(shapely.get_coordinates(shapely.centroid(moved)))


def reached(town: Town, spots: tuple[Spot, ...], *, mode: str = "walk",
            hour: float | None = None) -> Reach:
    """Return how every building is reached from the nearest spot.

    `mode` is walk, older, ebike or car; `hour` (0-24) closes the gates that are shut then.
    """
    if mode not in MODES:
        raise InvalidInput(f"mode is {mode[:20]!r}; one of {', '.join(MODES)} is wanted.")
    key = (town.state, id(town), spots, mode, hour)
    return _REACHES.get(key, lambda: _reached(town, spots, mode, hour))


def _reached(town: Town, spots: tuple[Spot, ...], mode: str, hour: float | None) -> Reach:
    n = len(town.keys)
    if not spots:
        return Reach(spots, mode, np.full(n, np.inf), np.full(n, np.inf))
    points = shapely.points([(one.x, one.y) for one in spots])
    ends, owner = _ends(town)
    ways = through_gates(ends, town.compounds[owner], town.gates, town.gate_of, town.graph,
                         open_gates=open_at(town, hour))
    speed = town.car_speeds if mode == "car" else SPEEDS[mode]
    path = SPEEDS["walk"] if mode == "car" else SPEEDS[mode]
    took = travel_times(town.graph, attach(town.graph, points), ways, speed=speed,
                        path_speed=path)
    seconds, straight = np.full(n, np.inf), np.full(n, np.inf)
    np.minimum.at(seconds, owner, took)
    near = shapely.STRtree(points).query_nearest(ends, all_matches=False, return_distance=True)
    np.minimum.at(straight, owner[near[0][0]], near[1])
    return Reach(spots, mode, seconds, straight)


def _ends(town: Town) -> tuple[Shapes, Any]:
    """Return every door, and a point of each building that has none, with the building."""
    bare = np.flatnonzero(np.bincount(town.door_of, minlength=len(town.keys)) == 0)
    middles = shapely.point_on_surface(town.footprints[bare])
    return np.concatenate([town.doors, middles]), np.concatenate([town.door_of, bare])


def open_at(town: Town, hour: float | None) -> Mask:
    """Tell which gates are open at an hour; hours that cannot be read mean always."""
    found = np.ones(len(town.gates), bool)
    for index, text in enumerate(town.gate_hours if hour is not None else ()):
        said = _HOURS.search(text)
        if said and hour is not None:
            first, last = (int(said[n]) + int(said[n + 1]) / 60 for n in (1, 3))
            found[index] = (first <= hour < last) if first < last else (
                hour >= first or hour < last)
    return found


@dataclass(frozen=True, eq=False)
class Patrols:
    """Planned patrols: lines and areas (p,) with names, points, and the buildings they pass."""

    routes: Shapes
    names: tuple[str, ...]
    points: tuple[Spot, ...]
    buildings: Mask


def patrols(session: Session, town: Town, *, width: float = PASSED_M) -> Patrols:
    """Return the planned patrols and which buildings lie within `width` metres of one.

    Beats, routes and points count; a zone says who patrols, not where they pass. Plans only:
    nobody's movements are kept.
    """
    rows = [row for row in rows_of(session, Patrol, "identifier", "kind", "name")
            if row.kind != "zone"]
    shapes = transform_geometries(np.array(shapely.from_wkb(
        [bytes(row.shape) for row in rows]), dtype=object).reshape(-1), STORAGE, town.areas.srid)
    ends, owner = _ends(town)
    found = np.zeros(len(town.keys), bool)
    if len(shapes):
        hit = shapely.STRtree(shapes).query(ends, predicate="dwithin", distance=width)[0]
        found[owner[hit]] = True
    points = tuple(Spot(row.identifier, row.kind, row.name or "", shape.centroid.x,
                        shape.centroid.y)
                   for row, shape in zip(rows, shapes, strict=True) if row.kind == "point")
    return Patrols(shapes, tuple(row.name or "" for row in rows), points, found)


def claims(session: Session, town: Town, *, seal: float = 15.0, post: float = 30.0,
           mode: str = "ebike") -> list[dict[str, Any]]:
    """Check "so many minutes to seal, so many to post": gates and patrol points in time.

    To seal is to stand at every gate of every compound; to post, at every planned point. Both
    from the nearest police station along the streets. Each with numerator and denominator.
    """
    police = stations(session, town, ("police_station",))
    points = patrols(session, town).points
    targets = (("seal", seal, town.gates),
               ("post", post, shapely.points([(p.x, p.y) for p in points]) if points
                else town.gates[:0]))
    return [_claim(town, police, name, minutes, places, mode) for name, minutes, places in targets]


def _claim(town: Town, police: tuple[Spot, ...], name: str, minutes: float, places: Shapes,
           mode: str) -> dict[str, Any]:
    took = np.full(len(places), np.inf)
    if police and len(places):
        start: Access = attach(town.graph, shapely.points([(p.x, p.y) for p in police]))
        speed = town.car_speeds if mode == "car" else SPEEDS[mode]
        took = travel_times(town.graph, start, attach(town.graph, np.asarray(places)),
                            speed=speed)
    reached_ = took[np.isfinite(took)]
    worst = float(reached_.max()) / 60 if len(reached_) else None
    return {"claim": name, "minutes": minutes, "mode": mode, "from": len(police),
            "reached": int((took <= minutes * 60).sum()), "of": len(places),
            "unreachable": int(np.isinf(took).sum()),
            "p90_minutes": _minutes(people_weighted(took, np.ones(len(took)), 0.9)),
            "worst_minutes": None if worst is None else round(worst, 1),
            "holds": bool(len(places)) and bool((took <= minutes * 60).all())}


def _minutes(seconds: float) -> float | None:
    return round(seconds / 60, 1) if np.isfinite(seconds) else None
