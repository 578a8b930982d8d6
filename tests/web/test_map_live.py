"""The map as things happen: incidents, a lost line, a reveal, a building as it was measured."""

import time
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from layers.across.orders import New, begin, say
from layers.across.orders_tables import IncidentOrder
from layers.buildings import Building
from layers.incidents import Incident
from layers.units import Unit
from tests.layers.across.test_persons import PHONE, make_person
from tests.support.browsing import AT_REST
from tests.support.factories import SOUTH, WEST, make_incident, point

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"),
]
CLOCKS = {"service_code": "noise", "finish": "3d", "calendar": "working"}
#: Whether the list tells of an incident, by now.
LISTED = """async (id) => (await import('/static/map/incidents.mjs')).incidentPoints().some(
    ({ properties }) => properties.identifier === id)"""
#: Where the pin of an incident stands on the screen.
PIN = """(id) => {
  const { map } = window.doorplate;
  const { clientWidth: width, clientHeight: height } = map.getCanvas();
  for (let y = 70; y < height - 20; y += 5) for (let x = 380; x < width - 340; x += 5) {
    const [one] = map.queryRenderedFeatures([x, y], { layers: ['incident'] });
    if (one?.properties.identifier === id) return [x, y];
  }
  return null;
}"""


def report(engine, *, building=None, **said):
    """Let an incident be reported and accepted; return its identifier."""
    with Session(engine) as session:
        home = building and session.scalars(
            select(Building).where(Building.label == building)).one()
        one = make_incident(session, home, description="x", **said)
        order = begin(session, one, New(kind="received", by="x", said=CLOCKS),
                      zone=ZoneInfo("Asia/Shanghai"))
        say(session, order, New(kind="accepted", by="x", said={}), zone=ZoneInfo("Asia/Shanghai"))
        session.commit()
        return one.identifier


def finish(engine, *identifiers):
    """Take incidents off the map again."""
    with Session(engine) as session:
        for order in session.scalars(select(IncidentOrder).join(
                Incident, Incident.id == IncidentOrder.incident_id).where(
                Incident.identifier.in_(identifiers))):
            say(session, order, New(kind="closed", by="x", said={"outside": True}),
                zone=ZoneInfo("Asia/Shanghai"))
        session.commit()


def test_incidents_come_within_two_seconds_and_each_ripples_once(page, ground):
    page.wait_for_selector("#incident-count:visible")     # what is there already is not new
    page.click("#incidents-button")
    page.evaluate("""() => { window.rings = 0; new MutationObserver((all) => all.forEach(
      ({ addedNodes }) => addedNodes.forEach((one) => {
        if (one.classList?.contains('ripple')) window.rings += 1;
      }))).observe(document.getElementById('map'), { childList: true, subtree: true }); }""")
    made, waited = [], []
    for _ in range(3):
        made.append(report(ground, building="9号楼"))
        began = time.monotonic()
        page.wait_for_function(LISTED, arg=made[-1])
        waited.append(time.monotonic() - began)
    # The least of three: what else runs on this machine is not what is asked.
    assert min(waited) < 2
    assert page.evaluate("() => window.rings") == 3
    finish(ground, *made)


def test_the_list_and_the_pin_choose_each_other(page, ground):
    lamp = report(ground, service_code="streetlight", scope=1, geometry=point(
        WEST + 0.0008, SOUTH + 0.0009))
    house = report(ground, building="8号楼")
    page.click("#incidents-button")
    for one in (lamp, house):
        page.wait_for_function(LISTED, arg=one)
    chosen = "() => document.querySelector('#side [aria-current=true]')?.parentElement.innerText"
    marked = """async () => (await import('/static/map/incidents.mjs')).incidentPoints()
        .filter(({ properties }) => properties.chosen).map(({ properties: p }) => p.identifier)"""
    # In the list: the building opens, and the pin is the chosen one.
    page.evaluate("""async (id) => { const { incidentPoints, choose } =
      await import('/static/map/incidents.mjs'); const one = incidentPoints().find(
        ({ properties }) => properties.identifier === id);
      choose(one.properties, one.geometry.coordinates); }""", house)
    page.wait_for_selector("#panel h1:has-text('8号楼')")
    assert page.evaluate(marked) == [house]
    # On the map: one that lies in no building; nothing else stays open.
    page.evaluate("async () => (await import('/static/map/view.mjs')).home("
                  "window.doorplate.map, false)")
    page.evaluate(AT_REST)
    page.mouse.click(*page.evaluate(PIN, lamp))
    page.wait_for_function("() => document.getElementById('panel').hidden")
    assert page.evaluate(marked) == [lamp]
    assert page.evaluate(chosen)
    assert page.evaluate("() => !window.doorplate.open.now")
    finish(ground, lamp, house)


def test_a_lost_line_is_shown_and_mends_itself(page, ground):
    page.context.set_offline(True)
    page.fill("#q", "向阳小区")
    page.wait_for_selector("#notices .notice")
    one = report(ground, building="9号楼")
    page.context.set_offline(False)
    page.wait_for_function("() => document.querySelector('#notices')?.innerText.includes('恢复')")
    page.wait_for_function(LISTED, arg=one)
    finish(ground, one)
    page.faults.clear()     # the browser itself tells of requests that failed


def test_a_phone_is_revealed_for_a_case_at_the_persons_door_and_put_away(page, ground):
    with Session(ground) as session:
        unit = session.scalars(select(Unit).join(Building, Building.id == Unit.building_id).where(
            Building.label == "9号楼", Unit.designator == "701")).first()
        make_person(session, unit)
        make_incident(session, unit, source_id="CASE-7")
        session.commit()
        identifier = unit.identifier
    page.evaluate("async (id) => (await import('/static/map/app.mjs')).go(id)", identifier)
    page.wait_for_selector(".occupants form")
    page.fill(".occupants [name=case]", "CASE-7")
    page.click(".occupants button[type=submit]")
    page.click(".occupants .reveal summary")
    assert PHONE not in page.inner_text(".occupants")
    page.click(".occupants .reveal button:has-text('电话')")
    page.wait_for_function(
        "(phone) => document.querySelector('.revealed').innerText.includes(phone)", arg=PHONE)
    assert PHONE not in page.url + "".join(page.seen)
    page.evaluate("async () => (await import('/static/map/idle.mjs')).lock()")
    assert PHONE not in page.inner_text("body")


def test_a_measured_building_is_drawn_picked_and_told_as_it_is(page):
    page.evaluate(AT_REST)
    spot = page.evaluate("""async ([lon, lat]) => {
      const { onScreen } = await import('/static/map/camera.mjs');
      const [x, y] = onScreen(window.doorplate.map, [lon, lat], 20);
      const { map } = window.doorplate;
      return { x, y, height: map.queryRenderedFeatures({ layers: ['building'] }).filter(
        ({ state }) => state.measured).length };
    }""", [WEST + 0.00115, SOUTH + 0.00085])
    assert spot["height"] == 1          # its block is folded away
    page.mouse.click(spot["x"], spot["y"])      # the middle of its roof, 20 m up
    page.wait_for_selector("#panel h1:has-text('10号楼')")
    assert "20" in page.inner_text("#panel .facts")
