"""Where more happens together than chance would have: Gi* and local Moran, with honest p.

With 999 draws Benjamini-Hochberg can flag nothing among hundreds of areas, so as many are made as
the number of areas asks for, and p is two-sided (esda's is folded by default). Only areas whose p
may still fall under the limit are drawn to the end, which changes no verdict and takes a tenth
of the time. Why not esda itself: docs/decisions/statistics.md; the tests hold us to it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from spatial.errors import InvalidInput
from spatial.statistics import Mask, Numbers, standardised

#: Fewer areas or events than this tell nothing of where things gather.
AREAS_LEAST, EVENTS_LEAST = 30, 30
#: The share of false discoveries that is put up with.
FALSE_SHARE = 0.05
#: Draws in the first round, and for each area in the last.
FIRST_DRAWS, DRAWS_AN_AREA = 999, 40
#: Metres by which borders drawn twice may lie apart, and the least border that makes neighbours.
APART_M, BORDER_M = 0.5, 2.0
#: Cells of random numbers held at a time.
CHUNK = 4_000_000
_SCREEN = 2 * FALSE_SHARE


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Who lies beside whom: pairs (m, 2) of indices, both ways round, for n areas.

    `islands` are areas without a neighbour of their own, given the nearest one.
    """

    pairs: npt.NDArray[np.int64]
    n: int
    islands: Mask

    def lists(self) -> list[npt.NDArray[np.int64]]:
        """Return each area's neighbours."""
        order = np.argsort(self.pairs[:, 0], kind="stable")
        ends = np.searchsorted(self.pairs[order, 0], np.arange(self.n + 1))
        return [self.pairs[order[a:b], 1] for a, b in zip(ends[:-1], ends[1:], strict=True)]

    def counts(self) -> npt.NDArray[np.int64]:
        """Return how many neighbours each area has."""
        return np.bincount(self.pairs[:, 0], minlength=self.n).astype(np.int64)

    def sums(self, values: Numbers) -> Numbers:
        """Return the sum of `values` over each area's neighbours."""
        found = np.bincount(self.pairs[:, 0], values[self.pairs[:, 1]], minlength=self.n)
        return found.astype(np.float64)


@dataclass(frozen=True, slots=True)
class Local:
    """A local statistic (n,): its value, z where it has one, two-sided p, and the verdict.

    `kind`: for Gi* 1 hot and -1 cold; for local Moran 1 high among high, 2 low among low, 3 high
    among low, 4 low among high; 0 no more than chance after control of false discoveries.
    """

    value: Numbers
    p: Numbers
    kind: npt.NDArray[np.int64]
    limit: float


def neighbours(areas: npt.NDArray[Any]) -> Neighbours:
    """Return which areas (n,) of a metric CRS share a border of at least BORDER_M metres.

    Corners do not count (rook). Borders may lie APART_M apart, as when drawn by two hands.
    """
    n = len(areas)
    first, second = shapely.STRtree(areas).query(areas, predicate="dwithin", distance=APART_M)
    apart = first < second
    first, second = first[apart], second[apart]
    near = shapely.buffer(areas[second], 2 * APART_M, quad_segs=2)
    shared = shapely.length(shapely.intersection(shapely.boundary(areas[first]), near))
    kept = shared >= BORDER_M + 4 * APART_M
    pairs = np.column_stack([first[kept], second[kept]]).astype(np.int64)
    pairs = np.vstack([pairs, pairs[:, ::-1]])
    alone = np.bincount(pairs[:, 0], minlength=n) == 0
    return Neighbours(np.vstack([pairs, _nearest(areas, alone)]), n, alone)


def _nearest(areas: npt.NDArray[Any], alone: Mask) -> npt.NDArray[np.int64]:
    """Pair each area that stands alone with the nearest one, one way."""
    who = np.flatnonzero(alone)
    if not len(who) or len(areas) < 2:
        return np.empty((0, 2), dtype=np.int64)
    tree = shapely.STRtree(areas)
    source, found = tree.query_nearest(areas[who], exclusive=True, all_matches=False)
    return np.column_stack([who[source], found]).astype(np.int64)


def gi_star(values: Any, beside: Neighbours, *, seed: int = 1) -> Local:
    """Return Getis and Ord's Gi* of `values` (n,), each area counted with its neighbours.

    (sum w x - mean W) / (S sqrt((n S1 - W^2) / (n - 1))), Ord and Getis 1995, with w of 1. p is
    by conditional permutation: the area itself stays, its neighbours are drawn from all others.
    Raises InvalidInput below AREAS_LEAST areas or where values are missing.
    """
    found = _complete(values, beside.n)
    if np.ptp(found) == 0:
        return _nothing(beside.n)
    n, weight = beside.n, beside.counts() + 1.0
    spread = found.std() * np.sqrt(weight * (n - weight) / (n - 1))
    away = beside.sums(found) + found - found.mean() * weight
    z = np.divide(away, spread, out=np.zeros(n), where=spread > 0)
    p = _drawn(found, beside, seed)
    flagged, limit = false_discoveries(p)
    return Local(z, p, np.where(flagged, np.sign(z), 0).astype(np.int64), limit)


