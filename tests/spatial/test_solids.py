import random
import time
from itertools import combinations

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, affinity, box

from spatial import solids
from spatial.errors import InvalidGeometry
from spatial.solids import EntranceSpec, StoreySpec, UnitSpec, derive, stack
from tests.spatial import shapes


def doors(count, points=()):
    return [EntranceSpec(f"e{number}", str(number), point) for number, point in zip(
        range(1, count + 1), [*points, *[None] * count], strict=False)]


def flats(count, *, storey="1F", entrance=None, first=1, word="", positions=None):
    return [UnitSpec(f"{storey}/{entrance}/{word}{number}", storey, entrance, f"{word}{number}",
                     positions[number - first] if positions else None)
            for number in range(first, first + count)]


def walk_up(entrances, each, storeys=("1F",)):
    return [unit for storey in storeys for entrance in range(1, entrances + 1)
            for unit in flats(each, storey=storey, entrance=f"e{entrance}")]


def west_to_east(volumes):
    ordered = sorted(volumes, key=lambda key: volumes[key].polygon.centroid.x)
    return [key.split("/")[-1] for key in ordered]


def assert_sound(footprint, units, volumes):
    """The promises of the issue: no overlap, all inside, at least 80 % of the storey, whole."""
    assert sorted(volumes) == sorted(unit.key for unit in units)
    by_storey = {}
    for unit in units:
        by_storey.setdefault(unit.storey_key, []).append(volumes[unit.key])
    for floor in by_storey.values():
        polygons = [volume.polygon for volume in floor]
        for polygon in polygons:
            assert polygon.geom_type == "Polygon"
            assert polygon.is_valid
            assert polygon.area > 0
            assert footprint.covers(polygon)
        for one, other in combinations(polygons, 2):
            assert not one.intersects(other)
        assert sum(polygon.area for polygon in polygons) >= 0.8 * footprint.area
        assert sum(volume.share for volume in floor) == pytest.approx(
            sum(polygon.area for polygon in polygons) / footprint.area, rel=1e-3)


@st.composite
def buildings(draw):
    footprint = draw(shapes.footprints())
    count = draw(st.integers(0, 5))
    each = draw(st.integers(1, 4)) if count else draw(st.sampled_from([1, 2, 3, 5, 8, 13, 40]))
    with_points = draw(st.booleans())
    points = [footprint.exterior.interpolate(draw(st.floats(0, 1)), normalized=True)
              for _ in range(count)] if with_points else []
    shops = draw(st.integers(0, 6)) if count else 0
    positions = draw(st.sampled_from([None, ["东户", "西户", "中户", ""] * 10]))
    units = [*walk_up(count, each, ("1F", "2F")), *flats(shops, word="门市")]
    if not count:
        units = flats(each, positions=positions)
    units += flats(draw(st.integers(0, 20)), storey="B1", word="车位")
    return footprint, doors(count, points), units


@settings(max_examples=20, deadline=None)
@given(buildings(), st.randoms(use_true_random=False))
def test_units_never_overlap_lie_within_and_fill_their_storey_whatever_the_order(building, rnd):
    footprint, entrances, units = building
    volumes = derive(footprint, stack(2, 1), entrances, units)
    assert_sound(footprint, units, volumes)
    shuffled = rnd.sample(units, len(units))
    again = derive(footprint, stack(2, 1)[::-1], rnd.sample(entrances, len(entrances)), shuffled)
    assert again == volumes


@settings(max_examples=10, deadline=None)
@given(shapes.footprints(), st.integers(1, 12))
def test_the_same_outline_drawn_from_another_corner_is_cut_alike(footprint, count):
    ring = list(footprint.exterior.coords)[:-1]
    holes = [hole.coords for hole in footprint.interiors]
    other = shapely.Polygon([*ring[3:], *ring[:3]][::-1], holes)
    one = derive(footprint, stack(1), [], flats(count))
    assert derive(other, stack(1), [], flats(count)) == one


@pytest.mark.parametrize("plan", [
    shapes.bar, shapes.angled, shapes.horseshoe, shapes.courtyard, shapes.tee, shapes.cross,
    shapes.bayed, shapes.round_tower])
@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 8, 40])
def test_parts_of_a_floor_are_nearly_equal(plan, count):
    footprint = plan()
    volumes = derive(footprint, stack(1), [], flats(count))
    assert_sound(footprint, flats(count), volumes)
    areas = [volume.polygon.area for volume in volumes.values()]
    assert min(areas) > 0.7 * max(areas)


def test_flats_of_a_walk_up_lie_in_door_order_from_the_west():
    volumes = derive(shapes.bar(), stack(1), doors(3), walk_up(3, 2))
    order = sorted(volumes, key=lambda key: volumes[key].polygon.centroid.x)
    assert order == ["1F/e1/1", "1F/e1/2", "1F/e2/1", "1F/e2/2", "1F/e3/1", "1F/e3/2"]


