import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from layers.across.lookup import lookup_address
from spatial.state import bump
from tests.support.factories import make_compound, make_tree

#: Another process of the service: it answers one address a line, its index kept in memory.
OTHER = """
import sys
import app
from sqlalchemy.orm import Session
from layers.across.lookup import lookup_address
from spatial.database import connect
engine = connect(sys.argv[1])
for line in sys.stdin:
    with Session(engine) as session:
        print(lookup_address(session, line.strip())["ref"], flush=True)
"""


@pytest.fixture
def both(fresh_url: str) -> Iterator[tuple[Engine, "subprocess.Popen[str]"]]:
    """A database with an engine of this process, and another process that answers from it."""
    from spatial.database import connect

    engine = connect(fresh_url)
    with subprocess.Popen([sys.executable, "-c", OTHER, fresh_url], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        yield engine, other
        assert other.stdin is not None
        other.stdin.close()
    engine.dispose()


def ask(other: "subprocess.Popen[str]", text: str) -> str:
    assert other.stdin is not None and other.stdout is not None
    other.stdin.write(text + "\n")
    other.stdin.flush()
    return other.stdout.readline().strip()


def test_every_process_knows_a_new_name_within_a_second_of_its_commit(
    both: tuple[Engine, "subprocess.Popen[str]"]
) -> None:
    engine, other = both
    assert ask(other, "新星花园") == "None"
    with Session(engine) as session:
        home = make_compound(session, make_tree(session)[2], name="新星花园")
        bump(session)
        assert ask(other, "新星花园") == "None"
        session.commit()
        began = time.monotonic()

        assert ask(other, "新星花园") == home.identifier == lookup_address(
            session, "新星花园")["ref"]
        assert time.monotonic() - began < 1.0

        home.name = "晨光花园"
        bump(session)
        session.commit()
        assert ask(other, "晨光花园") == home.identifier
