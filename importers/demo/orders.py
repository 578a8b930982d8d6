"""How the district's agencies dealt with its incidents: accepted, on the spot, rated."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from importers.demo.agencies import Agency
from importers.demo.households import TODAY
from importers.demo.incidents import ZONE, Incident
from importers.demo.plan import DATA

_RATED = 0.45
_RATINGS = (("satisfied", 78), ("fair", 15), ("unsatisfied", 7))


@dataclass(frozen=True, slots=True)
class Handled:
    """What the hotline's file says beside an incident: its number, who had it, how it went."""

    agency: str = ""
    external_number: str = ""
    accepted: datetime | None = None
    on_site: datetime | None = None
    rating: str = ""


def handle(incidents: list[Incident], agencies: list[Agency],
           rng: random.Random) -> list[Handled]:
    """Return what became of each incident, in their order."""
    known = json.loads((DATA / "orders" / "services.json").read_text("utf-8"))["services"]
    clocks: dict[str, int] = {one["code"]: one.get("on_site_minutes", 0) for one in known}
    who: dict[str, list[str]] = {}
    for agency in agencies:
        for code in agency.services:
            who.setdefault(code, []).append(agency.source_id)
    return [_handled(number, one, clocks, who, rng) for number, one in
            enumerate(incidents, start=1)]


def _handled(number: int, one: Incident, clocks: Mapping[str, int],
             who: Mapping[str, list[str]], rng: random.Random) -> Handled:
    own: dict[str, Any] = {"agency": rng.choice(who.get(one.service_code) or ["A16"])}
    if one.channel == "hotline":
        own["external_number"] = f"QH{one.requested:%y%m%d}{number:05d}"
    end = one.closed or datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=ZONE)
    accepted = one.requested + timedelta(minutes=rng.uniform(1, 25))
    if one.status in ("open", "rejected") or accepted >= end:
        return Handled(**own)
    own["accepted"] = accepted.replace(microsecond=0)
    minutes = clocks.get(one.service_code, 0)
    arrived = one.requested + timedelta(minutes=(minutes or 60) * rng.lognormvariate(-0.5, 0.5))
    if minutes and one.status != "accepted" and accepted < arrived < end:
        own["on_site"] = arrived.replace(microsecond=0)
    if one.status == "closed" and rng.random() < _RATED:
        own["rating"] = rng.choices([r for r, _ in _RATINGS], [w for _, w in _RATINGS])[0]
    return Handled(**own)
