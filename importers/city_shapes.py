"""Where the things of a city model stand: their bodies in heights above the ground, their levels.

Of each thing the finest level of detail is taken that has bodies.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from importers import city_words as words
from importers.base import Issue, shown
from importers.city import City, Shell, Thing, finest, flat
from importers.storeys import storey_index
from spatial import facets
from spatial.facets import Body

#: Metres a storey may begin below the ground and still be the ground floor.
SUNKEN = 1.0
#: Our own export says so of bodies that it derived: they are no measurement.
_OURS = "derived"


@dataclass(slots=True)
class Placed:
    """What was found out of the shapes of all things."""

    bodies: dict[str, list[Body]] = field(default_factory=dict)
    grounds: dict[str, float] = field(default_factory=dict)          # of buildings
    levels: dict[str, tuple[float, str | None]] = field(default_factory=dict)
    lone_rooms: list[Thing] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    outlines: dict[str, Any] = field(default_factory=dict)
    flat: dict[str, Any] = field(default_factory=dict)               # outlines that were drawn
    derived: set[str] = field(default_factory=set)

    def extent(self, name: str) -> tuple[float, float]:
        """Return the lowest and highest point above ground; 0, 0 without bodies."""
        found = self.bodies.get(name)
        return facets.extent(found) if found else (0.0, 0.0)

    def span(self, name: str) -> tuple[float | None, float | None]:
        """Return base and top in millimetres exactly; None without bodies."""
        if not self.bodies.get(name):
            return None, None
        base, top = self.extent(name)
        return round(base, 3), round(top, 3)

    def outline(self, name: str) -> Any:
        """Return what a thing covers."""
        if name not in self.outlines:
            drawn = self.flat.get(name)
            self.outlines[name] = drawn if drawn is not None else (
                facets.footprint(self.bodies[name]) if self.bodies.get(name) else None)
        return self.outlines[name]

    def wkt(self, name: str) -> str | None:
        """Return a thing's measured bodies as a ledger has them."""
        if not self.bodies.get(name) or name in self.derived:
            return None
        shape = facets.to_shape(self.bodies[name])
        degrees = np.abs(shape.bounds).max() <= 360
        return str(shapely.to_wkt(shape, rounding_precision=9 if degrees else 4, trim=True))

    def told_ground(self, name: str) -> float | None:
        """Return the level of a building's ground in the heights of the file."""
        found = self.grounds.get(name)
        return None if found is None else round(found, 3)

    def storey_of(self, city: City, thing: Thing, building: Thing) -> str | None:
        """Return the index of a unit's storey: the one it is part of, else the one it lies in."""
        above = city.above(thing, "storey")
        if above is None and (said := words.first(thing.values, ("storey",))):
            return said
        if above is None and self.bodies.get(thing.id):
            middle = sum(self.extent(thing.id)) / 2
            above = next((one for one in city.of_kind("storey") if self.bodies.get(one.id)
                          and city.above(one, "building") is building
                          and self.extent(one.id)[0] <= middle < self.extent(one.id)[1]), None)
        return f"{self.levels[above.id][0]:g}" if above else None


def measure(city: City) -> Placed:
    """Place all things of a model."""
    placed = Placed()
    shells, levels = _own_shells(city, placed)
    _gather(city, placed, shells)
    for building in city.of_kind("building"):
        _set_down(city, placed, building, shells)
    if levels:
        told = ", ".join(f"{level or 'none'} ({count:,})" for level, count in levels.most_common())
        placed.remarks.append(f"of several levels of detail the finest is taken: LoD {told}")
    return placed


def _own_shells(city: City, placed: Placed) -> tuple[dict[str, list[Shell]], Counter[str]]:
    """Return each thing's own bodies; what cannot be read is told."""
    found, levels = {}, Counter[str]()
    for thing in city.things.values():
        if thing.wrong is not None:
            placed.issues.append(Issue(
                thing.place, "geometry", "geometry", shown(f"{thing.id}: {thing.wrong}"),
                "Repair it, for instance with cjio or val3dity; it is kept without its shape.",
                rejects=False))
            continue
        placed.flat[thing.id] = flat(thing)
        level, found[thing.id] = finest(thing)
        if level is not None:
            levels[level] += 1
        if str(words.first(thing.values, ("volume_source",))) == _OURS:
            placed.derived.add(thing.id)
    return found, levels


