"""A running site with a small district, and a real browser to look at it with."""

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

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--use-gl=angle",
         "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
#: Software WebGL on a busy machine takes its time.
PATIENCE_MS = 120_000
PASSWORD = "seven-quiet-doors-open"
#: Resolves when the map has drawn everything and stands still.
AT_REST = """() => new Promise((done) => {
  if (!window.doorplate) { done(true); return; }
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


@pytest.fixture(scope="session")
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



def open_map(browser, site, query: str = "theme=light&plain=1", **options):
    """Return the map, signed in and at rest; `page.seen` are the addresses it asked for."""
    context = browser.new_context(viewport={"width": 960, "height": 600}, locale="zh-CN", **options)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.seen, page.faults = [], []
    page.on("request", lambda request: page.seen.append(request.url))
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda said: page.faults.append(said.text) if said.type == "error" else None)
    page.goto(f"{site}/sign-in?next=/health")
    page.fill("#username", "wang")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/health")
    page.goto(f"{site}/map?{query}")
    ready(page)
    return page


def ready(page) -> None:
    """Wait until the page has started and its map stands still."""
    page.wait_for_function("() => document.documentElement.dataset.ready === 'yes'")
    page.evaluate(AT_REST)
