"""Visits: lists of doors, records from phones, and what a supervisor makes of them."""

import io
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from layers.access import Role
from layers.organizations import Premises
from layers.residents import Residency, Resident
from layers.units import Unit
from layers.visits import Visit, VisitPhoto
from tests.support.factories import (
    make_building,
    make_entrance,
    make_grid,
    make_organization,
    make_residency,
    make_resident,
    make_storey,
    make_unit,
)


@pytest.fixture
def home(session, tree):
    """A building with a dwelling of two and a shop; another one in another community's grid."""
    grid = make_grid(session, tree[2])
    building = make_building(session, grid=grid)
    door, floor = make_entrance(session, building), make_storey(session, building)
    unit = make_unit(session, building, entrance=door, storey=floor)
    shop = make_unit(session, building, entrance=door, storey=floor, designator="门市1", use="shop")
    for name in ("王建国", "李秀英"):
        make_residency(session, make_resident(session, name=name, scope=building.scope), unit)
    make_organization(session, shop, name="向阳超市")
    session.commit()
    return {"building": building, "unit": unit, "shop": shop, "tree": tree}


@pytest.fixture
def worker(client_as):
    return client_as(Role.GRID_WORKER)


@pytest.fixture
def officer(client_as):
    return client_as(Role.OFFICER)


def doors(client, home):
    answer = client.get(f"/api/visits/doors?building={home['building'].identifier}")
    assert answer.status_code == 200, answer.text
    return {one["label"]: one for one in answer.get_json()["doors"]}


def visit(door, outcome="confirmed", *findings, **said):
    made = {"key": str(uuid4()), "unit": door["unit"], "outcome": outcome, "base": door["base"],
            "seen_at": datetime.now(UTC).isoformat(), **said}
    return made | ({"findings": list(findings)} if findings else {})


def send(client, *records):
    answer = client.post("/api/visits", json={"records": list(records)})
    assert answer.status_code == 200, answer.text
    return answer.get_json()["records"]


def settle(client, key, do="accept", reason=""):
    return client.post(f"/desk/visits/{key}", data={"do": do, "reason": reason})


def living(session, unit):
    session.expire_all()
    return set(session.scalars(
        select(Resident.name).join(Residency, Residency.resident_id == Resident.id)
        .where(Residency.unit_id == unit.id, Residency.valid_to.is_(None))))


def test_the_list_begins_with_doors_that_nobody_has_seen(worker, home):
    before = worker.get("/api/visits/buildings").get_json()["items"]
    assert [(one["doors"], one["never"]) for one in before] == [(2, 2)]
    send(worker, visit(doors(worker, home)["501室"]))
    after = worker.get("/api/visits/buildings").get_json()["items"]
    assert [(one["doors"], one["never"]) for one in after] == [(2, 1)]


def test_a_tower_of_more_than_two_hundred_doors_is_told_whole(worker, home, session):
    for number in range(220):
        make_unit(session, home["building"], designator=f"T{number}")
    session.commit()
    assert len(doors(worker, home)) == 222


def test_a_round_carries_names_and_no_numbers(worker, home):
    told = doors(worker, home)
    assert [one["name"] for one in told["501室"]["people"]] == ["王建国", "李秀英"]
    assert set(told["501室"]["people"][0]) == {"ref", "name", "sex", "age_band"}
    assert [one["name"] for one in told["门市1"]["organizations"]] == ["向阳超市"]


def test_a_confirmed_visit_changes_nothing_and_is_noted(worker, home, session):
    told = send(worker, visit(doors(worker, home)["501室"]))
    assert told[0]["state"] == "noted"
    assert living(session, home["unit"]) == {"王建国", "李秀英"}
    assert doors(worker, home)["501室"]["seen_at"] is not None


def test_the_same_record_sent_twice_is_kept_once(worker, home, session):
    one = visit(doors(worker, home)["501室"])
    assert [send(worker, one)[0].get("again"), send(worker, one)[0].get("again")] == [None, True]
    assert session.scalar(select(func.count()).select_from(Visit)) == 1


def test_findings_wait_and_are_written_only_when_an_officer_agrees(worker, officer, home, session):
    door = doors(worker, home)["501室"]
    gone = next(one for one in door["people"] if one["name"] == "王建国")
    one = visit(door, "changed", {"kind": "left", "ref": gone["ref"]},
                {"kind": "came", "name": "赵小明", "sex": "male"})
    assert send(worker, one)[0] == {"key": one["key"], "unit": door["unit"], "state": "waiting",
                                    "conflict": False}
    assert living(session, home["unit"]) == {"王建国", "李秀英"}
    page = officer.get("/desk/visits?lang=zh")
    assert "赵小明" in page.text and "王建国" in page.text
    assert settle(officer, one["key"]).status_code == 303
    assert living(session, home["unit"]) == {"李秀英", "赵小明"}
    assert session.scalars(select(Visit.findings)).one() is None
    ended = session.scalars(select(Residency).where(Residency.valid_to.is_not(None))).one()
    assert ended.reason.startswith("visit by") and ended.recorded_by.startswith("token:")


