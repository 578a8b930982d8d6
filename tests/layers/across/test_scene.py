"""The scene: drawn from whatever is known, the same in parts as in whole."""

import json

import pytest
from sqlalchemy import text

from layers.across import scene
from layers.across.opened import even_levels, opened
from layers.across.overview import characters, extent_of, roots
from spatial.errors import NotFound
from spatial.state import remember
from tests.support.factories import (
    SOUTH,
    WEST,
    make_building,
    make_compound,
    make_entrance,
    make_storey,
    make_street,
    make_tree,
    make_unit,
    square,
)

BOX = (WEST - 0.0005, SOUTH - 0.0005, WEST + 0.0006, SOUTH + 0.0006)


@pytest.fixture
def measured(session):
    remember(session, "metric_srid", "4550")
    return session


def areas(session) -> dict[str, float]:
    """Return the area of each table of pieces, in square metres of web mercator."""
    return {table.name: session.scalar(text(
        f"SELECT coalesce(sum(ST_Area(geom_3857)), 0) FROM {table.name}")) for table in scene.CUT}


def test_before_the_first_import_there_is_no_scene(session):
    assert set(scene.refresh(session).values()) == {0}


def test_a_building_of_which_nothing_is_known_is_one_storey_high(measured):
    make_building(measured, storeys_above_ground=None, height=None)
    scene.refresh(measured)
    assert measured.execute(text("SELECT tops FROM scene_band")).scalar_one() == [3.0]


def test_bands_follow_the_storeys_that_are_recorded(measured):
    building = make_building(measured, storeys_above_ground=3, height=10.5)
    for index, base, top in ((-1, -4.0, 0.0), (1, 0.0, 4.5), (1.5, 4.5, 6.0), (2, 6.0, 9.0)):
        make_storey(measured, building, index=index, base_m=base, top_m=top)
    scene.refresh(measured)
    assert measured.execute(text("SELECT tops FROM scene_band")).scalar_one() == [4.5, 6.0, 9.0]


def test_the_ground_under_a_building_is_not_darkened(measured):
    make_building(measured)
    make_building(measured, geometry=square(WEST + 0.0005))
    scene.refresh(measured)
    under = text("SELECT coalesce(sum(ST_Area(ST_Intersection(s.geom_3857, b.geom_3857))), 0) "
                 "FROM scene_shadow s, building b")
    assert measured.scalar(under) == pytest.approx(0, abs=1.5)


def test_shadows_of_neighbours_do_not_add_up(measured):
    for step in range(4):
        make_building(measured, geometry=square(WEST + step * 0.00032), height=60.0)
    scene.refresh(measured)
    twice = text("SELECT coalesce(sum(ST_Area(ST_Intersection(a.geom_3857, b.geom_3857))), 0) "
                 "FROM scene_shadow a JOIN scene_shadow b ON a.id < b.id")
    assert measured.scalar(twice) == pytest.approx(0, abs=1e-3)


def test_a_part_drawn_anew_fits_what_stayed(measured):
    for step in range(5):
        make_building(measured, geometry=square(WEST + step * 0.0004), height=20.0 + step)
    make_street(measured, street_class="back", geometry=(
        f"SRID=4326;LINESTRING({WEST} {SOUTH - 0.0001}, {WEST + 0.002} {SOUTH - 0.0001})"))
    whole = scene.refresh(measured)
    before = areas(measured)
    again = scene.refresh(measured, within=BOX)
    assert areas(measured) == pytest.approx(before, rel=1e-3)
    assert again["scene_band"] == whole["scene_band"] == 5
    assert again["scene_section"] == whole["scene_section"]


def test_a_change_is_drawn_by_its_neighbourhood_alone(measured):
    building = make_building(measured, height=10.0)
    scene.refresh(measured)
    before = areas(measured)["scene_shadow"]
    building.height = 40.0
    measured.flush()
    scene.refresh(measured, within=BOX)
    assert areas(measured)["scene_shadow"] > 2 * before


def test_an_entrance_is_named_amid_its_units(measured):
    building = make_building(measured)
    entrance = make_entrance(measured, building)
    make_unit(measured, building, entrance=entrance)
    bare = make_entrance(measured, building, number="4")
    scene.refresh(measured)
    spots = dict(measured.execute(text(
        "SELECT entrance_id, ST_X(ST_Transform(geom_3857, 4326)) FROM scene_section")).all())
    assert spots[entrance.id] == pytest.approx(WEST + 0.00005, abs=1e-7)
    assert spots[bare.id] == pytest.approx(WEST, abs=1e-7)


def test_an_opened_building_has_slabs_for_storeys_nobody_recorded(measured):
    building = make_building(measured, storeys_above_ground=2, height=7.0)
    slabs = json.loads(opened(measured, building.identifier, "storeys"))["features"]
    assert [one["properties"]["base"] for one in slabs] == [-0.12, 3.38, 6.88, 0.0, 3.5]
    assert [one["properties"].get("body") for one in slabs] == [None, None, None, True, True]
    assert even_levels(3.0, None) == [(1, "1F", 0.0, 3.0)]


def test_basements_keep_their_true_height(measured):
    building = make_building(measured)
    make_unit(measured, building, storey=make_storey(measured, building, index=-1.0))
    (unit,) = json.loads(opened(measured, building.identifier, "units"))["features"]
    assert (unit["properties"]["base"], unit["properties"]["floor"]) == (-3.0, -1)


def test_units_are_drawn_apart(measured):
    building = make_building(measured)
    unit = make_unit(measured, building)
    (drawn,) = json.loads(opened(measured, building.identifier, "units"))["features"]
    shrunk = text("SELECT ST_Area(ST_GeomFromGeoJSON(:shape)::geography) < "
                  "ST_Area(geometry::geography) FROM unit WHERE id = :id")
    assert measured.scalar(shrunk, {"shape": json.dumps(drawn["geometry"]), "id": unit.id})


@pytest.mark.parametrize("part", ["units", "storeys", "entrances", "sections"])
def test_what_is_no_building_cannot_be_opened(measured, part):
    with pytest.raises(NotFound):
        opened(measured, make_compound(measured).identifier, part)


def test_a_building_without_a_shape_opens_to_nothing(measured):
    building = make_building(measured, geometry=None)
    for part in ("units", "storeys", "entrances", "sections"):
        assert json.loads(opened(measured, building.identifier, part))["features"] == []


def test_a_page_begins_with_what_there_is(session):
    assert extent_of(session) is None
    assert roots(session) == []
    building = make_building(session, label="8号楼")
    assert roots(session)[0]["identifier"] == building.identifier
    compound = make_compound(session)
    assert roots(session)[0]["identifier"] == compound.identifier
    tree = make_tree(session)
    assert [one["identifier"] for one in roots(session)] == [tree[0].identifier]
    west, south, *_ = extent_of(session)
    assert (west, south) == pytest.approx((WEST, SOUTH))
    assert set("科尔沁区向阳小区8号楼") <= set(characters(session))
