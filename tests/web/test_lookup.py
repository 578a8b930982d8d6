"""Addresses, suggestions, organizations and points over HTTP, one by one and in bulk."""

import csv
import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layers.across.cleansing import COLUMNS
from spatial.state import bump
from tests.support.factories import (
    SOUTH,
    WEST,
    make_building,
    make_compound,
    make_entrance,
    make_organization,
    make_storey,
    make_unit,
)

CSV = {"content_type": "text/csv"}


@pytest.fixture
def home(session, tree):
    """阳光花园3号楼2单元501, with its registry told to look again."""
    compound = make_compound(session, community=tree[2], name="阳光花园")
    building = make_building(session, compound=compound, number="3", number_key="3")
    entrance = make_entrance(session, building, number="2", number_key="2")
    storey = make_storey(session, building, index=5)
    unit = make_unit(session, building, entrance=entrance, storey=storey, designator="501",
                     room_key="501")
    bump(session)
    session.commit()
    return unit


def test_an_address_is_answered_with_its_place_and_chain(officer, home):
    answer = officer.get("/api/lookup/address", query_string={"q": "阳光花园3-2-501"}).json
    assert (answer["status"], answer["level"], answer["ref"]) == ("match", "unit", home.identifier)
    assert answer["place"]["source_id"] == home.source_id
    levels = [step["level"] for step in answer["place"]["chain"]]
    assert levels[-1] == "unit"
    assert {"community", "compound", "building", "entrance"} <= set(levels)


def test_a_door_that_does_not_exist_is_never_opened(officer, home):
    answer = officer.get("/api/lookup/address", query_string={"q": "阳光花园3号楼2单元901"}).json
    assert answer["status"] == "partial"
    assert answer["level"] != "unit"
    assert answer["unmatched"]


@pytest.mark.parametrize("bad", [
    {}, {"q": ""}, {"q": " "}, {"q": "字" * 5000}, {"q": "a\0b"}, {"q": "阳光", "limit": "0"},
    {"q": "阳光", "near": "1,2,3"}, {"q": "阳光", "within": "x" * 50},
    {"q": "阳光", "nonsense": "1"},
    {"q": "阳光", "valid_at": "2023-02-30"}, {"q": "字" * 201},
])
def test_a_bad_question_is_refused_with_a_reason(officer, bad):
    answer = officer.get("/api/lookup/address", query_string=bad)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.json["detail"]


def test_an_unknown_area_is_not_found(officer, home):
    assert officer.get("/api/lookup/address?q=阳光花园&within=999999").status_code == 404


def test_the_beginning_of_a_name_is_suggested(officer, home):
    items = officer.get("/api/lookup/suggest", query_string={"q": "阳光"}).json["items"]
    assert items[0]["text"].startswith("阳光花园")
    assert {"ref", "level", "text", "display", "caret", "has_children", "context",
            "place"} <= set(items[0])


def test_initials_are_suggestions_too(officer, home):
    items = officer.get("/api/lookup/suggest", query_string={"q": "yghy"}).json["items"]
    assert any("阳光花园" in item["text"] for item in items)


def test_an_organization_is_found_by_name_and_by_code(officer, session, home):
    make_organization(session, name="青禾便利店", credit_code="91150502MA0N1X1A08",
                      name_fold="青禾便利店")
    session.commit()
    by_name = officer.get("/api/lookup/organization", query_string={"q": "青禾便利店"}).json
    by_code = officer.get("/api/lookup/organization?credit_code=91150502MA0N1X1A08").json
    assert [one["name"] for one in by_name["items"]] == ["青禾便利店"]
    assert by_code["items"] == by_name["items"]


@pytest.mark.parametrize("query", ["", "?q=a&credit_code=b", "?credit_code="])
def test_an_organization_is_asked_for_in_one_way(officer, query):
    assert officer.get("/api/lookup/organization" + query).status_code == 400


def test_a_point_in_a_building_answers_with_the_building(officer, home):
    at = {"lon": WEST + 0.0001, "lat": SOUTH + 0.0001}
    answer = officer.get("/api/lookup/reverse", query_string=at).json
    assert answer["level"] in ("building", "unit", "storey")
    assert officer.get("/api/lookup/reverse?lon=0&lat=0").json["status"] == "none"