def _gather(city: City, placed: Placed, shells: dict[str, list[Shell]]) -> None:
    """Give parts to their buildings, rooms to their units; rooms of no unit stand alone."""
    inside = city.things.values()
    for thing in [one for one in inside if one.kind == "part"]:
        building = city.above(thing, "building")
        if building is None:
            city.leave_out("part: of no building in the file")
        else:
            shells.setdefault(building.id, []).extend(shells.get(thing.id, []))
    own = {one.id for one in city.of_kind("unit") if shells.get(one.id)}
    for room in city.of_kind("room"):
        unit = city.above(room, "unit")
        if unit is None:
            placed.lone_rooms.append(room)
            continue
        city.leave_out("room: within a unit, its volume is the unit's")
        if unit.id not in own:
            shells.setdefault(unit.id, []).extend(shells.get(room.id, []))


def _set_down(city: City, placed: Placed, building: Thing, shells: dict[str, list[Shell]]) -> None:
    """Bring a building and all in it to heights above its ground, and number its storeys."""
    inside = [one for one in city.things.values() if one.kind in ("storey", "unit", "room")
              and city.above(one, "building") is building]
    storeys = [one for one in inside if one.kind == "storey"]
    bodies = {one.id: _bodies(shells.get(one.id, [])) for one in (building, *inside)}
    ground = _ground(building, storeys, bodies)
    for name, found in bodies.items():
        if found:
            placed.bodies[name] = [_lowered(body, ground) for body in found]
    if any(bodies.values()):
        placed.grounds[building.id] = ground
    placed.levels.update(_numbered(placed, storeys))


def _bodies(shells: list[Shell]) -> list[Body]:
    return [shell.facets for shell in shells if shell.facets]


def _ground(building: Thing, storeys: list[Thing], bodies: dict[str, list[Body]]) -> float:
    """Return the level of the ground: as told, else where the ground floor or the lowest wall is.

    Only a building with storeys below ground is told by its ground floor.
    """
    told = words.as_number(building.values.get("ground_m"))
    if told is not None or words.is_ours(building.values):
        return told or 0.0
    numbered = {one.id: _said_index(one) for one in storeys}
    below = any(index is not None and index < 0 for index in numbered.values())
    floors = [facets.extent(bodies[one])[0] for one, index in numbered.items()
              if index == 1 and bodies[one]]
    if below and floors:
        return min(floors)
    every = bodies[building.id] or [body for found in bodies.values() for body in found]
    return facets.extent(every)[0] if every else 0.0


def _lowered(body: Body, ground: float) -> Body:
    down = np.array([0.0, 0.0, ground])
    return [[ring - down for ring in facet] for facet in body]


def _said_index(storey: Thing) -> float | None:
    """Return the index that a storey's attributes or its name tell."""
    for name in words.INDEXES:
        value = words.as_number(storey.values.get(name))
        if value:
            return value
    label = words.label(storey.values)
    return storey_index(label) if label else None


def _numbered(placed: Placed, storeys: list[Thing]) -> dict[str, tuple[float, str | None]]:
    """Number storeys: as told where all are told apart, else from the ground up and down."""
    said = [_said_index(one) for one in storeys]
    if None in said or len(set(said)) < len(said):
        said = _by_height(placed, storeys)
    return {one.id: (float(index or 1), words.label(one.values))
            for one, index in zip(storeys, said, strict=True)}


def _by_height(placed: Placed, storeys: list[Thing]) -> list[float | None]:
    ordered = sorted(range(len(storeys)), key=lambda at: placed.extent(storeys[at].id)[0])
    sunken = [at for at in ordered if placed.extent(storeys[at].id)[0] < -SUNKEN]
    found = {at: -float(depth) for depth, at in enumerate(reversed(sunken), 1)}
    found |= {at: float(floor) for floor, at in enumerate(ordered[len(sunken):], 1)}
    return [found[at] for at in range(len(storeys))]
