"""Coverage of a small town whose distances can be checked by hand."""

import numpy as np
import pytest
import shapely

from layers.access import Role
from layers.across import coverage as answers
from layers.across.coverage_cameras import Camera
from layers.across.coverage_files import (
    blind_features,
    building_features,
    changes,
    gap_features,
    imagined_camera,
    imagined_station,
    shed_features,
)
from layers.across.coverage_reach import claims, open_at, patrols
from layers.across.coverage_town import town
from layers.caller import LEAST, MOST, Caller
from layers.patrols import Patrol
from spatial.crs import STORAGE, transformer
from spatial.errors import InvalidInput
from spatial.state import bump, remember
from tests.support.factories import (
    make_building,
    make_compound,
    make_entrance,
    make_facility,
    make_grid,
    make_household,
    make_street,
    make_tree,
    make_unit,
    save,
)

SRID = 4549
#: Metres are counted from here.
CORNER = np.array([[122.22, 43.60]])
EVERYONE = Caller(name="test", role=Role.OPERATOR, low=LEAST, high=MOST)


def ewkt(shape):
    """Return a shape drawn in metres from CORNER as EWKT in degrees."""
    east, north = transformer(STORAGE, SRID)(CORNER)[0]
    moved = shapely.transform(shape, lambda p: transformer(SRID, STORAGE)(p + (east, north)))
    return f"SRID=4326;{shapely.to_wkt(moved, rounding_precision=10)}"


def lonlat(x, y):
    return list(shapely.get_coordinates(shapely.from_wkt(
        ewkt(shapely.Point(x, y)).partition(";")[2]))[0])


@pytest.fixture
def place(session):
    """Two grids along a street of 800 m; a house of 10 households by it, one of 30 in a yard."""
    _, _, community = make_tree(session)
    grids = [make_grid(session, community, name=f"第{n + 1}网格", scope=community.low + n + 1,
                       geometry=ewkt(shapely.box(400 * n, 0, 400 * n + 400, 300)))
             for n in range(2)]
    make_street(session, geometry=ewkt(shapely.LineString([(0, 20), (800, 20)])))
    front = make_building(session, grid=grids[0], geometry=ewkt(shapely.box(100, 40, 130, 55)))
    make_entrance(session, front, geometry=ewkt(shapely.Point(115, 40)))
    yard = make_compound(session, community)
    back = make_building(session, yard, grid=grids[1],
                         geometry=ewkt(shapely.box(600, 150, 640, 165)))
    make_entrance(session, back, geometry=ewkt(shapely.Point(620, 150)))
    make_facility(session, kind="gate", compound_id=yard.id, hours="06:00-22:00",
                  geometry=ewkt(shapely.Point(620, 30)))
    for building, homes in ((front, 10), (back, 30)):
        for _ in range(homes):
            make_household(session, make_unit(session, building))
    make_facility(session, kind="police_station", geometry=ewkt(shapely.Point(115, 10)))
    make_facility(session, kind="camera", name="南", height=4.0, azimuth=0.0, hfov=80.0,
                  vfov=45.0, tilt=-15.0, pixel_width=3840, status="working",
                  geometry=ewkt(shapely.Point(115, 5)))
    remember(session, "metric_srid", str(SRID))
    bump(session)
    session.flush()
    return grids


def asked(**said):
    return answers.Asked(**said)


def test_shares_carry_numerator_and_denominator(session, place):
    whole = answers.total(answers.coverage(session, asked()), EVERYONE)
    assert whole["households_camera"] == {"share": 25.0, "covered": 10.0, "of": 40.0}
    assert whole["buildings_camera"]["of"] == 2
    assert whole["ground_m2"]["of"] == pytest.approx(800 * 300 - 30 * 15 - 40 * 15, rel=0.001)
    assert whole["street_m"]["of"] == pytest.approx(800, rel=0.001)


