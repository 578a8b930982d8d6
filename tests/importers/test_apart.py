"""Files read in a process of their own: the same rows, and whatever breaks breaks only there."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from importers import open_source
from importers.apart import open_apart
from importers.base import Limits, Options
from importers.confinement import DRIVERS, environment
from spatial.confinement import without_network
from spatial.errors import UnreadableSource

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "data" / "samples"


def told(source):
    """Return all that a source says, in comparable form."""
    found = []
    for table in source.tables:
        rows = [(batch.lines[row], *(batch.columns[name][row] for name in table.columns),
                 batch.geometry and batch.geometry[row])
                for batch in table.batches() for row in range(len(batch))]
        found.append((table.name, table.columns, table.crs, table.rows, rows, table.issues,
                      table.skipped))
    return source.format, source.digest, source.remarks, found


def worker(table):
    """Return the number of the process that reads a table."""
    return table.read.func.__self__._worker._pid


@pytest.mark.parametrize("name", ["dutch_addresses_28992.gpkg", "family_names_1k.xlsx"])
def test_a_file_says_the_same_in_a_process_of_its_own(name):
    apart, here = open_apart(SAMPLES / name), open_source(SAMPLES / name)
    assert told(apart) == told(here)
    assert told(apart) == told(here), "and when it is read again"


def test_cells_come_back_whatever_stands_in_them(tmp_path):
    path = tmp_path / "odd.csv"
    odd = 'a,b\n"x\x1fy\x1ez","\n"\n,"\U00020000"\n1,2,3\n\x00,x\n'
    path.write_text(odd + "阳,光\n" * 99, "utf-8")
    assert told(open_apart(path)) == told(open_source(path))
    assert told(open_apart(path))[3][0][5][0].cells == ("1", "2", "3")


def test_what_a_reader_refuses_is_refused_in_the_same_words(tmp_path):
    path = tmp_path / "empty.csv"
    path.write_bytes(b"")
    with pytest.raises(UnreadableSource, match="^empty.csv: it is empty"):
        open_apart(path)
    path.write_text('{"type": "FeatureCollection", "features": [', "utf-8")
    with pytest.raises(UnreadableSource, match="cut off"):
        open_apart(path)


def test_a_reader_that_crashes_takes_nobody_with_it(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("id,name\n" + "".join(f"{n},{'x' * 50}\n" for n in range(60_000)), "utf-8")
    (table,) = open_apart(path).tables
    batches = table.batches()
    next(batches)
    os.kill(worker(table), signal.SIGSEGV)
    with pytest.raises(UnreadableSource, match=r"long.csv: its reader broke down \(SIGSEGV\)"):
        list(batches)
    assert sum(map(len, table.batches())) == 60_000, "and a new process reads it again"


def test_a_reader_that_wants_too_much_memory_is_refused(tmp_path):
    path = tmp_path / "large.geojson"
    path.write_text('{"type":"FeatureCollection","features":[{"type":"Feature","properties":'
                    '{"a":"' + "x" * 60_000_000 + '"},"geometry":null}]}', "utf-8")
    with pytest.raises(UnreadableSource, match="more memory"):
        open_apart(path, Options(limits=Limits(memory=0)))
    assert open_apart(path).tables[0].rows == 1


def test_a_reader_that_comes_to_no_end_is_stopped(tmp_path):
    path = tmp_path / "slow.csv"
    path.write_text("id,name\n" + "1,x\n" * 2_000_000, "utf-8")
    with pytest.raises(UnreadableSource, match="came to no end in 1 seconds of work"):
        sum(map(len, open_apart(path, Options(limits=Limits(seconds=1))).tables[0].batches()))


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path):
    path = tmp_path / "moving.csv"
    path.write_text("id,name\n1,a\n", "utf-8")
    (table,) = open_apart(path).tables
    list(table.batches())
    path.write_text("id,name\n1,b\n", "utf-8")
    with pytest.raises(UnreadableSource, match="changed while it was read"):
        list(table.batches())


def test_a_reading_that_is_given_up_leaves_no_process(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("id,name\n" + "1,x\n" * 60_000, "utf-8")
    source = open_apart(path)
    pid = worker(source.tables[0])
    next(source.tables[0].batches())
    del source
    with pytest.raises(ProcessLookupError):
        for _ in range(1000):
            os.kill(pid, 0)
            time.sleep(0.01)


PROBE = """
import os, socket, sys
import pyogrio
from spatial.confinement import confine
confine(1 << 30, 10, 0)
print(sorted(pyogrio.list_drivers()))
print([name for name in os.environ if name.startswith("DOORPLATE")])
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2)
    print("reached")
except OSError:
    print("no network")
try:
    with open(sys.argv[2], "w") as stream:
        stream.write("x")
    print("written")
except OSError:
    print("not written")
"""


def test_a_reader_has_our_drivers_no_settings_no_network_and_writes_nothing(
    tmp_path, monkeypatch
):
    import socket

    monkeypatch.setenv("DOORPLATE_DATABASE_URL", "postgresql://secret@nowhere/none")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        said = subprocess.run(
            [*without_network(), sys.executable, "-c", PROBE, port, str(tmp_path / "out")],
            capture_output=True, text=True, check=True, cwd=ROOT, env=environment(str(ROOT)))
    drivers, settings, network, written = said.stdout.splitlines()
    assert set(eval(drivers)) == DRIVERS  # noqa: S307  our own output
    assert (settings, written) == ("[]", "not written")
    assert network == "no network" or not without_network()


