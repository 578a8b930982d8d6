"""Themes over HTTP."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from layers.access import Role
from layers.across.theme_spec import built_in, theme_called, written
from spatial.state import bump, remember
from tests.support.factories import (
    SOUTH,
    WEST,
    make_building,
    make_grid,
    make_household,
    make_incident,
    make_unit,
    square,
)


@pytest.fixture
def town(session, tree):
    """Two grids of a community, with 12 and 20 households and incidents of two months."""
    _, _, community = tree
    community.geometry = square(WEST, SOUTH, side=0.008)
    grids = [make_grid(session, community, name=f"第{n + 1}网格", scope=community.low + n + 1,
                       geometry=square(WEST + n * 0.004, SOUTH, side=0.004)) for n in range(2)]
    for grid, homes in zip(grids, (12, 20), strict=True):
        building = make_building(session, grid=grid, geometry=square(
            WEST + (grid.scope % 10) * 0.003, SOUTH))
        for n in range(homes):
            make_household(session, make_unit(session, building))
            make_incident(session, building, requested_at=datetime.now(UTC) - timedelta(
                days=5 + 30 * (n % 2)), service_code="street_lamp")
    remember(session, "metric_srid", "4549")
    bump(session)
    session.commit()
    return grids


def test_the_list_holds_every_built_in_theme_and_what_may_be_chosen(officer, town):
    body = officer.get("/api/themes?lang=en").get_json()
    assert [one["name"] for one in body["items"]] == list(built_in())
    assert body["levels"] and body["methods"] and body["services"][0]["label"]


@pytest.mark.parametrize("name", sorted(built_in()))
def test_every_theme_answers_or_says_why_not(officer, town, name):
    answer = officer.get(f"/api/themes/{name}?lang=en")
    assert answer.status_code == 200, answer.get_json()
    body = answer.get_json()
    assert body["legend"]["title"] and len(body["items"]) == body["legend"]["areas"]
    json.dumps(body, allow_nan=False)


def test_areas_are_coloured_features_with_the_same_values(officer, town):
    rows = officer.get("/api/themes/incidents").get_json()["items"]
    shapes = officer.get("/api/themes/incidents/areas").get_json()
    assert [f["properties"]["value"] for f in shapes["features"]] == [r["value"] for r in rows]
    assert all(f["properties"]["colour"] for f in shapes["features"])
    dark = officer.get("/api/themes/incidents/areas?scheme=dark").get_json()
    assert dark["legend"]["classes"][0]["colour"] != shapes["legend"]["classes"][0]["colour"]


def test_a_query_changes_the_theme_and_a_wrong_one_is_refused(officer, town):
    one = officer.get("/api/themes/incidents?level=community&months=1&services=street_lamp"
                      "&method=equal&classes=3").get_json()
    assert one["theme"]["level"] == "community" and one["items"][0]["value"] == 16
    assert officer.get("/api/themes/households?method=fixed&breaks=5,15").get_json()[
        "legend"]["classes"][0]["to"] == 5
    for query in ("level=room", "services=nothing", "months=-1", "breaks=a", "classes=99",
                  "from=2026-02-30", "side=3", "x=1", "from=2026-05-01&to=2026-04-01"):
        assert officer.get(f"/api/themes/incidents?{query}").status_code == 400, query
    assert officer.get("/api/themes/nothing").status_code == 404
    assert officer.get("/api/themes/incidents?division=999").status_code == 404


def test_a_film_has_one_legend_and_a_frame_a_step(officer, town):
    body = officer.get("/api/themes/incidents/frames?frames=3").get_json()
    assert len(body["frames"]) == 3
    assert all(len(one["classes"]) == len(body["identifiers"]) for one in body["frames"])
    assert sum(one["total"] for one in body["frames"]) == 32
    assert officer.get("/api/themes/households/frames").status_code == 400


def test_files_are_named_and_the_page_is_shut_in(officer, town):
    for form, media in (("csv", "text/csv"), ("geojson", "application/geo+json"),
                        ("gpkg", "application/geopackage+sqlite3")):
        answer = officer.get(f"/api/themes/incidents.{form}")
        assert answer.mimetype == media and f"incidents.{form}" in answer.headers[
            "Content-Disposition"]
    page = officer.get("/api/themes/incidents.html?lang=zh")
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox") and "default-src 'none'" in policy
    assert "http://" not in page.text.replace("http://www.w3.org", "")
    assert officer.get("/api/themes/incidents.docx").status_code == 400


def test_one_saves_changes_and_shares_a_theme(client_as, town):
    mine, other = client_as(Role.OFFICER), client_as(Role.ANALYST)
    document = written(theme_called("households")) | {"level": "community"}
    kept = mine.post("/api/themes", json=document)
    name = kept.get_json()["name"]
    assert kept.status_code == 201
    assert mine.get(f"/api/themes/{name}").get_json()["items"][0]["value"] == 32
    assert other.get(f"/api/themes/{name}").get_json()["legend"]["notes"]
    changed = mine.put(f"/api/themes/{name}?version=1", json=document | {"level": "grid"})
    assert changed.get_json()["version"] == 2
    assert mine.put(f"/api/themes/{name}?version=1", json=document).status_code == 409
    assert other.put(f"/api/themes/{name}?version=2", json=document).status_code == 403
    assert mine.get(f"/api/themes/{name}?version=1").get_json()["theme"]["level"] == "community"
    for body in ({"x": 1}, [], {**document, "counts": "souls"}):
        assert mine.post("/api/themes", json=body).status_code == 400
    assert mine.post("/api/themes", data="{}").status_code == 415


def test_a_caller_gets_areas_of_its_own_only(client_as, town):
    own = client_as(Role.OFFICER, area="150502001001")
    assert len(own.get("/api/themes/households").get_json()["items"]) == 2
    assert own.get("/api/themes/households?division=150502").status_code == 404
    analyst = client_as(Role.ANALYST)
    assert analyst.get("/api/themes/households?level=hexagon").status_code == 403


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_has_map_table_files_and_every_theme(officer, town, language):
    page = officer.get(f"/themes?theme=incidents&lang={language}")
    assert page.status_code == 200
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    for name in built_in():
        assert f"?theme={name}" in page.text
    assert 'src="/api/themes/incidents.html?' in page.text and "sandbox=" in page.text
    for form in ("html", "png", "pdf", "csv", "gpkg", "geojson"):
        assert f"/api/themes/incidents.{form}?" in page.text
    assert f"/map#u={town[0].identifier}" in page.text


def test_what_cannot_be_shown_is_said_on_the_page(officer, client_as, town):
    page = client_as(Role.ANALYST).get("/themes?theme=households&level=hexagon&lang=en")
    assert page.status_code == 422 and "Hexagons" in page.text
    assert officer.get("/themes?theme=nothing").status_code == 422
    assert officer.get("/themes?level=room").status_code == 400
