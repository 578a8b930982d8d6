"""Posts: who is responsible for each grid, community and subdistrict, in which role."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from importers.demo.divisions import Division, Grid
from importers.demo.households import TODAY
from importers.demo.identity import Registrar
from importers.demo.names import family_name, full_name, people_of

_EVERY_GRID = ("grid_head", "administrator")
_FULL_GRID = ("police_liaison", "social_security", "civil_affairs", "health", "information",
              "supervision")
_COMMUNITY = ("community_head", "police_liaison", "mediation", "fire_safety")
_SHARED = {"police_liaison": 4, "social_security": 3, "civil_affairs": 3, "health": 3,
           "supervision": 4}


@dataclass(frozen=True, slots=True)
class Post:
    """A role at an area (a grid's or division's code) and who holds it."""

    area: str
    role: str
    staff_name: str
    phone: str
    level: str
    since: str


def build_posts(
    divisions: list[Division],
    grids: list[Grid],
    registrar: Registrar,
    rng: random.Random,
    *,
    complete: str,
) -> list[Post]:
    """Return all posts; the subdistrict with code `complete` has every role in each grid."""
    office = _Office(registrar, rng)
    found: list[Post] = []
    for division in divisions:
        if division.level == "subdistrict":
            found += office.fill(division.code, ("duty_officer", "supervision"), "subdistrict")
        elif division.level == "community":
            found += office.fill(division.code, _COMMUNITY, "community")
    for grid in grids:
        full = grid.community.code.startswith(complete)
        roles = _EVERY_GRID + _FULL_GRID if full else _EVERY_GRID
        found += office.fill(grid.code, roles, "grid", group=grid.community.code)
    return found


class _Office:
    """Appoints staff; some roles are held by one person for several grids of a community."""

    def __init__(self, registrar: Registrar, rng: random.Random) -> None:
        self._registrar = registrar
        self._rng = rng
        self._shared: dict[tuple[str, str], tuple[str, str, int]] = {}

    def fill(
        self, area: str, roles: tuple[str, ...], level: str, *, group: str = ""
    ) -> Iterator[Post]:
        """Yield a post for every role at `area`."""
        for role in roles:
            name, phone = self._holder(role, group)
            since = TODAY - timedelta(days=self._rng.randint(30, 2600))
            yield Post(area, role, name, phone, level, since.isoformat())

    def _holder(self, role: str, group: str) -> tuple[str, str]:
        name, phone, left = self._shared.get((role, group), ("", "", 0))
        if left == 0 or not group:
            name, phone = self._person(), self._registrar.phone()
            left = _SHARED.get(role, 1)
        self._shared[role, group] = (name, phone, left - 1)
        return name, phone

    def _person(self) -> str:
        people = people_of(self._rng)
        family = family_name(self._rng, people)
        year = self._rng.randint(1966, 2001)
        return full_name(self._rng, people, family, male=self._rng.random() < 0.45, year=year)
