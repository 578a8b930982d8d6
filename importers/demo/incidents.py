"""Two years of incidents with the rhythm of the day, the week and the year."""

import json
import random
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from itertools import accumulate
from typing import Any

from importers.demo.buildings import Building
from importers.demo.facilities import Facility
from importers.demo.households import TODAY
from importers.demo.interiors import Unit
from importers.demo.plan import DATA
from importers.demo.roadside import Crossing

COUNT = 6000
ZONE = timezone(timedelta(hours=8))
_DAYS = 730
_GROWTH = 0.18
_SLOW, _SLOWER = 0.15, 9.0
"""The share of cases that wait for something, and how many times longer they take."""


@dataclass(frozen=True, slots=True)
class Incident:
    """A request or an event at a place, at a point or at an address written as text."""

    source_id: str
    service_code: str
    description: str
    requested: datetime
    channel: str
    address: str
    place: str
    point: tuple[float, float] | None
    status: str
    closed: datetime | None


class _Scene:
    """Knows where things happen."""

    def __init__(
        self,
        buildings: list[Building],
        units: list[Unit],
        meetings: list[Crossing],
        facilities: list[Facility],
        rng: random.Random,
    ) -> None:
        self._rng = rng
        self._homes = [u for u in units if u.use == "dwelling"]
        self._buildings = buildings
        self._weights = list(accumulate(_crowd(b) for b in buildings))
        self._meetings = meetings
        self._by_kind = {
            kind: [f for f in facilities if f.kind == kind] for kind in ("manhole", "lamp", "lift")
        }

    def place(self, where: str) -> tuple[str, str, tuple[float, float] | None]:
        """Return address text, source_id and point, of which some are empty."""
        rng = self._rng
        if where == "dwelling":
            unit = rng.choice(self._homes)
            known = unit.building.compound.lot.name != "和平小区"
            written = known and rng.random() < 0.1
            return (unit.text, "", None) if written else ("", unit.source_id, None)
        if where == "street":
            meeting = rng.choice(self._meetings)
            point = (meeting.x + rng.uniform(-30, 30), meeting.y + rng.uniform(-30, 30))
            return meeting.text if rng.random() < 0.6 else "", "", point
        if where in self._by_kind:
            thing = rng.choice(self._by_kind[where])
            if thing.place:
                return "", thing.place, None
            return thing.name, "", (thing.x, thing.y)
        building = rng.choices(self._buildings, cum_weights=self._weights)[0]
        if where == "building" or not building.compound.source_id:
            return "", building.source_id, None
        return "", building.compound.source_id, None


def _crowd(building: Building) -> float:
    """Weigh a building by the people likely to call from it."""
    return building.draft.polygon.area * building.draft.above / 1000.0 + 0.5


def build_incidents(
    buildings: list[Building],
    units: list[Unit],
    meetings: list[Crossing],
    facilities: list[Facility],
    rng: random.Random,
) -> list[Incident]:
    """Return the incidents in the order they were reported."""
    data = json.loads((DATA / "demo" / "incidents.json").read_text("utf-8"))
    scene = _Scene(buildings, units, meetings, facilities, rng)
    clock = _Clock(data, rng)
    weights = [k["weight"] for k in data["kinds"]]
    kinds = rng.choices(data["kinds"], weights, k=COUNT)
    found = [_incident(kind, clock.moment(kind), data["channels"], scene, rng) for kind in kinds]
    found.sort(key=lambda i: (i.requested, i.service_code, i.description))
    return [replace(f, source_id=f"I{n:05d}") for n, f in enumerate(found, start=1)]


class _Clock:
    """Draws moments: the month by the kind's season, the day by the week, the hour by habit."""

    def __init__(self, data: dict[str, Any], rng: random.Random) -> None:
        self._rng = rng
        self._hours = data["hours"]
        self._weekdays = data["weekdays"]
        self._days = [TODAY - timedelta(days=n) for n in range(_DAYS, 0, -1)]
        self._sums: dict[str, list[float]] = {}

    def moment(self, kind: dict[str, Any]) -> datetime:
        """Draw when an incident of a kind was reported."""
        day = self._rng.choices(self._days, cum_weights=self._cumulated(kind))[0]
        hour = self._rng.choices(range(24), self._hours[kind["hours"]])[0]
        minute, second = self._rng.randrange(60), self._rng.randrange(60)
        return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=ZONE)

    def _cumulated(self, kind: dict[str, Any]) -> list[float]:
        code: str = kind["code"]
        if code not in self._sums:
            week = self._weekdays.get(kind["hours"], self._weekdays["default"])
            self._sums[code] = list(accumulate(self._weight(d, kind, week) for d in self._days))
        return self._sums[code]

    def _weight(self, day: date, kind: dict[str, Any], week: list[float]) -> float:
        trend = 1.0 + _GROWTH * (_DAYS - (TODAY - day).days) / _DAYS
        weight: float = kind["months"][day.month - 1] * week[day.weekday()] * trend
        return weight


def _incident(
    kind: dict[str, Any],
    at: datetime,
    channels: dict[str, int],
    scene: _Scene,
    rng: random.Random,
) -> Incident:
    address, place, point = scene.place(kind["where"])
    text = rng.choice(kind["texts"])
    if point and address:
        text, address = f"{text}（{address}）", ""
    channel = rng.choices(list(channels), list(channels.values()))[0]
    status, closed = _outcome(at, kind["days"], rng)
    return Incident("", kind["code"], text, at, channel, address, place,
                    point, status, closed)


def _outcome(at: datetime, days: float, rng: random.Random) -> tuple[str, datetime | None]:
    """Return the status on the day of the ledgers, and when the case was closed."""
    now = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=ZONE)
    slow = _SLOWER if rng.random() < _SLOW else 1.0
    took = timedelta(seconds=int(days * 86400 * slow * rng.lognormvariate(0.0, 0.7)))
    if rng.random() < 0.012:
        return "rejected", None
    if at + took < now:
        return "closed", at + took
    age = (now - at) / max(took, timedelta(minutes=1))
    steps = ("open", "accepted", "in_progress", "done")
    return steps[min(3, int(age * 4))], None
