"""Coverage by grid: households, buildings, ground and streets that cameras see, stations reach
in time and patrols pass; none, one, two or all three of them; and where the gaps are.

Every share carries its numerator and denominator; where there is nothing to cover it is None,
never 0 or 100 %. Households are exact only for roles that may have them so; the others get
rounded figures of grids, and of the whole the sum of these, so that no grid is had by subtraction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from sqlalchemy.orm import Session

from layers.across import coverage_cameras as by_camera
from layers.across.coverage_cameras import Camera, Seen
from layers.across.coverage_reach import (
    COMES_BY,
    MINUTES,
    Patrols,
    Reach,
    Spot,
    patrols,
    reached,
    stations,
)
from layers.across.coverage_town import Town, town
from layers.across.disclosure import rounded
from layers.across.rollup import EXACT, EXACT_FOR
from layers.caller import Caller
from spatial.crs import STORAGE, transform_geometries
from spatial.errors import InvalidInput
from spatial.statistics import Mask, Numbers, people_weighted

#: A gap smaller or narrower than this is no gap, in square metres and metres.
GAP_M2, GAP_WIDTH_M = 50.0, 3.0
#: Metres round a gap in which households count towards its rank.
GAP_NEAR_M = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of coverage is asked: the task of cameras, stations with minutes and mode, the hour."""

    task: str = "observe"
    kinds: tuple[str, ...] = ("police_station",)
    minutes: float = 15.0
    mode: str | None = None
    hour: float | None = None
    status: tuple[str, ...] = ("working",)

    @property
    def comes_by(self) -> str:
        """Return how the stations' people come: as asked, else as is usual for the kind."""
        return self.mode or COMES_BY.get(self.kinds[0] if self.kinds else "", "walk")


@dataclass(frozen=True, eq=False)
class Coverage:
    """All that covers a town, ready to be told by grid."""

    town: Town
    asked: Asked
    seen: Seen
    reach: Reach
    patrols: Patrols


def coverage(session: Session, asked: Asked) -> Coverage:
    """Return what covers the town as it is registered now."""
    ours = town(session)
    shown = by_camera.cameras(session, ours, status=asked.status)
    return Coverage(ours, asked, by_camera.watched(ours, shown, task=asked.task),
                    reached(ours, stations(session, ours, asked.kinds), mode=asked.comes_by,
                            hour=asked.hour), patrols(session, ours))


def what_if(session: Session, found: Coverage, *, add: Sequence[Camera] = (),
            drop: Sequence[str] = (), new_stations: Sequence[Spot] = ()) -> Coverage:
    """Return the coverage once cameras or stations are added, moved or gone."""
    seen, reach = found.seen, found.reach
    stationary = {one.identifier for one in reach.spots}
    cameras_gone = [one for one in drop if one not in stationary]
    if add or cameras_gone:
        seen = by_camera.with_changes(found.town, seen, task=found.asked.task, add=add,
                                      drop=cameras_gone)
    if new_stations or stationary & set(drop):
        spots = tuple(one for one in reach.spots if one.identifier not in drop)
        reach = reached(found.town, (*spots, *new_stations), mode=found.asked.comes_by,
                        hour=found.asked.hour)
    return Coverage(found.town, found.asked, seen, reach, found.patrols)


def by_grid(found: Coverage, caller: Caller) -> list[dict[str, Any]]:
    """Return a row a grid in the caller's area: every share with numerator and denominator."""
    ours, parts = found.town, _parts(found, caller)
    ground = shapely.area(ours.open_ground)
    street = shapely.length(ours.street_parts)
    rows = []
    for i in np.flatnonzero(_own(ours, caller)):
        row: dict[str, Any] = {"identifier": ours.areas.identifiers[i],
                               "label": ours.areas.labels[i], "parent": ours.areas.parents[i]}
        for name, (top, under) in parts.items():
            row[name] = share(top[i], under[i]) | _withheld(name, caller, top[i], under[i])
        row["ground_m2"] = share(found.seen.ground_m2[i], ground[i])
        row["ground_twice_m2"] = share(found.seen.twice_m2[i], ground[i])
        row["street_m"] = share(found.seen.street_m[i], street[i])
        rows.append(row)
    return rows


