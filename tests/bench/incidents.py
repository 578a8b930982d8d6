"""Incidents per grid: by the number each row bears, against geopandas' spatial join."""

from collections.abc import Callable, Iterator

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from layers.across.rollup import rollup
from tests.bench.harness import Case, Way, equal
from tests.bench.world import World

AT_ONCE = 10
#: The peers are given one point an incident: its own, else one in its building.
POINTS = """
CREATE TABLE bench_point AS
SELECT i.id, coalesce(i.geometry, ST_PointOnSurface(b.geometry)) AS geometry
FROM incident i LEFT JOIN unit u ON u.id = i.unit_id
LEFT JOIN building b ON b.id = coalesce(i.building_id, u.building_id)
WHERE (i.geometry IS NOT NULL OR b.geometry IS NOT NULL)
AND (i.valid_to IS NULL OR i.valid_to > now())"""
CELLS = ("SELECT identifier, geometry FROM grid WHERE geometry IS NOT NULL "
         "AND (valid_to IS NULL OR valid_to > now())")
LATERAL = f"""
SELECT g.identifier, count(p.id) FROM ({CELLS}) g
LEFT JOIN LATERAL (SELECT id FROM bench_point WHERE ST_Intersects(bench_point.geometry, g.geometry)
) p ON true GROUP BY g.identifier"""  # noqa: S608
Counts = dict[str, int]


def cases(world: World) -> Iterator[Case]:
    """Yield the benchmark of counts by area."""
    world.script("DROP TABLE IF EXISTS bench_point", POINTS,
                 "CREATE INDEX ON bench_point USING gist (geometry)", "ANALYZE bench_point")
    engine = world.engine()
    count = world.rows("SELECT count(*) FROM bench_point")[0][0]
    yield Case(
        name="incidents", title="Incidents per grid",
        about=f"{count:,} incidents that have a point, or a building, by every grid; {AT_ONCE} "
              "times at once. The peers are given their points ready and indexed.",
        bar="≥ 10 times geopandas",
        ways=(_way("`rollup`, by each row's own number", lambda: _rollup(engine)),
              _way("`LATERAL` from the polygon, in the database", lambda: _lateral(engine)),
              _way("geopandas `sjoin`, read from the database", lambda: _sjoin(engine))),
        agree=equal("the count of every grid"))
    engine.dispose()


def _way(name: str, count: Callable[[], Counts]) -> Way:
    return Way(name=name, run=lambda: [count() for _ in range(AT_ONCE)][-1], repeats=AT_ONCE)


def _rollup(engine: Engine) -> Counts:
    with Session(engine) as session:
        return {row.identifier: row.value
                for row in rollup(session, "incidents", level="grid").rows}


def _lateral(engine: Engine) -> Counts:
    with engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(text(LATERAL))}


def _sjoin(engine: Engine) -> Counts:
    import geopandas

    with engine.connect() as connection:
        points = geopandas.read_postgis("SELECT id, geometry FROM bench_point", connection,
                                        geom_col="geometry")
        cells = geopandas.read_postgis(CELLS, connection, geom_col="geometry")
    joined = geopandas.sjoin(points, cells, predicate="intersects")
    found = joined.groupby("identifier").size().to_dict()
    return {name: int(found.get(name, 0)) for name in cells["identifier"]}
