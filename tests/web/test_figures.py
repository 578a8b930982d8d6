"""Figures over HTTP and as files, and the desk's pages."""

import csv
import io
import json

import pytest
from python_calamine import CalamineWorkbook

from layers.access import Role
from layers.agencies import Agency
from tests.support.factories import save
from tests.web.test_incidents import REPORT, operator, place, say, taken  # noqa: F401


@pytest.fixture
def hostile(operator, session, taken):  # noqa: F811
    """An order at a unit whose name a spreadsheet would compute."""
    other = save(session, Agency(name='=HYPERLINK("http://x")'))
    session.commit()
    assert say(operator, taken, "passed", to=other.identifier).status_code == 201
    return operator


def test_a_file_says_what_the_page_says_and_computes_nothing(hostile):
    seen = hostile.get("/api/incidents/figures?by=owner").json
    answer = hostile.get("/api/incidents/figures/export?by=owner&format=csv&lang=en")
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert rows[0][2] == "Received" and rows[1][1].startswith("'=")
    assert [rows[-1][1], rows[-1][2]] == ["Total", str(seen["total"]["received"])]
    book = hostile.get("/api/incidents/figures/export?by=owner&format=xlsx")
    cells = CalamineWorkbook.from_filelike(io.BytesIO(book.get_data())).get_sheet_by_index(
        0).to_python()
    assert cells[1][1] == '=HYPERLINK("http://x")' and len(cells) == len(rows)
    assert b"<f>" not in book.get_data()


def test_geojson_has_the_shapes_of_grids_and_the_same_total(hostile):
    body = json.loads(hostile.get(
        "/api/incidents/figures/export?format=geojson").get_data())
    counted = sum(one["properties"]["received"] for one in body["features"])
    assert counted + body["residual"]["received"] == body["total"]["received"] == 1
    assert body["features"][0]["geometry"]["type"] == "Polygon"


def test_figures_are_of_the_callers_area_and_a_handlers_of_its_agency(client_as, taken, place):  # noqa: F811
    ours = client_as(Role.HANDLER, place[1].identifier).get("/api/incidents/figures").json
    assert ours["total"]["received"] == 1
    assert client_as(Role.HANDLER).get("/api/incidents/figures").json["total"]["received"] == 0
    seen = client_as(Role.ANALYST).get("/api/incidents/figures").json
    assert seen["total"]["received"] == 0 and seen["rounded"]["to"] == 5  # the month runs still
    assert client_as(Role.ADMIN).get("/api/incidents/figures").status_code == 403


@pytest.mark.parametrize("query", ["by=person", "since=never", "format=exe", "x=1"])
def test_what_cannot_be_asked_is_refused(operator, query):  # noqa: F811
    assert operator.get(f"/api/incidents/figures/export?{query}").status_code == 400


@pytest.mark.parametrize(("role", "pages"), [
    (Role.OPERATOR, {"intake", "orders", "figures"}), (Role.ANALYST, {"figures"}),
    (Role.GRID_WORKER, {"intake", "orders", "figures"}), (Role.HANDLER, {"orders", "figures"}),
])
def test_each_role_has_its_pages_in_both_languages(client_as, role, pages):
    client = client_as(role)
    for name in ("intake", "orders", "figures"):
        for language in ("zh", "en"):
            answer = client.get(f"/desk/{name}?lang={language}")
            assert answer.status_code == (200 if name in pages else 403)
    assert client.get("/desk").status_code == 302
