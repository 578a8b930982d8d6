from pathlib import Path

import pytest

from importers.osm_places import Places, relate
from importers.osm_things import Extract, collect
from tests.support.osm_drawing import Drawing

HOUSE = {"addr__street": "明仁街", "addr__housenumber": "8"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "extract.osm"


def related(drawing: Drawing, path: Path) -> tuple[Places, Extract]:
    extract = collect(drawing.save(path), "osm")
    return relate(extract), extract


def test_ways_of_one_name_near_each_other_are_one_street(path: Path) -> None:
    drawing = Drawing()
    drawing.way(2, [(12, 0), (20, 0)], highway="primary", name="明仁街", old_name="红旗街")
    drawing.way(3, [(0, 0), (10, 0)], highway="residential", name="明仁街")
    drawing.way(9, [(900, 0), (910, 0)], highway="service", name="明仁街")
    places, _ = related(drawing, path)
    found = [(street.reference, street.street_class, street.names.former)
             for street in places.streets]  # fmt: skip
    assert found == [("way/2", "main", "红旗街"), ("way/9", "lane", None)]


def test_an_entrance_is_of_the_building_whose_outline_holds_it(path: Path) -> None:
    drawing = Drawing()
    drawing.node(0, 5, entrance="yes")
    drawing.node(50, 50, entrance="yes")
    drawing.way(1, [(0, 0), (0, 5), (0, 10), (10, 10), (0, 0)], building="yes")
    places, extract = related(drawing, path)
    assert places.building_of == {"node/1": "way/1"}
    assert extract.skipped["entrances"] == {"at no building in the file": 1}


def test_an_entrance_in_a_member_way_is_of_the_relation(path: Path) -> None:
    drawing = Drawing()
    drawing.node(0, 0, entrance="yes")
    drawing.square(1, 0, 0, 10)
    drawing.relation(5, [("way", 1, "outer")], type="multipolygon", building="yes")
    places, _ = related(drawing, path)
    assert places.building_of == {"node/1": "relation/5"}


def test_parts_belong_to_the_building_around_them(path: Path) -> None:
    drawing = Drawing()
    drawing.square(1, 0, 0, 10, building="yes")
    drawing.square(2, 2, 2, 3, **{"building__part": "yes"})
    drawing.square(3, 50, 50, 3, **{"building__part": "yes"})
    places, extract = related(drawing, path)
    assert [part.reference for part in places.parts_of["way/1"]] == ["way/2"]
    assert extract.skipped["parts"] == {"of no building in the file": 1}


def test_a_shop_that_repeats_the_number_of_its_house_is_no_plate(path: Path) -> None:
    drawing = Drawing()
    drawing.node(5, 5, shop="books", **HOUSE)
    drawing.square(1, 0, 0, 10, building="yes", **HOUSE)
    places, extract = related(drawing, path)
    assert [(plate.reference, plate.number, plate.belongs_to) for plate in places.plates] == [
        ("way/1", "8", "way/1")
    ]
    assert extract.skipped["plates"] == {"a house number given already": 1}


def test_a_number_within_a_building_belongs_to_it(path: Path) -> None:
    drawing = Drawing()
    drawing.node(5, 5, **HOUSE)
    drawing.node(50, 50, **{**HOUSE, "addr__housenumber": "10;12"})
    drawing.square(1, 0, 0, 10, building="yes")
    places, _ = related(drawing, path)
    assert [(plate.reference, plate.number, plate.belongs_to) for plate in places.plates] == [
        ("node/1", "8", "way/1"),
        ("node/2", "10", None),
        ("node/2#2", "12", None),
    ]


def test_a_number_is_on_the_nearest_street_of_the_name_or_an_alias(path: Path) -> None:
    drawing = Drawing()
    drawing.node(905, 1, **HOUSE)
    drawing.way(2, [(0, 0), (10, 0)], highway="residential", name="明仁街")
    drawing.way(3, [(900, 0), (910, 0)], highway="residential", name="解放路", alt_name="明仁街")
    places, _ = related(drawing, path)
    assert [plate.street for plate in places.plates] == ["way/3"]


def test_a_street_known_by_addresses_alone_has_no_line(path: Path) -> None:
    drawing = Drawing()
    drawing.node(0, 0, **HOUSE)
    places, _ = related(drawing, path)
    assert [(street.reference, street.geometry) for street in places.streets] == [
        ("street/明仁街", None)
    ]


def test_a_number_without_a_street_takes_that_of_its_relation_or_is_left_out(path: Path) -> None:
    drawing = Drawing()
    one = drawing.node(0, 0, **{"addr__housenumber": "1"})
    drawing.node(5, 5, **{"addr__housenumber": "2"})
    drawing.relation(4, [("node", one, "house")], type="associatedStreet", name="明仁街")
    places, extract = related(drawing, path)
    assert [plate.street for plate in places.plates] == ["street/明仁街"]
    assert extract.skipped["plates"] == {"a house number without a street": 1}


def test_a_building_stands_in_the_smallest_named_compound_around_it(path: Path) -> None:
    drawing = Drawing()
    drawing.square(1, 0, 0, 100, landuse="residential", name="向阳小区")
    drawing.square(2, 0, 0, 50, amenity="school", name="向阳小学")
    drawing.square(3, 0, 0, 20, landuse="residential")
    drawing.square(4, 5, 5, 5, building="yes")
    places, _ = related(drawing, path)
    assert places.compound_of == {"way/4": "way/2"}


def test_a_division_hangs_below_the_smallest_of_a_higher_level(path: Path) -> None:
    drawing = Drawing()
    for number, (size, level) in enumerate([(100, "6"), (50, "8"), (20, "10")], 1):
        drawing.square(number, 0, 0, size)
        tags = {"boundary": "administrative", "admin_level": level, "type": "boundary"}
        drawing.relation(number, [("way", number, "outer")], **tags)
    places, _ = related(drawing, path)
    assert places.parent_of == {"relation/2": "relation/1", "relation/3": "relation/2"}
