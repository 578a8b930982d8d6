"""An ID number -> the resident: the engine, the same through the ORM, and the whole answer."""

import random
import subprocess
from collections.abc import Iterator
from shutil import which
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from layers.access import Role
from layers.across.persons import PersonReader
from layers.caller import LEAST, MOST, Caller
from layers.residents import Resident
from spatial.prepared import run_prepared
from spatial.statements import raw_cursor
from tests.bench.harness import Case, Way, equal
from tests.bench.world import World

KEYS, WHOLE, FLOOR_KEYS, FLOOR_ROUNDS = 1_000, 100, 20, 250
CALLER = Caller(name="bench", role=Role.OFFICER, low=LEAST, high=MOST)
SQL = ("SELECT identifier, name FROM resident WHERE id_number_key = $1 "
       "AND (valid_to IS NULL OR valid_to > now())")


def cases(world: World) -> Iterator[Case]:
    """Yield the benchmarks of ID numbers."""
    known = world.rows("SELECT identifier, id_number_key, id_number FROM resident "
                       "WHERE id_number_key IS NOT NULL ORDER BY source_id")
    drawn = random.Random(world.seed).sample(known, KEYS)
    keys = [bytes(row.id_number_key) for row in drawn]
    numbers = [world.vault.unseal("resident", "id_number", row.identifier, row.id_number)
               for row in drawn[:WHOLE]]
    engine = world.engine()
    yield Case(
        name="ids", title="ID number to resident",
        about=f"{KEYS:,} keyed hashes of ID numbers, one statement each, in one transaction.",
        bar="≥ 10 times the ORM, ≤ twice the floor",
        ways=(Way(name="prepared statement, raw cursor", run=lambda: _raw(engine, keys),
                  repeats=KEYS),
              Way(name="prepared statement, `run_prepared`", run=lambda: _prepared(engine, keys),
                  repeats=KEYS),
              Way(name="ORM, one session", run=lambda: _orm(engine, keys), repeats=KEYS),
              Way(name="ORM, a session each", run=lambda: _orm_sessions(engine, keys),
                  repeats=KEYS),
              _floor(world, keys[:FLOOR_KEYS])),
        agree=equal("the identifiers found"))
    yield _whole(world, engine, numbers, [row.identifier for row in drawn[:WHOLE]])
    engine.dispose()


def _whole(world: World, engine: Engine, numbers: list[str], expected: list[str]) -> Case:
    return Case(
        name="ids-whole", title="ID number to a person's whole answer",
        about=f"{WHOLE} ID numbers: checked, hashed, found, unsealed, masked, with every place and "
              "its chain, and the line in the audit (`PersonReader.by_id_number`).",
        bar="none of its own; the peer gives the bare row",
        ways=(Way(name="the whole answer", run=lambda: _reader(world, engine, numbers),
                  repeats=WHOLE),
              Way(name="bare row through the ORM, a session each", run=lambda: _orm_sessions(
                  engine, [world.vault.blind("id_number", one) for one in numbers]),
                  repeats=WHOLE)),
        agree=lambda given: _same(given, expected))


def _same(given: Any, expected: list[str]) -> str:
    assert all(one == expected for one in given)
    return "Equal before timing: the identifiers found."


def _raw(engine: Engine, keys: list[bytes]) -> list[str]:
    with Session(engine) as session:
        cursor = raw_cursor(session)
        cursor.execute("SELECT 1 FROM pg_prepared_statements WHERE name = 'bench_person'")
        if cursor.fetchone() is None:
            cursor.execute(f"PREPARE bench_person AS {SQL}")
        found = []
        for key in keys:
            cursor.execute("EXECUTE bench_person (%s)", (key,))
            found += [row[0] for row in cursor.fetchall()]
        return found


def _prepared(engine: Engine, keys: list[bytes]) -> list[str]:
    with Session(engine) as session:
        return [run_prepared(session, "bench_prepared", sql=SQL, values=[key])[0].identifier
                for key in keys]


def _orm(engine: Engine, keys: list[bytes]) -> list[str]:
    with Session(engine) as session:
        return [_asked(session, key) for key in keys]


def _orm_sessions(engine: Engine, keys: list[bytes]) -> list[str]:
    found = []
    for key in keys:
        with Session(engine) as session:
            found.append(_asked(session, key))
    return found


def _asked(session: Session, key: bytes) -> str:
    found = session.scalars(select(Resident).where(Resident.id_number_key == key)).one()
    session.expunge(found)
    return found.identifier


def _reader(world: World, engine: Engine, numbers: list[str]) -> list[str]:
    found = []
    for number in numbers:
        with Session(engine) as session:
            reader = PersonReader(session, world.vault, CALLER, purpose="verification")
            found.append(str(reader.by_id_number(number).items[0]["ref"]))
            session.rollback()
    return found


def _floor(world: World, keys: list[bytes]) -> Way:
    """Return pgbench with the same statement, prepared: nothing but the server and the wire."""
    name = "the floor: `pgbench -M prepared`"
    if which("pgbench") is None:
        return Way(name=name, missing="not installed")
    script = world.folder / "floor.sql"
    lines = (SQL.replace("$1", f":k{place}::bytea") for place in range(len(keys)))
    script.write_text("BEGIN;\n" + ";\n".join(lines) + ";\nCOMMIT;\n", encoding="utf-8")
    defined = [part for place, key in enumerate(keys)
               for part in ("-D", f"k{place}=\\x{key.hex()}")]
    command = ["pgbench", "-n", "-M", "prepared", "-t", str(FLOOR_ROUNDS), *defined, "-f",
               str(script), world.url]

    def run() -> None:
        subprocess.run(command, capture_output=True, check=True)

    return Way(name=name, run=run, repeats=FLOOR_ROUNDS * len(keys))
