"""A theme walked through time: one answer a day, week or month, of one boundary version."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy.orm import Session

from layers.across.theme_period import bins
from layers.across.theme_rights import INCIDENTS, binds
from layers.across.theme_spec import Theme
from layers.across.themes import NAMED, ThemeMap, classes_of, theme_map, this_minute
from layers.caller import Caller
from spatial.classes import Classes
from spatial.errors import Forbidden, InvalidInput

if TYPE_CHECKING:
    from spatial.sealing import Vault


@dataclass(frozen=True, slots=True)
class Frame:
    """One step of a film; `incomplete` where its period runs still."""

    found: ThemeMap
    incomplete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """How a theme is walked: so many steps of a unit, each over a window of units."""

    count: int
    unit: str = "month"
    step: int = 1
    window: int = 1
    zone: tzinfo | None = None


def frames(session: Session, theme: Theme, caller: Caller, film: Film, *,
           division: str | None = None, vault: "Vault | None" = None
           ) -> tuple[list[Frame], Classes]:
    """Return the answers of a film, the newest last.

    All are of one boundary version and share one set of breaks, else a step in the film would
    be one of borders or of classes. Whoever gets rounded counts gets full months only.
    """
    if not theme.is_timed:
        raise InvalidInput(f"{theme.name} has no period to walk through.")
    whole = theme.counts in INCIDENTS and binds(caller, theme, theme.counts)
    if whole and film.unit != "month":
        raise Forbidden("Rounded counts are told by month; choose the unit month.")
    now = this_minute(session)
    steps = bins(theme.until or now, now, unit=film.unit, count=film.count + whole, step=film.step,
                 window=film.window, zone=film.zone)
    found = [Frame(theme_map(session, replace(theme, since=one.since, until=one.until), caller,
                             division=division, vault=vault), incomplete)
             for one, incomplete in steps if one.since < one.until and not (whole and incomplete)]
    found = found[-film.count:]
    pooled = _pooled(theme, [one.found for one in found])
    if theme.statistic in NAMED:
        return found, pooled
    return [replace(one, found=replace(one.found, classes=pooled, index=pooled.of(
        one.found.figures.value))) for one in found], pooled


def _pooled(theme: Theme, found: Sequence[ThemeMap]) -> Classes:
    whole = np.vstack([one.figures.value for one in found])
    return classes_of(theme, replace(found[-1].figures, value=whole.ravel()))
