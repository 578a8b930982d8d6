"""The server as users meet it: ID numbers and addresses over HTTP, and its memory."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from layers.access import Role
from layers.across.accounts import add_token
from tests.bench.harness import Case, Way
from tests.bench.world import World

ROOT = Path(__file__).parents[2]
CONNECTIONS, EACH = 8, 25
READY_S = 60


def cases(world: World) -> Iterator[Case]:
    """Yield the benchmark of the running server."""
    numbers = _numbers(world)
    with _serving(world) as (port, process):
        secrets = _tokens(world)
        slow: list[float] = []
        persons = [("/api/lookup/person", {"id_number": one, "purpose": "verification"})
                   for one in numbers]
        yield Case(
            name="server", title="ID numbers over HTTP",
            about=f"`python app.py serve`, one worker, {CONNECTIONS} connections kept open, "
                  f"{len(persons)} ID numbers a repetition: sign-in by token, the person with "
                  "every place, the line in the audit. The client runs on the same cores, and *CPU "
                  "own* is the client's.",
            bar="p99 ≤ 10 ms at ten million residents; memory ≤ 300 MB",
            ways=(Way(name="the whole answer", run=lambda: _ask(port, secrets, persons, slow),
                      repeats=len(persons)),
                  Way(name="health, which asks nothing",
                      run=lambda: _ask(port, secrets, [("/health", None)] * len(persons), []),
                      repeats=len(persons))),
            after=lambda: (_latency(slow), "Memory of the server's processes after it: "
                           f"{_memory(process.pid):.0f} MB."))


def _latency(slow: list[float]) -> str:
    slow.sort()
    picked = [slow[min(len(slow) - 1, int(len(slow) * share))] * 1000 for share in (0.5, 0.99)]
    return (f"One request as a client sees it with {CONNECTIONS} at a time: p50 "
            f"{picked[0]:.1f} ms, p99 {picked[1]:.1f} ms.")


def _numbers(world: World) -> list[str]:
    rows = world.rows("SELECT identifier, id_number FROM resident WHERE id_number IS NOT NULL "
                      f"ORDER BY md5(identifier) LIMIT {CONNECTIONS * EACH}")  # noqa: S608
    return [world.vault.unseal("resident", "id_number", row.identifier, row.id_number)
            for row in rows]


def _tokens(world: World) -> list[str]:
    """Make a token for each request of a repetition: nobody may look up persons so often."""
    engine = world.engine()
    with Session(engine) as session:
        secrets = [add_token(session, f"bench-server-{number}", role=Role.OFFICER, area="*",
                             unlimited=True) for number in range(CONNECTIONS * EACH)]
        session.commit()
    engine.dispose()
    return secrets


@contextmanager
def _serving(world: World) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = int(trial.getsockname()[1])
    environment = {**os.environ, "DOORPLATE_HOME": str(world.folder / "keys"),
                   "DOORPLATE_DATABASE_URL": world.url}
    process = subprocess.Popen([sys.executable, "app.py", "serve", "--port", str(port)], cwd=ROOT,
                               env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        yield port, process
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(port: int) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=5).request("GET", "/health")
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("the server did not answer")


def _ask(port: int, secrets: list[str], asked: list[tuple[str, Any]], slow: list[float]) -> int:
    """Ask over several connections at once; returns how many answers were right."""
    pairs = list(zip(secrets, asked, strict=True))
    parts = [pairs[place::CONNECTIONS] for place in range(CONNECTIONS)]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return sum(pool.map(lambda part: _one_connection(port, part, slow), parts))


def _one_connection(port: int, asked: list[tuple[str, tuple[str, Any]]],
                    slow: list[float]) -> int:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for secret, (path, body) in asked:
        heads = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        began = time.perf_counter()
        client.request("POST" if body else "GET", path, json.dumps(body) if body else None, heads)
        answer = client.getresponse()
        read = answer.read()
        slow.append(time.perf_counter() - began)
        assert answer.status == 200, read
        assert not body or len(json.loads(read)["items"]) == 1, read
    client.close()
    return len(asked)


def _memory(pid: int) -> float:
    """Return the proportional share of memory in MB of a process and those below it."""
    total = 0.0
    for one in _family(pid):
        text = Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii")
        total += next(int(line.split()[1]) for line in text.splitlines()
                      if line.startswith("Pss:")) / 1000
    return total


def _family(pid: int) -> list[int]:
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(one for child in below for one in _family(int(child)))]
