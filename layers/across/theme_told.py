"""What a caller is told of a count by area: exact figures, or sums of whole blocks.

Rounded figures come from one cut of the registry into blocks (layers/across/disclosure.py), the
same for every level and division, so that no area can be had by subtracting others from a
total. What is of things only is exact for everyone and is counted beside, never rounded
together with the rest: else the exact part would tell the other by how it is rounded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from layers.across import theme_counts as counting
from layers.across.counts import METRICS
from layers.across.disclosure import LEAST, blocks, last_midnight, published, tree_areas
from layers.across.kept import Kept
from layers.across.theme_ages import aged_by_scope, residents_aged
from layers.across.theme_areas import Areas
from layers.across.theme_period import Period
from layers.across.theme_rights import INCIDENTS, binds
from layers.across.theme_spec import Theme
from layers.across.things import parted
from layers.caller import Caller
from spatial.history import NOW, Moment
from spatial.statistics import Mask, Numbers

if TYPE_CHECKING:
    from spatial.sealing import Vault

#: Exact counts of periods, which move on by the minute: a rate, its hot spots and its clusters
#: share them …
_COUNTS: Kept[tuple[Numbers, float]] = Kept(most=256)
#: … and counts of what stands in the registry: the same as long as its version is.
_STANDING: Kept[tuple[Numbers, float]] = Kept(seconds=3600.0, most=256)
_BLOCKS: Kept[Mapping[str, int]] = Kept(most=128)


@dataclass(frozen=True, slots=True)
class Told:
    """A count by area, which of them are withheld, and what lies in no area."""

    number: Numbers
    held: Mask
    residual: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Who asks what of which areas; what every way of figuring is handed."""

    session: Session
    caller: Caller
    theme: Theme
    areas: Areas
    period: Period
    vault: "Vault | None" = None
    state: int = 0

    @property
    def moment(self) -> Moment:
        """Return the day as of which denominators count: the middle of a timed theme's period."""
        return Moment(valid_at=self.period.middle) if self.theme.is_timed else NOW

    def told(self, name: str) -> Told:
        """Return a count by area, as the caller may have it."""
        if name == "area_km2":
            return Told(np.nan_to_num(self.areas.km2), self.none(), 0.0)
        if binds(self.caller, self.theme, name):
            return self._in_blocks(name)
        exact, residual = self._exact(name)
        return Told(exact, self.none(), residual)

    def none(self) -> Mask:
        """Return a mask of nothing."""
        return np.zeros(len(self.areas), dtype=bool)

    def _in_blocks(self, name: str) -> Told:
        """Return rounded figures; what lies in no area is not told, for it would be a small one."""
        number = np.zeros(len(self.areas))
        services = self.theme.services
        if name in INCIDENTS:
            things, services = parted(services)
            if things:
                number += self._of(things)._exact(name)[0]
        told = self._of(services)._blocks(name)
        number += np.array([float(told.get(one, 0)) for one in self.areas.identifiers])
        return Told(number, np.asarray(number < LEAST), 0.0)

    def _of(self, services: tuple[str, ...]) -> "Question":
        return replace(self, theme=replace(self.theme, services=services))

    def _blocks(self, name: str) -> Mapping[str, int]:
        if name in METRICS and name != "incidents":
            return published(self.session, name).values
        period = self.period if name in INCIDENTS else None
        key = (self.state, name, self.theme.services, self.theme.ages, period, self._place())
        return _BLOCKS.get(key, lambda: blocks(self._by_scope(name), tree_areas(self.session)))

    def _by_scope(self, name: str) -> Mapping[int, int]:
        """Return how many things bear each number of the whole registry."""
        if name == "residents_by_age":
            return aged_by_scope(self.session, self.vault, self.theme.ages)
        thing = counting.things_of(self.theme, name, self.period,
                                   last_midnight(self.session)).subquery("thing")
        rows = self.session.execute(
            select(thing.c.scope, func.count()).group_by(thing.c.scope))
        return {scope: count for scope, count in rows}

    def _exact(self, name: str) -> tuple[Numbers, float]:
        """Return an exact count; its key holds what this count depends on, so themes share it."""
        theme, areas = self.theme, self.areas
        key = (self.state, name, areas.level, areas.side, areas.identifiers, self._place(),
               theme.kinds if name == "organizations" else None,
               theme.ages if name == "residents_by_age" else None)
        if not theme.is_timed:
            return _STANDING.get(key, lambda: self._counted(name))
        of_period = (theme.services, self.period) if name in INCIDENTS else (self.period.middle,)
        return _COUNTS.get((*key, *of_period), lambda: self._counted(name))

    def _counted(self, name: str) -> tuple[Numbers, float]:
        if name == "residents_by_age":
            return residents_aged(self.session, self.vault, self.areas, self.theme.ages)
        things = counting.things_of(self.theme, name, self.period, self.moment)
        return counting.counted(self.session, self.areas, things)

    def _place(self) -> str:
        return str(self.session.get_bind().engine.url)