def test_a_new_person_of_a_visit_is_reported_not_confirmed(worker, officer, home, session):
    one = visit(doors(worker, home)["501室"], "changed", {"kind": "came", "name": "赵小明"})
    send(worker, one)
    settle(officer, one["key"])
    state = session.scalar(select(Residency.state).join(
        Resident, Resident.id == Residency.resident_id).where(Resident.name == "赵小明"))
    assert state == "reported"


def test_names_firms_and_use_are_corrected(worker, officer, home, session):
    told = doors(worker, home)
    first = visit(told["501室"], "changed",
                  {"kind": "renamed", "ref": told["501室"]["people"][0]["ref"], "name": "王建囯"})
    shop = visit(told["门市1"], "changed", {"kind": "use", "use": "office"},
                 {"kind": "firm_left", "ref": told["门市1"]["organizations"][0]["ref"]},
                 {"kind": "firm_came", "name": "青禾便利店"}, {"kind": "note", "text": "招牌已换"})
    send(worker, first, shop)
    for one in (first, shop):
        answer = settle(officer, one["key"])
        assert answer.status_code == 303, answer.text
    session.expire_all()
    assert session.scalar(select(Resident.former_name).where(Resident.name == "王建囯")) == "王建国"
    assert session.get_one(Unit, home["shop"].id).use == "office"
    assert session.scalar(select(func.count()).select_from(Premises).where(
        Premises.unit_id == home["shop"].id, Premises.valid_to.is_(None))) == 1


def test_two_values_for_one_door_are_both_kept(worker, officer, home, session):
    door = doors(worker, home)["501室"]
    first = visit(door, "changed", {"kind": "came", "name": "赵一"})
    second = visit(door, "changed", {"kind": "came", "name": "钱二"})
    assert [one["conflict"] for one in send(worker, first, second)] == [False, True]
    page = officer.get("/desk/visits?lang=en").text
    assert "赵一" in page and "钱二" in page and "Two values" in page
    assert settle(officer, first["key"], "refuse", "查无此人").status_code == 303
    assert settle(officer, second["key"]).status_code == 303
    assert living(session, home["unit"]) == {"王建国", "李秀英", "钱二"}


def test_what_the_register_has_learnt_meanwhile_is_a_conflict(worker, home, session):
    door = doors(worker, home)["501室"]
    make_residency(session, make_resident(session, name="孙三", scope=home["building"].scope),
                   home["unit"])
    session.commit()
    told = send(worker, visit(door, "changed", {"kind": "came", "name": "赵一"}))
    assert told[0]["conflict"] is True


def test_nobody_settles_their_own_visit_nor_one_twice(officer, client_as, home, session):
    one = visit(doors(officer, home)["501室"], "changed", {"kind": "came", "name": "赵一"})
    send(officer, one)
    assert settle(officer, one["key"]).status_code == 422
    row = session.scalars(select(Visit)).one()
    row.actor = "somebody"
    session.commit()
    assert settle(officer, one["key"], "refuse").status_code == 422
    assert settle(officer, one["key"]).status_code == 303
    assert settle(officer, one["key"]).status_code == 422
    assert settle(officer, str(uuid4())).status_code == 422


def test_findings_are_sealed_in_the_database(worker, home, session):
    send(worker, visit(doors(worker, home)["501室"], "changed", {"kind": "came", "name": "赵小明"}))
    raw = session.scalars(select(Visit.findings)).one()
    assert "赵小明".encode() not in bytes(raw)


@pytest.mark.parametrize("finding", [
    {"kind": "came", "name": "张三 13812345678"}, {"kind": "note", "text": "150502 19650302 1234"},
    {"kind": "note", "text": "138-1234-5678"}, {"kind": "note", "text": "x" * 301},
    {"kind": "came"}, {"kind": "came", "name": ""}, {"kind": "came", "name": "a\u202eb"},
    {"kind": "came", "name": "赵", "sex": "x"}, {"kind": "came", "name": "赵", "phone": "1"},
    {"kind": "use", "use": "palace"}, {"kind": "score"}, "came", None, {"kind": ["came"]},
    {"kind": "came", "name": 5}])
def test_a_wrong_finding_is_told_and_the_other_records_are_kept(worker, home, session, finding):
    told = doors(worker, home)
    bad = visit(told["501室"], "changed", finding)
    good = visit(told["门市1"])
    states = {one["key"]: one for one in send(worker, bad, good)}
    assert states[bad["key"]]["state"] == "wrong" and "finding 1" in states[bad["key"]]["why"]
    assert states[good["key"]]["state"] == "noted"


