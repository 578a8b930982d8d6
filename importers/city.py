"""City models, whatever they were written in: things, their kinds, and bodies by level of detail.

CityJSON and CityGML say the same in two languages; what both readers give is read into ledgers
by `city_tables`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import shapely

from spatial.facets import Facet

#: Classes of both languages that are places of ours.
KINDS = {"Building": "building", "BuildingPart": "part", "BuildingStorey": "storey",
         "Storey": "storey", "BuildingUnit": "unit", "BuildingRoom": "room", "Room": "room"}


@dataclass(slots=True)
class Shell:
    """A body: a solid that says so, or the surfaces that were drawn of a thing."""

    facets: list[Facet]
    solid: bool = False


@dataclass(slots=True)
class Thing:
    """A city object: where it stands in the file, what it says, what it is part of, its bodies."""

    id: str
    kind: str
    place: int
    values: dict[str, Any] = field(default_factory=dict)
    parents: list[str] = field(default_factory=list)
    shells: dict[str, list[Shell]] = field(default_factory=dict)     # by level of detail
    wrong: str | None = None                                         # why its shape cannot be read


@dataclass(slots=True)
class City:
    """All things of a file by id, and what was left out of it, by reason."""

    things: dict[str, Thing] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    doubled: list[Thing] = field(default_factory=list)
    waiting: dict[str, list[str]] = field(default_factory=dict)      # parents told beforehand

    def add(self, thing: Thing) -> None:
        """Add a thing; the second of one id is kept apart."""
        thing.parents += self.waiting.pop(thing.id, [])
        if thing.id in self.things:
            self.doubled.append(thing)
        else:
            self.things[thing.id] = thing

    def leave_out(self, reason: str) -> None:
        """Count what is not ours to keep."""
        self.left_out[reason] = self.left_out.get(reason, 0) + 1

    def of_kind(self, kind: str) -> Iterable[Thing]:
        """Return the things of a kind in the order of the file."""
        return [thing for thing in self.things.values() if thing.kind == kind]

    def above(self, thing: Thing, kind: str) -> Thing | None:
        """Return the nearest thing of a kind that this one is part of."""
        seen, waiting = {thing.id}, list(thing.parents)
        while waiting:
            one = self.things.get(waiting.pop(0))
            if one is None or one.id in seen:
                continue
            if one.kind == kind:
                return one
            seen.add(one.id)
            waiting += one.parents
        return None


def finest(thing: Thing) -> tuple[str | None, list[Shell]]:
    """Return the bodies of the finest level of detail that has any, and its name.

    Of one level a solid is better than loose surfaces.
    """
    for level in sorted(thing.shells, key=_fineness, reverse=True):
        shells = thing.shells[level]
        if shells and (_fineness(level) >= 1 or len(thing.shells) == 1):
            solids = [shell for shell in shells if shell.solid]
            return level, solids or shells
    return None, []


def flat(thing: Thing) -> Any:
    """Return the outline that was drawn of a thing (LoD 0); None where none was, or is no area."""
    drawn = [facet for level, shells in thing.shells.items() if 0 <= _fineness(level) < 1
             for shell in shells for facet in shell.facets]
    parts = [shapely.Polygon(facet[0][:, :2], [ring[:, :2] for ring in facet[1:]])
             for facet in drawn if len(facet[0]) > 2]
    if not parts:
        return None
    whole = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return whole if whole.is_valid and whole.area > 0 else None


def _fineness(level: str) -> float:
    try:
        return float(level)
    except ValueError:
        return -1.0
