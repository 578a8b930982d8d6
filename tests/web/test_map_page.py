"""The map page in a real browser: nothing from elsewhere, the right door, words on the map."""

import shutil
from collections.abc import Iterator
from threading import Thread
from urllib.parse import urlsplit

import pytest
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from layers.access import Role
from layers.across import accounts, scene
from spatial.config import settings
from spatial.database import sessions
from spatial.state import bump, remember
from tests.support.cluster import copy_database
from tests.support.factories import (
    SOUTH,
    WEST,
    make_building,
    make_compound,
    make_entrance,
    make_grid,
    make_incident,
    make_storey,
    make_street,
    make_tree,
    make_unit,
    point,
    square,
)
from tests.support.sealed import vault
from tests.support.walls import system_engine
from web import create_app

pytestmark = [
    pytest.mark.browser,
    # A browser that leaves a page drops its connections; the small server of the tests then
    # leaves the file that it was sending to the garbage collector.
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"),
]
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--use-gl=angle",
         "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
#: Software WebGL on a busy machine takes its time.
PATIENCE_MS = 120_000
PASSWORD = "seven-quiet-doors-open"
#: Resolves when the map has drawn everything and stands still.
AT_REST = """() => new Promise((done) => {
  const { map } = window.doorplate;
  const rested = () => (map.isMoving() ? map.once('idle', rested) : done(true));
  map.once('idle', rested);
  map.triggerRepaint();
})"""