def _own(ours: Town, caller: Caller) -> Mask:
    lows = ours.areas.lows
    if caller.numbers is not None:
        return np.isin(lows, np.array(caller.numbers, dtype=np.int64))
    return np.asarray((lows >= caller.low) & (lows <= caller.high))


def _is_exact(caller: Caller) -> bool:
    return caller.role in EXACT_FOR.get("households", EXACT)


def _withheld(name: str, caller: Caller, *counts: float) -> dict[str, bool]:
    """Mark a figure of which a part is too small to be told."""
    small = name.startswith("households") and not _is_exact(caller) and 0 in counts
    return {"suppressed": True} if small else {}


def _parts(found: Coverage, caller: Caller) -> Mapping[str, tuple[Numbers, Numbers]]:
    """Return numerators and denominators by grid, of buildings and of households."""
    ours = found.town
    near = found.reach.within(found.asked.minutes)
    covers = {"camera": found.seen.buildings, "station": near,
              "patrol": found.patrols.buildings}
    times = sum(mask.astype(int) for mask in covers.values())
    masks = covers | {f"by_{name}": times == n for n, name in enumerate(
        ("none", "one", "two", "three"))}
    known = ours.grid >= 0
    parts = {}
    for kind, weight in (("households", ours.households), ("buildings", np.ones(len(ours.keys)))):
        whole = np.bincount(ours.grid[known], weight[known],
                            minlength=len(ours.areas)).astype(np.float64)
        for name, mask in masks.items():
            top = np.bincount(ours.grid[known], (weight * mask)[known],
                              minlength=len(ours.areas))
            told = (top.astype(np.float64), whole)
            if kind == "households" and not _is_exact(caller):
                told = (np.minimum(*(rounded(one)[0] for one in told)), rounded(whole)[0])
            parts[f"{kind}_{name}"] = told
    return parts


def share(top: float, under: float) -> dict[str, float | None]:
    """Return a share with its numerator and denominator; of nothing there is no share."""
    value = None if under <= 0 else round(100 * float(top) / float(under), 2)
    return {"share": value, "covered": round(float(top), 1), "of": round(float(under), 1)}


def total(found: Coverage, caller: Caller) -> dict[str, Any]:
    """Return the shares of the whole of the caller's area, with times by household."""
    ours, own = found.town, _own(found.town, caller)
    row: dict[str, Any] = {name: share(top[own].sum(), under[own].sum())
                           for name, (top, under) in _parts(found, caller).items()}
    ground, street = (measure[own].sum() for measure in (
        shapely.area(ours.open_ground), shapely.length(ours.street_parts)))
    row["ground_m2"] = share(found.seen.ground_m2[own].sum(), ground)
    row["ground_twice_m2"] = share(found.seen.twice_m2[own].sum(), ground)
    row["street_m"] = share(found.seen.street_m[own].sum(), street)
    inside = (ours.grid >= 0) & own[np.maximum(ours.grid, 0)]
    return row | _times(found, inside, exact=_is_exact(caller))


def _times(found: Coverage, inside: Mask, *, exact: bool) -> dict[str, Any]:
    """Return households by minutes along the streets, and by straight line for comparison."""
    homes = np.where(inside, found.town.households, 0.0)

    def part(mask: Mask) -> dict[str, float | None]:
        counts = np.array([homes[mask].sum(), homes.sum()])
        return share(*(counts if exact else rounded(counts)[0]))
    reach, speed = found.reach, {"older": 0.9, "ebike": 4.2, "car": 8.0}.get(
        found.reach.mode, 1.2)
    minutes = sorted({*MINUTES, found.asked.minutes})
    return {
        "minutes": {f"{m:g}": part(reach.within(m)) for m in minutes},
        "straight_line": {f"{m:g}": part(reach.straight <= m * 60 * speed) for m in minutes},
        "p90_minutes": _finite(people_weighted(reach.seconds, homes, 0.9) / 60),
        "unreachable": part(np.isinf(reach.seconds)),
        "stations": len(reach.spots), "cameras": len(found.seen.cameras), "mode": reach.mode}


