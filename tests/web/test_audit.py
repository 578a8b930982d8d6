"""The auditor's page: what stands out is shown at once, marked with a note, and searched."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from layers.access import Role
from layers.across import accounts
from layers.across.alerts import AuditReview, alerts
from spatial.audit import AuditEvent, Event, _mac
from spatial.config import Settings
from tests.layers.across.test_persons import make_person
from tests.support.factories import make_building, make_household, make_tree, make_unit
from tests.support.sealed import vault

NOON = datetime.now(UTC).replace(hour=4, minute=0, second=0, microsecond=0) - timedelta(days=1)


def write(session, *, at=NOON, actor="wang", action="occupants", **said):
    """Write a line as of a moment."""
    event = Event(actor=actor, role="officer", action=action, purpose="service", **said)
    line = json.dumps({"at": at.isoformat(), "actor": actor, "role": "officer", "action": action,
                       "purpose": "service", "case": event.case, "subjects": event.subjects,
                       "seen": ["name"], "note": event.note}, ensure_ascii=False)
    session.add(AuditEvent(at=at, actor=actor, role="officer", action=action, purpose="service",
                           case=event.case, subjects=list(event.subjects), line=line,
                           mac=b"\xff" * 2 + _mac(vault(), line)[2:]))
    session.flush()


def kinds(session):
    return sorted({one.kind for one in alerts(session, Settings())})


def test_a_quiet_day_shows_nothing(session):
    write(session, subjects=("r1",), case="E1")
    write(session, subjects=("r2",), case="E2")
    assert kinds(session) == []


@pytest.mark.parametrize("count, found", [(99, []), (100, ["harvesting"])])
def test_a_hundred_persons_an_hour_outside_of_cases(session, count, found):
    for number in range(count):
        write(session, at=NOON + timedelta(seconds=30 * number), subjects=(f"r{number}",))
    assert kinds(session) == found


def test_a_hundred_persons_in_cases_or_over_days_are_work(session):
    for number in range(150):
        write(session, subjects=(f"r{number}",), case="E1")
        days = timedelta(days=number // 15, minutes=number)
        write(session, actor="li", at=NOON - days, subjects=(f"r{number}",))
    assert "harvesting" not in kinds(session)


def test_id_numbers_that_nobody_has(session):
    for number in range(20):
        write(session, action="person-by-id", at=NOON + timedelta(minutes=number))
    assert kinds(session) == ["probing"]


def test_the_same_person_three_times_without_a_case(session):
    for day in range(3):
        assert kinds(session) == []
        write(session, at=NOON - timedelta(days=day), subjects=("r1",))
    assert kinds(session) == ["thrice"]


@pytest.mark.parametrize("hour, found", [(21, []), (22, ["night"]), (3, ["night"]), (6, [])])
def test_at_night_in_the_registrys_zone(session, hour, found):
    write(session, at=NOON.replace(hour=(hour - 8) % 24), subjects=("r1",))
    assert kinds(session) == found


def test_own_household_own_building_and_colleagues(session):
    *_, community = make_tree(session)
    building = make_building(session, scope=community.scope)
    unit, other = make_unit(session, building), make_unit(session, building, designator="502")
    family = make_household(session, unit)
    make_person(session, unit, name="wang", household=family)
    kin = make_person(session, unit, name="李四", household=family)
    neighbour = make_person(session, other, name="赵六")
    far = make_person(session, make_unit(session, make_building(session)), name="li")
    accounts.add_user(session, "li", password="seven-quiet-doors-open", role=Role.OFFICER,
                      area="*", granted_by="test")
    for one, kind in ((kin, "household"), (neighbour, "building"), (far, "colleague")):
        write(session, subjects=(one.identifier,), case="E1")
        assert kind in kinds(session)
    write(session, actor="zhao", subjects=(neighbour.identifier,), case="E1")
    assert not [one for one in alerts(session, Settings()) if one.actor == "zhao"]


def test_every_break_glass_and_two_of_a_hundred_openings(session):
    write(session, action="break-glass", subjects=("r1",), case="E1")
    assert kinds(session) == ["break_glass"]
    line = session.scalars(select(AuditEvent)).one()
    session.add(AuditEvent(at=NOON, actor="wang", role="officer", action="occupants", case="E1",
                           subjects=["r1"], line=line.line, mac=b"\x00" * 16))
    session.flush()
    assert kinds(session) == ["break_glass", "sample"]


@pytest.fixture
def auditor(client_as):
    return client_as(Role.AUDITOR)


def thrice(session):
    for day in range(3):
        write(session, at=NOON - timedelta(days=day), subjects=("r1",))
    session.commit()


def test_the_page_shows_alerts_in_both_languages(auditor, session):
    thrice(session)
    answer = auditor.get("/audit")
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert "无事项三次查阅同一人" in answer.get_data(as_text=True)
    assert "The same person three times" in auditor.get("/audit?lang=en").get_data(as_text=True)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.AUDITOR}))
def test_only_the_auditor_reads_the_audit(client_as, role):
    client = client_as(role)
    assert client.get("/audit").status_code == 403
    assert client.post("/audit/reviews", data={"kind": "night"}).status_code == 403


def test_an_alert_is_marked_with_a_note_until_it_happens_again(auditor, session):
    thrice(session)
    one = alerts(session, Settings())[0]
    given = {"kind": one.kind, "event": str(one.event_id), "note": "登记核对，有纸质记录"}
    assert auditor.post("/audit/reviews", data=given).status_code == 303
    assert alerts(session, Settings())[0].review.note == "登记核对，有纸质记录"
    assert "已标记" in auditor.get("/audit?done=reviewed").get_data(as_text=True)
    assert session.scalars(select(AuditReview.reviewer)).one() == "token:test-auditor"
    write(session, at=NOON + timedelta(hours=1), subjects=("r1",))
    assert alerts(session, Settings())[0].review is None


def test_a_mark_needs_a_note_and_an_alert(auditor, session):
    thrice(session)
    event = str(alerts(session, Settings())[0].event_id)
    assert auditor.post("/audit/reviews", data={"kind": "thrice", "event": event}
                        ).status_code == 422
    assert auditor.post("/audit/reviews", data={"kind": "night", "event": event, "note": "x"}
                        ).status_code == 404


def test_the_search_finds_lines_and_is_a_line_itself(auditor, session):
    *_, community = make_tree(session)
    person = make_person(session, make_unit(session, make_building(session)), source_id="R77")
    write(session, subjects=(person.identifier,), case="E-81")
    session.commit()
    for query in ("person=R77", "actor=wang", f"day={NOON:%Y-%m-%d}"):
        said = auditor.get(f"/audit?{query}").get_data(as_text=True)
        assert "E-81" in said and "张小三" not in said
    assert "E-81" not in auditor.get("/audit?actor=nobody").get_data(as_text=True)
    last = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (last.actor, last.action) == ("token:test-auditor", "audit-search")