def test_door_numbers_count_and_are_not_spelt():
    units = flats(12)
    volumes = derive(shapes.bar(90, 12), stack(1), [], units)
    assert west_to_east(volumes) == [str(number) for number in range(1, 13)]


def test_sections_follow_the_doors_and_not_the_numbers():
    points = [Point(50, 0), Point(10, 0), Point(20, 0)]
    sections = solids.entrance_sections(shapes.bar(60), doors(3, points))
    for key, point in zip(("e1", "e2", "e3"), points, strict=True):
        assert sections[key].distance(point) < 1e-6
    assert sections["e2"].centroid.x < sections["e3"].centroid.x < sections["e1"].centroid.x


def test_sections_of_a_north_south_bar_begin_in_the_north():
    sections = solids.entrance_sections(affinity.rotate(shapes.bar(), 90), doors(3))
    assert sections["e1"].centroid.y > sections["e2"].centroid.y > sections["e3"].centroid.y


def test_numbers_run_the_way_most_of_the_known_doors_do():
    points = [Point(40, 0), None, Point(5, 0)]
    sections = solids.entrance_sections(shapes.bar(), doors(3, points))
    assert sections["e1"].centroid.x > sections["e2"].centroid.x > sections["e3"].centroid.x


def test_an_entrance_with_more_flats_a_floor_has_a_wider_section():
    units = [*flats(2, entrance="e1"), *flats(4, entrance="e2")]
    sections = solids.entrance_sections(shapes.bar(), doors(2), units)
    assert sections["e2"].area == pytest.approx(2 * sections["e1"].area, rel=0.01)


def test_east_and_west_override_the_door_order():
    units = flats(3, positions=["东户", "中户", "西户"])
    assert west_to_east(derive(shapes.bar(30), stack(1), [], units)) == ["3", "2", "1"]


def test_east_and_west_hold_in_a_building_that_stands_across():
    units = flats(2, entrance="e1", positions=["东户", "西户"])
    volumes = derive(affinity.rotate(shapes.bar(), 90), stack(1), doors(3), [
        *units, *flats(2, entrance="e2"), *flats(2, entrance="e3")])
    assert (volumes["1F/e1/1"].polygon.centroid.x > volumes["1F/e1/2"].polygon.centroid.x + 4)


def test_corner_positions_find_their_corners():
    units = flats(4, positions=["东南", "东北", "西南", "西北"])
    volumes = derive(box(0, 0, 25, 24), stack(1), [], units)
    at = {unit.position: volumes[unit.key].polygon.centroid for unit in units}
    assert at["东南"].x > 12 > at["西南"].x
    assert at["东北"].y > 12 > at["东南"].y
    assert at["西北"].x < 12 < at["西北"].y


def test_a_deep_floor_with_many_rooms_has_two_rows_and_a_corridor():
    volumes = derive(shapes.bar(60, 16), stack(1), [], flats(40))
    south = [volume for volume in volumes.values() if volume.polygon.centroid.y < 8]
    assert len(south) == 20
    corridor = min(volume.polygon.bounds[1] for volume in volumes.values()
                   if volume not in south) - max(volume.polygon.bounds[3] for volume in south)
    assert 1.2 < corridor < 2.1


def test_a_market_hall_has_rows_of_stalls():
    volumes = derive(box(0, 0, 60, 40), stack(1), [], flats(120))
    for volume in volumes.values():
        west, south, east, north = volume.polygon.bounds
        assert max(east - west, north - south) < 5 * min(east - west, north - south)


def test_shops_take_the_sections_that_no_flat_of_the_floor_uses():
    units = [*flats(2, entrance="e1"), *flats(2, entrance="e2"), *flats(3, word="门市")]
    volumes = derive(shapes.bar(), stack(1), doors(3), units)
    assert all(volumes[f"1F/None/门市{number}"].polygon.bounds[0] > 29 for number in (1, 2, 3))
    assert_sound(shapes.bar(), units, volumes)


def test_sections_without_units_on_a_floor_go_to_their_neighbours():
    units = [*flats(2, entrance="e1"), *flats(2, entrance="e4")]
    for footprint in (shapes.bar(60), shapes.courtyard(), shapes.horseshoe()):
        assert_sound(footprint, units, derive(footprint, stack(1), doors(4), units))


def test_a_basement_lies_below_zero():
    units = [*flats(30, storey="B2", word="车位"), *walk_up(3, 2)]
    volumes = derive(shapes.bar(), stack(6, 2, 18.6), doors(3), units)
    assert_sound(shapes.bar(), units, volumes)
    assert (volumes["B2/None/车位1"].base_m, volumes["B2/None/车位1"].top_m) == (-6.0, -3.0)
    assert volumes["1F/e1/1"].top_m == pytest.approx(3.1)


