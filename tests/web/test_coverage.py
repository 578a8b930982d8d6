"""Coverage over HTTP."""

import pytest

from layers.access import Role
from layers.patrols import Patrol
from spatial.state import bump, remember
from tests.support.factories import (
    SOUTH,
    WEST,
    make_building,
    make_entrance,
    make_facility,
    make_grid,
    make_household,
    make_street,
    make_unit,
    point,
    save,
    square,
)


@pytest.fixture
def town(session, tree):
    """One grid with a street, a house of twelve, a camera, a station and a patrol point."""
    grid = make_grid(session, tree[2], scope=tree[2].low + 1,
                     geometry=square(WEST, SOUTH, side=0.004))
    make_street(session, geometry=f"SRID=4326;LINESTRING({WEST} {SOUTH + 0.001}, "
                                  f"{WEST + 0.004} {SOUTH + 0.001})")
    house = make_building(session, grid=grid, geometry=square(WEST + 0.002, SOUTH + 0.0012))
    make_entrance(session, house, geometry=point(WEST + 0.00215, SOUTH + 0.0012))
    for _ in range(12):
        make_household(session, make_unit(session, house))
    make_facility(session, kind="camera", azimuth=0.0, hfov=80.0, height=4.0, pixel_width=3840,
                  geometry=point(WEST + 0.00215, SOUTH + 0.0009))
    make_facility(session, kind="police_station", geometry=point(WEST + 0.001, SOUTH + 0.0011))
    save(session, Patrol(kind="point", geometry=point(WEST + 0.003, SOUTH + 0.001)))
    remember(session, "metric_srid", "4549")
    bump(session)
    session.commit()
    return grid


def test_coverage_is_told_as_a_whole_and_by_grid(officer, town):
    body = officer.get("/api/coverage?minutes=10").get_json()
    assert body["total"]["households_station"] == {"share": 100.0, "covered": 12.0, "of": 12.0}
    assert [one["identifier"] for one in body["items"]] == [town.identifier]
    assert body["asked"]["pixels_a_metre"] == 62.5


def test_sheds_blind_ground_buildings_and_gaps_are_features(officer, town):
    for name, least in (("cameras", 1), ("blind", 1), ("buildings", 1), ("gaps", 0)):
        body = officer.get(f"/api/coverage/{name}").get_json()
        assert body["type"] == "FeatureCollection" and len(body["features"]) >= least, name
    assert {one["claim"] for one in officer.get("/api/coverage/claim").get_json()["items"]} == {
        "seal", "post"}


def test_what_if_tells_the_change_at_once(officer, town):
    body = officer.post("/api/coverage/what-if", json={
        "cameras": [{"lon": WEST + 0.001, "lat": SOUTH + 0.002, "azimuth": 90}],
        "asked": {"task": "detect"}}).get_json()
    assert body["items"]["ground_m2"]["change"] > 0
    assert len(body["sheds"]["features"]) == 1


@pytest.mark.parametrize("body", [
    [], {"x": 1}, {"cameras": {}}, {"cameras": [{"lon": 1}]}, {"cameras": [{"lon": "a", "lat": 1}]},
    {"cameras": [{"lon": 1, "lat": 2, "azimuth": 999}]}, {"without": ["nobody"]},
    {"asked": {"task": "stare"}}, {"stations": [{"lon": 1, "lat": 2, "hfov": 3}]},
    {"cameras": [{"lon": True, "lat": 2}]}, {"cameras": [{"lon": 300, "lat": 2}]}])
def test_an_impossible_question_is_refused(officer, town, body):
    answer = officer.post("/api/coverage/what-if", json=body)
    assert answer.status_code == 400 and answer.get_json()["detail"]


def test_wrong_queries_and_empty_registries_are_told(officer, session):
    assert officer.get("/api/coverage?task=stare").status_code == 400
    assert officer.get("/api/coverage").status_code == 400


def test_an_analyst_gets_households_rounded(client_as, town):
    whole = client_as(Role.ANALYST).get("/api/coverage").get_json()["total"]
    assert whole["households_station"]["of"] == 10
