"""Incidents as they happen: told within two seconds, resumed without loss, never of a person."""

import json
import threading
import time
from contextlib import contextmanager
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session, sessionmaker

from layers.access import Role
from layers.across import accounts
from layers.across.orders import New, begin, say
from layers.across.orders_tables import IncidentOrder
from layers.buildings import Building
from layers.units import Unit
from spatial.config import settings
from spatial.database import connect
from tests.support.cluster import copy_database
from tests.support.factories import make_building, make_grid, make_incident, make_tree, make_unit
from tests.support.sealed import vault
from tests.support.walls import system_engine
from web import create_app, live

ZONE = ZoneInfo("Asia/Shanghai")
CLOCKS = {"service_code": "noise", "finish": "3d", "calendar": "working"}


@pytest.fixture(scope="module")
def world(cluster, template):
    """A registry of its own, for what others commit: engine and application."""
    url = copy_database(cluster, "live")
    engine = system_engine(url)
    with Session(engine) as session:
        tree = make_tree(session)
        make_unit(session, make_building(session, grid=make_grid(session, tree[2])))
        token = accounts.add_token(session, "wall", role=Role.DISPLAY_WALL, area="*")
        session.commit()
    served = connect(url)
    app = create_app(sessionmaker(served), vault(), settings({}))
    yield engine, app, token
    served.dispose()
    engine.dispose()


def happen(engine, *, indoors=False):
    """Let an incident be reported and accepted; return its identifier and its building's."""
    with Session(engine) as session:
        building = session.query(Building).first()
        one = make_incident(session, session.query(Unit).first() if indoors else building,
                            description="张三家噪声大")
        order = begin(session, one, New(kind="received", by="x", said=CLOCKS),
                      zone=ZONE)
        say(session, order, New(kind="accepted", by="x", said={}), zone=ZONE)
        session.commit()
        return one.identifier, building.identifier


@contextmanager
def following(world, **said):
    """Follow the stream; yields a function that waits for so many messages."""
    _, app, token = world
    client = app.test_client()
    answer = client.get("/api/incidents/stream", headers={"Authorization": f"Bearer {token}"} | {
        name: str(value) for name, value in said.items()}, buffered=False)
    assert answer.status_code == 200 and answer.mimetype == "text/event-stream"
    found, more = [], threading.Condition()

    def read():
        for part in answer.response:
            with more:
                found.append(part.decode() if isinstance(part, bytes) else part)
                more.notify_all()

    threading.Thread(target=read, daemon=True).start()

    def wait(count, seconds=5.0):
        with more:
            assert more.wait_for(lambda: len(told(found)) >= count, seconds), found
            return told(found)
    yield wait


def told(parts):
    blocks = [dict(line.split(": ", 1) for line in part.strip().splitlines() if ": " in line)
              for part in parts if "event: incident" in part]
    return [(int(one["id"]), json.loads(one["data"])) for one in blocks]


def test_a_page_hears_of_an_incident_within_two_seconds(world):
    with following(world) as wait:
        time.sleep(0.3)
        began = time.monotonic()
        identifier, building = happen(world[0])
        heard = wait(2)
        assert time.monotonic() - began < 2
    assert [one["kind"] for _, one in heard] == ["received", "accepted"]
    assert heard[-1][1]["feature"]["properties"]["identifier"] == identifier
    assert heard[-1][1]["feature"]["properties"]["building"] == building


def test_after_a_cut_nothing_is_lost_or_told_twice(world):
    with following(world) as wait:
        time.sleep(0.2)
        happen(world[0])
        first = wait(2)
    for _ in range(3):
        happen(world[0])
    with following(world, **{"Last-Event-ID": first[-1][0]}) as wait:
        later = wait(6)
    numbers = [number for number, _ in first + later]
    assert numbers == list(range(numbers[0], numbers[0] + 8))


def test_what_happens_in_a_dwelling_is_a_count_of_its_building(world):
    with following(world) as wait:
        time.sleep(0.2)
        identifier, building = happen(world[0], indoors=True)
        text = json.dumps([one for _, one in wait(2)], ensure_ascii=False)
    assert building in text and identifier not in text and "张三" not in text


def test_what_is_over_leaves_the_map(world):
    identifier, _ = happen(world[0])
    with following(world) as wait:
        time.sleep(0.2)
        with Session(world[0]) as session:
            order = session.query(IncidentOrder).order_by(
                IncidentOrder.incident_id.desc()).first()
            say(session, order, New(kind="closed", by="x", said={"outside": True}),
                zone=ZONE)
            session.commit()
        heard = wait(1)[-1][1]
    assert heard["removed"] == identifier and heard["feature"] is None


def test_a_number_that_is_none_is_refused(world):
    client = world[1].test_client()
    bearer = {"Authorization": f"Bearer {world[2]}"}
    for wrong in ("x", "-1", "1e3", "９", "9" * 30):
        answer = client.get("/api/incidents/stream", headers={
            **bearer, "Last-Event-ID": wrong.encode().decode("latin-1")})
        assert answer.status_code == 400, wrong


def test_there_is_room_for_so_many_and_the_next_one_is_told_to_ask_later(world, monkeypatch):
    with world[1].test_request_context():
        hub = live._hub()
    monkeypatch.setattr(hub, "room", threading.BoundedSemaphore(1))
    hub.room.acquire()
    answer = world[1].test_client().get("/api/incidents/stream", headers={
        "Authorization": f"Bearer {world[2]}"})
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    hub.room.release()
