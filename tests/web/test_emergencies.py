"""The glass, the muster list, the dispatch card, and contacts of dwellings that asked for help."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from layers.access import Role
from layers.across.retention import keep
from layers.emergencies import BreakGlass, HelpContact, MusterTick
from spatial.audit import AuditEvent
from tests.support.factories import (
    make_building,
    make_compound,
    make_entrance,
    make_facility,
    make_grid,
    make_incident,
    make_organization,
    make_residency,
    make_resident,
    make_storey,
    make_unit,
    point,
)
from tests.web.conftest import PASSWORD

WHY = "五楼起火，楼道有烟，可能有人被困"


@pytest.fixture
def house(session, tree):
    """A building of two entrances; three live at 2-501, one asked for help; a shop below."""
    grid = make_grid(session, tree[2])
    compound = make_compound(session, tree[2])
    building = make_building(session, compound, grid=grid)
    doors = [make_entrance(session, building, number=n) for n in ("1", "2")]
    fifth, ground = (make_storey(session, building, index=n, label=f"{n}F") for n in (5, 1))
    home = make_unit(session, building, entrance=doors[1], storey=fifth, designator="501")
    shop = make_unit(session, building, entrance=doors[0], storey=ground, designator="门市1",
                     use="shop")
    for name in ("王建国", "李秀英", "王小明"):
        make_residency(session, make_resident(session, name=name, scope=building.scope), home)
    make_residency(session, make_resident(session, name="无名", scope=building.scope), building)
    make_organization(session, shop, name="向阳超市")
    make_facility(session, kind="hydrant", name="消火栓12", geometry=point(122.2205, 43.6003))
    make_facility(session, kind="hydrant", name="坏消火栓", status="faulty")
    make_facility(session, kind="gate", name="东门", compound_id=compound.id)
    make_facility(session, kind="lift", name="2单元电梯", building_id=building.id)
    incident = make_incident(session, building, service_code="fire")
    session.commit()
    return {"building": building, "home": home, "shop": shop, "incident": incident,
            "tree": tree}


@pytest.fixture
def broken(signed_in, house):
    """An operator's client and the ref of the list."""
    client = signed_in(Role.OPERATOR)
    answer = client.post("/api/emergencies", json={"incident": house["incident"].identifier,
                                                   "reason": WHY})
    assert answer.status_code == 200, answer.text
    return client, answer.get_json()["ref"]


def units_of(told):
    return {one["label"]: one for door in told["entrances"] for floor in door["floors"]
            for one in floor["units"]}


def test_the_list_tells_doors_and_numbers_and_no_names(broken):
    client, ref = broken
    answer = client.get(f"/api/emergencies/{ref}")
    told = answer.get_json()
    assert [door["label"] for door in told["entrances"]] == ["1单元", "2单元"]
    assert {name: one["living"] for name, one in units_of(told).items()} == {
        "501室": 3, "门市1": 0}
    assert units_of(told)["门市1"]["organizations"] == ["向阳超市"]
    assert told["without_unit"] == 1 and told["totals"]["living"] == 4
    assert not [name for name in ("王建国", "李秀英", "王小明", "无名") if name in answer.text]
    assert "no-store" in answer.headers["Cache-Control"]


def test_lifts_gates_and_the_nearest_working_hydrant_are_on_it(broken):
    told = broken[0].get(f"/api/emergencies/{broken[1]}").get_json()
    assert [one["label"] for one in told["lifts"]] == ["2单元电梯"]
    assert [one["label"] for one in told["gates"]] == ["东门"]
    assert [one["label"] for one in told["near"]["hydrant"]] == ["消火栓12"]
    assert 0 < told["near"]["hydrant"][0]["metres"] < 200


def test_breaking_and_every_look_are_on_the_record(broken, session):
    broken[0].get(f"/api/emergencies/{broken[1]}")
    lines = session.scalars(select(AuditEvent).where(AuditEvent.action.like("break-glass%"))
                            .order_by(AuditEvent.id)).all()
    assert [line.action for line in lines] == ["break-glass", "break-glass-muster"]
    assert {line.actor for line in lines} == {"zhao"}


def test_the_auditor_is_told_at_once(broken, client_as):
    page = client_as(Role.AUDITOR).get("/audit?lang=en").text
    assert "zhao" in page


