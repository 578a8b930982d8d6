"""Who asks too often waits: 429, a problem document, and how long."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from layers.access import Role
from layers.across import accounts
from spatial import limits
from spatial.audit import AuditEvent
from tests.layers.across.test_persons import make_person, number
from tests.support.factories import make_building, make_tree, make_unit

URL = "/api/lookup/person"


@pytest.fixture
def clock(monkeypatch):
    moment = [datetime(2026, 3, 1, 8, tzinfo=UTC)]
    monkeypatch.setattr(limits, "now", lambda: moment[0])

    def go(**by):
        moment[0] += timedelta(**by)
    return go


@pytest.fixture
def home(session):
    *_, community = make_tree(session)
    unit = make_unit(session, make_building(session, scope=community.scope))
    make_person(session, unit)
    session.commit()
    return unit


def ask(client, **body):
    return client.post(URL, json={"purpose": "service", **body})


def until_refused(send, most=4_000):
    """Send until 429; return how many were answered and the refusal."""
    for count in range(most):
        answer = send()
        if answer.status_code == 429:
            return count, answer
    raise AssertionError("nothing was refused")


def test_id_lookups_end_at_ten_a_minute_with_the_time_to_wait(officer, home, clock, session):
    count, refused = until_refused(lambda: ask(officer, id_number=number()))
    assert count == 10 and refused.mimetype == "application/problem+json"
    assert refused.headers["Retry-After"] == "6" and refused.headers["Cache-Control"] == "no-store"
    assert "张小三" not in refused.get_data(as_text=True)
    line = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (line.action, '"note":"refused"' in line.line) == ("persons.person", True)
    clock(seconds=6)
    assert ask(officer, id_number=number()).status_code == 200


def test_a_hundred_id_lookups_a_day(officer, home, clock):
    def send():
        clock(seconds=6)
        return ask(officer, id_number=number())
    assert until_refused(send)[0] == 100


def test_twenty_misses_stop_a_user_for_the_hour(officer, home, clock):
    numbers = iter(range(100, 999))

    def send():
        clock(seconds=6)
        return ask(officer, id_number=number(f"15230119900307{next(numbers)}"))
    count, refused = until_refused(send)
    assert count == 20 and int(refused.headers["Retry-After"]) >= 60
    clock(seconds=50)
    assert ask(officer, id_number=number()).status_code == 429


def test_names_and_doors_have_their_own_limits(officer, home, clock):
    assert until_refused(lambda: ask(officer, name="张小三"))[0] == 30
    place = f"/api/places/{home.identifier}/occupants"
    assert until_refused(lambda: officer.post(place, json={"purpose": "service"}))[0] == 60


def test_requests_and_tiles_of_one_user(officer, clock):
    assert until_refused(lambda: officer.get("/api/me"))[0] == 600
    assert officer.get("/tiles/base/14/1/1.mvt").status_code != 429


def test_an_unlimited_token_is_limited_with_persons_only(app, session, home, clock):
    secret = accounts.add_token(session, "bench", role=Role.OFFICER, area="*", unlimited=True)
    session.commit()
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    for _ in range(601):
        assert client.get("/api/me").status_code == 200
    assert until_refused(lambda: ask(client, id_number=number()))[0] == 10


def test_sign_ins_of_one_address_are_limited_whatever_the_name(anonymous, clock):
    names = iter(range(1_000))
    body = {"password": "x" * 20}
    count, refused = until_refused(lambda: anonymous.post(
        "/sign-in", json={"username": f"user{next(names)}", **body}), most=60)
    assert count == 30 and refused.headers["Retry-After"] == "2"
