"""What the benchmarks run on: a throw-away cluster with a demonstration in it."""

import os
import platform
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any

import psycopg2
from sqlalchemy import Engine, text

from app import migrate
from importers.demo import write_district
from importers.intake import Intake, take_in
from importers.loading import Order
from importers.results import Result
from spatial.cluster import Cluster
from spatial.cluster.settings import OWNER
from spatial.database import connect
from spatial.sealing import Vault
from spatial.walls import stand
from tests.support.cluster import copy_database, throwaway_cluster

SEED = 7
#: Tables whose rows are told, so that a figure can be judged.
COUNTED = ("division", "grid", "street", "compound", "building", "entrance", "storey", "unit",
           "plate", "facility", "household", "resident", "residency", "organization", "incident")
SOURCE = "demonstration"


@dataclass(slots=True)
class World:
    """One loaded registry, and how it came to be."""

    cluster: Cluster
    vault: Vault
    ledgers: Path
    folder: Path
    seed: int
    size: str
    loaded_s: float = 0.0
    results: list[Result] = field(default_factory=list)
    empty: str = OWNER

    @property
    def url(self) -> str:
        """The libpq URL of the loaded registry."""
        return self.cluster.url(database="bench")

    def engine(self) -> Engine:
        """Return a new engine on the loaded registry."""
        return stand(connect(self.url), self.vault)

    @property
    def postmaster(self) -> int:
        """The process of the database server."""
        return self.cluster.status().pid or 0

    def rows(self, statement: str, **values: object) -> list[Any]:
        """Return what a statement gives."""
        engine = self.engine()
        with engine.connect() as connection:
            found = connection.execute(text(statement), values).all()
        engine.dispose()
        return list(found)

    def script(self, *statements: str) -> None:
        """Execute statements, each for good."""
        connection = psycopg2.connect(self.url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        connection.close()

    def counts(self) -> dict[str, int]:
        """Return the rows of every counted table."""
        return {name: self.rows(f"SELECT count(*) FROM {name}")[0][0]  # noqa: S608
                for name in COUNTED}

    def machine(self) -> list[str]:
        """Return what the figures were measured on, in general words."""
        server = self.rows("SELECT current_setting('server_version'), postgis_lib_version()")[0]
        ogr = (subprocess.run(["ogr2ogr", "--version"], capture_output=True, text=True,
                              check=True).stdout.split(",")[0] if which("ogr2ogr") else "no GDAL")
        return [f"{os.cpu_count()} cores", f"load {os.getloadavg()[0]:.1f} when the run began",
                f"PostgreSQL {server[0].split()[0]}", f"PostGIS {server[1]}",
                f"Python {platform.python_version()}", ogr]


@contextmanager
def world(size: str, seed: int = SEED) -> Iterator[World]:
    """Give a cluster with the demonstration of `size` in it; everything is gone afterwards."""
    with (throwaway_cluster() as cluster,
          TemporaryDirectory(prefix="bench-") as folder):
        place = Path(folder)
        ours = World(cluster, Vault.open(place / "keys"), place / "ledgers", place, seed, size)
        engine = connect(cluster.url())
        migrate(engine)
        engine.dispose()
        write_district(ours.ledgers, seed=seed, size=size)
        copy_database(cluster, "bench")
        began = time.perf_counter()
        ours.results = load(ours, ours.engine(), ours.ledgers)
        ours.loaded_s = time.perf_counter() - began
        ours.script("ANALYZE")
        yield ours


def load(world: World, engine: Engine, path: Path) -> list[Result]:
    """Import a ledger or a folder of them for good, and let go of the database."""
    intake = Intake(order=Order(source=SOURCE, by="bench"), apply=True, rejects=world.folder)
    try:
        return take_in(engine, world.vault, path, intake)
    finally:
        engine.dispose()