def test_ticks_are_kept_changed_and_taken_back(broken, house):
    client, ref = broken
    where, unit = f"/api/emergencies/{ref}/ticks", house["home"].identifier
    for state in ("no_answer", "helped"):
        assert client.post(where, json={"unit": unit, "state": state}).status_code == 200
    assert client.get(where).get_json()["ticks"] == {unit: {"state": "helped", "by": "zhao"}}
    assert units_of(client.get(f"/api/emergencies/{ref}").get_json())["501室"]["tick"][
        "state"] == "helped"
    client.post(where, json={"unit": unit})
    assert client.get(where).get_json()["ticks"] == {}


@pytest.mark.parametrize(("body", "status"), [
    ({"unit": "u0000000000000000", "state": "reached"}, 404), ({"state": "reached"}, 400),
    ({"unit": "u1", "state": "dead"}, 400), ({"unit": "u1", "extra": 1}, 400)])
def test_a_tick_that_fits_no_door_is_refused(broken, body, status):
    client, ref = broken
    assert client.post(f"/api/emergencies/{ref}/ticks", json=body).status_code == status


def test_after_a_day_list_and_ticks_are_gone(broken, session, house):
    client, ref = broken
    client.post(f"/api/emergencies/{ref}/ticks",
                json={"unit": house["home"].identifier, "state": "reached"})
    session.execute(text("UPDATE break_glass SET gone_at = now() - interval '1 minute'"))
    session.commit()
    assert client.get(f"/api/emergencies/{ref}").status_code == 404
    client.post("/sign-in", data={"username": "zhao", "password": PASSWORD})
    assert session.scalars(select(MusterTick)).all() == []
    assert session.scalars(select(BreakGlass)).all() == []


def test_a_contact_whose_year_is_over_is_taken_away_by_keeping(client_as, house, session):
    client_as(Role.OFFICER).post(f"/api/places/{house['home'].identifier}/help-contact",
                                 json={"contact": "王芳 13812345678"})
    keep(session, apply=True)
    assert len(session.scalars(select(HelpContact)).all()) == 1
    keep(session, apply=True, now=datetime.now(UTC) + timedelta(days=366))
    assert session.scalars(select(HelpContact)).all() == []


def test_breaking_twice_gives_the_same_list(broken, house):
    again = broken[0].post("/api/emergencies", json={"incident": house["incident"].identifier,
                                                     "reason": WHY})
    assert again.get_json()["ref"] == broken[1]


@pytest.mark.parametrize("role", [Role.OFFICER, Role.HANDLER, Role.ANALYST, Role.PLANNER])
def test_nobody_but_an_operator_breaks_the_glass(client_as, house, role):
    answer = client_as(role).post("/api/emergencies", json={
        "incident": house["incident"].identifier, "reason": WHY})
    assert answer.status_code == 403


def test_a_token_of_an_operator_breaks_none(client_as, house):
    assert client_as(Role.OPERATOR).post("/api/emergencies", json={
        "incident": house["incident"].identifier, "reason": WHY}).status_code == 403


@pytest.mark.parametrize("reason", ["", "       ", "火灾", "啊啊啊啊啊啊啊啊啊", "x" * 501])
def test_a_reason_is_wanted_in_words(signed_in, house, reason):
    answer = signed_in(Role.OPERATOR).post("/api/emergencies", json={
        "incident": house["incident"].identifier, "reason": reason})
    assert answer.status_code == 400


def test_another_area_and_a_closed_incident_are_as_unknown(signed_in, house, session, tree):
    elsewhere = signed_in(Role.OPERATOR, area=tree[1].code, name="elsewhere")
    session.execute(text("UPDATE division SET low = 1, high = 2 WHERE id = :id"),
                    {"id": tree[1].id})
    session.commit()
    asked = {"incident": house["incident"].identifier, "reason": WHY}
    unknown = elsewhere.post("/api/emergencies", json={**asked, "incident": "i-none"})
    assert elsewhere.post("/api/emergencies", json=asked).status_code == 404
    assert unknown.status_code == 404
    house["incident"].status = "closed"
    session.commit()
    assert signed_in(Role.OPERATOR, name="near").post(
        "/api/emergencies", json=asked).status_code == 404


def test_an_incident_at_no_building_has_no_list(signed_in, session):
    loose = make_incident(session, geometry=point())
    session.commit()
    answer = signed_in(Role.OPERATOR).post("/api/emergencies", json={
        "incident": loose.identifier, "reason": WHY})
    assert answer.status_code == 409


