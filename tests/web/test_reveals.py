"""POST /api/persons/{ref}/reveal: who is shown what in full, counted and on the record."""

import json

import pytest
from sqlalchemy import select

from layers.access import PERSON_READERS, REVEALABLE, REVEALS, Role
from spatial.audit import AuditEvent
from tests.layers.across.test_persons import PHONE, make_person, number
from tests.support.factories import (
    make_building,
    make_division,
    make_incident,
    make_tree,
    make_unit,
)

VALUES = {"name": "张小三", "birth_date": "1990-03-07", "phone": PHONE, "id_number": number()}


@pytest.fixture
def person(session):
    """张小三 at a door with an open incident, and another open incident elsewhere."""
    _district, _subdistrict, community = make_tree(session)
    building = make_building(session, scope=community.scope)
    unit = make_unit(session, building)
    one = make_person(session, unit)
    make_incident(session, unit_id=unit.id, scope=unit.scope, source_id="HERE")
    make_incident(session, scope=unit.scope, source_id="ELSEWHERE")
    make_incident(session, unit_id=unit.id, scope=unit.scope, source_id="OVER", status="closed")
    session.commit()
    return one


def ask(client, person, field="phone", **said):
    body = {"field": field, "purpose": "service", "case": "HERE", **said}
    return client.post(f"/api/persons/{getattr(person, 'identifier', person)}/reveal", json=body)


def lines(session):
    return [json.loads(line) for line in session.scalars(
        select(AuditEvent.line).order_by(AuditEvent.id))]


@pytest.mark.parametrize("field", REVEALABLE)
@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_shown_its_own_fields_and_no_other(client_as, person, session, role, field):
    answer = ask(client_as(role), person, field)
    line = lines(session)[-1]
    if field in REVEALS.get(role, ()):
        assert answer.get_json() == {"ref": person.identifier, "field": field,
                                     "value": VALUES[field]}
        assert answer.headers["Cache-Control"] == "no-store"
        assert (line["action"], line["case"], line["purpose"]) == ("reveal", "HERE", "service")
        assert line["subjects"] == [person.identifier] and line["seen"] == [field]
    else:
        assert answer.status_code == 403 and line["note"] == "refused"
        assert VALUES[field] not in answer.get_data(as_text=True)


def test_only_roles_that_look_up_persons_reveal():
    assert set(REVEALS) <= PERSON_READERS
    assert all(fields <= set(REVEALABLE) for fields in REVEALS.values())


@pytest.mark.parametrize("case", ["OVER", "NONE"])
def test_without_an_open_case_nothing_is_shown(officer, person, case):
    assert ask(officer, person, case=case).status_code == 403


def test_an_operators_case_must_be_at_the_persons_place(client_as, person):
    assert ask(client_as(Role.OPERATOR), person, case="ELSEWHERE").status_code == 403
    assert ask(client_as(Role.OFFICER), person, case="ELSEWHERE").status_code == 200


def test_other_areas_persons_answer_as_unknown_ones(client_as, person, session):
    other = make_division(session, level="district", code="999902", name="另一区")
    make_incident(session, scope=other.scope, source_id="THERE")
    session.commit()
    elsewhere = client_as(Role.OFFICER, other.identifier)
    known = ask(elsewhere, person, case="THERE")
    assert known.status_code == 404
    assert known.data == ask(elsewhere, "r0000000000000000", case="THERE").data
    assert [line["note"] for line in lines(session)[-2:]] == ["refused", "refused"]


@pytest.mark.parametrize("said", [
    {"field": "everything"}, {"field": None}, {"purpose": "curiosity"}, {"case": None},
    {"case": ""}, {"more": 1}])
def test_what_is_wrong_is_a_clear_refusal(officer, person, said):
    assert ask(officer, person, **said).status_code == 400


def test_ten_an_hour_and_lists_stay_masked(officer, person):
    for _ in range(10):
        assert ask(officer, person).status_code == 200
    refused = ask(officer, person)
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 60
    body = {"purpose": "service", "id_number": number()}
    found = officer.post("/api/lookup/person", json=body).get_json()["items"][0]
    assert found["phone"] == "138****5678"


def test_a_value_is_not_shown_without_its_line(officer, person, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("layers.across.persons.record", fail)
    answer = ask(officer, person)
    assert answer.status_code == 500 and PHONE not in answer.get_data(as_text=True)


def test_the_line_is_on_the_disk_before_the_value_is_shown(officer, person, monkeypatch):
    kept = []

    def note(*_: object, durable: bool = False) -> None:
        kept.append(durable)

    monkeypatch.setattr("layers.across.persons.record", note)
    assert ask(officer, person).status_code == 200 and kept == [True]
