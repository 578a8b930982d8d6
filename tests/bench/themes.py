"""All themes of the district in a row; view-sheds of a city's cameras among its buildings."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import shapely
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from layers.access import Role
from layers.across.kept import forget
from layers.across.theme_spec import built_in
from layers.across.themes import theme_map
from layers.caller import LEAST, MOST, Caller
from spatial.visibility import View, Walls, by_shadows, viewsheds, walls
from tests.bench.harness import Case, Way
from tests.bench.world import World

CALLER = Caller(name="bench", role=Role.OPERATOR, low=LEAST, high=MOST)
CAMERAS, BUILDINGS = 11_000, 8_000
#: Of so many cameras the peer is timed; it would take minutes for all.
SAMPLE = 200


def cases(world: World) -> Iterator[Case]:
    """Yield the benchmarks of themes and of coverage."""
    engine = world.engine()
    yield Case(
        name="themes", title="Thematic maps",
        about=f"The {len(built_in())} built-in themes one after the other, with nothing kept in "
              "memory; ages have been counted that day.",
        bar="≤ 1 s for all together",
        ways=(Way(name="`theme_map`", run=lambda: _themes(engine), prepare=forget),))
    engine.dispose()
    views, around = _city()
    yield Case(
        name="coverage", title="View-sheds of cameras",
        about=f"{CAMERAS:,} cameras among {BUILDINGS:,} buildings, per camera.",
        bar=f"≤ 60 s for all, {60_000 / CAMERAS:.1f} ms a camera",
        ways=(Way(name="`viewsheds`, by angular sweep", repeats=CAMERAS,
                  run=lambda: len(viewsheds(views, around))),
              Way(name="shadow subtraction in shapely", repeats=SAMPLE,
                  run=lambda: _shadows(views, around))))


def _themes(engine: Engine) -> int:
    with Session(engine) as session:
        return sum(len(theme_map(session, theme, CALLER).areas)
                   for name, theme in built_in().items()
                   if not name.startswith("residents_") and name != "workload")


def _city() -> tuple[list[View], Walls]:
    """Return slabs in rows as estates have them, and cameras between them."""
    generator = np.random.default_rng(7)
    side = int(np.ceil(np.sqrt(BUILDINGS)))
    spots = np.array([(48.0 * (n % side), 36.0 * (n // side)) for n in range(BUILDINGS)])
    spots += generator.uniform(-4, 4, spots.shape)
    shapes = shapely.box(*spots.T, *(spots + (32.0, 12.0)).T)
    places = spots[generator.integers(0, BUILDINGS, CAMERAS)] + (16.0, -4.0)
    one = View(x=0.0, y=0.0, height=4.5, azimuth=0.0, hfov=75.0, reach=70.0, near=5.0)
    views = [replace(one, x=float(x), y=float(y), azimuth=float(generator.uniform(0, 360)))
             for x, y in places]
    return views, walls(shapes, np.full(BUILDINGS, 18.0))


def _shadows(views: list[View], around: Walls) -> int:
    for view in views[:SAMPLE]:
        met = around.tree.query(shapely.Point(view.x, view.y), predicate="dwithin",
                                distance=view.reach)
        by_shadows(view, met, around)
    return SAMPLE
