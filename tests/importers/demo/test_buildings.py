"""Buildings and compounds as a surveyor would check them."""

import re
from collections import Counter, defaultdict

import numpy as np
import pytest
import shapely
from shapely import STRtree

from importers.demo.streets import WIDTH

LABEL = r"\d+号楼|\d+甲号楼|12-1号楼|\d+[号幢栋]|[A-H]座"


@pytest.fixture(scope="session")
def footprints(ledgers):
    return np.array(ledgers.metres("buildings"))


@pytest.fixture(scope="session")
def carriageways(ledgers):
    lines = zip(ledgers.features("streets"), ledgers.metres("streets"), strict=True)
    return shapely.union_all([line.buffer(WIDTH[s.kind] / 2 - 0.01) for s, line in lines])


def crossing_pairs(shapes):
    pairs = STRtree(shapes).query(shapes, predicate="intersects").T
    return [(a, b) for a, b in pairs if a < b
            and shapely.intersection(shapes[a], shapes[b]).area > 0.01]


def test_no_footprints_overlap(footprints):
    assert all(f.is_valid for f in footprints)
    assert crossing_pairs(footprints) == []


def test_no_footprint_lies_on_a_street(footprints, carriageways):
    assert not shapely.intersects(footprints, carriageways).any()


def test_every_building_is_within_sixty_metres_of_a_street(ledgers, footprints):
    streets = shapely.union_all(ledgers.metres("streets"))
    assert shapely.distance(footprints, streets).max() <= 60.0


def test_compounds_lie_between_the_streets_and_apart(ledgers, carriageways):
    compounds = np.array(ledgers.metres("compounds"))
    assert all(c.geom_type == "Polygon" and c.is_valid for c in compounds)
    assert crossing_pairs(compounds) == []
    assert not shapely.intersects(compounds, carriageways).any()


def test_a_building_lies_in_its_compound_and_in_its_grid(ledgers):
    compounds = {c.source_id: c.shape for c in ledgers.features("compounds")}
    grids = {g.source_id: g for g in ledgers.features("grids")}
    for building in ledgers.features("buildings"):
        assert grids[building.grid].shape.contains(building.shape)
        assert grids[building.grid].community == building.community
        if building.compound:
            assert compounds[building.compound].contains(building.shape)


def test_long_houses_are_turned_to_the_sun(ledgers, footprints):
    for building, shape in zip(ledgers.features("buildings"), footprints, strict=True):
        if building.function == "residential" and building.storeys_above_ground > 4:
            box = shapely.oriented_envelope(shape).exterior.coords
            a, b = np.array(box[1]) - box[0], np.array(box[2]) - box[1]
            side = a if np.hypot(*a) > np.hypot(*b) else b
            assert abs(np.degrees(np.arctan(side[1] / side[0]))) < 20


def test_doors_are_on_the_north_wall(ledgers):
    shapes = dict(zip([b.source_id for b in ledgers.features("buildings")],
                      ledgers.metres("buildings"), strict=True))
    points = ledgers.points("entrances")
    for entrance in ledgers.rows("entrances"):
        wall, door = shapes[entrance.building], points[entrance.source_id]
        assert wall.boundary.distance(door) < 0.01
        assert door.y > wall.centroid.y - 3.0 or wall.bounds[3] - door.y < 25.0


def test_the_city_has_all_kinds_of_houses(ledgers):
    functions = Counter(b.function for b in ledgers.features("buildings"))
    assert {"residential", "mixed", "office", "commercial", "school", "hospital", "public",
            "industrial"} <= set(functions)
    kinds = Counter(c.kind for c in ledgers.features("compounds"))
    assert {"estate", "courtyard", "village", "campus", "hospital", "market",
            "office_park"} <= set(kinds)
    doors = Counter(Counter(e.building for e in ledgers.rows("entrances")).values())
    assert {2, 3, 4, 5} <= set(doors)
    assert any(b.shape.interiors for b in ledgers.features("buildings"))
    assert any(b.storeys_below_ground == 2 for b in ledgers.features("buildings"))


def test_look_alike_names_aliases_and_former_names_are_there(ledgers):
    compounds = ledgers.features("compounds")
    names = Counter(c.name for c in compounds)
    assert {"阳光花园", "阳光家园", "阳光嘉园", "向阳小区", "北苑新城一期", "北苑新城二期",
            "安居小区东区", "安居小区西区"} <= set(names)
    twins = [c.community for c in compounds if c.name == "和平小区"]
    assert len(set(twins)) == len(twins) == 2
    aliases = [a for c in compounds for a in (c.aliases or "").split(";")]
    assert "原电业局家属院" in aliases
    assert sum(bool(c.former_names) for c in compounds) >= 5


def test_some_numbers_are_not_plain(ledgers):
    numbers = {b.number for b in ledgers.features("buildings")}
    assert {"3甲", "12-1", "A"} <= numbers
    within = defaultdict(list)
    for building in ledgers.features("buildings"):
        if building.compound:
            within[building.compound].append(building.number)
    assert all(len(set(n)) == len(n) for n in within.values())


def test_green_and_water_lie_clear_of_the_houses(ledgers, footprints):
    grounds = np.array(ledgers.metres("grounds"))
    assert all(g.is_valid and not g.is_empty for g in grounds)
    pairs = STRtree(footprints).query(grounds, predicate="intersects").T
    assert [(a, b) for a, b in pairs
            if shapely.intersection(grounds[a], footprints[b]).area > 0.01] == []
    kinds = Counter(g.kind for g in ledgers.features("grounds"))
    assert {"park", "green", "water", "river", "sports"} <= set(kinds)


def test_heights_agree_with_the_storeys(ledgers):
    tops = defaultdict(float)
    for storey in ledgers.rows("storeys"):
        tops[storey.building] = max(tops[storey.building], float(storey.top_m))
    for building in ledgers.features("buildings"):
        assert building.height == pytest.approx(tops[building.source_id], abs=0.02)
        assert not building.label or re.fullmatch(LABEL, building.label)