def _finite(value: float) -> float | None:
    return round(value, 1) if np.isfinite(value) else None


def gaps(found: Coverage, caller: Caller, *, incidents: Numbers | None = None,
         most: int = 50) -> list[dict[str, Any]]:
    """Return the pieces of open ground that no camera sees, the most pressing first.

    Pieces below GAP_M2 or narrower than GAP_WIDTH_M are none. The rank is incidents of twelve
    months inside, plus 0.02 for each household within GAP_NEAR_M. `incidents` are points (m, 2).
    """
    ours = found.town
    own = np.flatnonzero(_own(ours, caller) & (np.bincount(
        ours.grid[ours.grid >= 0], minlength=len(ours.areas)) > 0))
    unseen = shapely.difference(ours.open_ground[own], found.seen.ground[own])
    # Opened by half the width: what is narrower disappears, the rest keeps its shape.
    wide = shapely.buffer(shapely.buffer(unseen, -GAP_WIDTH_M / 2), GAP_WIDTH_M / 2)
    pieces, owner = shapely.get_parts(wide, return_index=True)
    kept = shapely.area(pieces) >= GAP_M2
    pieces, owner = pieces[kept], own[owner[kept]]
    inside = _inside(pieces, incidents)
    homes = _near(ours, pieces)
    rank = inside + 0.02 * homes
    order = np.argsort(-rank, kind="stable")[:most]
    degrees = transform_geometries(pieces[order], ours.areas.srid, STORAGE)
    exact = _is_exact(caller)
    return [{"grid": ours.areas.identifiers[owner[i]], "label": ours.areas.labels[owner[i]],
             "area_m2": round(float(shapely.area(pieces[i])), 1), "incidents": int(inside[i]),
             "households_near": int(homes[i] if exact else rounded(homes[i:i + 1])[0][0]),
             "rank": round(float(rank[i]), 2), "geometry": shape}
            for i, shape in zip(order, degrees, strict=True)]


def _inside(pieces: Any, points: Numbers | None) -> Numbers:
    found = np.zeros(len(pieces))
    if points is not None and len(points) and len(pieces):
        at = shapely.STRtree(pieces).query(shapely.points(points), predicate="intersects")[1]
        found += np.bincount(at, minlength=len(pieces))
    return found


def _near(ours: Town, pieces: Any) -> Numbers:
    found = np.zeros(len(pieces))
    if len(pieces):
        building, piece = shapely.STRtree(pieces).query(
            ours.footprints, predicate="dwithin", distance=GAP_NEAR_M)
        np.add.at(found, piece, ours.households[building])
    return found


def uncovered(found: Coverage, caller: Caller) -> list[dict[str, Any]]:
    """Return the buildings that nothing covers, those with most households first."""
    ours = found.town
    own = _own(ours, caller)
    none = ~(found.seen.buildings | found.reach.within(found.asked.minutes)
             | found.patrols.buildings)
    mine = np.flatnonzero(none & (ours.grid >= 0) & own[np.maximum(ours.grid, 0)])
    if not _is_exact(caller):
        raise InvalidInput("Buildings with their households are not for this role; ask by grid.")
    mine = mine[np.argsort(-ours.households[mine], kind="stable")]
    return [{"building": ours.names[i], "grid": ours.areas.labels[ours.grid[i]],
             "households": int(ours.households[i])} for i in mine]
