"""A theme answered: areas with their values, classes and legend; the same by page, API and command.

Answers are kept for a short while by registry version, caller's rights and theme, for a map asks
for its legend, its table and its file one after the other.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from layers.across.kept import Kept
from layers.across.rollup import ALL, division_called, reach
from layers.across.theme_areas import Areas, areas_of
from layers.across.theme_figures import Figures, figures
from layers.across.theme_period import Period, period_of, whole_months
from layers.across.theme_rights import INCIDENTS, allowed, binds
from layers.across.theme_spec import Theme
from layers.across.theme_told import Question
from layers.caller import Caller
from spatial.classes import Classes, around, classify
from spatial.errors import NotFound
from spatial.history import NOW
from spatial.state import version
from spatial.walls import everywhere

if TYPE_CHECKING:
    from spatial.sealing import Vault

#: Statistics whose classes are named, not measured.
NAMED = {"gi_star": (-3, -2, -1, 0, 1, 2, 3), "moran": (0, 1, 2, 3, 4)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeMap:
    """A theme over the areas of a division: what every map, table and file is made from.

    `index` is the class of each area, -1 where it has none.
    """

    theme: Theme
    areas: Areas
    figures: Figures
    period: Period
    classes: Classes
    index: npt.NDArray[np.int64]
    at: datetime
    version: int
    rounded: bool
    division: str

    @property
    def names(self) -> tuple[int, ...] | None:
        """Return the codes of named classes, None for measured ones."""
        return NAMED.get(self.theme.statistic)


def theme_map(session: Session, theme: Theme, caller: Caller, *, division: str | None = None,
              vault: "Vault | None" = None) -> ThemeMap:
    """Return the answer to a theme as `caller` may have it, of a division in its own area."""
    theme, notes = allowed(caller, theme)
    within, called = _within(session, caller, division)
    state = version(session)
    key = (state, theme, within, caller.role, caller.low, caller.high, caller.numbers,
           this_minute(session), str(session.get_bind().engine.url))

    def answered() -> ThemeMap:
        with everywhere(session):
            return _answered(session, theme, caller, within, called, vault, notes, state)
    return _KEPT.get(key, answered)


def _answered(session: Session, theme: Theme, caller: Caller, within: tuple[int, int],
              called: str, vault: "Vault | None", notes: tuple[str, ...],
              state: int) -> ThemeMap:
    now = this_minute(session)
    names = [theme.counts, *([theme.over] if theme.over else [])]
    rounded = [name for name in names if binds(caller, theme, name)]
    period = period_of(theme, now)
    if INCIDENTS.intersection(rounded):
        period = whole_months(period, now)
    place = (state, theme.level, within, theme.side, str(session.get_bind().engine.url))
    areas = _own(_AREAS.get(place, lambda: areas_of(
        session, theme.level, within=within, moment=NOW, side=theme.side)), caller)
    found = figures(Question(session=session, caller=caller, theme=theme, areas=areas,
                             period=period, vault=vault, state=state))
    # What is equal but for the last bits must not fall into two classes.
    found = replace(found, notes=(*notes, *found.notes), value=np.round(found.value, 9))
    classes = classes_of(theme, found)
    index = _named_index(theme, found) if theme.statistic in NAMED else classes.of(found.value)
    return ThemeMap(theme=theme, areas=areas, figures=found, period=period, classes=classes,
                    index=index, at=now, version=state, division=called,
                    rounded=bool(rounded))


def _own(areas: Areas, caller: Caller) -> Areas:
    """Keep the grids to which the caller is bound, where it is bound to some."""
    if caller.numbers is None:
        return areas
    if areas.level != "grid":
        raise NotFound("Only single grids are yours; ask by grid.")
    mine = np.flatnonzero(np.isin(areas.lows, np.array(caller.numbers, dtype=np.int64)))
    return replace(areas, identifiers=tuple(areas.identifiers[i] for i in mine),
                   labels=tuple(areas.labels[i] for i in mine),
                   parents=tuple(areas.parents[i] for i in mine), lows=areas.lows[mine],
                   highs=areas.highs[mine], shapes=areas.shapes[mine])


def this_minute(session: Session) -> datetime:
    """Return the time of the answers: all of one minute are of one time, and agree."""
    found: datetime = session.execute(select(func.date_trunc("minute", func.now()))).scalar_one()
    return found


def classes_of(theme: Theme, found: Figures) -> Classes:
    """Return the classes of a theme's values, by its own method."""
    value = found.value
    if theme.statistic in NAMED:
        codes = NAMED[theme.statistic]
        return Classes(method="named", least=float(codes[0]), breaks=tuple(map(float, codes)))
    if theme.statistic == "density" and found.reference:
        # Multiples of the mean of busy cells: 3 and more is hot (UK Home Office toolkit).
        return classify(value, method="fixed",
                        breaks=[found.reference * n for n in (0.5, 1, 2, 3)])
    if theme.method == "around":
        reference = found.reference if theme.reference is None else theme.reference
        return around(reference or 0.0, value)
    return classify(value, method=theme.method, k=theme.k, breaks=theme.breaks)


def _named_index(theme: Theme, found: Figures) -> npt.NDArray[np.int64]:
    codes = np.array(NAMED[theme.statistic])
    known = np.isfinite(found.value)
    index = np.searchsorted(codes, np.where(known, found.value, codes[0]))
    return np.where(known, index, -1).astype(np.int64)


def _within(session: Session, caller: Caller, division: str | None) -> tuple[tuple[int, int], str]:
    """Return the numbers asked for and what they are called; outside one's area is unknown."""
    if division is None and caller.everywhere:
        return ALL, ""
    area = division_called(session, division or caller.area)
    if division is not None and not (caller.everywhere or caller.low <= (area.low or 0)
                                     <= (area.high or 0) <= caller.high):
        raise NotFound(f"No division is called {division[:40]!r}; give its code or identifier.")
    return reach(session, area) if division is None else (area.low or 0, area.high or 0), area.name


_KEPT: Kept[ThemeMap] = Kept(most=64)
_AREAS: Kept[Areas] = Kept(seconds=600.0, most=12)
