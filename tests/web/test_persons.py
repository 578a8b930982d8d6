"""POST /api/lookup/person: exact shapes, clear refusals, nothing personal anywhere else."""

import pytest
from sqlalchemy import func, select

from layers.access import PERSON_READERS, Role
from spatial.audit import AuditEvent
from tests.layers.across.test_persons import PHONE, make_person, number
from tests.support.factories import (
    make_building,
    make_compound,
    make_division,
    make_tree,
    make_unit,
)

URL = "/api/lookup/person"


@pytest.fixture
def person(session):
    """张小三, who lives at a door."""
    _district, _subdistrict, community = make_tree(session)
    building = make_building(session, make_compound(session, community), scope=community.scope)
    one = make_person(session, make_unit(session, building), source_id="R000001")
    session.commit()
    return one


def ask(client, **body):
    return client.post(URL, json={"purpose": "service", **body})


def audited(session):
    return session.scalar(select(func.count()).select_from(AuditEvent))


def test_an_answer_has_the_shape_of_the_contract(officer, person):
    answer = ask(officer, id_number=number())
    body = answer.get_json()
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert body["next"] is None and body["asks"] == []
    item = body["items"][0]
    assert (item["ref"], item["source_id"], item["name"]) == (
        person.identifier, "R000001", "张小三")
    assert {"identifier", "source_id", "level", "label", "full_label", "chain", "point",
            "height", "placement", "precision_m", "status"} <= set(item["place"])


def test_other_areas_persons_answer_the_very_bytes_of_unknown_ones(client_as, person, session):
    other = make_division(session, level="district", code="999902", name="另一区")
    session.commit()
    elsewhere = client_as(Role.OFFICER, other.identifier)
    assert ask(elsewhere, phone=PHONE).data == ask(elsewhere, phone="13900000000").data


@pytest.mark.parametrize("body", [
    {}, {"name": "张小三", "phone": PHONE}, {"id_number": "12345"}, {"id_number": "1" * 17},
    {"id_number": "1" * 19}, {"id_number": "９" * 18}, {"id_number": "x" * 1_000},
    {"id_number": "15230119900307567\x00"}, {"id_number": 5}, {"id_number": None},
    {"id_number": "152301299903075672"}, {"id_number": ["1"]}, {"phone": "no number"},
    {"name": ""}, {"name": "x"}, {"name": "张"}, {"name": "a" * 200}, {"name": "张\n小三"},
    {"name": "<script>"[:2]}, {"name": "张小三", "limit": -1}, {"name": "张小三", "limit": 0},
    {"name": "张小三", "limit": 99999}, {"name": "张小三", "birth_year": 1},
    {"name": "张小三", "offset": 10**9}, {"name": "张小三", "sort": "pg_sleep(9)"},
    {"name": "张小三", "purpose": "curiosity"}, {"name": "张小三", "purpose": None},
    {"phone": PHONE, "street": "明仁大街"}])
def test_what_is_wrong_is_a_clear_refusal(officer, person, body):
    answer = ask(officer, **body)
    assert answer.status_code == 400 and answer.mimetype == "application/problem+json"
    assert answer.get_json()["detail"]


@pytest.mark.parametrize("name", [
    "=cmd|' /C calc'!A0", "<script>alert(1)</script>", "张\u202e小三", "张\u200b小三", "𠮷野",
    "阿·迪", "阿•迪", "阿・迪", "阿‧迪", "' UNION SELECT --", '"quoted"', "`tick`", "完颜洪烈",
    "x" * 100])
def test_strange_names_are_looked_for_and_not_found(officer, person, name):
    answer = ask(officer, name=name)
    assert answer.status_code == 200
    assert answer.get_json()["items"] == [] or "\u200b" in name or "\u202e" in name


def test_fifteen_digits_are_upgraded(officer, person):
    assert ask(officer, id_number=number()[:6] + number()[8:17]).get_json()["items"]


@pytest.mark.parametrize("role", sorted(set(Role) - PERSON_READERS))
def test_roles_without_persons_are_refused_and_that_is_noted(client_as, person, session, role):
    before = audited(session)
    answer = ask(client_as(role), id_number=number())
    assert answer.status_code == 403 and audited(session) == before + 1
    assert person.identifier not in answer.get_data(as_text=True)


def test_every_answer_has_its_line(officer, person, session):
    before = audited(session)
    ask(officer, id_number=number())
    ask(officer, name="张小三")
    ask(officer, phone="13900000000")
    assert audited(session) == before + 3


def test_no_answer_without_its_line(officer, person, session, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("layers.across.persons.record", fail)
    answer = ask(officer, id_number=number())
    assert answer.status_code == 500 and person.identifier not in answer.get_data(as_text=True)


def test_personal_terms_are_no_parameters_of_a_url(officer, person):
    assert officer.post(URL + "?name=张小三", json={"purpose": "service"}).status_code == 400
    assert officer.get(URL).status_code == 405


def test_only_json_is_read(officer, person):
    assert officer.post(URL, data={"name": "张小三"}).status_code == 415
