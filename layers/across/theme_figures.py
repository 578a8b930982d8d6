"""The figures of a theme: one value an area, with all that its tooltip and legend must say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as default

import numpy as np

from layers.across import theme_counts as counting
from layers.across.theme_areas import ground_of
from layers.across.theme_load import load_index
from layers.across.theme_rights import binds
from layers.across.theme_told import Question, Told
from spatial.density import centres, surface
from spatial.errors import InvalidInput
from spatial.hotspots import (
    AREAS_LEAST,
    EVENTS_LEAST,
    Local,
    Neighbours,
    false_discoveries,
    gi_star,
    local_moran,
    neighbours,
)
from spatial.statistics import (
    Mask,
    Numbers,
    empirical_bayes,
    poisson_interval,
    rates,
    unreliable,
)

#: Shares of false discoveries that part the classes of confidence, the strictest first.
CONFIDENCE = (0.01, 0.05, 0.10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Columns of n areas. `value` is what is drawn, NaN where there is none.

    `count` and `under` are numerator and denominator as told to the caller; `columns` more of
    the same for tooltips and tables. `notes` are codes of what the legend must say; `residual`
    what lies in no area; `reference` what the whole comes to.
    """

    value: Numbers
    count: Numbers
    under: Numbers | None = None
    columns: Mapping[str, Numbers] = default(default_factory=dict)
    unreliable: Mask
    suppressed: Mask
    residual: float = 0.0
    reference: float | None = None
    notes: tuple[str, ...] = ()


def figures(question: Question) -> Figures:
    """Return the figures of a theme."""
    return _WAYS[question.theme.statistic](question)


def _unregistered(q: Question, counts: Numbers) -> Mask:
    """Tell where a 0 says only that nothing has been registered: areas without any unit."""
    if q.areas.cells is not None or q.theme.counts in ("units", "buildings"):
        return q.none()
    return np.asarray((counts == 0) & (q.told("units").number == 0))


def _count(q: Question) -> Figures:
    told = q.told(q.theme.counts)
    unknown = _unregistered(q, told.number)
    held = told.held & ~unknown
    return Figures(value=np.where(held | unknown, np.nan, told.number), count=told.number,
                   unreliable=q.none(), suppressed=held, residual=told.residual,
                   reference=float(told.number[~unknown].mean()) if (~unknown).any() else None)


def _over(q: Question) -> tuple[Told, Told, Mask, tuple[str, ...]]:
    """Return numerator and denominator, where either is withheld, and what to say of it."""
    top, under = q.told(q.theme.counts), q.told(str(q.theme.over))
    held = top.held | under.held
    return top, under, held, ("rounded",) if held.any() else ()


def _rate(q: Question) -> Figures:
    top, under, held, notes = _over(q)
    years = q.period.years if q.theme.is_timed else 1.0
    value = rates(top.number, under.number, years=years, per=q.theme.per)
    total = under.number.sum()
    low, high = (rates(end, under.number, years=years, per=q.theme.per)
                 for end in poisson_interval(top.number))
    return Figures(
        value=np.where(held, np.nan, value), count=top.number, under=under.number,
        columns={"low": low, "high": high}, suppressed=held, residual=top.residual, notes=notes,
        unreliable=unreliable(top.number, under.number) & ~held,
        reference=float(q.theme.per * top.number.sum() / total / years) if total else None)


def _smoothed(q: Question) -> Figures:
    found = _rate(q)
    assert found.under is not None
    counts = np.where(found.suppressed, np.nan, found.count)
    smooth = empirical_bayes(counts, found.under)
    scale = q.theme.per / (q.period.years if q.theme.is_timed else 1.0)
    notes = found.notes + (("no_difference",) if smooth.variance == 0 else ())
    return replace(found, value=smooth.rates * scale, notes=notes, columns={
        "raw": found.value, "weight": smooth.weights, **found.columns})


def _share(q: Question) -> Figures:
    top, under, held, notes = _over(q)
    value = rates(np.minimum(top.number, under.number), under.number, per=q.theme.per)
    total = under.number.sum()
    return Figures(value=np.where(held, np.nan, value), count=top.number, under=under.number,
                   suppressed=held, residual=top.residual, notes=notes,
                   unreliable=(under.number > 0) & (under.number < 20) & ~held,
                   reference=float(q.theme.per * top.number.sum() / total) if total else None)