def test_times_are_those_of_the_street_and_the_gate(session, place):
    found = answers.coverage(session, asked())
    # To the front door: 10 m of path, none of street, 20 m less a metre of path.
    assert found.reach.seconds[0] == pytest.approx((10 + 19) / 1.2, rel=0.01)
    # To the yard: 505 m of street, 10 m to the gate, 119 m inside.
    assert found.reach.seconds[1] == pytest.approx((10 + 505 + 10 + 119) / 1.2, rel=0.01)
    assert found.reach.straight[1] == pytest.approx(np.hypot(505, 139), rel=0.01)


def test_at_night_a_shut_gate_makes_a_yard_unreachable_and_not_uncovered(session, place):
    night = answers.total(answers.coverage(session, asked(hour=23.0)), EVERYONE)
    assert night["unreachable"] == {"share": 75.0, "covered": 30.0, "of": 40.0}
    day = answers.total(answers.coverage(session, asked(hour=12.0)), EVERYONE)
    assert day["unreachable"]["covered"] == 0
    assert open_at(town(session), 6.0).all() and not open_at(town(session), 22.0).any()


def test_none_one_two_and_three_add_up_to_all(session, place):
    save(session, Patrol(kind="route", name="一", geometry=ewkt(shapely.LineString(
        [(0, 30), (300, 30)]))))
    bump(session)
    session.flush()
    for row in answers.by_grid(answers.coverage(session, asked(minutes=5.0)), EVERYONE):
        parts = [row[f"households_by_{n}"]["covered"] for n in ("none", "one", "two", "three")]
        assert sum(parts) == row["households_by_none"]["of"]
    whole = answers.total(answers.coverage(session, asked(minutes=5.0)), EVERYONE)
    assert whole["households_by_three"]["covered"] == 10
    assert whole["households_by_none"]["covered"] == 30
    left = answers.uncovered(answers.coverage(session, asked(minutes=5.0)), EVERYONE)
    assert [one["households"] for one in left] == [30]


def test_of_nothing_there_is_no_share():
    assert answers.share(0, 0) == {"share": None, "covered": 0.0, "of": 0.0}


def test_what_if_equals_measuring_anew(session, place):
    before = answers.coverage(session, asked())
    new = imagined_camera((*lonlat(620, 120), 0.0, 90.0, 4.0), SRID, 0)
    quick = answers.what_if(session, before, add=[new])
    make_facility(session, kind="camera", height=4.0, azimuth=0.0, hfov=90.0,
                  geometry=ewkt(shapely.Point(620, 120)))
    bump(session)
    session.flush()
    slow = answers.coverage(session, asked())
    one, other = (answers.total(found, EVERYONE) for found in (quick, slow))
    for name in ("ground_m2", "street_m", "households_camera", "ground_twice_m2"):
        assert one[name]["covered"] == pytest.approx(other[name]["covered"], abs=0.2), name
    told = changes(answers.total(before, EVERYONE), one)
    assert told["ground_m2"]["change"] > 0


def test_taking_a_camera_away_and_moving_a_station_change_the_figures(session, place):
    found = answers.coverage(session, asked(minutes=3.0))
    without = answers.what_if(session, found, drop=[found.seen.cameras[0].identifier])
    assert answers.total(without, EVERYONE)["ground_m2"]["covered"] == 0
    moved = answers.what_if(session, found, drop=[found.reach.spots[0].identifier],
                            new_stations=[imagined_station(lonlat(620, 25), SRID, 0)])
    assert answers.total(moved, EVERYONE)["households_station"]["covered"] == 30
    with pytest.raises(InvalidInput, match="no working camera"):
        answers.what_if(session, found, drop=["nobody"])


def test_gaps_are_ranked_by_households_and_incidents_and_hold_no_seen_ground(session, place):
    found = answers.coverage(session, asked())
    rows = answers.gaps(found, EVERYONE)
    assert rows and rows[0]["rank"] >= rows[-1]["rank"]
    gaps = shapely.union_all([row["geometry"] for row in rows])
    sheds = shapely.union_all([shapely.geometry.shape(one["geometry"])
                               for one in shed_features(found)["features"]])
    assert gaps.intersection(sheds).area < 1e-9
    spot = np.array([shapely.get_coordinates(
        found.town.areas.metric[1].centroid)[0]] * 3)
    pressed = answers.gaps(found, EVERYONE, incidents=spot)
    assert pressed[0]["incidents"] == 3
    assert gap_features(pressed)["features"][0]["properties"]["rank"] >= 3


