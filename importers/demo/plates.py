"""Plates: house numbers along the streets, odd on one side and even on the other."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import LineString, Point, Polygon, STRtree

from importers.demo.buildings import Building
from importers.demo.compounds import Compound
from importers.demo.interiors import Unit
from importers.demo.polygons import longest
from importers.demo.streets import WIDTH, Street

_PACE = 9.0
"""Metres of street for each number of a side."""

_VILLAGE_LANE = "河沿巷"


@dataclass(frozen=True, slots=True)
class Plate:
    """A number on a street, hung at `point`; `owner` is a source_id or empty for a lot."""

    source_id: str
    street: Street
    number: str
    owner: str
    point: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Front:
    """Something that faces a street and is to get a number there."""

    street: Street
    owner: str
    along: float
    side: int
    point: tuple[float, float]


def build_plates(
    streets: list[Street], compounds: list[Compound], buildings: list[Building], units: list[Unit]
) -> tuple[list[Plate], list[Unit]]:
    """Return the plates, and the units with the plate of their shop front."""
    local = [s for s in streets if s.local]
    lines = STRtree([s.line for s in local])
    fronts = [_front(local, lines, c.polygon, c.source_id) for c in compounds
              if c.lot.style not in ("village", "green")]
    facing = [b for b in buildings if b.draft.function != "residential" or _in_yard(b)]
    facing = [b for b in facing if b.compound.lot.style != "village"]
    fronts += [_front(local, lines, b.draft.polygon, b.source_id) for b in facing]
    plates = list(_numbered(fronts))
    plates += _village(local, buildings)
    shops = _shop_plates(plates, units)
    every = plates + [plate for plate, _ in shops]
    numbered = [replace(p, source_id=f"P{i:05d}") for i, p in enumerate(every, start=1)]
    homes = {unit.source_id: unit for _, unit in shops}
    return numbered, [homes.get(u.source_id, u) for u in units]


def _in_yard(building: Building) -> bool:
    return building.compound.lot.style == "courtyard"


def _front(streets: list[Street], lines: STRtree, shape: Polygon, owner: str) -> Front:
    """Find the street a shape faces; back streets win over a main road as near as they are."""
    near = [streets[i] for i in sorted(lines.query(shape, predicate="dwithin", distance=75.0))]
    street = min(near, key=lambda s: s.line.distance(shape) - WIDTH[s.kind] / 2.0)
    line = oriented(street)
    on_street = Point(shapely.shortest_line(line, shape).coords[0])
    middle = shape.representative_point()
    along = line.project(Point((on_street.x + middle.x) / 2.0, (on_street.y + middle.y) / 2.0))
    ahead = line.interpolate(along + 1.0)
    here = line.interpolate(along)
    cross = (ahead.x - here.x) * (middle.y - here.y) - (ahead.y - here.y) * (middle.x - here.x)
    gate = shapely.shortest_line(shape.exterior, here).coords[0]
    return Front(street, owner, along, 1 if cross > 0 else 0, (gate[0], gate[1]))


def oriented(street: Street) -> LineString:
    """Return a street's line from its western or northern end, where its numbers begin."""
    line = longest(street.line)
    start, end = np.array(line.coords[0]), np.array(line.coords[-1])
    dx, dy = end - start
    backward = dx < 0 if abs(dx) > abs(dy) else dy > 0
    return LineString(line.coords[::-1]) if backward else LineString(line.coords)


def _numbered(fronts: list[Front]) -> Iterator[Plate]:
    sides: dict[tuple[str, int], list[Front]] = defaultdict(list)
    for front in fronts:
        sides[front.street.source_id, front.side].append(front)
    starts: dict[str, float] = {}
    for (street, _), some in sides.items():
        starts[street] = min([starts.get(street, 1e9), *(f.along for f in some)])
    for (street, side), some in sorted(sides.items()):
        last = -side
        for front in sorted(some, key=lambda f: (f.along, f.owner)):
            number = 2 * int((front.along - starts[street]) / _PACE) + 2 - side
            last = max(last + 2, number)
            yield Plate("", front.street, str(last), front.owner, front.point)


def _village(streets: list[Street], buildings: list[Building]) -> list[Plate]:
    """Give farmhouses the numbers they bear in the village on the village's lane."""
    lane = next(s for s in streets if s.name == _VILLAGE_LANE)
    found = []
    for building in buildings:
        if building.compound.lot.style == "village":
            door = building.draft.polygon.representative_point()
            found.append(Plate("", lane, building.number, building.source_id, (door.x, door.y)))
    return found


def _shop_plates(plates: list[Plate], units: list[Unit]) -> list[tuple[Plate, Unit]]:
    """Give every shop front of a mixed building a number of its own: 12-1, 12-2 and so on."""
    houses = {p.owner: p for p in plates}
    found: list[tuple[Plate, Unit]] = []
    for unit in units:
        if not unit.designator.startswith("门市"):
            continue
        house = houses[unit.building.source_id]
        number = f"{house.number}-{unit.designator[2:]}"
        west, south, east, north = unit.building.draft.polygon.bounds
        share = (int(unit.designator[2:]) - 0.5) / unit.building.draft.inside.shops
        spot = _on_wall(unit.building, west + share * (east - west), house.point)
        plate = Plate("", house.street, number, unit.building.source_id, spot)
        found.append((plate, replace(unit, street=house.street.source_id, plate=number)))
    return found


def _on_wall(building: Building, x: float, near: tuple[float, float]) -> tuple[float, float]:
    outline = building.draft.polygon.exterior
    cut = shapely.intersection(outline, LineString([(x, -9e4), (x, 9e4)]))
    spots = [(p.x, p.y) for p in shapely.get_parts(cut) if p.geom_type == "Point"]
    if not spots:
        return near
    return min(spots, key=lambda s: abs(s[1] - near[1]) + abs(s[0] - near[0]))