def _median(q: Question) -> Figures:
    rows = (counting.hours_to_close(q.period, q.theme.services)
            if q.theme.counts == "hours_to_close" else counting.days_since_recorded())
    value, number = counting.medians(q.session, q.areas, rows)
    held = q.none()
    if binds(q.caller, q.theme, q.theme.counts):
        told = q.told("closed" if q.theme.counts == "hours_to_close" else "residents_living")
        number, held = told.number, told.held
    return Figures(value=np.where(held, np.nan, value), count=number, suppressed=held,
                   unreliable=(number > 0) & (number < 5))


def _density(q: Question) -> Figures:
    if q.areas.cells is None:
        raise InvalidInput("A density has no areas; leave the level at hexagon.")
    things = counting.things_of(q.theme, q.theme.counts, q.period, q.moment).subquery("thing")
    places, amounts = counting.points(q.session, things, q.areas.srid)
    months = q.period.years * 12 if q.theme.is_timed else 1.0
    value = surface(places, amounts, ground_of(q.areas), centres(q.areas.cells, q.areas.side),
                    bandwidth=q.theme.bandwidth) / months
    count, residual = counting.placed(q.areas, places, amounts)
    busy = value[count > 0]
    return Figures(value=np.where(value > 0, value, np.nan), count=count, unreliable=q.none(),
                   suppressed=q.none(), residual=residual,
                   reference=float(busy.mean()) if len(busy) else None,
                   notes=("few_events",) if amounts.sum() < 50 else ())


def _change(q: Question) -> Figures:
    now = q.told(q.theme.counts)
    before = replace(q, period=q.period.before).told(q.theme.counts)
    held = now.held | before.held
    ratio = np.divide(now.number, before.number, out=np.full(len(now.number), np.nan),
                      where=before.number > 0)
    small = (now.number + before.number > 0) & (now.number + before.number < 10)
    unknown = _unregistered(q, now.number + before.number)
    held = held & ~unknown
    return Figures(value=np.where(held | unknown, np.nan, now.number - before.number),
                   count=now.number,
                   under=before.number, columns={"ratio": ratio}, suppressed=held,
                   unreliable=small & ~held, residual=now.residual - before.residual,
                   reference=float(now.number.sum() - before.number.sum()))


def _local(q: Question, way: Callable[[Figures, Mask, Neighbours], Local]) -> Figures:
    """Return a local statistic of the areas that have a rate and a shape."""
    found = _smoothed(q)
    used = np.isfinite(found.value) & q.areas.drawn
    value, z, p = (np.full(len(q.areas), np.nan) for _ in range(3))
    if used.sum() < AREAS_LEAST or found.count[used].sum() < EVENTS_LEAST:
        return replace(found, value=value, notes=(*found.notes, "not_enough"))
    near = neighbours(q.areas.metric[used])
    local = way(found, used, near)
    z[used], p[used] = local.value, local.p
    value[used] = _confidence(local) if q.theme.statistic == "gi_star" else local.kind
    notes = (*found.notes, "islands") if near.islands.any() else found.notes
    return replace(found, value=value, notes=notes, unreliable=q.none(), columns={
        "rate": found.value, "statistic": z, "p": p})


def _confidence(local: Local) -> Numbers:
    """Return 3 for hot at 99 %, 2 at 95 %, 1 at 90 %, the same below zero for cold."""
    level = np.zeros(len(local.p))
    for share in CONFIDENCE[::-1]:
        level += false_discoveries(local.p, share=share)[0]
    return level * np.sign(local.value)


def _gi(q: Question) -> Figures:
    return _local(q, lambda found, used, near: gi_star(found.value[used], near))


def _moran(q: Question) -> Figures:
    return _local(q, lambda found, used, near: local_moran(
        found.count[used], np.asarray(found.under)[used], near))


def _load(q: Question) -> Figures:
    index, columns, missing = load_index(q)
    workers = q.told("posts").number
    # A street alone is no load that anyone looks after: nothing is registered there yet.
    index = np.where(q.told("units").number == 0, np.nan, index)
    value = np.divide(index, workers, out=np.full(len(index), np.nan), where=workers > 0)
    mean = np.nanmean(value) if np.isfinite(value).any() else 1.0
    notes = (("component_missing",) if missing else ()) + (
        ("no_post",) if ((index > 0) & (workers == 0)).any() else ())
    return Figures(value=value / mean, count=index, under=workers, columns=columns,
                   unreliable=q.none(), suppressed=q.none(), reference=1.0, notes=notes)


_WAYS: Mapping[str, Callable[[Question], Figures]] = {
    "count": _count, "rate": _rate, "smoothed": _smoothed, "share": _share, "median": _median,
    "density": _density, "change": _change, "gi_star": _gi, "moran": _moran, "load": _load}
