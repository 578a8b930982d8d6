"""Streets: centre lines that meet in shared points, and the ground their carriageways take."""

from dataclasses import dataclass

import shapely
from shapely import LineString, MultiLineString, STRtree
from shapely.geometry.base import BaseGeometry

from importers.demo.frame import bend_path
from importers.demo.plan import area, plan_data, street_lines

WIDTH = {"main": 24.0, "back": 9.0}
"""Width of the carriageway in metres, by class."""

SIDEWALK = {"main": 5.0, "back": 2.5}


@dataclass(frozen=True, slots=True)
class Street:
    """A street in local metres; `local` where it runs in the complete subdistrict."""

    source_id: str
    name: str
    kind: str
    line: LineString | MultiLineString
    local: bool

    @property
    def carriageway(self) -> BaseGeometry:
        """The ground that vehicles use."""
        return self.line.buffer(WIDTH[self.kind] / 2.0, cap_style="flat", join_style="mitre")

    @property
    def reserve(self) -> BaseGeometry:
        """The carriageway with its two pavements: no lot reaches into it."""
        half = WIDTH[self.kind] / 2.0 + SIDEWALK[self.kind]
        return self.line.buffer(half, cap_style="flat", join_style="mitre")


def build_streets() -> list[Street]:
    """Return all streets; where two cross or meet, both have a vertex in the same place."""
    planned = street_lines()
    whole = shapely.union_all([p.line for p in planned], grid_size=0.001)
    noded: list[LineString] = list(shapely.get_parts(whole))
    tree = STRtree(noded)
    kinds = {p.name: p.kind for p in planned}
    complete = area(next(s["box"] for s in plan_data()["subdistricts"] if s.get("complete")))
    result = []
    for number, name in enumerate(kinds, start=1):
        pieces = [line for p in planned if p.name == name for line in _covered(p.line, noded, tree)]
        merged = shapely.line_merge(MultiLineString(pieces))
        local = bool(shapely.intersection(merged, complete).length > 50.0)
        result.append(Street(f"S{number:03d}", name, kinds[name], _bent(merged), local))
    return result


def _covered(line: LineString, noded: list[LineString], tree: STRtree) -> list[LineString]:
    near = sorted(tree.query(line.buffer(0.01), predicate="contains"))
    return [noded[i] for i in near]


def _bent(line: BaseGeometry) -> LineString | MultiLineString:
    parts = [LineString(bend_path(shapely.get_coordinates(p))) for p in shapely.get_parts(line)]
    return parts[0] if len(parts) == 1 else MultiLineString(parts)
