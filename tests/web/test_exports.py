import pytest

from layers import catalogue
from layers.across.export import exportable
from spatial.state import bump
from tests.support.factories import make_building
from web.exports import _enter


def test_a_layer_is_one_feature_collection_by_one_url(officer, session) -> None:
    building = make_building(session)
    session.commit()
    answer = officer.get("/api/layers/buildings.geojson")
    assert answer.mimetype == "application/geo+json"
    assert [f["id"] for f in answer.get_json()["features"]] == [building.identifier]


def test_a_layer_that_has_not_changed_is_not_sent_again(officer, session) -> None:
    tag = officer.get("/api/layers/buildings.geojson").headers["ETag"]
    again = officer.get("/api/layers/buildings.geojson", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    bump(session)
    session.commit()
    assert officer.get("/api/layers/buildings.geojson",
                       headers={"If-None-Match": tag}).status_code == 200


def test_the_list_of_layers_leads_to_each_of_them(officer) -> None:
    items = officer.get("/api/layers").get_json()["items"]
    assert {one["name"] for one in items} == set(exportable())
    for one in items:
        assert officer.get(one["geojson"]).get_json()["type"] == "FeatureCollection"


@pytest.mark.parametrize("name", sorted(catalogue().keys() - exportable().keys()) + ["souls"])
def test_layers_of_persons_are_as_unknown_as_any(officer, name) -> None:
    assert officer.get(f"/api/layers/{name}.geojson").status_code == 404


@pytest.mark.parametrize("query", ["bbox=1,2,3", "bbox=3,2,1,4", "bbox=nan,1,2,3", "limit=1",
                                   "labels=fr", "valid_at=2023-02-30"])
def test_bad_queries_are_refused(officer, query) -> None:
    assert officer.get(f"/api/layers/buildings.geojson?{query}").status_code == 400


def test_a_box_around_what_has_no_shape_is_refused(officer) -> None:
    assert officer.get("/api/layers/organizations.geojson?bbox=1,2,3,4").status_code == 400


def test_few_layers_stream_at_once_and_a_finished_one_makes_room(officer) -> None:
    url = "/api/layers/buildings.geojson"
    taken = [_enter(), _enter()]
    refused = officer.get(url)
    assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
    for leave in taken:
        leave()
        leave()
    for _ in range(3):
        assert officer.get(url).get_json()["features"] == []
