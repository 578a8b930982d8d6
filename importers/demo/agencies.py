"""Agencies of the district and the services that they answer for, with clocks by default."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import shapely
from shapely import Geometry

from importers.demo.divisions import Division
from importers.demo.identity import Registrar
from importers.demo.names import full_name, surname
from importers.demo.plan import DATA


@dataclass(frozen=True, slots=True)
class Agency:
    """One agency as the ledger has it; `shape` only where its area is none of the tree's."""

    source_id: str
    name: str
    kind: str
    area: str
    hours: str
    phone: str
    roster: tuple[str, ...]
    services: tuple[str, ...]
    shape: Geometry | None


def agency_data() -> dict[str, Any]:
    """Return what data/demo says of agencies and of what checks find."""
    found: dict[str, Any] = json.loads((DATA / "demo" / "agencies.json").read_text("utf-8"))
    return found


def build_agencies(divisions: list[Division], registrar: Registrar,
                   rng: random.Random) -> list[Agency]:
    """Return the agencies; halves of the complete subdistrict are cut along its middle."""
    district = next(d for d in divisions if d.level == "district")
    complete = next(d for d in divisions if d.level == "subdistrict")
    return [Agency(one["source_id"], one["name"], one["kind"],
                   _area(one["area"], district, complete), one["hours"], registrar.phone(),
                   _roster(registrar, rng), tuple(one["services"]),
                   _half(complete, one["area"])) for one in agency_data()["agencies"]]


def service_rows(agencies: list[Agency]) -> Iterator[tuple[Any, ...]]:
    """Yield the ledger of services: every default once for each agency that answers for it."""
    known = json.loads((DATA / "orders" / "services.json").read_text("utf-8"))["services"]
    words = json.loads((DATA / "codelists" / "service_code.json").read_text("utf-8"))["codes"]
    names = {word["code"]: word["zh"] for word in words}
    for one in known:
        for agency in agencies:
            if one["code"] in agency.services:
                yield (f"V-{one['code']}-{agency.source_id}", one["code"], names[one["code"]],
                       agency.source_id, one.get("on_site_minutes"), one["finish"],
                       one["calendar"], one["sensitive"], one["needs_check"])


def _area(word: str, district: Division, complete: Division) -> str:
    return complete.code if word else district.code


def _half(complete: Division, word: str) -> Geometry | None:
    if word not in ("east", "west"):
        return None
    west, south, east, north = complete.polygon.bounds
    middle = (west + east) / 2
    left, right = (middle, east) if word == "east" else (west, middle)
    return shapely.clip_by_rect(complete.polygon, left, south, right, north)


def _roster(registrar: Registrar, rng: random.Random) -> tuple[str, ...]:
    """Return a week's duty: who answers on weekdays and who at weekends."""
    def duty(days: str) -> str:
        who = full_name(rng, "han", surname(rng), male=rng.random() < 0.5, year=1985)
        return f"{days} {who} {registrar.phone()}"
    return duty("周一至周五"), duty("周六至周日")
