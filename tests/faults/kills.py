"""Kills of importer, back end and server at any moment of an import, and what is there afterwards.

Each kill has a file of its own with its own rows. After it the same import is run again until it
ends; then every row of the file must be in the registry once, as the file says, with no version
of it in the history and nothing left of the staging.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import psycopg2

from spatial.cluster import Cluster
from spatial.sealing import Vault
from spatial.walls import SYSTEM, token
from tests.faults.child import AT_ONCE

ROOT = Path(__file__).parents[2]
ROWS = 12_000
MOMENTS = ("stage", "apply", "commit")
VICTIMS = ("importer", "back end", "server")
WAYS = ("chunks", AT_ONCE)
AGAIN_MOST = 5


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: its number, who dies, and when."""

    number: int
    victim: str
    moment: str
    seed: int

    @property
    def way(self) -> str:
        """How rows are stored: every second round of victims and moments fills a table at once."""
        return WAYS[self.number // (len(VICTIMS) * len(MOMENTS)) % len(WAYS)]

    @property
    def mark(self) -> str:
        """Begins the ids of its file's rows."""
        return f"K{self.number:03}-"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a kill did: rows lost, doubled and wrong, and how often the import was run again."""

    kill: Kill
    said: str
    lost: int
    doubled: int
    wrong: int
    versions: int
    left_over: int
    runs: int

    @property
    def good(self) -> bool:
        """Tell whether nothing was lost, doubled, wrong or left behind."""
        return not (self.lost or self.doubled or self.wrong or self.versions or self.left_over)


def planned(kills: int, seed: int) -> Iterator[Kill]:
    """Yield the kills: every victim at every moment in turn, each with a seed of its own."""
    dice = random.Random(seed)
    for number in range(kills):
        yield Kill(number, VICTIMS[number // len(MOMENTS) % len(VICTIMS)],
                   MOMENTS[number % len(MOMENTS)], dice.randrange(2**31))


def write_file(folder: Path, mark: str, rows: int = ROWS) -> Path:
    """Write the households of one kill."""
    path = folder / f"{mark}households.csv"
    lines = "".join(f"{mark}{n},{mark}{n * 7919 % rows:06},family,户主{n % 97}\n"
                    for n in range(rows))
    path.write_text(f"source_id,number,kind,head\n{lines}", encoding="utf-8")
    return path


def suffer(kill: Kill, cluster: Cluster, url: str, folder: Path) -> Outcome:
    """Import a file, kill as planned, import again until it is done, and look."""
    path, dice = write_file(folder, kill.mark), random.Random(kill.seed)
    process = _begin(url, folder, path, kill.way)
    said = _until(process, kill, dice)
    time.sleep(dice.random() * (0.004 if kill.moment == "commit" else 0.15))
    _strike(kill.victim, process, cluster)
    process.wait(timeout=120)
    assert process.stdout is not None
    process.stdout.close()
    runs = _again(cluster, url, folder, path, kill.way)
    return _look(kill, said, folder, url, path, runs)


def _begin(url: str, folder: Path, path: Path, way: str = WAYS[0]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.child", url, str(folder / "keys"), str(path), way],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _until(process: "subprocess.Popen[str]", kill: Kill, dice: random.Random) -> str:
    """Read what the import says until the moment has come; returns its last line."""
    chunks = -(-ROWS // 2_000)
    later, left = dice.randint(1, chunks - 1), dice.randint(1, chunks)
    wanted = {"stage": "reading 10000", "apply": f"storing {later}", "commit": ""}[kill.moment]
    if kill.way == AT_ONCE:
        wanted, left = wanted and wanted.replace(f"storing {later}", "filling"), 1
    storing = False
    assert process.stdout is not None
    for line in process.stdout:
        storing = storing or line.startswith(("storing", "filling"))
        left -= line.startswith("commit") and storing
        if (wanted and line.startswith(wanted)) or (not wanted and left <= 0):
            return line.strip()
    return "it had ended"


def _strike(victim: str, process: "subprocess.Popen[str]", cluster: Cluster) -> None:
    if victim == "importer":
        process.send_signal(signal.SIGKILL)
    elif victim == "server":
        for pid in _server(cluster):
            _kill(pid)
    else:
        for pid in _back_ends(cluster):
            _kill(pid)


def _back_ends(cluster: Cluster) -> list[int]:
    connection = psycopg2.connect(cluster.url())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' "
                       "AND pid <> pg_backend_pid()")
        found = [row[0] for row in cursor.fetchall()]
    connection.close()
    return found


def _server(cluster: Cluster) -> list[int]:
    """Return the postmaster and every process below it, the postmaster first."""
    head = cluster.status().pid
    if head is None:
        return []
    below = Path(f"/proc/{head}/task/{head}/children").read_text(encoding="ascii").split()
    return [head, *map(int, below)]


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _again(cluster: Cluster, url: str, folder: Path, path: Path, way: str) -> int:
    """Start the server where it is gone, and import until the import ends well."""
    for run in range(1, AGAIN_MOST + 1):
        _answering(cluster)
        process = _begin(url, folder, path, way)
        output, _ = process.communicate(timeout=300)
        if process.returncode == 0:
            return run
        time.sleep(0.5)
    raise AssertionError(f"the import does not end: {output[-400:]}")


def _answering(cluster: Cluster) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            cluster.start()
            psycopg2.connect(cluster.url()).close()
            return
        except Exception:  # noqa: BLE001  (whatever it says while it recovers)
            time.sleep(0.3)
    raise AssertionError("the server does not come back")


def looking(url: str, folder: Path) -> "psycopg2.extensions.connection":
    """Connect with the scope of the registry itself, which rows of persons are shown to."""
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('doorplate.scope', %s, true)",
                       (token(Vault.open(folder / "keys"), SYSTEM),))
    return connection


def _look(kill: Kill, said: str, folder: Path, url: str, path: Path, runs: int) -> Outcome:
    wanted = dict(line.split(",")[:2] for line in path.read_text("utf-8").splitlines()[1:])
    connection = looking(url, folder)
    with connection.cursor() as cursor:
        cursor.execute("SELECT source_id, number FROM household WHERE source_id LIKE %s",
                       (f"{kill.mark}%",))
        found = cursor.fetchall()
        versions, left = (_count(cursor, one) for one in (
            f"SELECT count(*) FROM household_history WHERE source_id LIKE '{kill.mark}%'",
            "SELECT count(*) FROM pg_class WHERE relname ~ '^stage_' AND relkind = 'r'"))
    connection.close()
    stored = dict(found)
    return Outcome(
        kill=kill, said=said, lost=len(wanted.keys() - stored.keys()),
        doubled=len(found) - len(stored), versions=versions, left_over=left, runs=runs,
        wrong=sum(1 for one, number in stored.items() if wanted.get(one) != number))


def _count(cursor: "psycopg2.extensions.cursor", statement: str) -> int:
    cursor.execute(statement)
    return int((cursor.fetchone() or (0,))[0])


def table_of(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each way, victim and moment."""
    for way, victim, moment in product(WAYS, VICTIMS, MOMENTS):
        own = [one for one in outcomes
               if (one.kill.way, one.kill.victim, one.kill.moment) == (way, victim, moment)]
        yield (way, victim, moment, str(len(own)),
               *(f"{sum(getattr(one, name) for one in own):,}" for name in (
                   "lost", "doubled", "wrong")),
               str(sum(1 for one in own if one.good)),
               str(max((one.runs for one in own), default=0)))
