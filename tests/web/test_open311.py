"""Open311 GeoReport v2 and the public page: anybody may report; nobody learns of a person."""

import io
from xml.etree import ElementTree

import pytest
from PIL import Image

from layers.access import Role
from layers.across.orders_tables import IncidentPhoto
from tests.support.factories import SOUTH, WEST, make_facility, make_street
from tests.web.test_incidents import place  # noqa: F401

WORDS = "张三家厨房漏水，电话12001234567"


def picture(form="JPEG", exif=True, size=(2000, 1000)):
    image, out = Image.new("RGB", size, "navy"), io.BytesIO()
    said = Image.Exif()
    said[0x010F], said[0x0112] = "SecretCamera", 6
    said.get_ifd(0x8825)[2] = (43.0, 36.0, 0.0)
    image.save(out, form, **({"exif": said} if exif else {}))
    return out.getvalue()


@pytest.fixture
def unit(place):  # noqa: F811
    return place[0]


def report(client, form="json", **said):
    return client.post(f"/open311/v2/requests.{form}", data={
        "service_code": "water_leak", "description": WORDS, **said})


def test_services_are_listed_and_defined_in_both_forms(anonymous):
    listed = anonymous.get("/open311/v2/services.json").json
    first = {one["service_code"]: one for one in listed}["water_leak"]
    assert (first["service_name"], first["metadata"], first["type"]) == (
        "管道漏水", False, "realtime")
    root = ElementTree.fromstring(anonymous.get("/open311/v2/services.xml").data)
    assert root.tag == "services" and len(root) == len(listed) and root[0].tag == "service"
    one = anonymous.get("/open311/v2/services/water_leak.json").json
    assert one == [{"service_code": "water_leak", "attributes": []}]
    gone = anonymous.get("/open311/v2/services/war.xml")
    assert gone.status_code == 404 and ElementTree.fromstring(gone.data)[0][0].text == "404"


def test_a_request_is_taken_and_answers_its_number(anonymous, client_as, unit):
    sent = report(anonymous, lat=SOUTH + 0.002, long=WEST + 0.0003, jurisdiction_id="x",
                  first_name="三", last_name="张", phone="12001234567", email="a@b.c")
    assert sent.status_code == 201, sent.data
    number = sent.json[0]["service_request_id"]
    seen = client_as(Role.OPERATOR).get(f"/api/incidents/{number}").json
    assert seen["description"] == WORDS and seen["caller"]["name"] == "张*"
    assert seen["channel"]["code"] == "web"
    token = anonymous.get(f"/open311/v2/tokens/{number}.json").json
    assert token == [{"service_request_id": number, "token": number}]


def test_public_answers_never_tell_of_a_person_or_a_dwelling(anonymous, unit, session):
    make_street(session, geometry="SRID=4326;LINESTRING(122.219 43.6,122.223 43.6)")
    session.commit()
    number = report(anonymous, address_id=unit.identifier).json[0]["service_request_id"]
    for path in (f"requests/{number}.json", "requests.json", f"requests/{number}.xml",
                 "requests.xml"):
        text = anonymous.get(f"/open311/v2/{path}").get_data(as_text=True)
        assert number in text and "向阳小区" in text
        assert not [word for word in ("张三", "12001234567", "501", unit.identifier, "漏水，")
                    if word in text.replace(number, "")]
    one = anonymous.get(f"/open311/v2/requests/{number}.json").json[0]
    assert (one["status"], one["address"], one["lat"], one["media_url"]) == (
        "open", "向阳小区", None, None)
    assert one["requested_datetime"].endswith("+08:00")


def test_of_a_sensitive_service_only_the_holder_of_the_number_hears(anonymous, unit):
    number = report(anonymous, service_code="elder_care",
                    address_id=unit.identifier).json[0]["service_request_id"]
    assert anonymous.get("/open311/v2/requests.json").json == []
    one = anonymous.get(f"/open311/v2/requests/{number}.json").json[0]
    assert (one["status"], one["service_code"], one["address"]) == ("open", None, None)


def test_an_order_that_turns_out_to_be_sensitive_leaves_the_public_list_for_good(
        anonymous, unit, client_as):
    """Whoever noted the number reads no kind and no place any more, whatever it is called later."""
    number = report(anonymous, service_code="noise",
                    address_id=unit.identifier).json[0]["service_request_id"]
    desk = client_as(Role.OPERATOR)
    assert len(anonymous.get("/open311/v2/requests.json").json) == 1
    for code in ("elder_care", "noise"):
        assert desk.post(f"/api/incidents/{number}/events", json={
            "kind": "retyped", "service_code": code}).status_code == 201
        assert anonymous.get("/open311/v2/requests.json").json == []
        one = anonymous.get(f"/open311/v2/requests/{number}.json").json[0]
        assert (one["service_code"], one["address"]) == (None, None)


