"""A person by ID number with and without the walls; how many lines a second the audit takes."""

import random
from collections.abc import Iterator

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from layers.access import Role
from layers.across.persons import PersonReader
from layers.across.reach import bind
from layers.caller import LEAST, MOST, Caller
from spatial.audit import Event, record
from spatial.database import connect
from spatial.walls import login_url
from tests.bench.harness import Case, Way
from tests.bench.world import World

ASKED, LINES = 100, 500
CALLER = Caller(name="bench", role=Role.OFFICER, low=LEAST, high=MOST)


def cases(world: World) -> Iterator[Case]:
    """Yield the benchmarks of what protection costs."""
    known = world.rows("SELECT identifier, id_number FROM resident "
                       "WHERE id_number_key IS NOT NULL ORDER BY source_id")
    numbers = [world.vault.unseal("resident", "id_number", row.identifier, row.id_number)
               for row in random.Random(world.seed).sample(known, ASKED)]
    walled, owner = connect(login_url(world.url)), world.engine()
    yield Case(
        name="walls", title="A person by ID number, behind the second wall",
        about=f"{ASKED} whole answers (`PersonReader.by_id_number`), a transaction each: as the "
              "application with a signed scope, and with the scope of a command, entered once.",
        bar="≤ 2 times the same without",
        ways=(Way(name="as the application, a scope each", repeats=ASKED,
                  run=lambda: _asked(world, walled, numbers, bound=True)),
              Way(name="as a command", repeats=ASKED,
                  run=lambda: _asked(world, owner, numbers, bound=False))),
        agree=_same)
    yield Case(
        name="audit", title="Lines of the audit",
        about=f"{LINES} lines, each in a transaction that is committed.",
        bar="≥ 1,000 a second",
        ways=(Way(name="one connection", repeats=LINES, run=lambda: _lines(world, owner)),))
    walled.dispose()
    owner.dispose()


def _same(given: list[list[str]]) -> str:
    assert given[0] == given[1] and all(given[0])
    return "Equal before timing: the identifiers found."


def _asked(world: World, engine: Engine, numbers: list[str], *, bound: bool) -> list[str]:
    found = []
    for number in numbers:
        with Session(engine) as session:
            if bound:
                bind(session, world.vault, CALLER)
            reader = PersonReader(session, world.vault, CALLER, purpose="verification")
            found.append(str(reader.by_id_number(number).items[0]["ref"]))
            session.rollback()
    return found


def _lines(world: World, engine: Engine) -> None:
    with Session(engine) as session:
        for number in range(LINES):
            record(session, world.vault, Event(actor="bench", role="officer", action="occupants",
                                               purpose="service", subjects=(f"p{number}",)))
            session.commit()
