"""What of a theme a caller may have: exact figures, rounded ones, or none.

Counts of places are exact for everyone; of persons, and of incidents that may tell of persons,
only for roles that see them. The others get fixed areas and full months, and figures that are
sums of whole blocks (layers/across/disclosure.py). Of the services that may tell of persons they
may ask for one, or for all: from sets of their own making, single ones could be subtracted.
"""

from dataclasses import replace

from layers.access import Role
from layers.across.rollup import EVERYONE, EXACT, EXACT_FOR
from layers.across.theme_spec import Theme
from layers.across.things import parted, things
from layers.caller import Caller
from spatial.errors import Forbidden

#: Counts that tell of places and duties only.
PLACES = EVERYONE | {"posts", "area_km2"}
INCIDENTS = frozenset({"incidents", "overdue", "closed", "hours_to_close"})


def binds(caller: Caller, theme: Theme, name: str) -> bool:
    """Tell whether the count `name` is rounded for this caller."""
    if name in PLACES:
        return False
    if name in INCIDENTS:
        return (caller.role not in EXACT_FOR["incidents"]
                and not set(theme.services or ("",)) <= things())
    return caller.role not in EXACT_FOR.get(name, EXACT)


def allowed(caller: Caller, theme: Theme) -> tuple[Theme, tuple[str, ...]]:
    """Return the theme as `caller` may have it, with what must be said about that.

    By hexagon, roles that see aggregates only get incidents of things, and no persons at all.
    """
    if theme.counts in INCIDENTS and binds(caller, theme, theme.counts):
        _one_or_all(theme.services)
    if theme.level != "hexagon":
        return theme, ()
    if caller.role is Role.PLANNER and theme.counts == "households":
        return theme, ()
    if not binds(caller, theme, theme.counts) and not (
            theme.over and binds(caller, theme, theme.over)):
        return theme, ()
    wanted = parted(theme.services)[0]
    if theme.counts not in INCIDENTS or not wanted or theme.over not in (None, "incidents"):
        raise Forbidden("Hexagons never count persons for this role; choose grid, community or "
                        "subdistrict.")
    return replace(theme, services=wanted), ("things_only",)


def _one_or_all(services: tuple[str, ...]) -> None:
    private, every = parted(services)[1], parted(())[1]
    if 1 < len(private) < len(every):
        raise Forbidden("Services that may tell of persons are counted one by one or all together "
                        f"for this role; leave out all but one of {', '.join(private)}.")
