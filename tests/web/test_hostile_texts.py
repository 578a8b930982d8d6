"""Sixty texts that want to be script, in every name, address and note: none runs in a browser.

Besides scripts that ran, violations of a page's own policy count: there the policy would have held
what escaping let through. The exported page of folium, opened as a file, has no policy at all.
"""

from io import BytesIO
from threading import Thread
from urllib.parse import quote

import pytest
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from layers.access import Role
from layers.across.export import layer_to_export
from layers.across.export_files import LIBRARIES, write_geojson
from layers.across.folium_map import page as folium_page
from tests.support.browsing import Quiet
from tests.support.cluster import copy_database
from tests.support.hostile import (
    PASSWORD,
    ROLES,
    RUN,
    TEXTS,
    application,
    fill,
    write_by_hand,
)
from tests.support.walls import system_engine
from web.rooms import ROOMS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"),
]
WATCH = """window.pwned = 0; window.held = [];
addEventListener('securitypolicyviolation', (one) => window.held.push(
  `${one.violatedDirective} ${one.blockedURI} ${one.sample}`));"""
#: How many of the texts stand on the page, in fields too; spaces do not count.
SEEN = """(texts) => { const bare = (text) => text.replace(/\\s/g, '');
  const said = bare(document.body.innerText + [...document.querySelectorAll('input, textarea')]
    .map(({ value }) => value).join(' ') + [...document.querySelectorAll('option, svg text')]
    .map((one) => one.textContent).join(' '));
  return texts.filter((text) => said.includes(bare(text).slice(0, 38))).length; }"""
#: Touches everything as a pointer and a keyboard would; returns what markup the texts have made.
TOUCH = """() => { const made = [];
  for (const one of document.querySelectorAll('*')) {
    for (const kind of ['mouseover', 'focus', 'toggle', 'error', 'load', 'begin'])
      if (!['SCRIPT', 'LINK', 'FORM'].includes(one.tagName)) one.dispatchEvent(new Event(kind));
    for (const { name, value } of one.attributes)
      if (/^on/.test(name) || /^\\s*javascript:/i.test(value) && /href|src|action|data|background/
          .test(name)) made.push(`${one.tagName} ${name}=${value}`); }
  return made; }"""
MAP = "/map?theme=light&plain=1"


