"""Classes of a choropleth: the usual methods, held to the rules of honest legends.

Intervals are (a, b], the first one [least, b]; a break is the upper end of its class. Zero is a
class of its own where more than a tenth of the areas have it; breaks are readable numbers; equal
ones are merged, so that ties give fewer classes and never empty ones; one value is one class.
Frames of a time slider share one set of breaks.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spatial.errors import InvalidInput
from spatial.statistics import Numbers

K_MOST = 7
#: Above this share of zeros they are a class of their own.
ZEROS = 0.10
Breaks = tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """A classification: the upper end of each class, from the least value on.

    `zero` tells that the first class holds nothing but 0; `equal` that all values are one.
    """

    method: str
    least: float
    breaks: Breaks
    zero: bool = False

    @property
    def equal(self) -> bool:
        """Tell whether there is only one value."""
        return len(self.breaks) == 1 and self.breaks[0] == self.least

    def of(self, values: Any) -> npt.NDArray[np.int64]:
        """Return the class of each value (n,): 0 is the lowest, -1 where there is no value."""
        found = np.asarray(values, dtype=np.float64)
        index = np.searchsorted(np.asarray(self.breaks), found, side="left")
        index = np.minimum(index, max(len(self.breaks) - 1, 0))
        return np.where(np.isfinite(found) & bool(self.breaks), index, -1).astype(np.int64)

    def counts(self, values: Any) -> tuple[int, ...]:
        """Return how many values each class holds."""
        index = self.of(values)
        return tuple(np.bincount(index[index >= 0], minlength=len(self.breaks)).tolist())

    def bounds(self) -> tuple[tuple[float, float], ...]:
        """Return the lower and the upper end of each class."""
        starts = (self.least, *self.breaks[:-1])[:len(self.breaks)]
        return tuple(zip(starts, self.breaks, strict=True))


def classify(values: Any, *, method: str = "quantiles", k: int = 5,
             breaks: Sequence[float] = ()) -> Classes:
    """Return the classes of `values`, of any shape; NaN and infinite ones are left out.

    Give the frames of a time slider as one array (frames, areas): their breaks are pooled.
    `breaks` are the inner ends of the method `fixed`. Raises InvalidInput for a method that is
    not known, k outside 1..7, and breaks that do not grow.
    """
    if method not in METHODS:
        raise InvalidInput(f"There is no method {method[:40]!r}; there are: "
                           f"{', '.join(METHODS)}.")
    if not 1 <= k <= K_MOST:
        raise InvalidInput(f"{k} classes cannot be told apart; 1 to {K_MOST} can.")
    found = np.asarray(values, dtype=np.float64).ravel()
    found = found[np.isfinite(found)]
    if not len(found):
        return Classes(method=method, least=math.nan, breaks=())
    if method == "fixed":
        return _fixed(found, breaks)
    return _found(found, method, k)


def _found(values: Numbers, method: str, k: int) -> Classes:
    least, most = float(values.min()), float(values.max())
    if least == most:
        return Classes(method=method, least=least, breaks=(most,))
    zero = least == 0 and float((values == 0).mean()) > ZEROS
    rest = values[values > 0] if zero else values
    distinct = len(np.unique(rest))
    inner = METHODS[method](rest, min(k - zero, distinct)) if k - zero > 1 < distinct else ()
    start = 0.0 if zero else least
    # Natural breaks lie in gaps: rounding them could move a value to the other side.
    ends = readable(inner, rest) if method != "natural" else inner
    kept = tuple(b for b in ends if start < b < most)
    breaks = _filled(values, ((0.0,) if zero else ()) + kept + (most,))
    return Classes(method=method, least=least, breaks=breaks, zero=zero)


def _filled(values: Numbers, ends: Breaks) -> Breaks:
    """Drop every break that would leave its class empty."""
    ends = tuple(sorted(set(ends)))
    held = np.bincount(np.searchsorted(np.asarray(ends), values, side="left"),
                       minlength=len(ends))
    return tuple(end for end, count in zip(ends, held, strict=False) if count)


def _fixed(values: Numbers, breaks: Sequence[float]) -> Classes:
    """Return classes between given breaks; empty ones stay, for the norm is what is shown."""
    given = tuple(float(b) for b in breaks)
    if not given or len(given) > K_MOST or not all(map(math.isfinite, given)):
        raise InvalidInput(f"fixed classes need 1 to {K_MOST} finite breaks.")
    if any(b <= a for a, b in zip(given, given[1:], strict=False)):
        raise InvalidInput(f"Breaks must grow from one to the next; these do not: {given}.")
    least, most = float(values.min()), float(values.max())
    ends = given if most <= given[-1] else (*given, most)
    return Classes(method="fixed", least=min(least, given[0]), breaks=ends)


def readable(breaks: Sequence[float], values: Numbers) -> Breaks:
    """Round breaks to as few digits as keep them and their classes apart."""
    ends = sorted({float(b) for b in breaks if math.isfinite(b)})
    if not ends:
        return ()
    widths = np.diff([float(values.min()), *ends, float(values.max())])
    narrow = min((w for w in widths if w > 0), default=0.0)
    if narrow <= 0:
        return tuple(ends)
    step = 10.0 ** math.floor(math.log10(narrow / 2))
    nice = next(step * m for m in (5, 2, 1) if step * m <= narrow / 2 or m == 1)
    digits = max(0, -math.floor(math.log10(nice)))
    return tuple(dict.fromkeys(round(round(b / nice) * nice, digits) for b in ends))


def _quantiles(values: Numbers, k: int) -> Breaks:
    return tuple(np.quantile(values, np.arange(1, k) / k).tolist())


def _equal(values: Numbers, k: int) -> Breaks:
    return tuple(np.linspace(values.min(), values.max(), k + 1)[1:-1].tolist())


def _natural(values: Numbers, k: int) -> Breaks:
    """Return the partition of least squared deviation within classes (Fisher 1958), exactly.

    cost[j] of the first j values in c classes = min over i of cost[i] in c - 1 classes + the
    spread of i..j, each row at once from cumulated sums.
    """
    ordered, weight = np.unique(values, return_counts=True)
    ordered -= ordered.mean()
    heads = np.concatenate([[0.0], np.cumsum(weight)])
    total = np.concatenate([[0.0], np.cumsum(weight * ordered)])
    square = np.concatenate([[0.0], np.cumsum(weight * ordered ** 2)])
    with np.errstate(all="ignore"):
        spread = (square[None] - square[:, None]
                  - (total[None] - total[:, None]) ** 2 / (heads[None] - heads[:, None]))
    spread[np.tril_indices(len(heads))] = np.inf
    cost, cuts = spread[0], []
    for _ in range(k - 1):
        whole = cost[:, None] + spread
        cuts.append(whole.argmin(axis=0))
        cost = whole.min(axis=0)
    ends, at = [], len(ordered)
    for cut in reversed(cuts):
        at = int(cut[at])
        ends.append(at)
    return tuple(np.unique(values)[np.array(ends[::-1], dtype=np.int64) - 1].tolist())


def _box(values: Numbers, _k: int) -> Breaks:
    """Return the ends of a box map: quartiles, and what lies 1.5 box lengths beyond."""
    low, middle, high = (float(q) for q in np.quantile(values, (0.25, 0.5, 0.75)))
    reach = 1.5 * (high - low)
    return (low - reach, low, middle, high, high + reach)


def _deviations(values: Numbers, _k: int) -> Breaks:
    """Return -1.5, -0.5, 0.5 and 1.5 standard deviations from the mean."""
    mean, spread = float(values.mean()), float(values.std())
    return tuple(mean + n * spread for n in (-1.5, -0.5, 0.5, 1.5))


def _head_tail(values: Numbers, k: int) -> Breaks:
    """Return the means of ever higher heads (Jiang 2013), k - 1 at most."""
    found: list[float] = []
    while len(found) < k - 1 and len(values) > 1 and np.ptp(values) > 0:
        found.append(float(values.mean()))
        values = values[values > values.mean()]
    return tuple(found)


#: How the inner breaks are found: values (n,) of more than one kind, number of classes.
METHODS: Mapping[str, Callable[[Numbers, int], Breaks]] = {
    "quantiles": _quantiles,
    "natural": _natural,
    "equal": _equal,
    "box": _box,
    "deviations": _deviations,
    "head_tail": _head_tail,
    "fixed": lambda values, k: (),
}


def around(reference: float, values: Any, *, k: int = 3) -> Classes:
    """Return diverging classes round `reference`: as wide below as above it, 2 k - 1 at most.

    The widths are quantiles of the distance; the middle class holds the reference.
    """
    found = np.asarray(values, dtype=np.float64).ravel()
    found = found[np.isfinite(found)]
    if not len(found):
        return Classes(method="around", least=math.nan, breaks=())
    far = np.abs(found - reference)
    steps = _quantiles(far[far > 0], k) if (far > 0).any() else ()
    steps = tuple(s for s in readable(steps, np.append(far[far > 0], 0.0)) if s > 0) or (1.0,)
    inner = sorted({*(reference - s for s in steps), *(reference + s for s in steps)})
    least, most = float(min(*found, inner[0])), float(max(*found, inner[-1]))
    return Classes(method="around", least=least, breaks=(*inner, most) if most > inner[-1]
                   else (*inner, np.nextafter(most, np.inf)))
