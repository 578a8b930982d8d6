"""Buildings: drafts with their numbers, labels and doors."""

import random
from dataclasses import dataclass

from importers.demo.campuses import furnish
from importers.demo.compounds import Compound
from importers.demo.drafts import Draft
from importers.demo.housing import house
from importers.demo.shapes import Point

_LETTERS = "ABCDEFGH"


@dataclass(frozen=True, slots=True)
class Entrance:
    """A door of a building; `number` counts from the west."""

    source_id: str
    number: int
    label: str
    point: Point


@dataclass(frozen=True, slots=True)
class Building:
    """A building of the complete subdistrict."""

    source_id: str
    compound: Compound
    draft: Draft
    number: str
    label: str
    name: str
    entrances: tuple[Entrance, ...]

    @property
    def text(self) -> str:
        """The building as people write it: 阳光花园3号楼."""
        place = self.compound.lot.name
        return f"{place}{self.label}" if self.label else self.name or place


def build_buildings(compounds: list[Compound], rng: random.Random) -> list[Building]:
    """Return every building, compound by compound, numbered as people number them."""
    found: list[Building] = []
    doors = 0
    for compound in compounds:
        drafts = list(house(compound, rng) if "rows" in compound.lot.spec else furnish(compound))
        drafts = _in_order(compound, drafts)
        for draft, (number, label) in zip(drafts, _numbers(compound, len(drafts)), strict=True):
            entrances = tuple(
                Entrance(f"E{doors + i:05d}", i, f"{i}单元", point)
                for i, point in enumerate(draft.doors, start=1)
            )
            doors += len(entrances)
            name = _name(compound, draft)
            source_id = f"B{len(found) + 1:04d}"
            found.append(Building(source_id, compound, draft, number, label, name, entrances))
    return found


def _in_order(compound: Compound, drafts: list[Draft]) -> list[Draft]:
    """Order the buildings of a lot: some estates count from the south, some from the north."""
    if "rows" not in compound.lot.spec:
        return drafts
    north_first = compound.lot.spec["year"] % 2 == 0
    way = -1 if north_first else 1
    return sorted(drafts, key=lambda d: (way * d.row, d.polygon.centroid.x))


def _numbers(compound: Compound, count: int) -> list[tuple[str, str]]:
    spec = compound.lot.spec
    if not compound.lot.kind:
        return [("", "")] * count
    if compound.lot.style == "village":
        first = 1 if compound.lot.key.startswith("西") else 2
        return [(str(n), f"{n}号") for n in range(first, first + 2 * count, 2)]
    word = spec.get("label", "号" if compound.lot.style == "courtyard" else "号楼")
    if word == "座":
        return [(letter, f"{letter}座") for letter in _LETTERS[:count]]
    numbers = [str(n) for n in range(1, count + 1)]
    if spec.get("suffix") == "甲":
        numbers = ["1", "2", "3", "3甲", *numbers[3:-1]]
    elif spec.get("suffix") == "-1":
        numbers = ["10", "11", "12", "12-1", *[str(n) for n in range(13, 9 + count)]]
    return [(n, f"{n}{word}") for n in numbers]


def _name(compound: Compound, draft: Draft) -> str:
    if not draft.name:
        return ""
    return draft.name if compound.lot.kind else f"{compound.lot.name}{draft.name}"
