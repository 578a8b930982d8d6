"""Killed at any moment: the same import again stores all of it once, and finishes what follows."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from importers.applying import Application
from layers.households import Household
from layers.units import Unit
from spatial.database import connect
from spatial.history import history_of
from spatial.sealing import Vault

ROWS = 20_000
ROOT = Path(__file__).parents[2]
IMPORT = """
import sys
from pathlib import Path
from importers.intake import Intake, take_in
from importers.loading import Order
from spatial.database import connect
from spatial.sealing import Vault
url, keys, file = sys.argv[1:]
order = Order(source="test", progress=lambda step, done, of: print(step, done, flush=True))
take_in(connect(url), Vault.open(Path(keys)), Path(file), Intake(
    order=order, apply=True, layer="households"))
"""


class Killed(BaseException):
    """Stands for the end of a process."""


def stages(door):
    with door.engine.connect() as connection:
        return connection.scalars(text("SELECT relname FROM pg_class WHERE relname ~ '^stage_'"
                                       " AND relkind = 'r'")).all()


def begin(door, url, keys, file, until):
    """Start an import in a process of its own; return it when it says `until`."""
    process = subprocess.Popen([sys.executable, "-c", IMPORT, url, str(keys), str(file)],
                               cwd=ROOT, stdout=subprocess.PIPE, text=True,
                               stderr=subprocess.STDOUT)
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith(until):
            return process
    raise AssertionError("".join(said))


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


@pytest.fixture
def vault(tmp_path):
    """The keys of the processes, too."""
    return Vault.open(tmp_path / "keys")


@pytest.fixture
def households(district):
    lines = "".join(f"N{n},{n:05},family,U1\n" for n in range(ROWS))
    return district.write("many.csv", f"source_id,number,kind,place\n{lines}")


def test_an_import_killed_at_any_moment_is_whole_when_it_is_run_again(
        district, households, fresh_url, tmp_path):
    for until in ("reading 10000", "storing 2", "storing 6"):
        process = begin(district, fresh_url, tmp_path / "keys", households, until)
        time.sleep(0.05)
        kill(process)
    last = district.take(households, layer="households")["households"]
    assert (last.read, last.rejected) == (ROWS, 0)
    assert district.count(Household, Household.source_id.like("N%")) == ROWS
    assert district.count(history_of(Household.__table__)) == 0
    assert stages(district) == []
    again = district.take(households, layer="households")["households"]
    assert (again.new, again.changed, again.unchanged) == (0, 0, ROWS)


def test_a_killed_back_end_is_told_in_one_line_and_resumed(
        district, households, fresh_url, monkeypatch):
    from spatial.errors import Unavailable

    whole = Application.chunk

    def chunk(self, number):
        whole(self, number)
        if number == 3:
            other = connect(fresh_url)
            with other.connect() as connection:
                connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                        "WHERE datname = current_database() "
                                        "AND pid <> pg_backend_pid()"))
            other.dispose()

    monkeypatch.setattr(Application, "chunk", chunk)
    with pytest.raises(Unavailable, match="resumes where it stood"):
        district.take(households, layer="households")
    monkeypatch.undo()
    district.engine.dispose()
    district.take(households, layer="households")
    assert district.count(Household, Household.source_id.like("N%")) == ROWS
    assert district.count(history_of(Household.__table__)) == 0
    assert stages(district) == []


def test_what_a_crash_left_undone_is_done_by_the_next_import(district, monkeypatch):
    def killed(*_, **__):
        raise Killed

    path = district.write("more.csv", "source_id,building,storey,designator\nU9,B1,4,401\n")
    monkeypatch.setattr("importers.intake.finish", killed)
    with pytest.raises(Killed):
        district.take(path, layer="units")
    assert district.count(Unit, Unit.source_id == "U9", Unit.geometry.is_(None)) == 1
    monkeypatch.undo()
    assert district.take(path, layer="units")["units"].unchanged == 1
    assert district.count(Unit, Unit.source_id == "U9", Unit.geometry.is_not(None)) == 1


def stop_after(monkeypatch, chunks):
    whole = Application.chunk

    def chunk(self, number):
        if number == chunks:
            raise Killed
        whole(self, number)

    monkeypatch.setattr("importers.staging.CHUNK_ROWS", 10)
    monkeypatch.setattr(Application, "chunk", chunk)


def test_a_stage_that_a_crash_of_the_server_emptied_is_filled_anew(door, monkeypatch):
    door.write("compounds", "source_id,name\n" + "".join(f"K{n},小区{n}\n" for n in range(30)))
    with monkeypatch.context() as patch:
        stop_after(patch, 1)
        with pytest.raises(Killed):
            door.take()
    (stage,) = stages(door)
    with door.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {stage}"))     # as recovery does with unlogged tables
    result = door.take()["compounds"]
    assert (result.new, result.unchanged) == (20, 10)
    assert stages(door) == []


def test_a_killed_import_that_others_overtook_is_not_resumed(door, monkeypatch):
    first = "source_id,name\n" + "".join(f"K{n},小区{n}\n" for n in range(30))
    path = door.write("compounds", first)
    with monkeypatch.context() as patch:
        stop_after(patch, 1)
        with pytest.raises(Killed):
            door.take()
    door.write("compounds", first.replace("小区29", "新区"))
    door.take()
    assert stages(door) == []
    path.write_text(first, encoding="utf-8")
    assert door.take()["compounds"].changed == 1


def test_refused_rows_are_told_again_when_a_killed_import_resumes(door, monkeypatch):
    door.write("compounds", "source_id,name\nX,\n" + "".join(
        f"K{n},小区{n}\n" for n in range(30)))
    with monkeypatch.context() as patch:
        stop_after(patch, 1)
        with pytest.raises(Killed):
            door.take()
    result = door.take()["compounds"]
    assert (result.rejected, result.new, result.unchanged) == (1, 20, 10)
    assert os.path.exists(result.rejected_file)


def test_two_imports_of_one_file_at_once_store_it_once(district, households, fresh_url, tmp_path):
    other = begin(district, fresh_url, tmp_path / "keys", households, "reading")
    assert district.take(households, layer="households")["households"].read == ROWS
    other.stdout.read()
    other.stdout.close()
    assert other.wait(60) == 0
    assert district.count(Household, Household.source_id.like("N%")) == ROWS
    assert district.count(history_of(Household.__table__)) == 0
