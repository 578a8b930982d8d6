"""OpenStreetMap's things tied to each other: what stands in, on or along what.

Distances are in degrees throughout, as all here is nearness within a few metres or within a
quarter; lengths that matter are measured after import, in metres.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from importers import osm_tags
from importers.osm_things import Extract, Thing

STREET_GAP = 0.003
"""How far apart two ways of one name may lie and still be one street: some 300 m."""
TOUCH = 0.00002
"""How far an entrance may stand off its building's outline: some 2 m."""
NO_STREET = "a house number without a street"
REPEATED = "a house number given already"
_TRADES = ("shop", "amenity", "office", "tourism", "craft", "leisure", "healthcare", "club")


@dataclass(slots=True)
class Street:
    """The ways that make up one street; the one with the lowest number names it."""

    reference: str
    names: osm_tags.Names
    street_class: str | None
    geometry: BaseGeometry | None


@dataclass(slots=True)
class Plate:
    """A house number at a point, on a street."""

    reference: str
    street: str
    number: str
    belongs_to: str | None
    point: BaseGeometry


@dataclass(slots=True)
class Places:
    """Everything by reference, with what each stands in."""

    buildings: list[Thing] = field(default_factory=list)
    building_of: dict[str, str] = field(default_factory=dict)
    """Entrance -> building."""
    compound_of: dict[str, str] = field(default_factory=dict)
    """Building -> compound."""
    parts_of: dict[str, list[Thing]] = field(default_factory=lambda: defaultdict(list))
    parent_of: dict[str, str] = field(default_factory=dict)
    """Division -> the next larger."""
    streets: list[Street] = field(default_factory=list)
    plates: list[Plate] = field(default_factory=list)


def relate(extract: Extract) -> Places:
    """Tie the things of a file together; leaves out, with the reason, what cannot be tied."""
    places = Places(extract.things["buildings"])
    tree = shapely.STRtree([thing.geometry for thing in places.buildings])
    _place_parts(extract, places, tree)
    _place_entrances(extract, places, tree)
    named = [thing for thing in extract.things["compounds"] if osm_tags.names(thing.tags).name]
    places.compound_of = _smallest_around(places.buildings, named)
    _nest_divisions(extract.things["divisions"], places)
    places.streets = streets(extract.things["streets"])
    places.plates = _plates(extract, places, tree)
    return places


def streets(ways: Sequence[Thing]) -> list[Street]:
    """Merge the ways of one name that lie near each other."""
    by_name: dict[str, list[Thing]] = defaultdict(list)
    for way in ways:
        by_name[str(osm_tags.names(way.tags).name)].append(way)
    return [_street(group) for same in by_name.values() for group in _near_groups(same)]


def _near_groups(ways: list[Thing]) -> list[list[Thing]]:
    geometries = [way.geometry for way in ways]
    pairs = shapely.STRtree(geometries).query(geometries, "dwithin", distance=STREET_GAP)
    group = list(range(len(ways)))

    def root(index: int) -> int:
        while group[index] != index:
            index = group[index]
        return index

    for left, right in pairs.T.tolist():
        group[root(left)] = root(right)
    groups: dict[int, list[Thing]] = defaultdict(list)
    for index, way in enumerate(ways):
        groups[root(index)].append(way)
    return list(groups.values())


def _street(ways: list[Thing]) -> Street:
    first = min(ways, key=lambda way: int(way.reference.rpartition("/")[2]))
    merged: dict[str, str] = {}
    for way in (*ways, first):
        merged.update(way.tags)
    order = ("main", "road", "back", "lane")
    classes = {osm_tags.street_class(way.tags) for way in ways}
    line = shapely.line_merge(shapely.union_all([way.geometry for way in ways]))
    return Street(first.reference, osm_tags.names(merged),
                  next((rank for rank in order if rank in classes), None), line)  # fmt: skip


def _place_parts(extract: Extract, places: Places, tree: shapely.STRtree) -> None:
    """Give each building part to the building that covers most of it."""
    for part in extract.things["parts"]:
        inside = tree.query(part.geometry.representative_point(), "intersects")
        if len(inside):
            places.parts_of[places.buildings[int(inside[0])].reference].append(part)
        else:
            extract.leave_out("parts", "of no building in the file", str(part))


def _place_entrances(extract: Extract, places: Places, tree: shapely.STRtree) -> None:
    """Give each entrance to the building whose outline holds its node, else to the touching."""
    holding: dict[int, str] = {}
    for parent, parts in places.parts_of.items():
        holding.update((node, parent) for part in parts for node in part.nodes)
    for building in places.buildings:
        holding.update(dict.fromkeys(building.nodes, building.reference))
    for entrance in extract.things["entrances"]:
        holder = holding.get(next(iter(entrance.nodes))) or _touching(entrance, places, tree)
        if holder is None:
            extract.leave_out("entrances", "at no building in the file")
        else:
            places.building_of[entrance.reference] = holder


