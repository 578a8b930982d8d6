"""Incidents of ledgers become orders whose log tells what their columns say."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from layers.access import Role
from layers.across.orders_adopt import adopt, renew
from layers.across.orders_figures import RATES, WAYS, Asked, figures
from layers.across.orders_replay import differing
from layers.across.orders_stream import messages
from layers.across.orders_tables import IncidentEvent, IncidentOrder
from layers.agencies import Agency
from layers.calendar_days import CalendarDay
from layers.caller import LEAST, MOST, Caller
from layers.incidents import Incident
from tests.support.factories import make_building, make_grid, make_incident, save

ZONE = ZoneInfo("Asia/Shanghai")
OFFICER = Caller(name="fan", role=Role.OFFICER, low=LEAST, high=MOST)
THEN = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)


@pytest.fixture
def ledger(session):
    """Incidents in every state, of which one lies nowhere and one has its own deadline."""
    building = make_building(session, grid=make_grid(session))
    water = save(session, Agency(name="自来水公司"))
    said = {"requested_at": THEN, "agency_id": water.id, "service_code": "water_leak",
            "channel": "hotline"}
    hour = timedelta(hours=1)
    make_incident(session, building, **said, status="open")
    make_incident(session, building, **said, status="accepted", accepted_at=THEN + hour)
    make_incident(session, building, **said, status="in_progress", on_site_at=THEN + hour)
    make_incident(session, building, **said, status="done")
    make_incident(session, building, **said, status="closed", closed_at=THEN + 3 * hour,
                  accepted_at=THEN + hour, on_site_at=THEN + hour / 3, rating="satisfied")
    make_incident(session, building, status="rejected", requested_at=THEN)
    make_incident(session, **{**said, "agency_id": None}, status="closed",
                  closed_at=THEN + 99 * hour, due_at=THEN + hour)
    session.flush()
    return building


def test_every_incident_has_one_order_whose_state_is_its_log(session, ledger):
    assert adopt(session, ZONE) == 7
    assert adopt(session, ZONE) == 0
    assert list(differing(session, ZONE)) == []
    pairs = session.execute(select(Incident.status, IncidentOrder.status).join(
        IncidentOrder, IncidentOrder.incident_id == Incident.id)).all()
    assert all(one == other for one, other in pairs)


def test_an_order_that_somebody_changed_beside_its_log_is_found(session, ledger):
    adopt(session, ZONE)
    order = session.scalars(select(IncidentOrder)).first()
    order.finish_due = THEN
    session.flush()
    assert list(differing(session, ZONE)) == [(order.receipt, ["finish_due"])]


def test_old_history_is_no_news(session, ledger):
    adopt(session, ZONE)
    assert session.scalar(select(func.count()).select_from(IncidentEvent)) > 7
    assert messages(session, 0) == []


def test_a_file_that_closes_an_order_is_followed_and_one_that_lags_is_not(session, ledger):
    adopt(session, ZONE)
    open_ = session.scalars(select(IncidentOrder).where(IncidentOrder.status == "open")).one()
    one = session.get_one(Incident, open_.incident_id)
    one.closed_at, one.status = datetime.now(UTC), "closed"
    done = session.scalars(select(IncidentOrder).where(
        IncidentOrder.rating == "satisfied")).one()
    other = session.get_one(Incident, done.incident_id)
    other.status = "open"
    session.flush()
    adopt(session, ZONE)
    session.expire_all()
    assert open_.status == "closed" and other.status == "closed"
    assert messages(session, 0)[-1].bodies["zh"]


@pytest.mark.parametrize("by", WAYS)
def test_every_total_is_the_sum_of_its_rows_and_the_residual(session, ledger, by):
    adopt(session, ZONE)
    found = figures(session, OFFICER, Asked(by=by), "zh")
    parts = [*found["rows"], found["residual"]]
    assert found["total"]["received"] == sum(one["received"] for one in parts) == 7
    for name in RATES:
        for part in ("numerator", "denominator"):
            assert found["total"]["rates"][name][part] == sum(
                one["rates"][name][part] for one in parts), (by, name, part)
        for one in (*parts, found["total"]):
            rate = one["rates"][name]
            assert 0 <= rate["numerator"] <= rate["denominator"]
            assert (rate["percent"] is None) == (rate["denominator"] == 0)


def test_the_rates_are_what_they_say(session, ledger):
    adopt(session, ZONE)
    rates = figures(session, OFFICER, Asked(), "zh")["total"]["rates"]
    assert (rates["response"]["numerator"], rates["response"]["denominator"]) == (6, 7)
    assert rates["completion"] == {"numerator": 3, "denominator": 7, "percent": 42.86}
    assert rates["satisfaction"]["percent"] == 100.0
    none = figures(session, OFFICER, Asked(since=datetime(2030, 1, 1, tzinfo=UTC)), "zh")
    assert none["total"]["received"] == 0 and none["rows"] == []
    assert none["total"]["rates"]["on_time"]["percent"] is None


def test_a_day_that_is_moved_moves_the_deadlines_of_open_orders(session, ledger):
    make_incident(session, ledger, service_code="noise", requested_at=THEN)
    adopt(session, ZONE)
    order = session.scalars(select(IncidentOrder).where(
        IncidentOrder.service_code == "noise", IncidentOrder.status == "open")).one()
    assert order.finish_due == THEN + timedelta(days=3)
    save(session, CalendarDay(day=datetime(2026, 3, 4, tzinfo=ZONE), kind="free", name="调休"))
    assert renew(session, ZONE) == 1 and order.finish_due == THEN + timedelta(days=4)
    assert renew(session, ZONE) == 0


def test_a_deadline_that_another_system_changes_by_file_is_followed(session, ledger):
    """Later or earlier, once for each change; it is in the log, so a replay gives the same."""
    begin = datetime.now(UTC) - timedelta(hours=1)
    one = make_incident(session, ledger, service_code="noise", requested_at=begin, status="open",
                        external_number="12345-7", due_at=begin + timedelta(days=2))
    adopt(session, ZONE)
    order = session.get_one(IncidentOrder, one.id)
    assert order.finish_due == one.due_at
    for days, entries in ((5, 2), (1, 3), (1, 3)):
        one.due_at = begin + timedelta(days=days)
        session.flush()
        adopt(session, ZONE)
        session.expire_all()
        assert (order.finish_due, order.entries) == (one.due_at, entries)
    assert list(differing(session, ZONE)) == []