def test_an_officer_of_the_place_sees_the_list_and_another_operator_does_not(
        broken, client_as, signed_in):
    assert client_as(Role.OFFICER).get(f"/api/emergencies/{broken[1]}").status_code == 200
    other = signed_in(Role.OPERATOR, name="qian")
    assert other.get(f"/api/emergencies/{broken[1]}").status_code == 404
    assert client_as(Role.ANALYST).get(f"/api/emergencies/{broken[1]}").status_code == 404


def test_who_asked_for_help_is_on_the_list_and_sealed_in_the_database(
        broken, client_as, house, session):
    client, ref = broken
    unit, contact = house["home"].identifier, "女儿 王芳 13812345678"
    given = client_as(Role.OFFICER).post(f"/api/places/{unit}/help-contact",
                                         json={"contact": contact})
    assert given.status_code == 200 and contact not in given.text
    assert units_of(client.get(f"/api/emergencies/{ref}").get_json())["501室"]["help"] == [contact]
    raw = session.scalars(select(HelpContact.contact)).one()
    assert contact.encode() not in bytes(raw)


def test_a_contact_ends_after_a_year_or_when_asked(broken, client_as, house, session):
    client, ref = broken
    where = f"/api/places/{house['home'].identifier}/help-contact"
    officer = client_as(Role.OFFICER)
    officer.post(where, json={"contact": "王芳 13812345678"})
    until = datetime.fromisoformat(officer.get(where).get_json()["contact"]["expires_at"])
    assert timedelta(days=364) < until - datetime.now(UTC) <= timedelta(days=365)
    assert officer.delete(where).get_json() == {"ended": 1}
    assert officer.get(where).get_json() == {"contact": None}
    assert session.scalars(select(HelpContact.contact)).all() == [b""]
    officer.post(where, json={"contact": "王芳 13812345678"})
    session.execute(text("UPDATE help_contact SET expires_at = now() - interval '1 s'"))
    session.commit()
    assert units_of(client.get(f"/api/emergencies/{ref}").get_json())["501室"]["help"] == []


def test_only_who_visits_takes_contacts_down(client_as, house):
    where = f"/api/places/{house['home'].identifier}/help-contact"
    for role in (Role.OPERATOR, Role.ANALYST, Role.STEWARD, Role.API_CLIENT):
        assert client_as(role).post(where, json={"contact": "王芳"}).status_code == 403


def test_the_dispatch_card_tells_the_way_and_nothing_of_persons(client_as, house):
    answer = client_as(Role.OPERATOR).get(
        f"/api/incidents/{house['incident'].identifier}/dispatch")
    card = answer.get_json()
    assert card["place"]["full_label"].endswith("8号楼")
    assert card["service"] == {"en": card["service"]["en"], "zh": "火情"}
    assert [one["label"] for one in card["way_in"]["gates"]] == ["东门"]
    assert card["near"]["hydrant"][0]["label"] == "消火栓12"
    assert "living" not in answer.text and "王建国" not in answer.text


@pytest.mark.parametrize(("language", "words"), [
    ("zh", "火情。科尔沁区"), ("en", "Nearest hydrant: 消火栓12, ")])
def test_the_card_can_be_read_aloud(client_as, house, language, words):
    page = client_as(Role.OPERATOR).get(
        f"/dispatch/{house['incident'].identifier}?lang={language}")
    assert words in page.text


@pytest.mark.parametrize(("language", "words"), [
    ("zh", ("已清点", "除颤器", "请写明情况")), ("en", ("checked of", "AED", "in words"))])
def test_the_pages_say_it_in_both_languages(broken, house, language, words):
    client, ref = broken
    incident = house["incident"].identifier
    paths = (f"/emergencies/{ref}", f"/dispatch/{incident}",
             f"/emergencies/new?incident={incident}")
    for path, word in zip(paths, words, strict=True):
        answer = client.get(path, headers={"Accept-Language": language})
        assert answer.status_code == 200 and word in answer.text, path


def test_the_form_breaks_the_glass_and_leads_to_the_list(signed_in, house, session):
    client = signed_in(Role.OPERATOR)
    short = client.post("/emergencies", data={"incident": house["incident"].identifier,
                                              "reason": "火"})
    assert short.status_code == 422 and session.scalars(select(BreakGlass)).all() == []
    done = client.post("/emergencies", data={"incident": house["incident"].identifier,
                                             "reason": WHY})
    assert done.status_code == 303
    assert "501室" in client.get(done.headers["Location"]).text
