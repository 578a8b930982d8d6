"""Do a table's points lie where its CRS puts them? Compared and told; nothing is applied."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy.orm import Session

from layers.across import known_places
from spatial.crs import CGCS2000, STORAGE, Coordinates, accuracy_m, parse_crs
from spatial.detective import FEWEST, Finding, examine
from spatial.errors import InvalidGeometry, UnknownCRS

#: Points that are compared, of a whole table and of each of its batches.
ENOUGH, EACH = 100, 100
_EXACT = {f"EPSG:{STORAGE}", f"EPSG:{CGCS2000}", "OGC:CRS84"}


@dataclass
class Sample:
    """Raw coordinates of some features of a table, evenly from its beginning to its end."""

    points: list[Coordinates] = field(default_factory=list)

    def take(self, shapes: npt.NDArray[Any]) -> None:
        """Take some of a batch's shapes, as they came: not yet in the storage CRS."""
        there = np.flatnonzero(~shapely.is_empty(shapes) & ~shapely.is_missing(shapes))
        some = shapes[there[_evenly(len(there), EACH)]]
        with np.errstate(all="ignore"):
            found = shapely.get_coordinates(_inside(some))
        self.points.append(found[np.isfinite(found).all(axis=1)])

    def chosen(self) -> Coordinates:
        """Return at most ENOUGH of them, shape (n, 2)."""
        every = np.vstack(self.points) if self.points else np.empty((0, 2))
        return np.asarray(every[_evenly(len(every), ENOUGH)], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Position:
    """What was found of a table's position, and how exact its transformation is."""

    finding: Finding
    accuracy_m: float | None

    def as_json(self) -> dict[str, Any]:
        """Return the member `position` of the command's answer."""
        return {**self.finding.as_json(), "accuracy_m": self.accuracy_m}

    def told(self) -> list[str]:
        """Return what a clerk should know, one line each; nothing of what is as it should be."""
        one = self.finding
        lines = []
        if one.declared not in _EXACT and self.accuracy_m is not None:
            lines.append(f"{one.declared} → WGS 84: exact to {self.accuracy_m:g} m")
        if one.verdict == "too few":
            lines.append(f"{one.points} points are too few to tell whether {one.declared} is "
                         f"right; {FEWEST} are wanted")
        if one.verdict == "proposal":
            lines.append(_proposed(one))
        return lines


def position_of(session: Session, sample: Sample, crs: str) -> Position | None:
    """Compare a sample with the known places; None where there is nothing to tell."""
    points, about = sample.chosen(), parse_crs(crs)
    if not len(points):
        return None
    exact = _accuracy(crs, points)
    box = known_places.around(session) if len(points) >= FEWEST else (0.0, 0.0, 0.0, 0.0)
    if box is None:
        return Position(Finding("nothing to compare", len(points), about.name), exact)
    found = examine(points, about, lambda at: known_places.nearest_m(session, at), box)
    return Position(found, exact)


def _inside(shapes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a point within each shape; where one is too broken for that, its middle."""
    try:
        return np.asarray(shapely.point_on_surface(shapes))
    except shapely.errors.GEOSException:
        return np.asarray(shapely.centroid(shapes))


def _proposed(one: Finding) -> str:
    said = (f"this looks like {one.proposal}, not {one.declared}: {one.points} points lie "
            f"{_metres(one.before_m)} from known places as they are read, {_metres(one.after_m)} "
            f"that way ({_metres(one.moved_m)} apart)")
    if one.usable:
        return f"{said}; if it is so, import with --crs {one.proposal}"
    return (f"{said}; but no transformation of known accuracy exists for it: have the data "
            "delivered in CGCS2000 (EPSG:4490)")


def _metres(length: float | None) -> str:
    if length is None:
        return "?"
    return f"{length / 1000:,.0f} km" if length >= 10_000 else f"{length:,.1f} m"


def _accuracy(crs: str, points: Coordinates) -> float | None:
    try:
        return accuracy_m(crs, points[:1])
    except (UnknownCRS, InvalidGeometry):
        return None


def _evenly(many: int, wanted: int) -> npt.NDArray[np.int64]:
    """Return at most `wanted` positions among `many`, spread over all of them."""
    if many <= wanted:
        return np.arange(many)
    return np.linspace(0, many - 1, wanted).astype(np.int64)