def test_a_street_that_ends_at_a_border_leaves_no_point_behind(session, place):
    make_street(session, geometry=ewkt(shapely.LineString([(400, 100), (700, 100)])))
    save(session, Patrol(kind="zone", geometry=ewkt(shapely.box(0, 0, 800, 300))))
    bump(session)
    session.flush()
    whole = answers.total(answers.coverage(session, asked()), EVERYONE)
    assert whole["street_m"]["of"] == pytest.approx(1100, rel=0.001)
    assert whole["households_patrol"]["covered"] == 0


def test_a_task_that_needs_more_pixels_sees_less(session, place):
    areas = [answers.total(answers.coverage(session, asked(task=task)), EVERYONE)
             ["ground_m2"]["covered"] for task in ("detect", "observe", "recognise")]
    assert areas == sorted(areas, reverse=True) and areas[0] > areas[2]
    with pytest.raises(InvalidInput, match="task"):
        answers.coverage(session, asked(task="stare"))


def test_broken_cameras_see_nothing_and_unknown_ones_are_marked(session, place):
    make_facility(session, kind="camera", status="faulty", geometry=ewkt(shapely.Point(300, 10)))
    make_facility(session, kind="camera", geometry=ewkt(shapely.Point(500, 10)))
    bump(session)
    session.flush()
    found = answers.coverage(session, asked())
    assert len(found.seen.cameras) == 2
    assert [one["properties"]["guessed"] for one in shed_features(found)["features"]] == [
        False, True]


def test_who_sees_aggregates_only_gets_rounded_households(session, place):
    analyst = Caller(name="a", role=Role.ANALYST, low=LEAST, high=MOST)
    found = answers.coverage(session, asked())
    row = answers.by_grid(found, analyst)[0]
    assert row["households_camera"]["covered"] % 5 == 0
    assert row["buildings_camera"]["of"] == 1
    with pytest.raises(InvalidInput, match="by grid"):
        answers.uncovered(found, analyst)
    own = Caller(name="b", role=Role.OFFICER, low=place[0].scope, high=place[0].scope)
    assert [one["label"] for one in answers.by_grid(found, own)] == ["第1网格"]


def test_claims_are_checked_at_every_gate_and_point(session, place):
    save(session, Patrol(kind="point", name="甲", geometry=ewkt(shapely.Point(790, 20))))
    bump(session)
    session.flush()
    seal, post = claims(session, town(session), seal=15, post=30)
    assert (seal["reached"], seal["of"], seal["holds"]) == (1, 1, True)
    assert post["of"] == 1 and post["worst_minutes"] == pytest.approx(675 / 4.2 / 60, abs=0.2)
    slow = claims(session, town(session), seal=1, post=1, mode="walk")
    assert not slow[0]["holds"]
    assert patrols(session, town(session)).points[0].name == "甲"


def test_features_hold_no_person_and_blind_ground_is_open_ground(session, place):
    found = answers.coverage(session, asked())
    for one in building_features(found)["features"]:
        assert set(one["properties"]) == {"name", "camera", "station", "patrol", "minutes",
                                          "straight_m"}
    blind = blind_features(found)["features"]
    whole = sum(found.town.open_ground[i].area for i in range(2))
    unseen = whole - answers.total(found, EVERYONE)["ground_m2"]["covered"]
    metres = sum(shapely.transform(
        shapely.geometry.shape(one["geometry"]), transformer(STORAGE, SRID)).area
        for one in blind)
    assert metres == pytest.approx(unseen, rel=0.001)


@pytest.mark.parametrize("said", [(200, 0), (122, 43, 400), (122, 43, 0, 999),
                                  (122, 43, 0, 90, -1)])
def test_an_imagined_camera_must_be_possible(said):
    with pytest.raises(InvalidInput):
        imagined_camera(said, SRID, 0)


def test_a_camera_without_an_azimuth_sees_all_round():
    assert Camera(identifier="a", x=0, y=0).view("observe").hfov == 360
    assert Camera(identifier="a", x=0, y=0).guessed
