"""Grounds with buildings of their own kind: schools, hospital, market, offices, stations.

Their buildings are listed in data/demo/sites.json, each with its shape, its size in metres and
where it stands in its lot (0,0 is the south-west corner of the buildable ground, 1,1 the
north-east).
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from importers.demo.compounds import Compound
from importers.demo.drafts import Draft, Inside, set_down
from importers.demo.plan import DATA
from importers.demo.shapes import named

_COUNTS = ("flats", "shops", "rooms", "stalls", "garages")


@cache
def _sites() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = json.loads(
        (DATA / "demo" / "sites.json").read_text("utf-8")
    )
    return found


def furnish(compound: Compound) -> Iterator[Draft]:
    """Yield the buildings of a lot whose style is listed in data/demo/sites.json."""
    wanted = compound.lot.spec.get("buildings", 0)
    for entry in _sites()[compound.lot.style][:wanted]:
        yield _place(compound, entry)


def _place(compound: Compound, entry: dict[str, Any]) -> Draft:
    part = compound.parts[0]
    site = part.site
    width, depth = entry["size"]
    low, high = site.low, site.high
    depth = min(depth, high - low)
    y = low + entry["at"][1] * (high - low - depth)
    west, east = site.span(y, y + depth)
    width = min(width, east - west)
    x = west + entry["at"][0] * (east - west - width)
    shape = named(entry["shape"], width, depth, entry.get("doors", 1))
    footprint, doors = set_down(shape, site, x, y)
    inside = Inside(**{k: entry[k] for k in _COUNTS if k in entry})
    return Draft(compound.lot.key, part.grid, footprint, doors if "doors" in entry else (),
                 entry["function"], entry["storeys"], entry.get("below", 0), entry["storey_m"],
                 entry["storey_m"], compound.lot.spec["year"], inside, entry["name"])