def test_a_mezzanine_takes_the_upper_half_of_its_storey():
    found = solids.levels([*stack(2, 0, 10), StoreySpec("M", 1.5, "夹层")])
    assert found == {"1F": (0.0, 2.5), "M": (2.5, 5.0), "2F": (5.0, 10.0)}


def test_recorded_heights_are_kept_and_gaps_follow_the_neighbours():
    found = solids.levels([
        StoreySpec("B1", -1, top_m=-0.5), StoreySpec("B2", -2), StoreySpec("1", 1, top_m=4.5),
        StoreySpec("2", 2), StoreySpec("3", 3, base_m=8.0, top_m=11.5)])
    assert found == {"B1": (-3.5, -0.5), "B2": (-6.5, -3.5), "1": (0.0, 4.5), "2": (4.5, 7.5),
                     "3": (8.0, 11.5)}


def test_a_stack_without_a_height_has_three_metres_a_storey():
    assert [(storey.index, storey.base_m, storey.top_m) for storey in stack(2, 2)] == [
        (-2, -6.0, -3.0), (-1, -3.0, 0.0), (1, 0.0, 3.0), (2, 3.0, 6.0)]
    assert stack(0, 0, 12.0) == []


def test_detached_parts_share_the_units_by_area():
    footprint = shapely.union_all([box(0, 0, 40, 12), box(50, 0, 70, 12)])
    units = walk_up(3, 2)
    volumes = derive(footprint, stack(1), doors(3), units)
    assert_sound(footprint, units, volumes)
    assert volumes["1F/e3/1"].polygon.bounds[0] > 49
    assert_sound(footprint, units, derive(footprint, stack(1), doors(1), units))


def test_a_unit_whose_storey_is_unknown_has_no_volume():
    assert derive(shapes.bar(), stack(1), [], flats(1, storey="9F")) == {}


def test_a_point_has_no_volumes():
    with pytest.raises(InvalidGeometry, match="footprint"):
        derive(Point(0, 0), stack(1), [], flats(1))


def test_a_unit_looks_out_of_its_longest_outer_wall():
    footprint = shapes.bar(60, 16)
    volumes = derive(footprint, stack(1), [], flats(40))
    assert solids.facade_bearing(footprint, volumes["1F/None/5"].polygon) == 180
    assert solids.facade_bearing(footprint, volumes["1F/None/25"].polygon) == 0
    turned = affinity.rotate(footprint, -30, origin=(0, 0))
    polygon = affinity.rotate(volumes["1F/None/5"].polygon, -30, origin=(0, 0))
    assert solids.facade_bearing(turned, polygon) == pytest.approx(210, abs=1)


def test_a_flat_on_a_courtyard_prefers_the_street():
    footprint = shapes.courtyard()
    volumes = derive(footprint, stack(1), [], flats(8))
    for volume in volumes.values():
        bearing = solids.facade_bearing(footprint, volume.polygon)
        assert bearing in {0, 90, 180, 270}


def test_a_tower_of_forty_identical_floors_is_cut_once():
    storeys = stack(40)
    units = [unit for storey in storeys for unit in flats(6, storey=storey.key)]
    started = time.process_time()
    volumes = derive(box(0, 0, 26, 24), storeys, [], units)
    assert time.process_time() - started < 0.5
    assert len({id(volume.polygon) for volume in volumes.values()}) == 6


def test_forty_buildings_of_every_plan_take_seconds():
    rnd = random.Random(7)
    plans = [shapes.bar] * 6 + [shapes.bayed, shapes.angled, shapes.horseshoe, shapes.courtyard]
    started, count = time.process_time(), 0
    for _ in range(40):
        footprint = affinity.rotate(rnd.choice(plans)(), rnd.uniform(-20, 20))
        storeys = stack(9, 1)
        units = [*walk_up(3, 2, [f"{floor}F" for floor in range(2, 10)]),
                 *flats(8, word="门市"), *flats(20, storey="B1")]
        count += len(derive(footprint, storeys, doors(3), units))
    assert count == 3040
    assert time.process_time() - started < 8


@pytest.mark.parametrize("footprint", [
    box(0, 0, 2, 1), box(0, 0, 0.3, 40),
    shapely.union_all([box(0, 0, 30, 0.2), box(0, 0, 0.2, 30)]),
    shapely.union_all([box(0, 0, 10, 10), box(10, 9.99, 20, 20)])])
@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_absurd_footprints_give_all_volumes_or_none(footprint, count):
    volumes = derive(footprint, stack(1), doors(2), flats(count))
    assert len(volumes) in {0, count}
    polygons = [volume.polygon for volume in volumes.values()]
    assert all(polygon.geom_type == "Polygon" for polygon in polygons)
    assert all(one.intersection(other).area < 1e-6 for one, other in combinations(polygons, 2))
