"""Orders over HTTP: taken in, routed, worked on, by those whose they are."""

import io

import pytest
from PIL import Image

from layers.access import Role
from layers.agencies import Agency
from layers.services import Service
from tests.support.factories import (
    SOUTH,
    WEST,
    make_building,
    make_compound,
    make_division,
    make_grid,
    make_unit,
    save,
    square,
)

REPORT = {"service_code": "water_leak", "description": "厨房水管漏水，张三家", "channel": "hotline",
          "caller_name": "李四", "caller_phone": "12001234567"}


@pytest.fixture
def place(session, tree):
    """A dwelling in the first of two grids that meet along a line; an agency answers for leaks."""
    community = tree[2]
    west = make_grid(session, community, name="第1网格",
                     geometry=square(WEST - 0.002, SOUTH - 0.001, side=0.003, height=0.004))
    make_grid(session, community, name="第2网格",
              geometry=square(WEST + 0.001, SOUTH - 0.001, side=0.003, height=0.004))
    compound = make_compound(session, community)
    building = make_building(session, compound, grid=west)
    water = save(session, Agency(name="自来水公司", division_id=tree[0].id, scope=tree[0].low))
    save(session, Service(code="water_leak", agency_id=water.id, on_site_minutes=30,
                          finish="same_day/48h", calendar="always", needs_check=True))
    session.commit()
    return make_unit(session, building), water


@pytest.fixture
def operator(client_as):
    return client_as(Role.OPERATOR)


@pytest.fixture
def taken(operator, place):
    answer = operator.post("/api/incidents", json={**REPORT, "place": place[0].identifier})
    assert answer.status_code == 201, answer.json
    return answer.json


def say(client, order, kind, **more):
    return client.post(f"/api/incidents/{order['receipt']}/events", json={"kind": kind, **more})


def test_a_report_becomes_an_order_with_owner_receipt_and_two_clocks(taken, place):
    assert taken["owner"] == {"ref": place[1].identifier, "name": "自来水公司"}
    assert len(taken["receipt"]) == 14 and taken["status"]["code"] == "open"
    assert taken["on_site_due"] < taken["finish_due"]
    assert taken["place"]["level"] == "unit" and taken["level"]["code"] == "grid"
    assert taken["description"] == REPORT["description"]
    assert taken["caller"] == {"name": "李*", "phone": "120****4567"}


def test_an_order_goes_its_way_from_hand_to_hand(operator, client_as, taken, place):
    handler = client_as(Role.HANDLER, place[1].identifier)
    assert say(handler, taken, "accepted").status_code == 201
    assert say(handler, taken, "on_site").json["status"]["code"] == "in_progress"
    assert say(handler, taken, "paused", reason="等配件").json["finish_due"] is None
    assert say(handler, taken, "resumed").json["status"]["code"] == "in_progress"
    assert say(handler, taken, "done", note="已更换阀门").json["log"][-1]["note"] == "已更换阀门"
    assert say(handler, taken, "checked", ok=True).status_code == 403
    assert say(operator, taken, "closed").status_code == 409
    assert say(operator, taken, "checked", ok=True).status_code == 201
    assert say(operator, taken, "closed").json["status"]["code"] == "closed"
    done = say(operator, taken, "rated", rating="satisfied").json
    assert done["rating"]["code"] == "satisfied"
    assert [one["kind"]["code"] for one in done["log"]] == [
        "received", "accepted", "on_site", "paused", "resumed", "done", "checked", "closed",
        "rated"]


def test_a_handler_sees_the_orders_of_its_agency_and_no_others(client_as, session, taken, place):
    other = save(session, Agency(name="供电公司"))
    session.commit()
    ours, theirs = (client_as(Role.HANDLER, one.identifier) for one in (place[1], other))
    seen = ours.get("/api/incidents/orders").json["items"]
    assert [one["receipt"] for one in seen] == [taken["receipt"]]
    assert seen[0]["description"] == REPORT["description"]
    assert ours.get(f"/api/incidents/{taken['receipt']}").json["caller"]["phone"] == "12001234567"
    assert theirs.get("/api/incidents/orders").json["items"] == []
    assert theirs.get(f"/api/incidents/{taken['receipt']}").status_code == 404
    assert say(theirs, taken, "accepted").status_code == 404


def test_a_handler_without_an_agency_sees_nothing(client_as, taken):
    assert client_as(Role.HANDLER).get("/api/incidents/orders").json["items"] == []


def test_returned_it_is_the_desks_again_and_passed_on_it_is_the_next_ones(
        operator, client_as, session, taken, place):
    other = save(session, Agency(name="供电公司"))
    session.commit()
    handler = client_as(Role.HANDLER, place[1].identifier)
    left = say(handler, taken, "returned", reason="不属于本单位")
    assert set(left.json) == {"identifier", "receipt"} and left.status_code == 201
    assert operator.get(f"/api/incidents/{taken['receipt']}").json["owner"]["ref"] == "desk"
    assert say(operator, taken, "passed", to=other.identifier).json["owner"]["name"] == "供电公司"
    assert say(operator, taken, "passed", to="nobody").status_code == 400


@pytest.mark.parametrize("role", [Role.ANALYST, Role.PLANNER, Role.DISPLAY_WALL, Role.STEWARD,
                                  Role.ADMIN, Role.AUDITOR])
def test_who_sees_figures_only_opens_no_order(client_as, taken, role):
    client = client_as(role)
    assert client.get("/api/incidents/orders").status_code == 403
    assert client.get(f"/api/incidents/{taken['receipt']}").status_code == 403
    assert client.post("/api/incidents", json=REPORT).status_code == 403