def local_moran(counts: Any, population: Any, beside: Neighbours, *, seed: int = 1) -> Local:
    """Return local Moran's I of rates, standardised for their own uncertainty.

    I = z times the mean z of the neighbours (Anselin 1995), with the z of Assunção and Reis 1999
    brought to mean 0 and variance 1. Areas where nobody lives must be left out by the caller.
    """
    z = _complete(standardised(counts, population), beside.n)
    if np.ptp(z) == 0:
        return _nothing(beside.n)
    z = (z - z.mean()) / z.std()
    around = beside.sums(z) / np.maximum(beside.counts(), 1)
    p = _drawn(z, beside, seed)
    flagged, limit = false_discoveries(p)
    kind = np.select([(z > 0) & (around > 0), (z < 0) & (around < 0), z > 0], [1, 2, 3], 4)
    return Local(z * around, p, np.where(flagged, kind, 0), limit)


def false_discoveries(p: Any, *, share: float = FALSE_SHARE) -> tuple[Mask, float]:
    """Return what is flagged when false ones shall be at most `share` of all, and the limit on p.

    Benjamini and Hochberg 1995; the limit is 0 where nothing is flagged.
    """
    given = np.asarray(p, dtype=np.float64)
    ordered = np.sort(given)
    passed = ordered <= share * np.arange(1, len(ordered) + 1) / max(len(ordered), 1)
    limit = float(ordered[passed].max()) if passed.any() else 0.0
    return (given <= limit) & bool(passed.any()), limit


def _complete(values: Any, n: int) -> Numbers:
    found = np.asarray(values, dtype=np.float64)
    if len(found) != n or not np.isfinite(found).all():
        raise InvalidInput("Every area must have a value here; leave out those without.")
    if n < AREAS_LEAST:
        raise InvalidInput(f"{n} areas are too few to tell where things gather; "
                           f"{AREAS_LEAST} are needed.")
    return found


def _nothing(n: int) -> Local:
    """Return the verdict on areas that are all alike."""
    return Local(np.zeros(n), np.ones(n), np.zeros(n, dtype=np.int64), 0.0)


def _drawn(values: Numbers, beside: Neighbours, seed: int) -> Numbers:
    """Return two-sided p by conditional permutation, min(1, 2 (min(#>=, #<=) + 1) / (R + 1)).

    What is drawn is the sum over the neighbours: both statistics grow with it alone.
    """
    counts, seen = beside.counts(), beside.sums(values)
    generator = np.random.default_rng(seed)
    p = np.ones(len(values))
    who = np.flatnonzero(counts > 0)
    for draws in (FIRST_DRAWS, max(FIRST_DRAWS, DRAWS_AN_AREA * len(values))):
        p[who] = _two_sided(values, who, counts, seen, draws, generator)
        who = who[p[who] <= _SCREEN]
    return p


def _two_sided(values: Numbers, who: Any, counts: Any, seen: Numbers, draws: int,
               generator: np.random.Generator) -> Numbers:
    n, widest = len(values), int(counts[who].max(initial=1))
    above, below = np.zeros(len(who)), np.zeros(len(who))
    room = 1e-9 * max(1.0, float(np.abs(values).max()))
    rows = max(1, CHUNK // (widest * max(len(who), 1)))
    for begin in range(0, draws, rows):
        picks = _picks(min(rows, draws - begin), widest, n - 1, generator)
        for k in np.unique(counts[who]):
            mine = np.flatnonzero(counts[who] == k)
            # One draw serves all areas: numbers from an area's own on are shifted by one.
            index = picks[None, :, :k] + (picks[None, :, :k] >= who[mine, None, None])
            sums = values[index].sum(axis=2)
            here = seen[who[mine], None]
            above[mine] += (sums >= here - room).sum(axis=1)
            below[mine] += (sums <= here + room).sum(axis=1)
    return np.minimum(1.0, 2 * (np.minimum(above, below) + 1) / (draws + 1))


def _picks(rows: int, k: int, n: int, generator: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return (rows, k) different numbers below n in each row, by redrawing rows with a repeat."""
    found = generator.integers(0, n, (rows, k))
    while True:
        ordered = np.sort(found, axis=1)
        again = np.flatnonzero((np.diff(ordered, axis=1) == 0).any(axis=1))
        if not len(again) or k > n:
            return found
        found[again] = generator.integers(0, n, (len(again), k))
