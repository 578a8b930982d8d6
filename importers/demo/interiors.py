"""Interiors: the storeys of every building and the units on them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from importers.demo.buildings import Building

_BASEMENT_M = 3.6
_SHARES = {2: ("西户", "东户"), 3: ("西户", "中户", "东户")}
_WINGS = ("北房", "东厢房", "西厢房", "南房")
_ROOM_USE = {"office": "office", "industrial": "storage"}


@dataclass(frozen=True, slots=True)
class Storey:
    """A storey: `label` is what people say, `index` what machines count (1.5: a mezzanine)."""

    source_id: str
    building: Building
    label: str
    index: float
    base: float
    top: float


@dataclass(frozen=True, slots=True)
class Unit:
    """A dwelling, shop, office or garage; `entrance` is 0 where none leads to it."""

    source_id: str
    building: Building
    entrance: int
    storey: str
    designator: str
    position: str
    use: str
    area: float
    street: str = ""
    plate: str = ""

    @property
    def text(self) -> str:
        """The unit as people write it: 阳光花园3号楼2单元501室."""
        door = f"{self.entrance}单元" if self.entrance else ""
        room = f"{self.designator}室" if self.designator.isdigit() else self.designator
        return f"{self.building.text}{door}{room}"


def build_storeys(buildings: list[Building]) -> list[Storey]:
    """Return the storeys of all buildings, from the lowest up."""
    found: list[Storey] = []
    for building in buildings:
        for label, index, base, top in _levels(building):
            number = f"F{len(found) + 1:05d}"
            found.append(Storey(number, building, label, index, round(base, 2), round(top, 2)))
    return found


def _levels(building: Building) -> Iterator[tuple[str, float, float, float]]:
    draft = building.draft
    for depth in range(draft.below, 0, -1):
        yield f"B{depth}", -depth, -_BASEMENT_M * depth, -_BASEMENT_M * (depth - 1)
    top = 0.0
    for index in range(1, draft.above + 1):
        base, top = top, top + (draft.ground_m if index == 1 else draft.storey_m)
        yield f"{index}F", index, base, top
        if index == 1 and draft.inside.mezzanine:
            base, top = top, top + 2.2
            yield "夹层", 1.5, base, top


def build_units(buildings: list[Building], rng: random.Random) -> list[Unit]:
    """Return the units of all buildings, numbered through."""
    found: list[Unit] = []
    for building in buildings:
        for unit in _inside(building):
            area = round(unit.area * rng.uniform(0.93, 1.06), 1)
            found.append(replace(unit, source_id=f"U{len(found) + 1:06d}", area=area))
    return found


def _inside(building: Building) -> Iterator[Unit]:
    inside = building.draft.inside
    if inside.garages:
        yield from _garages(building)
    if inside.shops:
        yield from _shops(building)
    if inside.stalls:
        yield from _stalls(building)
    if inside.rooms:
        yield from _rooms(building)
    if inside.yard:
        yield from _wings(building)
    if inside.flats:
        yield from _flats(building)


def _garages(building: Building) -> Iterator[Unit]:
    for depth in range(1, building.draft.below + 1):
        for n in range(1, building.draft.inside.garages + 1):
            yield Unit("", building, 0, f"B{depth}", f"B{depth}-{100 + n}", "", "garage", 15.0)


def _shops(building: Building) -> Iterator[Unit]:
    """Yield shop fronts on the ground floor, or shops on every floor of a mall."""
    draft = building.draft
    area = draft.polygon.area * 0.8 / draft.inside.shops
    if draft.function == "commercial":
        for storey in range(1, draft.above + 1):
            for n in range(1, draft.inside.shops + 1):
                yield Unit("", building, 0, str(storey), f"{storey}{n:02d}", "", "shop", area)
        return
    for n in range(1, draft.inside.shops + 1):
        yield Unit("", building, 0, "1", f"门市{n}", "", "shop", area)
        if draft.inside.mezzanine:
            yield Unit("", building, 0, "夹层", f"夹层{n}", "", "storage", area * 0.9)


def _stalls(building: Building) -> Iterator[Unit]:
    inside, above = building.draft.inside, building.draft.above
    area = building.draft.polygon.area * 0.55 / inside.stalls
    number = 0
    for storey in range(1, above + 1):
        for _ in range(inside.stalls):
            number += 1
            yield Unit("", building, 0, str(storey), f"摊位{number}", "", "shop", area)


def _rooms(building: Building) -> Iterator[Unit]:
    draft = building.draft
    use = _ROOM_USE.get(draft.function, "public")
    area = draft.polygon.area * 0.78 / draft.inside.rooms
    for storey in range(1, draft.above + 1):
        for n in range(1, draft.inside.rooms + 1):
            yield Unit("", building, min(1, len(building.entrances)), str(storey),
                       f"{storey}{n:02d}", "", use, area)


def _wings(building: Building) -> Iterator[Unit]:
    """Yield the homes around a court, named after the wing they lie in."""
    homes = building.draft.inside.yard
    area = building.draft.polygon.area * 0.85 / homes
    for n in range(1, homes + 1):
        yield Unit("", building, 0, "1", str(n), _WINGS[(n - 1) % 4], "dwelling", area)


def _flats(building: Building) -> Iterator[Unit]:
    draft = building.draft
    per = draft.inside.flats
    first = 2 if draft.inside.shops else 1
    positions = _SHARES.get(per, ()) if draft.inside.positions else ()
    area = draft.polygon.area * 0.88 / (per * len(building.entrances))
    for entrance in building.entrances:
        for storey in range(first, draft.above + 1):
            for n in range(1, per + 1):
                where = positions[n - 1] if positions else ""
                yield Unit("", building, entrance.number, str(storey), f"{storey}{n:02d}", where,
                           "dwelling", area)