def _touching(thing: Thing, places: Places, tree: shapely.STRtree) -> str | None:
    if not places.buildings:
        return None
    nearest = tree.query_nearest(thing.geometry, max_distance=TOUCH, all_matches=False)
    return places.buildings[int(nearest[0])].reference if len(nearest) else None


def _smallest_around(inner: Sequence[Thing], outer: Sequence[Thing]) -> dict[str, str]:
    """Find for each thing the smallest area that holds its middle."""
    if not inner or not outer:
        return {}
    ordered = sorted(outer, key=lambda thing: -thing.geometry.area)
    points = [thing.geometry.representative_point() for thing in inner]
    pairs = shapely.STRtree([thing.geometry for thing in ordered]).query(points, "intersects")
    around = {}
    for index, holder in sorted(pairs.T.tolist()):
        if inner[index] is not ordered[holder]:
            around[inner[index].reference] = ordered[holder].reference
    return around


def _nest_divisions(divisions: Sequence[Thing], places: Places) -> None:
    """Find each division's parent: the smallest of a higher level around it."""
    by_rank: dict[int, list[Thing]] = defaultdict(list)
    for division in divisions:
        by_rank[osm_tags.RANKS.index(str(osm_tags.division_level(division.tags)))].append(division)
    for rank, inner in by_rank.items():
        outer = [thing for above in by_rank if above < rank for thing in by_rank[above]]
        places.parent_of.update(_smallest_around(inner, outer))


def _plates(extract: Extract, places: Places, tree: shapely.STRtree) -> list[Plate]:
    """Make plates of house numbers, each number of a street once.

    A shop repeats the number of its house, and so may every entrance: the building's own
    word counts first, then a plain address, then an entrance's, then a shop's.
    """
    found: dict[tuple[str, str], Plate] = {}
    finder = _StreetFinder(places.streets)
    own = {thing.reference for role in ("buildings", "compounds") for thing in
           extract.things[role] if "addr:housenumber" in thing.tags}  # fmt: skip
    for thing in sorted(extract.things["addresses"], key=_standing):
        spoken = _street_name(thing.tags, extract.street_of.get(thing.reference))
        if spoken is None:
            extract.leave_out("plates", NO_STREET, str(thing))
            continue
        point = thing.geometry.representative_point()
        street = finder.nearest(spoken, point)
        holder = _holder(thing, own, places, tree)
        for place, number in enumerate(osm_tags.house_numbers(thing.tags["addr:housenumber"])):
            reference = f"{thing.reference}#{place + 1}" if place else thing.reference
            key = (street, number.replace(" ", "").casefold())
            if key in found:
                extract.leave_out("plates", REPEATED)
            else:
                found[key] = Plate(reference, street, number, holder, point)
    return list(found.values())


def _standing(thing: Thing) -> int:
    if not thing.reference.startswith("node/"):
        return 0
    if "entrance" in thing.tags:
        return 2
    return 3 if any(key in thing.tags for key in _TRADES) else 1


def _street_name(tags: Mapping[str, str], by_relation: str | None) -> str | None:
    return tags.get("addr:street") or by_relation or tags.get("addr:place")


def _holder(thing: Thing, own: set[str], places: Places, tree: shapely.STRtree) -> str | None:
    """Find what a house number belongs to: its bearer, or the building at or around it."""
    if thing.reference in own:
        return thing.reference
    return places.building_of.get(thing.reference) or _touching(thing, places, tree)


class _StreetFinder:
    """Finds the nearest street of a name; a street known by addresses alone is made up."""

    def __init__(self, known: list[Street]) -> None:
        self._streets = known
        self._by_name: dict[str, list[Street]] = defaultdict(list)
        for street in known:
            for name in _all_names(street.names):
                self._by_name[name.casefold()].append(street)

    def nearest(self, name: str, point: BaseGeometry) -> str:
        """Return the reference of the street."""
        same = self._by_name[name.casefold()]
        if not same:
            same.append(Street(f"street/{name}", osm_tags.Names(name, None, None), None, None))
            self._streets.append(same[0])
        if len(same) == 1:
            return same[0].reference
        distances = shapely.distance([street.geometry for street in same], point)
        return same[int(np.argmin(distances))].reference


def _all_names(names: osm_tags.Names) -> Iterable[str]:
    parts = (names.name, *(names.aliases or "").split(";"), *(names.former or "").split(";"))
    return dict.fromkeys(part for part in parts if part)
