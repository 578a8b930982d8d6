"""A ledger into a registry, against ogr2ogr into a plain table."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copy, which
from statistics import median

from layers import catalogue
from spatial.database import connect
from tests.bench.harness import Case, Way, equal
from tests.bench.world import World, load
from tests.support.cluster import copy_database

#: Ledgers measured; what stands before each in the order of loading is there already.
LEDGERS = ("units",)
#: As many indexes on the peer's plain table as the ledger's own tables have, at least.
INDEXES = {"units": ("source_id", "building", "entrance", "storey", "street", "designator")}
#: Ledgers of fewer rows tell nothing about speed.
LEAST_ROWS = 5_000


@dataclass(slots=True)
class Trial:
    """One ledger, and the registry it goes into anew each time."""

    world: World
    ledger: str
    path: Path
    template: str
    seconds: list[float] = field(default_factory=list)
    rows: int = 0

    def fresh(self) -> None:
        """Make the registry as it was before the ledger."""
        copy_database(self.world.cluster, "bench_import", template=self.template)

    def ours(self) -> int:
        """Import the ledger with all that follows; returns the rows stored."""
        url = self.world.cluster.url(database="bench_import")
        result = load(self.world, connect(url), self.path)[0]
        self.seconds.append(result.seconds)
        self.rows = int(result.new)
        return self.rows

    def plain(self) -> int:
        """Let ogr2ogr make a plain table of the file, then index it; returns its rows."""
        url = self.world.cluster.url(database="bench_import")
        subprocess.run(["ogr2ogr", "-f", "PostgreSQL", f"PG:{url}", str(self.path), "-nln",
                        "plain", "--config", "PG_USE_COPY", "YES"], check=True,
                       capture_output=True)
        engine = connect(url)
        with engine.begin() as connection:
            for column in INDEXES[self.ledger]:
                connection.exec_driver_sql(f"CREATE INDEX ON plain ({column})")
            count = connection.exec_driver_sql("SELECT count(*) FROM plain").scalar_one()
        engine.dispose()
        return int(count)

    def told(self) -> tuple[str, ...]:
        """Tell what share the storing has in the whole import."""
        middle = median(self.seconds)
        return (f"Of an import, reading to storing took {middle:.2f} s ({self.rows / middle:,.0f} "
                "rows/s) in the middle; the rest is what follows.",)


def cases(world: World) -> Iterator[Case]:
    """Yield the benchmarks of imports."""
    for ledger in LEDGERS:
        trial = _trial(world, ledger)
        yield Case(
            name=f"import-{ledger}", title=f"Import of {ledger}",
            about=f"`{trial.path.name}` into a registry that has everything it refers to: read, "
                  "checked, references found, sealed where needed, stored with history, then "
                  "places, addresses, volumes and the map's scene brought up to date. The peer "
                  "makes a table of text and indexes six columns.",
            bar="goal ≥ 0.25 of ogr2ogr's speed for storing; reported as it is",
            ways=(Way(name="import, and all that follows", run=trial.ours, prepare=trial.fresh),
                  Way(name="ogr2ogr into a plain table, indexed", run=trial.plain,
                      prepare=trial.fresh) if which("ogr2ogr") else
                  Way(name="ogr2ogr", missing="not installed")),
            agree=equal("the number of rows stored"), after=trial.told,
            notes=(_whole(world),))


def _whole(world: World) -> str:
    """Tell how fast each large ledger went in when the registry was loaded, once, no peer."""
    parts = (f"{one.layer} {one.read / one.seconds:,.0f}" for one in world.results
             if one.read >= LEAST_ROWS)
    return ("Rows a second, reading to storing, as the demonstration was loaded: "
            f"{', '.join(parts)}.")


def _trial(world: World, ledger: str) -> Trial:
    """Make a registry with all ledgers that come before this one."""
    order = list(catalogue())
    folder = world.folder / f"before-{ledger}"
    folder.mkdir()
    for path in world.ledgers.iterdir():
        if path.stem in order and order.index(path.stem) < order.index(ledger):
            copy(path, folder)
    template = f"before_{ledger}"
    load(world, connect(copy_database(world.cluster, template, template=world.empty)), folder)
    found = next(path for path in world.ledgers.iterdir() if path.stem == ledger)
    return Trial(world, ledger, found, template)
