"""Rates of rare events in small areas: smoothed, with their uncertainty, and withheld where due.

A raw rate is extreme where few live, so the top of a raw map is always a tiny area. The
empirical Bayes rate draws each area towards the mean by as much as chance alone would move it
(Marshall 1991, as in GeoDa and esda). Arrays are (n,), one entry an area, NaN where there is no
value; counts and populations are never negative. No geometry here.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spatial.errors import InvalidInput

Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: A rate rests on too little where fewer events than this are expected …
EXPECTED_LEAST = 5.0
#: … or where the relative standard error 1/sqrt(count) is above this.
ERROR_MOST = 0.5


@dataclass(frozen=True, slots=True)
class Smoothed:
    """Empirical Bayes rates, events per head.

    `weights` tells how much of each area's own rate is kept, from 0 (all chance) to 1; `mean` is
    the rate of all areas together, `variance` what is left of the spread beyond chance. A
    variance of 0 says: no difference beyond chance.
    """

    rates: Numbers
    weights: Numbers
    mean: float
    variance: float


def numbers(values: Any, *, name: str, length: int | None = None) -> Numbers:
    """Return `values` as (n,) of float; InvalidInput where they are negative, infinite or odd."""
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or (length is not None and len(found) != length):
        raise InvalidInput(f"{name} has the shape {found.shape}; one number an area is wanted.")
    if np.isinf(found).any() or (found < 0).any():
        raise InvalidInput(f"{name} holds a negative or infinite number.")
    return found


def rates(counts: Any, population: Any, *, years: float = 1.0, per: float = 1.0) -> Numbers:
    """Return events per `per` heads and year; NaN where nobody lives."""
    events = numbers(counts, name="counts")
    heads = numbers(population, name="population", length=len(events))
    if not (np.isfinite(years) and years > 0):
        raise InvalidInput(f"The period is {years} years; it must be longer than nothing.")
    found: Numbers = np.divide(per * events, heads * years, out=np.full(len(events), np.nan),
                               where=heads > 0)
    return found


def empirical_bayes(counts: Any, population: Any) -> Smoothed:
    """Return rates smoothed towards their common mean (Marshall 1991, global form).

    th = sum O / sum P; s2 = max(0, sum P (r - th)^2 / sum P - th / mean P);
    w = s2 / (s2 + th / P); rate = w r + (1 - w) th. Areas without population are NaN and count
    for nothing.
    """
    events = numbers(counts, name="counts")
    heads = numbers(population, name="population", length=len(events))
    lived = (heads > 0) & np.isfinite(events)
    smooth, weights = np.full(len(events), np.nan), np.full(len(events), np.nan)
    if not lived.any():
        return Smoothed(smooth, weights, float("nan"), 0.0)
    mean, variance = _moments(events[lived], heads[lived])
    own = heads[lived] * variance
    weights[lived] = np.divide(own, own + mean, out=np.zeros(len(own)), where=own + mean > 0)
    smooth[lived] = (weights[lived] * events[lived] / heads[lived]
                     + (1 - weights[lived]) * mean)
    return Smoothed(smooth, weights, mean, variance)


def standardised(counts: Any, population: Any) -> Numbers:
    """Return rates as deviations in units of their own uncertainty (Assunção and Reis 1999).

    z = (r - b) / sqrt(a + b / P) with a, b the moments of `empirical_bayes`; 0 where every rate
    is 0, NaN where nobody lives.
    """
    events = numbers(counts, name="counts")
    heads = numbers(population, name="population", length=len(events))
    lived = (heads > 0) & np.isfinite(events)
    found = np.full(len(events), np.nan)
    if lived.any():
        mean, variance = _moments(events[lived], heads[lived])
        spread = np.sqrt(variance + mean / heads[lived])
        away = events[lived] / heads[lived] - mean
        found[lived] = np.divide(away, spread, out=np.zeros(len(away)), where=spread > 0)
    return found


def _moments(events: Numbers, heads: Numbers) -> tuple[float, float]:
    """Return the common rate and the variance between areas beyond that of chance."""
    mean = events.sum() / heads.sum()
    spread = (heads * (events / heads - mean) ** 2).sum() / heads.sum()
    return float(mean), float(max(0.0, spread - mean / heads.mean()))


def poisson_interval(counts: Any, *, level: float = 0.95) -> tuple[Numbers, Numbers]:
    """Return the exact interval of the expected count (Garwood 1936), from gamma quantiles.

    A count of 0 has the lower end 0; multiply by per / (P years) for the interval of a rate.
    """
    from scipy.special import gammaincinv

    if not 0 < level < 1:
        raise InvalidInput(f"The level is {level}; it lies between 0 and 1, such as 0.95.")
    events, tail = numbers(counts, name="counts"), (1 - level) / 2
    low = np.where(events > 0, gammaincinv(np.maximum(events, 1e-300), tail), 0.0 * events)
    return low, np.asarray(gammaincinv(events + 1, 1 - tail))


def unreliable(counts: Any, population: Any) -> Mask:
    """Tell where a rate rests on too little to be read alone.

    Fewer than EXPECTED_LEAST events expected at the common rate, or a relative standard error
    above ERROR_MOST. Areas without population have no rate and are not marked.
    """
    events = numbers(counts, name="counts")
    heads = numbers(population, name="population", length=len(events))
    lived = (heads > 0) & np.isfinite(events)
    if not lived.any():
        return lived
    expected = heads * (events[lived].sum() / heads[lived].sum())
    few: Mask = (expected < EXPECTED_LEAST) | (np.nan_to_num(events) < ERROR_MOST ** -2)
    return lived & few


def suppressed(counts: Any, groups: npt.NDArray[Any], *, least: int = 5) -> Mask:
    """Tell which counts are withheld: 1 to `least` - 1, and those found by subtraction.

    `groups` (n,) names the area whose total is told as well. Where a single count of a group is
    withheld, its total gives it away; the smallest other count above 0 goes with it.
    """
    events = np.nan_to_num(numbers(counts, name="counts"))
    if len(groups) != len(events):
        raise InvalidInput("There must be one group an area.")
    held = (events > 0) & (events < least)
    for group in np.unique(groups[held]):
        own = np.flatnonzero(groups == group)
        others = own[~held[own]]
        if held[own].sum() == 1 and len(others):
            told = others[events[others] > 0]
            choice = told if len(told) else others
            held[choice[np.argmin(events[choice])]] = True
    return held


def people_weighted(values: Any, weights: Any, share: float) -> float:
    """Return the value that a `share` of all weight does not exceed, such as P90 by households.

    Infinite values are the worst there is; NaN where there is no weight.
    """
    found = np.asarray(values, dtype=np.float64)
    heavy = numbers(weights, name="weights", length=len(found))
    order = np.argsort(found, kind="stable")
    total = np.cumsum(heavy[order])
    if not len(total) or total[-1] <= 0:
        return float("nan")
    return float(found[order][np.searchsorted(total, share * total[-1], side="left")])
