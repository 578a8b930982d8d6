"""Floor plans of one building: the sections of its entrances, and each distinct floor cut once.

Identical floors share their polygons, which is what makes a tower cheap.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
import shapely
from shapely import Point, Polygon

from spatial.cutting import layout, row_count
from spatial.errors import InvalidGeometry
from spatial.outlines import (
    Order,
    Outline,
    Points,
    area_west_of,
    extent,
    is_compact,
    single,
    turned,
    wall_angle,
)
from spatial.paths import building_order, long_axis

#: Metres left free inside a unit's outline; less in units so small that it would show.
WALL = 0.1
_WALL_SHARE = 0.08


@dataclass(frozen=True)
class EntranceSpec:
    """An entrance, with its door's place if known."""

    key: str
    number: str
    point: Point | None = None


@dataclass(frozen=True)
class UnitSpec:
    """A unit; `position` (东户, 西南…) says where on its floor and overrides the door order."""

    key: str
    storey_key: str
    entrance_key: str | None = None
    designator: str = ""
    position: str | None = None


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key that counts: 2 before 10, 门市3 before 门市12, nothing last."""
    parts = re.findall(r"\d+|\D+", text.strip())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts) or (
        (2, 0, ""),)


class FloorPlan:
    """One building's floor plans: sections by entrance, and each distinct floor cut once."""

    def __init__(self, footprint: Outline, entrances: Sequence[EntranceSpec],
                 units: Sequence[UnitSpec]) -> None:
        if footprint.geom_type not in {"Polygon", "MultiPolygon"} or not footprint.area > 0:
            raise InvalidGeometry("Volumes need a footprint with an area; a point has none")
        self.origin = np.round(shapely.get_coordinates(footprint.centroid)[0])
        origin = self.origin
        near = shapely.transform(footprint, lambda points: points - origin)
        self.outline = shapely.normalize(shapely.set_precision(near, 0.001))
        self.order = building_order(self.outline)
        doors = _in_order(entrances, self.order, origin)
        self.entrances = [door.key for door in doors]
        self.sections = self._cut_sections(doors, units)
        self._floors: dict[tuple[tuple[int, int, int], ...], list[tuple[Polygon, float]]] = {}

    def placed(self, polygon: Polygon) -> Polygon:
        """Carry a polygon back to where the building stands, to the millimetre."""
        origin = self.origin
        tidy = single(shapely.set_precision(polygon, 0.001))
        moved: Polygon = shapely.transform(
            tidy, lambda points: np.round(points, 3) + origin)
        return moved

    def _cut_sections(self, doors: Sequence[EntranceSpec],
                      units: Sequence[UnitSpec]) -> list[Polygon]:
        if not 0 < len(doors) >= shapely.get_num_geometries(self.outline):
            return []  # detached parts cannot be shared among fewer entrances
        crowd: dict[tuple[str | None, str], int] = defaultdict(int)
        for unit in units:
            crowd[unit.entrance_key, unit.storey_key] += 1
        most = [max((count for (key, _), count in crowd.items() if key == door.key), default=0)
                for door in doors]
        usual = sum(most) / max(1, sum(map(bool, most))) or 1.0
        weights = [float(count or usual) for count in most]
        angle = None
        if is_compact(self.outline) and isinstance(self.outline, Polygon):
            angle = long_axis(self.outline)
            weights = _between_doors(self.outline, doors, weights, angle, self.origin)
        try:
            return layout(self.outline, weights, self.order, rows=False, angle=angle)
        except InvalidGeometry:  # too thin to share among the entrances; a floor may still do
            return []

    def floor(self, units: Sequence[UnitSpec]) -> tuple[list[UnitSpec],
                                                        list[tuple[Polygon, float]]]:
        """Return the units of a floor in door order, and the polygon and share of each."""
        index = {key: number for number, key in enumerate(self.entrances)}
        ordered = sorted(units, key=lambda unit: (
            index.get(unit.entrance_key or "", -1), natural(unit.designator), unit.key))
        sections = index if self.sections else {}
        signature = tuple((sections.get(unit.entrance_key or "", -1), *_bearing_of(unit.position))
                          for unit in ordered)
        if signature not in self._floors:
            self._floors[signature] = self._cut_floor(signature)
        return ordered, self._floors[signature]

    def _cut_floor(self, signature: tuple[tuple[int, int, int], ...],
                   ) -> list[tuple[Polygon, float]]:
        """Cut one floor: every region among its units, by position and door order."""
        cut: dict[int, Polygon] = {}
        for region, members in self._regions([section for section, _, _ in signature]):
            sides = [signature[member][1:] for member in members]
            angle = _forced_angle(region, sides)
            along, _ = extent(region, angle or 0.0)
            deep = len(sides) > 4 or any(north for _, north in sides) or angle is None
            lined = deep and row_count(len(members), along, region.area / along) > 1
            ranks = [side[::-1] if lined and angle is not None else side for side in sides]
            queue = sorted(range(len(members)), key=lambda place: (ranks[place], place))
            pieces = layout(region, [1.0] * len(members), self.order, rows=deep, angle=angle)
            for place, piece in zip(queue, pieces, strict=True):
                cut[members[place]] = piece
        total = self.outline.area
        inner = [_within_walls(cut[member]) for member in range(len(signature))]
        return [(self.placed(piece), piece.area / total) for piece in inner]

    def _regions(self, sections: Sequence[int]) -> list[tuple[Outline, list[int]]]:
        """Share the floor among entrances; units without one fill what no entrance uses."""
        members: dict[int, list[int]] = defaultdict(list)
        for unit, section in enumerate(sections):
            members[section].append(unit)
        free = members.pop(-1, [])
        if not members:
            return [(self.outline, free)]
        unused = [section for section in range(len(self.sections)) if section not in members]
        places = unused or list(range(len(self.sections)))
        for number, unit in enumerate(free):
            members[places[number * len(places) // len(free)]].append(unit)
        regions = _merged(self.sections, sorted(members))
        return [(region, members[section]) for section, region in regions]


def _in_order(entrances: Sequence[EntranceSpec], order: Order,
              origin: Points) -> list[EntranceSpec]:
    """Sort entrances along the building by their doors; by number where doors are missing.

    Numbers run the way that most of the known doors do, else from the building's beginning.
    """
    numbered = sorted(entrances, key=lambda door: (natural(door.number), door.key))
    placed = [door for door in numbered if door.point is not None and not door.point.is_empty]
    if not placed:
        return numbered
    places = order(np.array([[door.point.x, door.point.y] for door in placed
                             if door.point is not None]) - origin)
    if len(placed) == len(numbered):
        along = np.round(places * 2) / 2
        return [placed[index] for index in np.argsort(along, kind="stable")]
    falling = sum(np.sign(np.diff(places))) < 0
    return numbered[::-1] if falling else numbered


def _between_doors(outline: Polygon, doors: Sequence[EntranceSpec], weights: Sequence[float],
                   angle: float, origin: Points) -> list[float]:
    """Shift the walls between sections, where needed, so that each has its own door."""
    bounds = np.array(list(accumulate(weights))) / sum(weights)
    if any(door.point is None for door in doors):
        return list(weights)
    spots = np.array([[door.point.x, door.point.y] for door in doors if door.point]) - origin
    along = turned(shapely.MultiPoint(spots), -angle)
    shares = area_west_of(turned(outline, -angle),
                          shapely.get_coordinates(along)[:, 0]) / outline.area
    for index, (low, high) in enumerate(pairwise(shares)):
        margin = (high - low) / 4
        if margin > 0.05 / len(doors):
            bounds[index] = np.clip(bounds[index], low + margin, high - margin)
    shifted = np.diff(bounds, prepend=0.0)
    return list(shifted) if shifted.min() > 0.3 / len(doors) else list(weights)


def _bearing_of(position: str | None) -> tuple[int, int]:
    """Return where a position lies: (-1 west, 1 east; -1 south, 1 north; 0 the middle)."""
    text = position or ""
    return ("东" in text) - ("西" in text), ("北" in text) - ("南" in text)


def _forced_angle(region: Outline, sides: Sequence[tuple[int, int]]) -> float | None:
    """Return the wall direction nearest to east (or north) if positions speak of it."""
    if len(sides) < 2 or not any(east or north for east, north in sides):
        return None
    wanted = 0.0 if any(east for east, _ in sides) else np.pi / 2
    walls = wall_angle(region)
    return walls - float(np.round((walls - wanted) / (np.pi / 2))) * np.pi / 2


def _merged(sections: Sequence[Polygon], used: Sequence[int]) -> list[tuple[int, Polygon]]:
    """Give every section that no unit of the floor uses to the neighbour it touches most."""
    regions = {section: sections[section] for section in used}
    left = [section for section in range(len(sections)) if section not in regions]
    while left:
        contacts = [(float(shapely.length(shapely.intersection(
            regions[owner].boundary, sections[section].buffer(0.02)))), -owner, -section)
            for section in left for owner in regions]
        contact, owner, section = max(contacts)
        if contact < 0.5:
            break
        grown = shapely.union_all([regions[-owner], sections[-section].buffer(
            0.005, join_style="mitre")])
        regions[-owner] = single(grown)
        left.remove(-section)
    return sorted(regions.items())


def _within_walls(piece: Polygon) -> Polygon:
    """Return the piece less its walls, thinner in small units."""
    wall = min(WALL, _WALL_SHARE * piece.area / piece.length)
    for thickness in (wall, wall / 4, 0.004, 0.002):
        inner = single(piece.buffer(-thickness, join_style="mitre"))
        if inner.area > 0.85 * piece.area:
            return inner
    return piece
