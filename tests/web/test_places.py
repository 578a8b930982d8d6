import pytest

from layers.across.counts import METRICS
from tests.support.factories import make_building, make_grid, make_unit

FAR_OFF = "u0000000000000000"


@pytest.fixture
def unit(session, tree):
    made = make_unit(session, make_building(session, grid=make_grid(session, tree[2])))
    session.commit()
    return made


def test_a_place_is_told_in_full(officer, unit) -> None:
    said = officer.get(f"/api/places/{unit.identifier}").get_json()
    assert (said["level"], said["label"], said["status"]) == ("unit", "501室", "current")
    assert {"attributes", "chain", "children", "geometry", "volume", "camera"} <= set(said)


def test_parts_are_given_in_pages(officer, unit, session) -> None:
    building = session.get_one(type(make_building(session)), unit.building_id)
    for number in range(3):
        make_unit(session, building, designator=f"60{number}")
    session.commit()
    url = f"/api/places/{building.identifier}"
    first = officer.get(url, query_string={"limit": 2}).get_json()["children"]
    rest = officer.get(url, query_string={"limit": 2, "cursor": first["next"]}).get_json()
    assert [p["label"] for p in first["items"] + rest["children"]["items"]] == [
        "501室", "600室", "601室", "602室"]


@pytest.mark.parametrize("path", ["", "/history"])
@pytest.mark.parametrize("identifier", [FAR_OFF, "r0000000000000000", "x", "号", "u'--"])
def test_unknown_places_are_not_found(officer, identifier, path) -> None:
    assert officer.get(f"/api/places/{identifier}{path}").status_code == 404


@pytest.mark.parametrize("query", ["valid_at=2023-02-30", "limit=0", "limit=-1", "limit=99999",
                                   "cursor=unknown", "shape=1", "valid_at=", "known_at=x"])
def test_bad_queries_are_refused(officer, unit, query) -> None:
    assert officer.get(f"/api/places/{unit.identifier}?{query}").status_code == 400


def test_the_history_of_a_place_has_its_versions(officer, unit) -> None:
    items = officer.get(f"/api/places/{unit.identifier}/history").get_json()["items"]
    assert [one["present"] for one in items] == [True]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("level", ["district", "grid", "building"])
def test_every_total_balances(officer, unit, metric, level) -> None:
    said = officer.get("/api/rollup", query_string={"metric": metric, "level": level}).get_json()
    assert set(said) == {"metric", "level", "rows", "residual", "total"}
    assert sum(row["value"] for row in said["rows"]) + said["residual"] == said["total"]


def test_a_total_is_asked_by_code_and_answers_with_public_names(officer, unit, tree) -> None:
    said = officer.get("/api/rollup?division=150502&level=community&metric=units").get_json()
    assert said["rows"] == [{"identifier": tree[2].identifier, "source_id": tree[2].source_id,
                             "label": "向阳社区", "value": 1}]


@pytest.mark.parametrize(("query", "status"), [
    ("level=grid", 400), ("metric=units", 400), ("metric=souls&level=grid", 400),
    ("metric=units&level=street", 400), ("metric=units&level=grid&division=999999", 404)])
def test_totals_of_nothing_known_are_refused(officer, query, status) -> None:
    assert officer.get(f"/api/rollup?{query}").status_code == status


def test_an_analyst_gets_rounded_persons_of_fixed_areas_only(client_as, unit) -> None:
    analyst = client_as("analyst")
    said = analyst.get("/api/rollup?metric=residents_living&level=grid").get_json()
    assert said["rounded"]["to"] == 5
    assert analyst.get("/api/rollup?metric=residents_living&level=unit").status_code == 403


@pytest.mark.parametrize("path", [f"/api/places/{FAR_OFF}", "/api/layers", "/api/rollup",
                                  "/api/layers/buildings.geojson"])
def test_nothing_is_told_without_signing_in(anonymous, path) -> None:
    assert anonymous.get(path).status_code == 401