@pytest.fixture(scope="module")
def engine(cluster, template):
    engine = system_engine(copy_database(cluster, "hostile"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def planted(engine):
    """The application over the district, and the identifiers of some of its places."""
    app = application(engine)
    with Session(engine) as session:
        places = fill(session)
        order = write_by_hand(app, session, places)
        return app, {**places, "receipt": order["receipt"], "order": order["identifier"]}


@pytest.fixture(scope="module")
def visit(browser, planted):
    """Open a page in a role; each role signs in once, and every page it opens is watched."""
    server = make_server("127.0.0.1", 0, planted[0], threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    site, pages = f"http://127.0.0.1:{server.port}", {}

    def open_page(role, path):
        page = pages.get(role) or pages.setdefault(role, _signed_in(browser, site, role))
        page.ran.clear()
        page.goto(path if path.startswith("file:") else site + path)
        return page
    yield open_page
    for page in pages.values():
        page.context.close()
    server.shutdown()
    thread.join()
    server.server_close()


def _signed_in(browser, site, role):
    context = browser.new_context(locale="zh-CN", viewport={"width": 1100, "height": 700})
    context.add_init_script(WATCH)
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.ran = []
    page.on("dialog", lambda one: (page.ran.append(one.message), one.dismiss()))
    page.goto(f"{site}/sign-in?next=/health")
    page.fill("#username", str(role))
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url("**/health")
    return page


def press(page, button):
    """Press a button of the map, whatever lies over it just now."""
    page.evaluate("(name) => document.getElementById(name).click()", button)


def quiet(page, least=0):
    """Say that nothing ran, that the policy held nothing back, and that the texts are there."""
    if least:
        page.wait_for_function(f"([texts, least]) => ({SEEN})(texts) >= least",
                               arg=[TEXTS, least])
    assert page.evaluate(TOUCH) == [], page.url
    assert page.ran == [], page.url
    assert page.evaluate("() => [window.pwned, window.held]") == [0, []], page.url


def test_there_are_sixty_of_them_and_the_watch_sees_one_that_runs(visit):
    assert len(set(TEXTS)) == 60
    page = visit(Role.OPERATOR, "/account")
    page.evaluate("(text) => document.body.insertAdjacentHTML('beforeend', text)", TEXTS[2])
    page.wait_for_function("() => window.held.length")
    with pytest.raises(AssertionError):
        quiet(page)


#: How many of the texts each page shows at least, of those that open with something on them.
SHOWN = {"/desk/orders": 1, "/desk/visits": 20, "/field": 60}


@pytest.mark.parametrize("role", ROLES)
def test_every_page_there_is_shows_them_and_runs_none(visit, role):
    for room in ROOMS:
        if role in room.roles and room.path != "/map":
            quiet(visit(role, room.path), SHOWN.get(room.path, 0))


def test_an_order_with_sixty_notes_and_the_question_of_each_text(visit, planted):
    page = visit(Role.OPERATOR, f"/desk/orders?receipt={planted[1]['receipt']}")
    quiet(page, 60)
    for number in range(1, 61, 5):
        quiet(visit(Role.OPERATOR, f"/desk/review?item={number}"), 1)


def test_pages_of_people_and_programs_show_names_as_names(visit, planted):
    order = planted[1]["order"]
    for role, path, least in (
            (Role.ADMIN, "/admin/tokens", 20), (Role.ADMIN, "/admin/users/1", 0),
            (Role.ADMIN, "/admin/sessions", 0), (Role.AUDITOR, "/audit", 0),
            (Role.OPERATOR, f"/dispatch/{order}", 1), (Role.OPERATOR, "/account", 0),
            (Role.OPERATOR, f"/emergencies/new?incident={order}", 0),
            (Role.OPERATOR, f"/here?at={planted[1]['unit']}", 0)):
        quiet(visit(role, path), least)


def test_doors_of_a_house_on_the_grid_workers_phone(visit):
    page = visit(Role.GRID_WORKER, "/field")
    quiet(page, 60)
    page.locator("button.row").first.click()
    page.wait_for_timeout(600)
    quiet(page, 1)


@pytest.mark.parametrize(("role", "paths"), [
    (Role.OPERATOR, ("/here?at={}", "/sign-in?next={}", "/map?theme={}", "/no/such/{}",
                     "/desk/orders?receipt={}", "/emergencies/new?incident={}",
                     "/themes?theme={}", "/dispatch/{}", "/account?{}=1")),
    (Role.ADMIN, ("/admin?q={}", "/admin?done={}", "/admin/users/{}")),
    (Role.AUDITOR, ("/audit?actor={}", "/audit?person={}"))])
def test_pages_that_repeat_what_was_asked_run_nothing(visit, role, paths):
    for number, path in enumerate(paths):
        for text in TEXTS[number::len(paths)][:3]:
            quiet(visit(role, path.format(quote(text, safe=""))))


def test_the_map_its_list_its_panels_and_its_suggestions(visit, planted):
    page, places = visit(Role.OPERATOR, MAP), planted[1]
    page.wait_for_function("() => document.documentElement.dataset.ready === 'yes'")
    press(page, "browse-button")
    for name in ("科尔沁区", "明仁街道", "向阳社区"):
        page.locator("[role=treeitem]", has_text=name).last.locator(".line").first.click()
    quiet(page, 60)
    for name in ("compound", "building", "unit", "grid"):
        page.evaluate("(it) => import('/static/map/app.mjs').then(({ go }) => go(it, "
                      "{ fly: false }))", places[name])
        page.wait_for_function("(it) => location.hash.includes(it)", arg=places[name])
        quiet(page, 1)
    for button in ("incidents-button", "layers-button", "area-button", "share"):
        press(page, button)
        page.wait_for_timeout(150)
        quiet(page)
    for text in ("<img src=x onerror=" + RUN, "javascript:" + RUN, "<script>" + RUN):
        page.fill("#q", text)
        page.wait_for_timeout(300)
        page.press("#q", "Enter")
        page.wait_for_timeout(300)
        quiet(page)


def test_who_lives_at_a_door_and_what_is_here(visit, planted):
    page = visit(Role.OFFICER, MAP)
    page.wait_for_function("() => document.documentElement.dataset.ready === 'yes'")
    page.evaluate("(it) => import('/static/map/app.mjs').then(({ go }) => go(it, "
                  "{ fly: false }))", planted[1]["unit"])
    page.wait_for_selector(".occupants form")
    page.locator(".occupants button[type=submit]").click()
    quiet(page, 60)
    page.mouse.click(760, 360, button="right")
    page.wait_for_timeout(500)
    quiet(page)


@pytest.mark.parametrize("layer", ["buildings", "facilities", "compounds", "streets"])
def test_the_exported_page_runs_nothing_although_it_has_no_policy(visit, engine, tmp_path, layer):
    with Session(engine) as session:
        out = BytesIO()
        write_geojson(session, layer_to_export(layer), out)
    file = tmp_path / "page.html"
    file.write_text(folium_page(layer_to_export(layer), out.getvalue(), assets=LIBRARIES), "utf-8")
    page = visit(Role.OPERATOR, file.as_uri())
    page.evaluate("""() => { for (const one of Object.values(window))
      if (one && one._layers && one.addLayer) one.eachLayer((layer) => {
        if (!layer.getTooltip) return;
        layer.openTooltip(); layer.openPopup(); }); }""")
    page.wait_for_selector(".leaflet-tooltip, .leaflet-popup")
    assert page.evaluate("() => window.pwned") == 0
    assert page.ran == []


def test_a_theme_as_a_page_runs_nothing(visit):
    page = visit(Role.OPERATOR, "/api/themes/incident_rate.html?months=1")
    page.wait_for_selector("body")
    assert page.evaluate("() => window.pwned") == 0
    assert page.ran == []