@pytest.mark.parametrize("said", [
    {"seen_at": (datetime.now(UTC) - timedelta(hours=13)).isoformat()},
    {"seen_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()},
    {"seen_at": "2026-11-27T08:00:00"}, {"seen_at": "yesterday"}, {"seen_at": 5}, {"key": "1"},
    {"outcome": "burnt"}, {"unit": "u0000000000000000"}, {"unit": 5}, {"base": None},
    {"outcome": "changed"}, {"position": [1, 2]}])
def test_a_record_that_cannot_be_is_told_why(worker, home, said):
    told = send(worker, visit(doors(worker, home)["501室"], **said))
    assert told[0]["state"] == "wrong" and len(told[0]["why"]) > 10


@pytest.mark.parametrize("body", [{}, {"records": []}, {"records": {}}, {"records": [1] * 201},
                                  [], {"records": [], "more": 1}])
def test_what_is_no_list_of_visits_is_refused(worker, body):
    assert worker.post("/api/visits", json=body).status_code == 400


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ANALYST, Role.STEWARD, Role.HANDLER])
def test_others_make_no_visits(client_as, home, role):
    client = client_as(role)
    assert client.get("/field").status_code == 403
    assert client.get("/api/visits/buildings").status_code == 403
    assert client.post("/api/visits", json={"records": [{}]}).status_code == 403
    assert client.get("/desk/visits").status_code == 403


def test_a_door_of_another_area_is_as_unknown(client_as, home, session, tree):
    from tests.support.factories import make_division

    other = make_division(session, tree[1], name="别处", code="150502001002")
    session.commit()
    away = client_as(Role.GRID_WORKER, area=other.code)
    where = "/api/visits/doors?building="
    assert away.get(where + home["building"].identifier).status_code == 404
    assert away.get(where + "b0000000000000000").status_code == 404
    assert away.get("/api/visits/buildings").get_json()["items"] == []


@pytest.mark.parametrize(("language", "word"), [("zh", "入户走访"), ("en", "Visits")])
def test_the_page_is_in_both_languages(worker, language, word):
    assert word in worker.get(f"/field?lang={language}").text


def test_the_worker_of_the_page_may_serve_the_page_and_keeps_no_data(anonymous):
    answer = anonymous.get("/field/worker.js")
    assert answer.headers["Service-Worker-Allowed"] == "/field"
    assert answer.mimetype in ("text/javascript", "application/javascript")
    assert "/api/" not in answer.text


def picture(place=True):
    """Return a JPEG whose EXIF tells where and with what it was taken."""
    from PIL import Image

    out, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "Camera of Wang"
    exif[0x0112] = 6                      # lies on its side
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (60, 40), "#808080").save(out, "JPEG", exif=exif if place else Image.Exif())
    return out.getvalue()


def put(client, visit, body, key=None):
    return client.put(f"/api/visits/{visit}/photos/{key or uuid4()}", data=body,
                      content_type="image/jpeg")


def test_a_picture_is_kept_without_where_and_with_what_it_was_taken(worker, officer, home, session):
    from PIL import Image

    one = visit(doors(worker, home)["501室"])
    assert put(worker, one["key"], picture()).status_code == 404      # before its visit
    assert send(worker, one)[0]["state"] == "noted"
    key = str(uuid4())
    assert put(worker, one["key"], picture(), key).get_json() == {"key": key}
    assert put(worker, one["key"], picture(), key).get_json() == {"key": key, "again": True}
    kept = session.scalars(select(VisitPhoto.image)).one()
    with Image.open(io.BytesIO(kept)) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (40, 60), {})
    assert b"Wang" not in kept
    assert f"/desk/visits/photos/{key}" in officer.get("/desk/visits").text
    shown = officer.get(f"/desk/visits/photos/{key}")
    assert (shown.data, shown.headers["Cache-Control"]) == (kept, "no-store")
    assert settle(officer, one["key"]).status_code == 303
    assert session.scalar(select(func.count()).select_from(VisitPhoto)) == 0
    assert put(worker, one["key"], picture()).status_code == 409      # nobody would look at it
    assert officer.get(f"/desk/visits/photos/{key}").status_code == 404


@pytest.mark.parametrize("body", [b"", b"GIF89a", picture()[:300], b"\xff\xd8\xff" + b"\0" * 99])
def test_what_is_no_picture_is_refused(worker, home, session, body):
    one = visit(doors(worker, home)["501室"])
    send(worker, one)
    assert put(worker, one["key"], body).status_code == 400
    assert session.scalar(select(func.count()).select_from(VisitPhoto)) == 0


def test_pictures_are_few_small_and_of_ones_own_visit(worker, officer, client_as, home):
    one = visit(doors(worker, home)["501室"])
    send(worker, one)
    assert put(worker, one["key"], b"\xff" * (4 * 1024 * 1024 + 1)).status_code == 413
    assert put(worker, "1", picture()).status_code == 400
    assert put(officer, one["key"], picture()).status_code == 404
    assert put(client_as(Role.OPERATOR), one["key"], picture()).status_code == 403
    states = [put(worker, one["key"], picture(place=False)).status_code for _ in range(4)]
    assert states == [200, 200, 200, 409]


def test_a_picture_is_shown_to_supervisors_of_its_area_only(worker, client_as, home, session, tree):
    from tests.support.factories import make_division

    other = make_division(session, tree[1], name="别处", code="150502001002")
    one, key = visit(doors(worker, home)["501室"]), str(uuid4())
    send(worker, one)
    put(worker, one["key"], picture(), key)
    where = f"/desk/visits/photos/{key}"
    assert client_as(Role.OFFICER, area=other.code).get(where).status_code == 404
    assert client_as(Role.GRID_WORKER).get(where).status_code == 403