@pytest.mark.parametrize("query", ["", "?lon=1", "?lon=181&lat=0", "?lon=nan&lat=0",
                                   "?lon=1&lat=1e308", "?lon=1&lat=1&floor=x"])
def test_a_point_that_is_none_is_refused(officer, query):
    assert officer.get("/api/lookup/reverse" + query).status_code == 400


def test_a_table_comes_back_with_columns_added(officer, home):
    body = "编号,address\n7,阳光花园3-2-501\n8,阳光花园3-2-501\n9,\n10,=cmd\n"
    answer = officer.post("/api/lookup/address/batch", data=body.encode(), **CSV)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(rows[0]) == ["编号", "address", *COLUMNS]
    assert [row["编号"] for row in rows] == ["7", "8", "9", "10"]
    assert [row["match_class"] for row in rows] == ["A", "A", "D", "D"]
    assert rows[0]["ref"] == home.identifier
    assert rows[3]["address"] == "'=cmd"


def test_objects_come_back_a_line_each(officer, home):
    body = "\n".join(json.dumps({"n": n, "where": "阳光花园3号楼"}) for n in range(3))
    answer = officer.post("/api/lookup/address/batch?column=where", data=body.encode(),
                          content_type="application/x-ndjson")
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [row["n"] for row in rows] == [0, 1, 2]
    assert {row["level"] for row in rows} == {"building"}


def test_a_batch_goes_on_behind_the_rows_that_were_answered(officer, home):
    body = "n,address\n" + "".join(f"{n},阳光花园3-2-501\n" for n in range(5))
    whole = officer.post("/api/lookup/address/batch", data=body.encode(), **CSV).text
    rest = officer.post("/api/lookup/address/batch?after=3", data=body.encode(), **CSV).text
    assert rest.splitlines() == [whole.splitlines()[0], *whole.splitlines()[4:]]
    assert officer.post("/api/lookup/address/batch?after=5", data=body.encode(),
                        **CSV).status_code == 400


def test_a_batch_reports_what_to_ask_and_what_is_lacking(officer, home):
    body = "address\n阳光花园3-2-501\n阳光花园99号楼\n阳光花园99号楼\n火星路1号\n"
    said = officer.post("/api/lookup/address/batch?report=1", data=body.encode(), **CSV).json
    assert (said["rows"], said["classes"]) == (4, {"A": 1, "B": 0, "C": 0, "D": 3})
    assert said["lacking"] == [{"lacks": "阳光花园 99号楼 不存在", "rows": 2}]


def test_batches_give_their_room_back(officer, home):
    for _ in range(5):
        assert officer.post("/api/lookup/address/batch", data=b"address\n1\n",
                            **CSV).status_code == 200


@pytest.mark.parametrize(("body", "kind"), [
    (b"", "text/csv"), (b"a,b\n1,2\n", "text/csv"), (b"\xff\xfe", "text/csv"),
    (b'address\n"unclosed', "text/csv"), (b"address\n1,2,3\n", "text/csv"),
    (b"[1]", "application/x-ndjson"), (b"{", "application/x-ndjson"), (b"a\n1\n", "text/html"),
    (b"[" * 100_000, "application/x-ndjson"),
])
def test_a_bad_table_is_refused_whole(officer, body, kind):
    answer = officer.post("/api/lookup/address/batch", data=body, content_type=kind)
    assert answer.status_code == 400
    assert answer.json["detail"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None,
          max_examples=60)
@given(q=st.text(max_size=250))
def test_no_text_breaks_the_lookup(officer, q):
    for path in ("address", "suggest", "organization"):
        answer = officer.get(f"/api/lookup/{path}", query_string={"q": q})
        assert answer.status_code in (200, 400)


def test_nobody_asks_without_signing_in(anonymous):
    assert anonymous.get("/api/lookup/address?q=a").status_code == 401
    assert anonymous.post("/api/lookup/address/batch", data=b"a").status_code == 401
