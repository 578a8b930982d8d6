"""What is round a place, and what lies in an area drawn on the map."""

import pytest

from layers.access import Role
from layers.across.inside import OF_PERSONS
from layers.posts import Post
from tests.support.factories import (
    SOUTH,
    WEST,
    make_building,
    make_compound,
    make_division,
    make_facility,
    make_grid,
    make_residency,
    make_resident,
    make_unit,
    point,
)

OUTLINE = (f"POLYGON(({WEST - 0.01} {SOUTH - 0.01}, {WEST + 0.01} {SOUTH - 0.01}, "
           f"{WEST + 0.01} {SOUTH + 0.01}, {WEST - 0.01} {SOUTH + 0.01}, "
           f"{WEST - 0.01} {SOUTH - 0.01}))")


@pytest.fixture
def unit(session, tree):
    grid = make_grid(session, tree[2])
    building = make_building(session, make_compound(session, tree[2]), grid=grid)
    unit = make_unit(session, building)
    session.add(Post(division_id=tree[1].id, role="duty_officer", staff_name="钱二"))
    session.add(Post(grid_id=grid.id, role="grid_head", staff_name="赵一", phone="0475-1"))
    for kind, east in (("hydrant", 0.001), ("hydrant", 0.004), ("aed", 0.002), ("camera", 0)):
        make_facility(session, kind=kind, name=f"{kind}{east}",
                      geometry=point(WEST + east, SOUTH))
    make_residency(session, make_resident(session), unit, kind="living")
    session.commit()
    return unit


def test_posts_of_the_smallest_area_come_first_with_their_phones(client_as, unit):
    found = client_as(Role.OPERATOR).get(f"/api/places/{unit.identifier}/around").get_json()
    assert [(one["name"], one["phone"]) for one in found["posts"]] == [
        ("赵一", "0475-1"), ("钱二", None)]


def test_what_is_out_of_use_is_not_the_nearest(client_as, unit, session):
    make_facility(session, kind="hydrant", name="坏", status="faulty",
                  geometry=point(WEST + 0.0001, SOUTH))
    session.commit()
    found = client_as(Role.OFFICER).get(f"/api/places/{unit.identifier}/around").get_json()
    assert "坏" not in [one["label"] for one in found["facilities"]]


def test_of_each_kind_the_nearest_facility_is_told_and_no_camera(client_as, unit):
    found = client_as(Role.OPERATOR).get(f"/api/places/{unit.identifier}/around").get_json()
    assert [one["label"] for one in found["facilities"]] == ["hydrant0.001", "aed0.002"]
    assert 0 < found["facilities"][0]["metres"] < 150


def test_a_wall_names_nobody(client_as, unit):
    wall = client_as(Role.DISPLAY_WALL).get(f"/api/places/{unit.identifier}/around").get_json()
    assert wall["posts"] == []
    assert wall["facilities"]


def counts(client, **body):
    found = client.post("/api/map/inside?lang=en", json=body or {"outline": OUTLINE}).get_json()
    return {one["metric"]: one["value"] for one in found["counts"]}, found


def test_an_area_counts_what_stands_in_it(client_as, unit):
    told, found = counts(client_as(Role.OPERATOR))
    assert (told["buildings"], told["units"], told["residents_living"]) == (1, 1, 1)
    assert {one["kind"]: one["value"] for one in found["facilities"]} == {"hydrant": 2, "aed": 1}
    area, building = found["features"]
    assert area["properties"]["units"] == 1
    assert building["properties"]["identifier"].startswith("b")


def test_round_a_point_is_an_area_too(client_as, unit):
    told, found = counts(client_as(Role.OPERATOR), near=f"{WEST},{SOUTH}", radius_m=300)
    assert told["buildings"] == 1
    assert found["area_m2"] == pytest.approx(300**2 * 3.14159, rel=0.01)
    far, _ = counts(client_as(Role.OPERATOR), near=f"{WEST + 0.1},{SOUTH}", radius_m=300)
    assert far["buildings"] == 0


@pytest.mark.parametrize("role", [Role.ANALYST, Role.DISPLAY_WALL, Role.HANDLER, Role.API_CLIENT])
def test_drawn_areas_count_no_persons_for_roles_that_see_them_rounded(client_as, unit, role):
    told, found = counts(client_as(role))
    assert told["units"] == 1
    assert not set(told) & set(OF_PERSONS)
    assert len(found["withheld"]) >= len(OF_PERSONS)


def test_persons_outside_ones_own_area_are_not_counted(client_as, session, tree, unit):
    make_division(session, tree[1], name="另一社区", code="150502001009")
    session.commit()
    told, _ = counts(client_as(Role.OFFICER, area="150502001009"))
    assert (told["units"], told["residents_living"], told["households"]) == (1, 0, 0)


@pytest.mark.parametrize("body", [
    {}, {"outline": OUTLINE, "near": "1,1"}, {"near": "1,1"}, {"radius_m": 5},
    {"outline": "POINT(1 1)"}, {"outline": "POLYGON((0 0, 1 1))"}, {"outline": "POLYGON(("},
    {"outline": "POLYGON((0 0, 20 0, 20 20, 0 20, 0 0))"}, {"near": "1,1", "radius_m": 99_999},
    {"outline": 5}, {"outline": "POLYGON((0 0, nan 1, 2 2, 0 0))"}])
def test_what_is_no_area_is_refused_in_words(client_as, unit, body):
    answer = client_as(Role.OPERATOR).post("/api/map/inside", json=body)
    assert answer.status_code == 400
    assert answer.get_json()["detail"]


def test_many_places_are_told_as_points_and_unknown_ones_left_out(client_as, unit):
    client = client_as(Role.OPERATOR)
    asked = f"{unit.identifier},u0000000000000000,,{unit.identifier},x1"
    found = client.post("/api/map/pins", json={"places": asked}).get_json()
    (one,) = found["features"]
    assert one["properties"]["identifier"] == unit.identifier
    assert len(one["geometry"]["coordinates"]) == 2
    assert client.post("/api/map/pins", json={"places": "u," * 2_001}).status_code == 400