def test_requests_are_narrowed_as_the_specification_says(anonymous, unit):
    numbers = [report(anonymous, address_id=unit.identifier, service_code=code).json[0][
        "service_request_id"] for code in ("noise", "garbage")]

    def found(query):
        return {one["service_request_id"] for one in anonymous.get(
            f"/open311/v2/requests.json?{query}").json}
    assert found("service_code=noise") == {numbers[0]}
    assert found("service_code=noise,garbage&status=open") == set(numbers)
    assert found(f"service_request_id={','.join(numbers)}") == set(numbers)
    assert found("status=closed") == set() == found("end_date=2020-01-01T00:00:00Z")


@pytest.mark.parametrize(("path", "status"), [
    ("requests.json?status=maybe", 400), ("requests.json?start_date=yesterday", 400),
    ("requests.json?start_date=2026-02-02&end_date=2026-01-01", 400),
    ("requests.json?nonsense=1", 400), ("requests/1.json", 404), ("tokens/x.xml", 404),
    ("requests.csv", 401), ("services/' OR 1=1.json", 404),
    ("requests.json?service_request_id=" + ",".join(map(str, range(99))), 400),
])
def test_what_cannot_be_asked_is_refused_clearly(anonymous, path, status):
    assert anonymous.get(f"/open311/v2/{path}").status_code == status


@pytest.mark.parametrize("said", [
    {"service_code": ""}, {"service_code": "war"}, {}, {"lat": "x", "long": "1"}, {"lat": "43.6"},
    {"lat": "0", "long": "0"}, {"lat": "nan", "long": "122"}, {"address_id": "u1"},
    {"address_string": "x" * 600}, {"foo": "bar"},
])
def test_a_request_that_cannot_be_is_refused_with_code_and_words(anonymous, unit, said):
    answer = report(anonymous, **said)
    assert answer.status_code in (400, 404) and answer.json[0]["description"]


def test_a_picture_is_kept_without_what_its_file_knew(anonymous, session, unit):
    sent = report(anonymous, address_id=unit.identifier,
                  media=(io.BytesIO(picture()), "leak.jpg"))
    assert sent.status_code == 201
    raw = session.query(IncidentPhoto).one().image
    kept = Image.open(io.BytesIO(raw))
    assert kept.format == "JPEG" and kept.size == (800, 1600) and not kept.getexif()
    assert b"SecretCamera" not in raw


@pytest.mark.parametrize("raw", [b"<svg/>", b"GIF89a" + b"\0" * 30, b"MZ\x90", picture()[:900]])
def test_what_is_no_picture_is_refused_and_nothing_is_kept(anonymous, session, unit, raw):
    sent = report(anonymous, address_id=unit.identifier, media=(io.BytesIO(raw), "x.jpg"))
    assert sent.status_code == 400 and "picture" in sent.json[0]["description"]
    assert anonymous.get("/open311/v2/requests.json").json == []


def test_too_many_reports_of_one_address_are_asked_to_wait(app, session, unit):
    client = app.test_client()
    codes = [report(client, address_id=unit.identifier).status_code for _ in range(22)]
    assert codes[:20] == [201] * 20 and codes[-1] == 429


def test_here_tells_whose_a_place_is_and_no_name(anonymous, session, unit):
    make_facility(session, kind="service_station", name="向阳便民服务站", hours="08:30-17:30")
    session.commit()
    for language, word in (("zh", "所属网格"), ("en", "Community")):
        answer = anonymous.get(f"/here?at={unit.identifier}&lang={language}")
        text = answer.get_data(as_text=True)
        assert answer.status_code == 200 and word in text
        assert "第1网格" in text and "向阳便民服务站" in text and "08:30" in text
        assert "501" not in text
    assert anonymous.get("/here").status_code == 200
    assert anonymous.get("/here?at=不存在的地方").status_code == 404
    assert anonymous.get("/here?at=u0000000000000000").status_code == 404


def test_here_takes_a_report_and_tells_how_it_stands(anonymous, unit):
    sent = anonymous.post("/here", data={"at": unit.identifier, "service_code": "water_leak",
                                         "description": WORDS + "\r\n<script>"})
    text = sent.get_data(as_text=True)
    assert sent.status_code == 200
    number = text.split("<output>")[1].split("<")[0]
    stands = anonymous.get(f"/here?receipt={number}").get_data(as_text=True)
    assert "待办" in stands and "向阳小区" in stands and "张三" not in stands
    assert anonymous.get("/here?receipt=1").status_code == 404
    wrong = anonymous.post("/here", data={"at": unit.identifier, "service_code": "war"})
    assert wrong.status_code == 422
