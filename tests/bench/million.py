"""`python -m tests.bench.million [--units 1000000]`: a ledger of a million units, loaded once.

The places of as many districts as it takes go in first; then the one file of their units, by the
same door as everyone's, into a cluster with the settings that it has in use. Seconds, rows and
the most memory that Python's processes held together are printed.
"""

import argparse
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from app import migrate
from importers.demo import write_district
from importers.demo.large.copies import Copies
from importers.intake import Intake, take_in
from importers.loading import Order
from spatial.cluster import Cluster
from spatial.database import connect
from spatial.sealing import Vault
from tests.bench.harness import TICKS, database_seconds
from tests.bench.world import SEED, SOURCE
from tests.support.cluster import copy_database, short_folder

#: Units of one district, and what stands before them in the order of loading.
UNITS = 20_432
BEFORE = ("divisions", "grids", "streets", "compounds", "buildings", "entrances", "storeys")
MIB = 1024 * 1024


def main(arguments: list[str] | None = None) -> int:
    """Load the places, then the units; print what it took."""
    said = _parser().parse_args(arguments)
    districts = -(-said.units // UNITS)
    with short_folder() as home, TemporaryDirectory(prefix="million-") as folder:
        place = Path(folder)
        _write(place, districts)
        cluster = Cluster(home)
        cluster.ensure()
        try:
            _load_all(cluster, Vault.open(place / "keys"), place, said.repetitions)
        finally:
            cluster.stop()
    return 0


def _write(folder: Path, districts: int) -> None:
    """Write the ledgers of places, each as one file; the units into a folder of their own."""
    base = folder / "base"
    write_district(base, seed=SEED)
    (folder / "before").mkdir()
    (folder / "units").mkdir()
    copies = Copies(base, SEED, districts)
    copies.features = {name: copies.features[name] for name in BEFORE if name in copies.features}
    copies.rows = {name: copies.rows[name] for name in (*BEFORE, "units") if name in copies.rows}
    copies.rows["residents"] = []               # nobody moves in
    for number in range(districts):
        list(copies.write(folder / "before", number, "01", first=number == 0))
    copies.close()
    (folder / "before" / "residents-01.csv").unlink()
    (folder / "before" / "units-01.csv").rename(folder / "units" / "units.csv")


def _load_all(cluster: Cluster, vault: Vault, folder: Path, repetitions: int) -> None:
    engine = connect(cluster.url())
    migrate(engine)
    engine.dispose()
    _load("places before", cluster, cluster.url(), vault, folder / "before")
    for _ in range(repetitions):
        url = copy_database(cluster, "million")
        _load("units", cluster, url, vault, folder / "units" / "units.csv")


def _load(what: str, cluster: Cluster, url: str, vault: Vault, path: Path) -> None:
    """Import a path and tell rows, seconds and memory."""
    engine, steps, postmaster = connect(url), Steps(), cluster.status().pid or 0
    began, database = time.monotonic(), database_seconds(postmaster)
    with watched() as used:
        order = Order(source=SOURCE, by="bench", progress=steps)
        results = take_in(engine, vault, path, Intake(order=order, apply=True,
                                                      rejects=path.parent))
    whole, database = time.monotonic() - began, database_seconds(postmaster) - database
    engine.dispose()
    for one in results:
        print(f"  {one.layer:<12} read {one.read:>9,} new {one.new:>9,} rejected "
              f"{one.rejected:,} in {one.seconds:8.2f} s: {one.read / one.seconds:>9,.0f} rows/s")
    rows = sum(one.read for one in results)
    print(f"{what}: {rows:,} rows, stored in {sum(one.seconds for one in results):.1f} s, with "
          f"all that follows in {whole:.1f} s; {used}; CPU {database:.1f} s in the database; "
          f"{steps}", flush=True)


class Steps:
    """How long each step that an import tells of went on."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._at: tuple[str, float] = ("begin", time.monotonic())

    def __call__(self, step: str, _done: int, _of: int | None) -> None:
        """Take what an import tells."""
        self._until(step)

    def _until(self, step: str) -> None:
        now = time.monotonic()
        name, since = self._at
        self.seconds[name] = self.seconds.get(name, 0.0) + now - since
        self._at = (step, now)

    def __str__(self) -> str:
        """Tell them in their order."""
        self._until("end")
        return ", ".join(f"{name} {took:.1f}" for name, took in self.seconds.items())


@dataclass
class Used:
    """What Python's processes used: the most bytes together, and CPU seconds by process."""

    bytes: int = 0
    seconds: dict[int, float] = field(default_factory=dict)

    def look(self) -> None:
        """Take what there is at this moment."""
        there = list(_tree(os.getpid()))
        self.bytes = max(self.bytes, sum(map(_resident, there)))
        self.seconds.update((pid, _worked(pid)) for pid in there)

    def __str__(self) -> str:
        """Tell both."""
        return (f"at most {self.bytes / MIB:,.0f} MiB; CPU "
                f"{' + '.join(f'{one:.1f}' for one in self.seconds.values() if one >= 0.1)} s")


@contextmanager
def watched() -> Iterator[Used]:
    """Watch this process and all below it, five times a second."""
    used, over = Used(), threading.Event()
    before = _worked(os.getpid())

    def look() -> None:
        while not over.wait(0.2):
            used.look()

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield used
    finally:
        over.set()
        watcher.join()
        used.seconds[os.getpid()] = _worked(os.getpid()) - before


def _tree(pid: int) -> Iterator[int]:
    """Yield a process and all below it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            below = (task / "children").read_text(encoding="ascii").split()
        except OSError:
            continue
        for one in below:
            yield from _tree(int(one))


def _resident(pid: int) -> int:
    """Return the memory of a process; what it shares with others counts by its part."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) * 1024


def _worked(pid: int) -> float:
    """Return the CPU seconds of a process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    return sum(map(int, text.rpartition(")")[2].split()[11:13])) / TICKS


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.million", description=__doc__)
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--repetitions", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(main())
