"""What of a theme a caller may have: exact figures, rounded ones, or none.

Counts of places are exact for everyone; of persons, and of incidents that may tell of persons,
only for roles that see them. The others get fixed areas only, values below LEAST withheld and
the rest rounded to STEP (layers/across/rollup.py), so that what two answers have in common
cannot be subtracted.
"""

from dataclasses import replace

import numpy as np

from layers.access import Role
from layers.across.disclosure import LEAST, STEP
from layers.across.rollup import EVERYONE, EXACT, EXACT_FOR
from layers.across.theme_counts import incident_figures
from layers.across.theme_spec import Theme
from layers.caller import Caller
from spatial.errors import Forbidden
from spatial.statistics import Mask, Numbers

#: Counts that tell of places and duties only.
PLACES = EVERYONE | {"posts", "area_km2"}
INCIDENTS = frozenset({"incidents", "overdue", "closed", "hours_to_close"})


def binds(caller: Caller, theme: Theme, name: str) -> bool:
    """Tell whether the count `name` is rounded for this caller."""
    if name in PLACES:
        return False
    if name in INCIDENTS:
        return (caller.role not in EXACT_FOR["incidents"]
                and not set(theme.services or ("",)) <= set(incident_figures()["exact"]))
    return caller.role not in EXACT_FOR.get(name, EXACT)


def allowed(caller: Caller, theme: Theme) -> tuple[Theme, tuple[str, ...]]:
    """Return the theme as `caller` may have it, with what must be said about that.

    By hexagon, roles that see aggregates only get incidents of things, and no persons at all.
    """
    if theme.level != "hexagon":
        return theme, ()
    if caller.role is Role.PLANNER and theme.counts == "households":
        return theme, ()
    if not binds(caller, theme, theme.counts) and not (
            theme.over and binds(caller, theme, theme.over)):
        return theme, ()
    exact = tuple(incident_figures()["exact"])
    wanted = tuple(code for code in theme.services or exact if code in exact)
    if theme.counts not in INCIDENTS or not wanted or theme.over not in (None, "incidents"):
        raise Forbidden("Hexagons never count persons for this role; choose grid, community or "
                        "subdistrict.")
    return replace(theme, services=wanted), ("things_only",)


def rounded(counts: Numbers) -> tuple[Numbers, Mask]:
    """Return counts rounded to STEP, and which are withheld (told as 0)."""
    held = np.asarray(counts < LEAST)
    return np.where(held, 0.0, np.floor((counts + STEP / 2) / STEP) * STEP), held
