"""The townsfolk: households in their dwellings, their members, and who works for them."""

import random
from dataclasses import dataclass, replace
from datetime import timedelta

from importers.demo.agencies import Agency, build_agencies
from importers.demo.buildings import Building
from importers.demo.households import TODAY, Household, build_households
from importers.demo.identity import Registrar
from importers.demo.incidents import Incident, build_incidents
from importers.demo.interiors import Unit
from importers.demo.orders import Handled, handle
from importers.demo.organizations import Organization, build_organizations
from importers.demo.people import Census, Home, Person
from importers.demo.posts import Post, build_posts
from importers.demo.safety import (
    Check,
    Patrol,
    Tenancy,
    build_checks,
    build_patrols,
    build_tenancies,
)
from importers.demo.town import Town, dice

HOUSEHOLDS = 15_555
RESIDENTS = 46_345
_DORMITORIES = 24
_AS_TEXT = 120
_DOUBTFUL = ("和平小区2-1-301", "阳光花园9号楼2单元501", "向阳小区3号楼8单元101", "阳光佳园2-1-602",
             "平安小区对面", "水岸人家1号楼2501", "和平小区1号楼2单元402")
"""Addresses that mean two places or none: work for the review queue."""

_KNOWN_HOME = "阳光花园3号楼2单元501室"


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """A household as the ledger has it."""

    source_id: str
    number: str
    kind: str
    head: str
    place: str


@dataclass(frozen=True, slots=True)
class Folk:
    """The people of the district and what they do and report."""

    households: list[HouseholdRow]
    residents: list[Person]
    organizations: list[Organization]
    posts: list[Post]
    incidents: list[Incident]
    handled: list[Handled]
    agencies: list[Agency]
    tenancies: list[Tenancy]
    checks: list[Check]
    patrols: list[Patrol]


def build_folk(town: Town, seed: int) -> Folk:
    """People the town."""
    registrar = Registrar(dice(seed, "numbers"))
    households, residents = _settle(town, registrar, seed)
    organizations = build_organizations(
        town.buildings, town.units, registrar, dice(seed, "organizations")
    )
    complete = next(d.code for d in town.divisions if d.level == "subdistrict")
    posts = build_posts(
        town.divisions, town.grids, registrar, dice(seed, "posts"), complete=complete
    )
    incidents = build_incidents(
        town.buildings, town.units, town.meetings, town.facilities, dice(seed, "incidents")
    )
    agencies = build_agencies(town.divisions, registrar, dice(seed, "agencies"))
    return Folk(
        households, residents, organizations, posts, incidents,
        handle(incidents, agencies, dice(seed, "orders")), agencies,
        build_tenancies(residents, town.units, dice(seed, "tenancies")),
        build_checks(town.buildings, town.units, dice(seed, "checks")),
        build_patrols(town.divisions, town.grids, town.streets, town.meetings),
    )


def full_text(building: Building, text: str) -> str:
    """Return an address from the district down, as registers of population write it."""
    return f"青禾区明仁街道{building.compound.lot.community}{text}"


def _settle(
    town: Town, registrar: Registrar, seed: int
) -> tuple[list[HouseholdRow], list[Person]]:
    rng = dice(seed, "people")
    homes, dormitories = _homes(town, rng), _dormitories(town)
    collectives = [_collective(rng) for _ in dormitories]
    members = sum(len(c.members) for c in collectives)
    families = build_households(rng, count=len(homes), residents=RESIDENTS - members)
    census = Census(rng, registrar, homes)
    rows: list[HouseholdRow] = []
    people: list[Person] = []
    for household, home in zip([*families, *collectives], [*homes, *dormitories], strict=True):
        source_id = f"H{len(rows) + 1:06d}"
        counted = list(census.count(household, source_id, home))
        kind = "collective" if household.kind == "collective" else "family"
        number = f"999901001{len(rows) + 1:06d}"
        rows.append(HouseholdRow(source_id, number, kind, counted[0].name, home.place))
        people += counted
    return rows, _some_as_text(people, town, rng)


def _homes(town: Town, rng: random.Random) -> list[Home]:
    """Choose the dwellings that are lived in, in the order of the ledger."""
    farms = [b for b in town.buildings if b.compound.lot.style == "village"]
    dwellings = [u for u in town.units if u.use == "dwelling"]
    wanted = HOUSEHOLDS - _DORMITORIES - len(farms)
    chosen = {u.source_id for u in rng.sample(dwellings, min(wanted, len(dwellings)))}
    known = next(u for u in dwellings if u.text == _KNOWN_HOME)
    if known.source_id not in chosen:
        chosen.remove(max(chosen))
        chosen.add(known.source_id)
    lived = [u for u in dwellings if u.source_id in chosen]
    lived += rng.sample(dwellings, wanted - len(lived))
    homes = [Home(u.source_id, full_text(u.building, u.text)) for u in lived]
    return homes + [Home(b.source_id, full_text(b, b.text)) for b in farms]


def _dormitories(town: Town) -> list[Home]:
    rooms = [u for u in town.units if u.building.draft.name == "学生公寓"]
    return [Home(u.source_id, full_text(u.building, u.text)) for u in rooms[:_DORMITORIES]]


def _collective(rng: random.Random) -> Household:
    male = rng.random() < 0.5
    members = [("member", rng.randint(15, 18), male) for _ in range(rng.randint(4, 8))]
    since = TODAY - timedelta(days=rng.randint(60, 800))
    return Household("collective", members, "tenant", since)


def _some_as_text(people: list[Person], town: Town, rng: random.Random) -> list[Person]:
    """Replace some places by the address as people write it, for the resolver to read."""
    units = {u.source_id: u for u in town.units}
    grown = [i for i, p in enumerate(people) if p.place in units and units[p.place].entrance]
    result = list(people)
    chosen = rng.sample(grown, _AS_TEXT)
    for i in sorted(chosen[len(_DOUBTFUL) :]):
        unit = units[people[i].place]
        result[i] = replace(people[i], place="", address=as_written(unit, rng))
    for i, text in zip(chosen, _DOUBTFUL, strict=False):
        result[i] = replace(people[i], place="", address=text)
    return result


def as_written(unit: Unit, rng: random.Random) -> str:
    """Write an address the way people do, in one of many ways."""
    name = unit.building.compound.lot.name
    number, door, room = unit.building.number, unit.entrance, unit.designator
    community = unit.building.compound.lot.community
    ways = (
        f"{name}{number}-{door}-{room}",
        f"{name}{number}号楼{door}单元{room}",
        f"{name}{number}号楼{door}单元{room}室",
        f"明仁街道{community}{name}{number}-{door}-{room}",
        f"青禾区{name}{number}栋{door}单元{room}",
        f"{community}{name}{number}#{door}-{room}",
        f"{name} {number}号楼 {door}单元 {room}",
    )
    return rng.choice(ways)
