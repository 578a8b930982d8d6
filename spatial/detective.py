"""The offset detective: compares new points with known places and tells what they look like.

It proposes, and applies nothing. Two questions are asked. Do the points lie in another part of
the world than everything known, and does another reading bring them there? And, near by: do they
fit the known places better when read another way, by so much that it cannot be chance? Chance is
measured on the spot: the points are displaced as a whole in many directions, and a reading must
fit far better than all of these. Where places stand too dense or too few to tell, nothing is
proposed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spatial.crs import Coordinates, Reference
from spatial.readings import Box, Reading, other_readings, read_as

Metres = npt.NDArray[np.float64]
#: Gives the metres from each point (n, 2; degrees) to the nearest known place.
Nearest = Callable[[Coordinates], Metres]

#: Below, nothing can be told from chance.
FEWEST = 5
#: Half the way around the Earth: where a point lies that lies nowhere.
NOWHERE = 20_000_000.0
#: Metres: another part of the world; amid known places; at one; on one; none is near.
FAR, AMID, AT, ON, CAP = 20_000.0, 500.0, 5.0, 1.0, 50.0
#: A file's points that stand where places are known, nine of ten, are read right.
SURE = 0.9
#: Digits of the odds against a fit by chance: at least, and more than those of the declared.
UNLIKELY, BETTER = 2.5, 2.0
RINGS, TURNS = (80.0, 160.0, 320.0, 640.0), 10
DEGREE_M = 111_195.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: `verdict` is fits, proposal, unclear or too few.

    Residuals are the median distance to the nearest known place, before as declared and after
    as `proposal`; `moved_m` is how far the proposal moves the points. Where it is not `usable`,
    no transformation of known accuracy exists and the data must be delivered otherwise.
    """

    verdict: str
    points: int
    declared: str
    before_m: float | None = None
    proposal: str | None = None
    after_m: float | None = None
    moved_m: float | None = None
    usable: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return the members, lengths to the centimetre."""
        return {"verdict": self.verdict, "points": self.points, "crs": self.declared,
                "before_m": _rounded(self.before_m), "proposal": self.proposal,
                "after_m": _rounded(self.after_m), "moved_m": _rounded(self.moved_m),
                "usable": self.usable}


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    reading: Reading
    metres: Metres

    @property
    def residual(self) -> float:
        """Return the median distance."""
        return float(np.median(self.metres))

    @property
    def score(self) -> float:
        """Mean distance, where far is as good as farther: what a few strays cannot spoil."""
        return float(np.minimum(self.metres, CAP).mean())


def examine(points: Coordinates, declared: Reference, nearest: Nearest, around: Box) -> Finding:
    """Tell whether raw points (n, 2), read as `declared`, look like something else.

    `around` is the box of the known places.
    """
    if len(points) < FEWEST:
        return Finding("too few", len(points), declared.name)
    told = _fit(read_as(points, declared), nearest)
    if float((told.metres <= AT).mean()) >= SURE:
        return Finding("fits", len(points), declared.name, told.residual)
    others = [_fit(one, nearest) for one in other_readings(points, declared, around)]
    best = _elsewhere(told, others)
    best = _finer(best, others, nearest)
    if best is told:
        return Finding("unclear", len(points), declared.name, told.residual)
    return Finding("proposal", len(points), declared.name, told.residual, best.reading.crs,
                   best.residual, _moved(told.reading.points, best.reading.points),
                   best.reading.usable)


def _fit(reading: Reading, nearest: Nearest) -> _Fit:
    metres = np.full(len(reading.points), NOWHERE)
    known = ~np.isnan(reading.points).any(axis=1)
    if known.any():
        metres[known] = np.minimum(nearest(reading.points[known]), NOWHERE)
    return _Fit(reading, metres)


def _elsewhere(told: _Fit, others: list[_Fit]) -> _Fit:
    """Return the likeliest reading amid known places, where the declared one is far from all."""
    amid = [one for one in others if one.residual <= AMID]
    if told.residual <= FAR or not amid:
        return told
    usable = [one for one in amid if one.reading.usable] or amid
    least = min(one.score for one in usable)
    return next(one for one in usable if one.score <= least + 4.0)


def _finer(start: _Fit, others: list[_Fit], nearest: Nearest) -> _Fit:
    """Return the reading that fits beyond chance better than `start`, or `start`."""
    best = start
    for one in others:
        if one is not best and one.score <= 0.6 * best.score and _beyond(best, one, nearest):
            best = one
    return best


def _beyond(start: _Fit, one: _Fit, nearest: Nearest) -> bool:
    """Tell whether `one` fits better than displaced points ever do, and `start` does not."""
    moved = _displaced(one.reading.points)
    displaced = nearest(np.vstack(moved)).reshape(len(moved), -1)
    return any(_hits_beyond(start, one, displaced, at) for at in (ON, AT))


def _hits_beyond(start: _Fit, one: _Fit, displaced: Metres, at: float) -> bool:
    """Compare how many points stand at a place with how many do by chance."""
    chance = (displaced <= at).sum(axis=1)
    share = max(float((displaced <= at).mean()), 1 / (displaced.size + 1))
    already, found = (int((fit.metres <= at).sum()) for fit in (start, one))
    before, after = (_unlikely(hits, len(one.metres), share) for hits in (already, found))
    return bool(found > chance.max() and after >= UNLIKELY and after - before >= BETTER)


def _unlikely(hits: int, points: int, share: float) -> float:
    """Return the decimal digits of the odds against at least so many hits by chance."""
    from scipy.stats import binom

    return float(-binom.logsf(hits - 1, points, share) / np.log(10))


def _displaced(points: Coordinates) -> list[Coordinates]:
    known = points[~np.isnan(points).any(axis=1)]
    narrow = np.cos(np.radians(np.median(known[:, 1])))
    angles = np.linspace(0, 2 * np.pi, TURNS, endpoint=False)
    return [known + metres / DEGREE_M * np.array([np.cos(angle) / narrow, np.sin(angle)])
            for metres in RINGS for angle in angles + metres]


def _moved(before: Coordinates, after: Coordinates) -> float:
    """Return the median way between two readings of the points, along the sphere."""
    lost = np.isnan(before).any(axis=1) | np.isnan(after).any(axis=1)
    if lost.all():
        return NOWHERE
    (lon1, lat1), (lon2, lat2) = (np.radians(one[~lost]).T for one in (before, after))
    half = (np.sin((lat2 - lat1) / 2) ** 2
            + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2)
    return float(np.median(2 * np.arcsin(np.sqrt(np.clip(half, 0, 1))))) * DEGREE_M * 180 / np.pi


def _rounded(metres: float | None) -> float | None:
    return None if metres is None else round(metres, 2)