def test_another_area_knows_nothing_of_it(client_as, session, taken):
    other = make_division(session, name="别区", code="150503")
    session.commit()
    client = client_as(Role.OFFICER, other.code)
    assert client.get("/api/incidents/orders").json["items"] == []
    assert client.get(f"/api/incidents/{taken['receipt']}").status_code == 404


def test_near_a_border_the_clerk_is_asked(operator, place):
    near = {**REPORT, "point": f"{WEST + 0.00095},{SOUTH + 0.001}"}
    refused = operator.post("/api/incidents", json=near)
    assert refused.status_code == 409 and len(refused.json["violations"]) == 2
    seen = operator.post("/api/incidents/preview", json={
        "service_code": "water_leak", "point": near["point"]}).json
    assert seen["asks"] == ["grid"] and [one["name"] for one in seen["grids"]] == [
        "第1网格", "第2网格"]
    taken = operator.post("/api/incidents", json={**near, "grid": seen["grids"][1]["ref"]})
    assert taken.status_code == 201
    far = {**REPORT, "point": f"{WEST + 0.0003},{SOUTH + 0.002}"}
    assert operator.post("/api/incidents", json=far).status_code == 201


def test_words_keep_their_lines_and_nothing_unseen(operator, place):
    report = {**REPORT, "place": place[0].identifier}
    taken = operator.post("/api/incidents", json={**report, "description": "漏水\n\t三天了"})
    assert taken.status_code == 201 and taken.json["description"] == "漏水\n\t三天了"
    for unseen in ("\0", "\x1b[31m", "\x7f"):
        answer = operator.post("/api/incidents", json={**report, "description": "漏水" + unseen})
        assert answer.status_code == 400


def test_a_second_report_of_the_same_thing_is_hinted(operator, taken, place):
    seen = operator.post("/api/incidents/preview", json={
        "service_code": "water_leak", "place": place[0].identifier}).json
    assert [one["receipt"] for one in seen["alike"]] == [taken["receipt"]]
    other = operator.post("/api/incidents/preview", json={
        "service_code": "noise", "place": place[0].identifier}).json
    assert other["alike"] == [] and other["owner"]["name"] == "向阳社区"


def test_words_speak_for_a_category_and_say_which(operator):
    found = operator.post("/api/incidents/guess", json={"description": "楼上卫生间漏水"}).json
    assert found["items"][0] == {"code": "water_leak", "label": "管道漏水", "words": ["漏水"]}


@pytest.mark.parametrize(("more", "status"), [
    ({}, 400), ({"place": "u0000000000000000"}, 404), ({"point": "0,0"}, 400),
    ({"point": "43.6,122.2"}, 400), ({"place": "x" * 30}, 400), ({"address": "  "}, 400),
    ({"service_code": "war"}, 400), ({"description": "x" * 5000}, 400),
    ({"caller_phone": "12"}, 400), ({"requested_at": "2999-01-01"}, 400), ({"owner": "me"}, 400),
])
def test_a_report_that_cannot_be_is_refused_clearly(operator, place, more, status):
    where = {} if {"place", "point", "address"} & set(more) or not more else {
        "place": place[0].identifier}
    answer = operator.post("/api/incidents", json={**REPORT, **where, **more})
    assert answer.status_code == status and answer.json["detail"]


def test_an_order_that_somebody_else_has_moved_is_stale(operator, taken):
    assert say(operator, taken, "urged", version=taken["version"]).status_code == 201
    stale = say(operator, taken, "urged", version=taken["version"])
    assert stale.status_code == 409 and "read it again" in stale.json["detail"]


def test_a_list_pages_without_gap_or_repeat(operator, taken, place):
    for _ in range(4):
        operator.post("/api/incidents", json={**REPORT, "place": place[0].identifier})
    seen, cursor = [], None
    for _ in range(10):
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = operator.get("/api/incidents/orders", query_string=query).json
        seen += [one["receipt"] for one in answer["items"]]
        cursor = answer["next"]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 5
    assert operator.get("/api/incidents/orders?cursor=x").status_code == 400
    assert operator.get("/api/incidents/orders?overdue=1").json["items"] == []


def test_an_outside_order_comes_in_once_with_its_own_number_and_deadline(client_as, place):
    program = client_as(Role.API_CLIENT)
    order = {"service_code": "noise", "place": place[0].identifier, "external_number": "12345-9",
             "due_at": "2030-01-01T00:00:00+08:00"}
    taken = program.post("/api/incidents", json=order)
    assert taken.status_code == 201 and taken.json["external_number"] == "12345-9"
    assert taken.json["finish_due"].startswith("2029-12-31T16:00")
    assert taken.json["description"] is None
    assert program.post("/api/incidents", json=order).status_code == 409
    assert program.get("/api/incidents/orders?receipt=12345-9").json["items"]


def test_a_picture_of_the_place_is_for_who_sees_the_order(operator, client_as, taken, place):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(out, "PNG")
    ours = client_as(Role.HANDLER, place[1].identifier)
    path = f"/api/incidents/{taken['receipt']}/photos"
    sent = ours.post(path, data=out.getvalue())
    assert sent.status_code == 201
    for client in (ours, operator):
        shown = client.get(f"{path}/{sent.json['photo']}")
        assert shown.mimetype == "image/jpeg" and shown.headers["Cache-Control"] == "no-store"
    assert client_as(Role.HANDLER).get(f"{path}/{sent.json['photo']}").status_code == 404
    assert ours.get(f"{path}/999999").status_code == 404
    assert ours.post(path, data=b"<svg/>").status_code == 400
    assert ours.get(f"/api/incidents/{taken['receipt']}").json["photos"] == [sent.json["photo"]]
