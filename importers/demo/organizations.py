"""Organizations: shops, stalls, firms and the institutions of the subdistrict."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from importers.demo.buildings import Building
from importers.demo.households import TODAY
from importers.demo.identity import Registrar
from importers.demo.interiors import Unit
from importers.demo.names import surname
from importers.demo.plan import DATA

BUSINESSES = 1256
_AT_HOME = 110
_AS_TEXT = 40


@dataclass(frozen=True, slots=True)
class Organization:
    """A business or institution at its place, or with its address as text."""

    source_id: str
    name: str
    short_names: Sequence[str]
    former_names: Sequence[str]
    credit_code: str
    kind: str
    industry: str
    phone: str
    place: str
    address: str
    since: str


def build_organizations(
    buildings: list[Building], units: list[Unit], registrar: Registrar, rng: random.Random
) -> list[Organization]:
    """Return the institutions, then the businesses; every name once."""
    found = list(_institutions(buildings, units, registrar))
    taken = {o.place for o in found}
    places = _places([u for u in units if u.source_id not in taken], rng)
    texts = set(rng.sample(range(BUSINESSES), 2 * _AS_TEXT))
    namer = _Namer(rng)
    left = _AS_TEXT
    for n, unit in enumerate(places):
        name, short, industry, category = namer.business(unit)
        born = TODAY - timedelta(days=rng.randint(40, 6500))
        business = Organization("", name, short, (), registrar.credit_code(category), "business",
                                industry, registrar.phone() if rng.random() < 0.9 else "",
                                unit.source_id, "", born.isoformat())
        if n in texts and left and unit.building.compound.lot.kind:
            left -= 1
            business = replace(business, place="", address=_as_written(unit, rng))
        found.append(business)
    return [replace(o, source_id=f"O{i:05d}") for i, o in enumerate(found, start=1)]


def _as_written(unit: Unit, rng: random.Random) -> str:
    community = f"明仁街道{unit.building.compound.lot.community}"
    return rng.choice(("", "明仁街道", community)) + unit.text


def _places(units: list[Unit], rng: random.Random) -> list[Unit]:
    """Choose where businesses are: shops and offices first, some in dwellings."""
    homes = [u for u in units if u.use == "dwelling" and u.entrance]
    fronts = [u for u in units if u.use in ("shop", "office")]
    fronts += [u for u in units if u.building.draft.function == "industrial"]
    count = min(len(fronts), BUSINESSES - _AT_HOME)
    chosen = rng.sample(fronts, count) + rng.sample(homes, BUSINESSES - count)
    return sorted(chosen, key=lambda u: u.source_id)


class _Namer:
    """Names businesses as their signs do."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._data: dict[str, Any] = json.loads(
            (DATA / "demo" / "businesses.json").read_text("utf-8")
        )
        self._taken: set[str] = set()

    def business(self, unit: Unit) -> tuple[str, tuple[str, ...], str, str]:
        """Return name, short names, industry and the category of the credit code."""
        stall = unit.designator.startswith("摊位")
        at_home = unit.use == "dwelling" and self._rng.random() < 0.6
        firm = at_home or unit.use in ("office", "storage")
        trades = self._data["firms" if firm else "stalls" if stall else "shops"]
        trade = self._rng.choices(trades, [t["weight"] for t in trades])[0]
        for attempt in range(60):
            brand, line = self._brand(firm), self._rng.choice(trade["words"])
            branch = f"（{unit.building.compound.lot.name}店）" if attempt > 8 and not firm else ""
            name = f"青禾区{brand}{line}有限公司" if firm else f"{brand}{line}{branch}"
            if name not in self._taken:
                break
        self._taken.add(name)
        short = (f"{brand}{line}",) if firm or branch else ()
        return name, short, trade["industry"], "91" if firm else "92"

    def _brand(self, firm: bool) -> str:
        if not firm and self._rng.random() < 0.3:
            family = surname(self._rng)
            return self._rng.choice((f"老{family}", f"小{family}", f"{family}记", f"{family}家"))
        brand: str = self._rng.choice(self._data["trades"])
        return brand + self._rng.choice(("", "", "", "缘", "盛", "达", "兴")) if firm else brand


def _institutions(
    buildings: list[Building], units: list[Unit], registrar: Registrar
) -> Iterator[Organization]:
    data = json.loads((DATA / "demo" / "institutions.json").read_text("utf-8"))
    taken: set[str] = set()
    for entry in data["institutions"]:
        place = _institution_place(entry, buildings, units, taken)
        taken.add(place)
        yield Organization("", entry["name"], entry.get("short", ()), entry.get("former", ()),
                           registrar.credit_code(entry["category"]), "institution",
                           entry["industry"], registrar.phone(), place, "", "")


def _institution_place(
    entry: dict[str, Any], buildings: list[Building], units: list[Unit], taken: set[str]
) -> str:
    """Return the compound, building or free unit an institution has for its seat."""
    lot: str = entry["lot"]
    if lot.startswith("@") or entry.get("unit"):
        uses = ("public", "shop", "office")
        fits = [u for u in units if u.use in uses and u.source_id not in taken]
        near = [u for u in fits if _belongs(u.building, lot)]
        homes = [b for b in buildings if _belongs(b, lot)]
        return near[0].source_id if near else homes[0].source_id
    own = [b for b in buildings if b.compound.lot.key == lot]
    if own[0].compound.source_id:
        return own[0].compound.source_id
    index: int = entry.get("building", 0)
    return own[index].source_id


def _belongs(building: Building, lot: str) -> bool:
    if lot.startswith("@"):
        return building.compound.lot.community == lot[1:]
    return building.compound.lot.key == lot
