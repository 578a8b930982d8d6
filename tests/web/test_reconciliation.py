"""Answers and lines, one against the other: whatever tells of a person is on the record.

Which endpoints may tell of a person is a column of data/access/endpoints.txt; each of them is asked
here as every role, and an answer that holds a planted text must have left a line that names it.
"""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from layers.access import Role
from layers.across.pairs import SourcePair
from layers.across.review import ReviewItem
from spatial import limits
from spatial.audit import AuditEvent
from tests.layers.across.test_persons import make_person, number
from tests.support import authorization
from tests.support.factories import (
    make_building,
    make_entrance,
    make_grid,
    make_incident,
    make_residency,
    make_resident,
    make_storey,
    make_unit,
)

NAME, TEXT, PHONE, ADDRESS = "司马娜妲", "厨房水管爆裂漏到楼下", "13987650421", "灶王庙后身三间半"
ID_NUMBER = number("15230119870605321")
PLANTED = (NAME, "司马*妲", "司*", TEXT, PHONE, ADDRESS, ID_NUMBER)
REPORT = {"service_code": "water_leak", "channel": "hotline", "description": TEXT,
          "caller_name": NAME, "caller_phone": PHONE}
#: How each endpoint that may tell of a person is asked: path, and body where it has one.
ASKED = {
    "POST /api/incidents": ("/api/incidents", {**REPORT, "place": "{unit}"}),
    "GET /api/incidents/<name>": ("/api/incidents/{order}", None),
    "POST /api/incidents/<name>/events": ("/api/incidents/{order}/events",
                                          {"kind": "noted", "note": TEXT}),
    "GET /api/incidents/<name>/photos/<int:number>": ("/api/incidents/{order}/photos/{photo}",
                                                      None),
    "GET /api/incidents/orders": ("/api/incidents/orders", None),
    "POST /api/lookup/person": ("/api/lookup/person", {"id_number": ID_NUMBER,
                                                       "purpose": "service"}),
    "POST /api/persons/<ref>/reveal": ("/api/persons/{person}/reveal", {
        "field": "phone", "purpose": "service", "case": "{order}"}),
    "POST /api/places/<identifier>/occupants": ("/api/places/{unit}/occupants", {
        "purpose": "service", "case": "{order}"}),
    "GET /api/emergencies/<ref>": ("/api/emergencies/{glass}", None),
    "GET /emergencies/<ref>": ("/emergencies/{glass}", None),
    "GET /api/visits/doors": ("/api/visits/doors?building={building}", None),
    "GET /desk/review": ("/desk/review", None),
    "GET /desk/review/pairs": ("/desk/review/pairs", None),
    "GET /desk/visits": ("/desk/visits", None),
    "POST /desk/visits/<key>": ("/desk/visits/{visit}", {"do": "refuse", "reason": "x"}),
}
#: Ask for more than words: a picture; a form that leads back to the list.
WORDLESS = {"GET /api/incidents/<name>/photos/<int:number>", "POST /desk/visits/<key>"}


@pytest.fixture
def town(session, tree, client_as, signed_in):
    """One dwelling of one person, an order with words and a picture, a visit, a question."""
    grid = make_grid(session, tree[2])
    building = make_building(session, grid=grid)
    unit = make_unit(session, building, entrance=make_entrance(session, building),
                     storey=make_storey(session, building))
    person = make_person(session, unit, name=NAME, born="1987-06-05", id_number=ID_NUMBER,
                         phone=PHONE)
    other = make_resident(session, name=NAME, scope=unit.scope)
    make_residency(session, other, unit)
    session.add(SourcePair(layer="resident", first_id=person.id, second_id=other.id,
                           why=["name"], scope=unit.scope))
    session.add(ReviewItem(text=ADDRESS, match_class="D", status="open", candidates=[],
                           scope=unit.scope))
    session.commit()
    operator, worker = client_as(Role.OPERATOR), client_as(Role.GRID_WORKER)
    order = operator.post("/api/incidents", json={**REPORT, "place": unit.identifier}).json
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(out, "PNG")
    photo = operator.post(f"/api/incidents/{order['receipt']}/photos",
                          data=out.getvalue()).json["photo"]
    [door] = worker.get(f"/api/visits/doors?building={building.identifier}").json["doors"]
    visit = "0b5b1f8e-3c1c-4d7a-9d0e-1f2e3d4c5b6a"
    worker.post("/api/visits", json={"records": [{
        "key": visit, "unit": unit.identifier, "outcome": "changed", "base": door["base"],
        "seen_at": datetime.now(UTC).isoformat(), "findings": [{"kind": "came", "name": NAME}]}]})
    fire = make_incident(session, building, service_code="fire")
    session.commit()
    glass = signed_in(Role.OPERATOR).post("/api/emergencies", json={
        "incident": fire.identifier, "reason": "五楼起火，楼道有烟，可能有人被困"}).json
    return {"unit": unit.identifier, "building": building.identifier, "person": person.identifier,
            "order": order["identifier"], "photo": photo, "visit": visit, "glass": glass["ref"]}


def test_every_endpoint_that_may_tell_of_a_person_is_asked():
    assert set(ASKED) == {str(line) for line in authorization.read() if line.fields}


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.OFFICER, Role.GRID_WORKER, Role.STEWARD,
                                  Role.ANALYST, Role.AUDITOR, Role.HANDLER, Role.API_CLIENT])
def test_what_tells_of_a_person_has_left_its_line(town, client_as, session, role, monkeypatch):
    moment = [limits.now()]
    monkeypatch.setattr(limits, "now", lambda: moment[0])
    client, told = client_as(role), set()
    for name, (path, body) in ASKED.items():
        moment[0] += timedelta(hours=1)
        before = session.scalar(select(AuditEvent.id).order_by(AuditEvent.id.desc()).limit(1)) or 0
        filled = json.loads(json.dumps(body).replace("{unit}", town["unit"]).replace(
            "{order}", town["order"]))
        answer = client.open(path.format(**town), method=name.split()[0],
                             **({"data": body} if name.startswith("POST /desk") else
                                {"json": filled} if body else {}))
        text = answer.get_data().decode("utf-8", "replace")
        tells = any(one in text for one in PLANTED)
        if answer.status_code < 300 and (tells or name in WORDLESS):
            told.add(name)
            new = session.scalars(select(AuditEvent).where(AuditEvent.id > before)).all()
            assert new, f"{role}: {name} told of a person, and no line says so"
            assert all(json.loads(one.line)["role"] == role for one in new)
            assert answer.headers["Cache-Control"] == "no-store"
    least = {Role.OPERATOR: 8, Role.OFFICER: 9, Role.GRID_WORKER: 8, Role.STEWARD: 2}
    assert len(told) >= least.get(role, 0), told
