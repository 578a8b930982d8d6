"""A running site with a small district, and a real browser to look at it with."""

import shutil
from collections.abc import Iterator
from threading import Thread
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from layers.access import Role
from layers.across import accounts, scene
from layers.buildings import Building
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

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--use-gl=angle",
         "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
#: Software WebGL on a busy machine takes its time.
PATIENCE_MS = 120_000
PASSWORD = "seven-quiet-doors-open"
#: Two sessions of one user are open at once: the desk has a user of its own.
USERS = {"wang": Role.OPERATOR, "chen": Role.OPERATOR, "li": Role.GRID_WORKER}
#: Resolves when the map has drawn everything and stands still.
AT_REST = """() => new Promise((done) => {
  if (!window.doorplate) { done(true); return; }
  const { map } = window.doorplate;
  const rested = () => (map.isMoving() ? map.once('idle', rested) : done(true));
  map.once('idle', rested);
  map.triggerRepaint();
})"""


def draw_district(session: Session) -> None:
    """Write a compound of three buildings: three floors of four doors, seven, a measured one."""
    tree = make_tree(session)
    grid = make_grid(session, tree[2], geometry=square(WEST - 0.0005, SOUTH - 0.0005, side=0.003))
    compound = make_compound(session, tree[2], geometry=square(WEST - 0.0003, SOUTH - 0.0003,
                                                               side=0.002))
    make_street(session, street_class="main", geometry=(
        f"SRID=4326;LINESTRING({WEST - 0.001} {SOUTH - 0.0005}, {WEST + 0.003} {SOUTH - 0.0005})"))
    nine = make_building(session, compound, grid=grid, number="9", number_key="9", label="9号楼",
                         storeys_above_ground=7, height=21,
                         geometry=square(WEST, SOUTH + 0.0007, side=0.0006, height=0.00012))
    eight = make_building(session, compound, grid=grid, number_key="8", label="8号楼",
                          storeys_above_ground=3, height=9.6,
                          geometry=square(side=0.0008, height=0.00012))
    draw_doors(session, eight, floors=3, west=WEST, south=SOUTH, width=0.0002)
    draw_doors(session, nine, floors=7, west=WEST, south=SOUTH + 0.0007, width=0.00015)
    west, south = WEST + 0.001, SOUTH + 0.0007
    make_building(session, compound, grid=grid, number="10", number_key="10", label="10号楼",
                  height=20, geometry=square(west, south), solid=box(west, south, 0.0003, 20))
    make_incident(session, eight, service_code="noise")
    remember(session, "metric_srid", "4550")
    scene.refresh(session)
    bump(session)


def box(west: float, south: float, side: float, height: float) -> str:
    """Return walls and a flat roof as EWKT."""
    corners = [(west, south), (west + side, south), (west + side, south + side),
               (west, south + side)]
    walls = [f"(({x} {y} 0, {u} {v} 0, {u} {v} {height}, {x} {y} {height}, {x} {y} 0))"
             for (x, y), (u, v) in zip(corners, corners[1:] + corners[:1], strict=True)]
    roof = ", ".join(f"{x} {y} {height}" for x, y in [*corners, corners[0]])
    return f"SRID=4326;MULTIPOLYGON Z ({', '.join([*walls, f'(({roof}))'])})"


def draw_doors(session: Session, building: Building, *, floors: int, west: float, south: float,
               width: float) -> None:
    """Write two entrances and, on each floor, two doors at each."""
    doors = [make_entrance(session, building, number=str(n + 1), number_key=str(n + 1),
                           label=f"{n + 1}单元",
                           geometry=point(west + (1 + 2 * n) * width, south + 0.00012))
             for n in range(2)]
    for floor in range(1, floors + 1):
        storey = make_storey(session, building, index=float(floor), label=f"{floor}F")
        for n in range(4):
            room = f"{floor}0{n % 2 + 1}"
            make_unit(session, building, entrance=doors[n // 2], storey=storey, designator=room,
                      room_key=room, geometry=square(west + n * width, south, side=width,
                                                     height=0.00012))


class Quiet(WSGIRequestHandler):
    """A handler that writes no line for each request."""

    def log_request(self, *_said: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def ground(cluster, template) -> Iterator[Engine]:
    """The database of the running site: a small district, `wang` an operator, `li` on rounds."""
    engine = system_engine(copy_database(cluster, "map_page"))
    with Session(engine) as session:
        draw_district(session)
        for name, role in USERS.items():
            accounts.add_user(session, name, password=PASSWORD, role=role, area="*",
                              granted_by="test")
        session.commit()
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def site(ground) -> Iterator[str]:
    """The address of a running site with a small district."""
    engine = ground
    app = create_app(sessions(engine), vault(), settings({}))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def browser():
    """A real browser with software WebGL."""
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:
        pytest.skip("no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


#: Puts everything away that a test has left on the page.
AFRESH = """async () => {
  const load = (name) => import(`/static/map/${name}.mjs`);
  const { app, close } = await load('app');
  const { setFlat, home, isFlat, restyling } = await load('view');
  await restyling();
  app.map.stop();
  (await load('side')).hideSide();
  (await load('people')).closePeople();
  (await load('day')).set(null);
  close();
  for (const id of ['sheet', 'answer', 'suggestions']) document.getElementById(id).hidden = true;
  document.querySelectorAll('.maplibregl-popup, .notice').forEach((one) => one.remove());
  document.getElementById('q').value = '';
  document.activeElement.blur();
  if (isFlat()) setFlat(app.map, false, { move: false });
  home(app.map, false);
}"""


@pytest.fixture(scope="session")
def desk(browser, site):
    """The map that one operator keeps open for all tests, signed in and at rest."""
    page = open_map(browser, site, name="wang")
    yield page
    page.context.close()


@pytest.fixture
def page(desk, site):
    """The map with nothing chosen; a test must not fetch from elsewhere nor leave a fault."""
    yield desk
    desk.evaluate(AFRESH)
    # A machine that is busy with other things answers 503 in time; the page says so, and goes on.
    seen, faults = list(desk.seen), [one for one in desk.faults if " 503 " not in one]
    desk.seen.clear()
    desk.faults.clear()
    elsewhere = [url for url in seen if not url.startswith((site, "data:", "blob:"))]
    assert elsewhere == [], elsewhere
    assert faults == [], faults


def open_map(browser, site, query: str = "theme=light&plain=1", scripts=(), name="chen",
             **options):
    """Return the map, signed in and at rest; `page.seen` are the addresses it asked for."""
    context = browser.new_context(viewport={"width": 960, "height": 600}, locale="zh-CN", **options)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    for script in scripts:
        page.add_init_script(script)
    page.seen, page.faults = [], []
    page.on("request", lambda request: page.seen.append(request.url))
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda said: page.faults.append(said.text) if said.type == "error" else None)
    sign_in(page, site, name)
    page.goto(f"{site}/map?{query}")
    ready(page)
    return page


def sign_in(page, site, name: str = "wang") -> None:
    """Sign a browser's page in."""
    page.goto(f"{site}/sign-in?next=/health")
    page.fill("#username", name)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/health")


def ready(page) -> None:
    """Wait until the page has started and its map stands still."""
    page.wait_for_function("() => document.documentElement.dataset.ready === 'yes'")
    page.evaluate(AT_REST)