def draw_district(session: Session) -> None:
    """Write one compound of two buildings, one of them with three floors of four doors."""
    tree = make_tree(session)
    grid = make_grid(session, tree[2], geometry=square(WEST - 0.0005, SOUTH - 0.0005, side=0.003))
    compound = make_compound(session, tree[2], geometry=square(WEST - 0.0003, SOUTH - 0.0003,
                                                               side=0.002))
    make_street(session, street_class="main", geometry=(
        f"SRID=4326;LINESTRING({WEST - 0.001} {SOUTH - 0.0005}, {WEST + 0.003} {SOUTH - 0.0005})"))
    make_building(session, compound, grid=grid, number="9", number_key="9", label="9号楼",
                  geometry=square(WEST, SOUTH + 0.0007, side=0.0006, height=0.00012))
    building = make_building(session, compound, grid=grid, number_key="8", label="8号楼",
                             storeys_above_ground=3, height=9.6,
                             geometry=square(side=0.0008, height=0.00012))
    doors = [make_entrance(session, building, number=str(n + 1), number_key=str(n + 1),
                           label=f"{n + 1}单元",
                           geometry=point(WEST + 0.0002 + n * 0.0004, SOUTH + 0.00012))
             for n in range(2)]
    for floor in (1, 2, 3):
        storey = make_storey(session, building, index=float(floor), label=f"{floor}F")
        for n in range(4):
            room = f"{floor}0{n % 2 + 1}"
            make_unit(session, building, entrance=doors[n // 2], storey=storey, designator=room,
                      room_key=room, geometry=square(WEST + n * 0.0002, side=0.0002,
                                                     height=0.00012))
    make_incident(session, building, service_code="noise")
    remember(session, "metric_srid", "4550")
    scene.refresh(session)
    bump(session)


class Quiet(WSGIRequestHandler):
    """A handler that writes no line for each request."""

    def log_request(self, *_said: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site(cluster, template) -> Iterator[str]:
    """The address of a running site with a small district and the user `wang`."""
    engine = system_engine(copy_database(cluster, "map_page"))
    with Session(engine) as session:
        draw_district(session)
        accounts.add_user(session, "wang", password=PASSWORD, role=Role.OPERATOR, area="*",
                          granted_by="test")
        session.commit()
    app = create_app(sessions(engine), vault(), settings({}))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
    engine.dispose()


@pytest.fixture(scope="module")
def browser():
    """A real browser with software WebGL."""
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:
        pytest.skip("no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, site):
    """The map, signed in and at rest; `page.seen` are the addresses it asked for."""
    context = browser.new_context(viewport={"width": 960, "height": 600}, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.seen, page.faults = [], []
    page.on("request", lambda request: page.seen.append(request.url))
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda said: page.faults.append(said.text) if said.type == "error" else None)
    page.goto(f"{site}/sign-in?next=/map")
    page.fill("#username", "wang")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/map")
    page.goto(f"{site}/map?theme=light&plain=1")
    page.wait_for_function("() => document.documentElement.dataset.ready === 'yes'")
    page.evaluate(AT_REST)
    yield page
    context.close()


def drawn(page, layer: str) -> list[dict]:
    """Return the properties of what a layer shows just now."""
    return page.evaluate("""(layer) => window.doorplate.map.queryRenderedFeatures(
        { layers: [layer] }).map(({ properties }) => properties)""", layer)


def spot_of(page, layer: str, identifier: str | None = None) -> tuple[float, float]:
    """Return a point of the screen where a layer's feature is what one clicks on."""
    return tuple(page.evaluate("""([layer, identifier]) => {
      const { map } = window.doorplate;
      const { clientWidth: width, clientHeight: height } = map.getCanvas();
      for (let y = 80; y < height - 60; y += 6) for (let x = 380; x < width - 160; x += 6) {
        const same = [[0, 0], [4, 0], [-4, 0], [0, 4], [0, -4]].every(([dx, dy]) => {
          const [first] = map.queryRenderedFeatures([x + dx, y + dy], { layers: [layer] });
          return first && (!identifier || first.properties.identifier === identifier);
        });
        if (same) return [x, y];
      }
      return null;
    }""", [layer, identifier]))


def test_the_page_asks_nobody_else_and_has_no_faults(page, site):
    assert page.seen
    assert [url for url in page.seen if not url.startswith((site, "data:", "blob:"))] == []
    assert page.faults == []


def test_names_stand_on_the_map(page):
    assert {one["name"] for one in drawn(page, "building-label")} == {"8号楼", "9号楼"}
    assert {one["identifier"][0] for one in drawn(page, "building")} == {"b"}


def test_a_click_opens_a_building_and_a_second_one_picks_the_unit_under_it(page):
    page.mouse.click(*spot_of(page, "building"))
    page.wait_for_selector("#panel h1")
    page.wait_for_function("() => window.doorplate.open.now")
    page.evaluate("() => window.doorplate.map.stop()")
    opened = page.evaluate("() => window.doorplate.open.now.identifier")
    eight = page.evaluate("""async () => (await (await fetch(
        '/api/lookup/address?q=' + encodeURIComponent('向阳小区8号楼'))).json()).ref""")
    if opened != eight:
        page.evaluate("(it) => import('/static/map/app.mjs').then(({ go }) => go(it))", eight)
    page.evaluate(AT_REST)
    x, y = spot_of(page, "unit")
    wanted = page.evaluate("""([x, y]) => window.doorplate.map.queryRenderedFeatures([x, y],
        { layers: ['unit'] })[0].properties""", [x, y])
    page.mouse.click(x, y)
    page.wait_for_function("(it) => location.hash.includes('u=' + it)", arg=wanted["identifier"])
    assert page.evaluate("() => window.doorplate.open.picked") == wanted["identifier"]
    assert wanted["no"] in page.inner_text("#panel h1")


def test_search_flies_to_the_door(page):
    page.keyboard.press("/")
    page.keyboard.type("向阳小区8号楼2单元301")
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.doorplate.open.picked")
    page.wait_for_selector("#panel h1")
    assert "301室" in page.inner_text("#panel h1")
    assert "2单元" in page.inner_text("#panel .chain")
    page.evaluate(AT_REST)
    picked = page.evaluate("() => window.doorplate.open.picked")
    x, y = spot_of(page, "unit", picked)
    assert 300 < x < 940
    assert 60 < y < 560


def test_what_an_input_method_composes_never_flies(page):
    page.focus("#q")
    page.evaluate("""() => { const box = document.getElementById('q'); box.value = '向阳';
      box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true })); }""")
    page.wait_for_timeout(400)
    assert not [url for url in page.seen if "/api/lookup/address" in url]


def test_a_building_that_does_not_exist_is_said_in_plain_words(page):
    page.fill("#q", "向阳小区77号楼2单元301")
    page.press("#q", "Enter")
    page.wait_for_function(
        "() => document.getElementById('answer').classList.contains('wrong')")
    assert "77号楼" in page.inner_text("#answer")


def test_escape_goes_one_level_up(page):
    test_search_flies_to_the_door(page)
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("Escape")
    page.wait_for_function("() => !window.doorplate.open.picked && window.doorplate.open.now")
    page.keyboard.press("Escape")
    page.wait_for_function("() => !window.doorplate.open.now")
    assert not page.is_visible("#panel")


def test_the_list_leads_to_the_same_places(page):
    page.click("#browse-button")
    for name in ("科尔沁区", "明仁街道", "向阳社区", "向阳小区", "8号楼"):
        page.locator("[role=treeitem]", has_text=name).last.locator(".line").first.click()
        page.wait_for_function(
            "(name) => document.querySelector('#panel h1')?.textContent.includes(name)", arg=name)
    assert page.evaluate("() => window.doorplate.open.now.units.features.length") == 12


def test_the_theme_and_the_flat_map_keep_what_is_open(page):
    test_search_flies_to_the_door(page)
    page.click("#theme")
    page.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    page.evaluate(AT_REST)
    assert len(drawn(page, "unit")) > 0
    page.click("#mode")
    page.evaluate(AT_REST)
    assert drawn(page, "building") == []
    assert page.evaluate("() => window.doorplate.open.picked")


def test_both_languages_label_every_control(page, site):
    for language in ("zh", "en"):
        page.goto(f"{site}/map?lang={language}")
        page.wait_for_function("() => document.documentElement.dataset.ready === 'yes'")
        nameless = page.evaluate("""() => [...document.querySelectorAll('button, a, input, select')]
          .filter((one) => !(one.getAttribute('aria-label') || one.textContent.trim()
            || one.closest('label')?.textContent.trim())).map((one) => one.outerHTML)""")
        assert nameless == []


def test_without_webgl_search_and_list_still_serve(browser, page, site):
    page.add_init_script("""HTMLCanvasElement.prototype.getContext = new Proxy(
      HTMLCanvasElement.prototype.getContext, { apply: (target, self, given) =>
        (given[0] === 'webgl2' ? null : Reflect.apply(target, self, given)) });""")
    page.goto(f"{site}/map?lang=en")
    page.wait_for_function("() => document.documentElement.dataset.ready === 'yes'")
    assert "WebGL2" in page.inner_text("#map")
    page.fill("#q", "向阳小区8号楼2单元301")
    page.press("#q", "Enter")
    page.wait_for_selector("#panel h1")
    assert "301室" in page.inner_text("#panel h1")
