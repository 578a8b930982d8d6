"""What a subdistrict keeps of places: lettings, findings of checks, planned patrols."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import shapely
from shapely import Geometry, Point

from importers.demo.agencies import agency_data
from importers.demo.buildings import Building
from importers.demo.divisions import Division, Grid
from importers.demo.frame import to_globe
from importers.demo.households import TODAY
from importers.demo.interiors import Unit
from importers.demo.names import family_name, full_name, people_of
from importers.demo.people import Person
from importers.demo.roadside import Crossing
from importers.demo.streets import Street

CHECKS = 800
_MANAGED = {"village": "宅院业主式", "estate": "物业式", "school": "单位自管式",
            "office_park": "单位自管式", "hospital": "单位自管式"}
_MENDED = 0.85


@dataclass(frozen=True, slots=True)
class Tenancy:
    """A letting as the ledger has it."""

    source_id: str
    place: str
    landlord: str
    tenant: str
    kind: str
    beds: int
    filing_number: str
    since: str


@dataclass(frozen=True, slots=True)
class Check:
    """A finding at a place as the ledger has it."""

    source_id: str
    place: str
    kind: str
    finding: str
    found_on: str
    due_on: str
    mended_on: str


@dataclass(frozen=True, slots=True)
class Patrol:
    """A planned patrol; its shape is in longitude and latitude."""

    source_id: str
    kind: str
    name: str
    period: str
    shape: Geometry


def build_tenancies(people: Iterable[Person], units: list[Unit],
                    rng: random.Random) -> list[Tenancy]:
    """Let the dwellings of households that live here and are registered elsewhere."""
    known = {u.source_id: u for u in units}
    heads = [p for p in people if p.relation == "head" and p.residency == "living"
             and p.place in known]
    found = []
    for number, person in enumerate(sorted(rng.sample(heads, int(len(heads) * 0.6)),
                                           key=lambda one: one.source_id), start=1):
        style = known[person.place].building.compound.lot.kind
        found.append(Tenancy(
            f"T{number:05d}", person.place, _landlord(rng), person.name,
            _MANAGED.get(style, "散居包片式"), rng.randint(1, 4), f"QHZL{2024 + number % 3}"
            f"{number:05d}", (TODAY - timedelta(days=rng.randint(20, 900))).isoformat()))
    return found


def _landlord(rng: random.Random) -> str:
    people = people_of(rng)
    return full_name(rng, people, family_name(rng, people), male=rng.random() < 0.6,
                     year=rng.randint(1955, 1990))


def build_checks(buildings: list[Building], units: list[Unit],
                 rng: random.Random) -> list[Check]:
    """Return findings of two years; most were mended in time, some wait."""
    findings = agency_data()["findings"]
    shops = [u.source_id for u in units if u.use not in ("dwelling", "parking", "storage")]
    houses = [b.source_id for b in buildings]
    found = []
    for number in range(1, CHECKS + 1):
        kind = rng.choice(list(findings))
        place = rng.choice(shops if kind in ("food", "gas_safety") and shops else houses)
        day = TODAY - timedelta(days=rng.randint(1, 730))
        due = day + timedelta(days=rng.choice((7, 15, 30)))
        found.append(Check(f"M{number:05d}", place, kind, rng.choice(findings[kind]),
                           day.isoformat(), due.isoformat(), _mended(day, due, rng)))
    return found


def _mended(day: date, due: date, rng: random.Random) -> str:
    took = timedelta(days=int((due - day).days * rng.uniform(0.2, 1.6)) + 1)
    done = rng.random() < _MENDED and day + took < TODAY
    return (day + took).isoformat() if done else ""


def build_patrols(divisions: list[Division], grids: list[Grid], streets: list[Street],
                  meetings: list[Crossing]) -> list[Patrol]:
    """Return zones by community, beats by grid, routes along streets, points at crossings."""
    complete = next(d for d in divisions if d.level == "subdistrict")
    near = complete.polygon.buffer(0.0005)
    every = [
        *(("zone", f"{d.name}巡区", "每日2次", d.polygon) for d in divisions
          if d.level == "community" and d.parent == complete.source_id),
        *(("beat", f"{g.name}巡段", "每周5次", g.polygon) for g in grids
          if g.community.parent == complete.source_id),
        *_routes(streets, near),
        *(("point", f"{m.text}必巡点", "每日1次", to_globe(Point(m.x, m.y))) for m in meetings
          if m.main),
    ]
    return [Patrol(f"L{number:04d}", *one) for number, one in enumerate(every, start=1)]


def _routes(streets: list[Street], near: Geometry) -> Iterator[tuple[str, str, str, Geometry]]:
    for street in streets:
        line = to_globe(street.line)
        if street.local and shapely.intersects(near, line):
            often = "每日3次" if street.kind == "main" else "每日1次"
            yield "route", f"{street.name}巡线", often, line
