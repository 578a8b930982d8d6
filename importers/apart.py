"""Foreign files read in a process of their own, so that one that breaks its reader breaks no more.

`open_apart` gives the same Source as `open_source`, for the same tables; only that a file which
hangs, crashes or fills the memory is refused like any other bad file. See nursery.py.
"""

import atexit
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Lock
from typing import IO, Any, cast
from weakref import finalize

import spatial.errors
from importers.base import Batch, Options, Source, Table, stamp_of, unreadable
from importers.confinement import environment
from importers.frames import read_frame, split, write_frame
from importers.nursery import ROOT, issue_of, request
from spatial.confinement import without_network
from spatial.errors import RegistryError, UnreadableSource

_BROKEN = "Split it, or save it anew in another format."


def open_apart(path: Path, options: Options | None = None) -> Source:
    """Open a file in a process of its own; raises UnreadableSource like `open_source`."""
    stamp = stamp_of(path)
    apart = Apart(path, options or Options())
    told = apart.opened()
    tables = tuple(
        Table(one["name"], tuple(one["columns"]), partial(apart.read, number), one["crs"],
              one["rows"]) for number, one in enumerate(told["tables"]))
    apart.alone = len(tables) == 1
    return Source(path, told["format"], told["digest"], tables, tuple(told["remarks"]), stamp)


class Apart:
    """One file and the process that reads it, begun anew when it is asked for again."""

    def __init__(self, path: Path, options: Options) -> None:
        self.path, self.options = path, options
        self.alone = False               # one table: with it read, the process has done its work
        self._digest: str | None = None
        self._worker: _Worker | None = None

    def opened(self) -> dict[str, Any]:
        """Return what the file holds."""
        self._worker = _Worker(self.options.limits.seconds)
        told, _ = self._ask(request(self.path.absolute(), self.options))
        if self._digest not in (None, told["digest"]):
            raise unreadable(self.path, "it changed while it was read", "Import it again.")
        self._digest = told["digest"]
        return told

    def read(self, number: int, table: Table) -> Iterator[Batch]:
        """Read one of its tables."""
        if self._worker is None:
            self.opened()
        told, body = self._ask({"table": number})
        done = False
        try:
            while not told.get("end"):
                table.issues.extend(map(issue_of, told["issues"]))
                yield _batch(table, told, body)
                told, body = self._answer()
            done = True
        finally:
            if self.alone or not done:   # broken off: what it still says is of no use
                self._stop()
        table.issues.extend(map(issue_of, told["issues"]))
        table.skipped.update(told["skipped"])

    def _ask(self, asked: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        try:
            write_frame(self._stream(), asked)
        except OSError:
            raise self._fault() from None
        return self._answer()

    def _answer(self) -> tuple[dict[str, Any], bytes]:
        try:
            told, body = read_frame(self._stream())
        except (EOFError, OSError, ValueError):
            raise self._fault() from None
        if "died" in told:
            raise unreadable(self.path, told["died"], _BROKEN)
        if "error" in told:
            raise _error(told)
        return told, body

    def _stream(self) -> IO[bytes]:
        if self._worker is None:
            raise EOFError
        return self._worker.stream

    def _fault(self) -> UnreadableSource:
        """Say why the process answers no more, and be rid of it."""
        why = self._worker.fate() if self._worker else "its reader is gone"
        self._stop()
        return unreadable(self.path, why, _BROKEN)

    def _stop(self) -> None:
        if self._worker is not None:
            self._worker.stop()
            self._worker = None


class _Worker:
    """A fork of the nursery, and the two sockets to it."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        ours, theirs = socket.socketpair()
        end, told = socket.socketpair()
        with theirs, told:
            _send_to_nursery(theirs, told)
        # Work is limited by the kernel; who sleeps beyond that has to be woken by somebody.
        ours.settimeout(seconds)
        end.settimeout(seconds)
        self.stream = cast(IO[bytes], ours.makefile("rwb"))
        self._end = end.makefile("rb")
        ours.close()
        end.close()
        self._pid = int(self._end.readline() or 0)
        self.stop = finalize(self, _stopped, self.stream, self._end, self._pid)

    def fate(self) -> str:
        """Say what became of it; one that hangs is killed."""
        _kill(self._pid)
        code = int(self._end.readline() or 0)
        if -code in (signal.SIGXCPU, signal.SIGKILL):
            return (f"its reader was stopped: it came to no end in {self._seconds} seconds of "
                    "work, or filled the memory")
        return f"its reader broke down ({signal.Signals(-code).name if code < 0 else code})"


def _stopped(stream: IO[bytes], end: IO[bytes], pid: int) -> None:
    _kill(pid)
    for one in (stream, end):
        try:
            one.close()
        except OSError:
            continue                # what was still to be sent reaches nobody


def _kill(pid: int) -> None:
    try:
        if pid:
            os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


_LOCK = Lock()
_RUNNING: dict[int, tuple[socket.socket, subprocess.Popen[bytes]]] = {}


def _send_to_nursery(*ends: socket.socket) -> None:
    """Hand two sockets to the nursery of this process, which is started where there is none."""
    with _LOCK:
        for _ in range(2):
            control, process = _RUNNING.get(os.getpid()) or _start()
            try:
                socket.send_fds(control, [b"+"], [one.fileno() for one in ends])
                return
            except OSError:
                _end(control, process)
    raise UnreadableSource("No reader could be started; see what the system says.")


def _start() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [*without_network(), sys.executable, "-m", "importers.nursery"],
            stdin=theirs.fileno(), stdout=subprocess.DEVNULL, cwd=ROOT, env=environment(ROOT),
            start_new_session=True)
    _RUNNING[os.getpid()] = ours, process
    atexit.register(_end, ours, process)
    return ours, process


def _end(control: socket.socket, process: subprocess.Popen[bytes]) -> None:
    if _RUNNING.get(os.getpid(), (None,))[0] is control:
        del _RUNNING[os.getpid()]
        control.close()
        process.wait()


def _batch(table: Table, told: dict[str, Any], body: bytes) -> Batch:
    taken = _Taken(body)
    columns = {name: split(taken.next(cells)) if isinstance(cells, int) else cells
               for name, cells in zip(table.columns, told["cells"], strict=True)}
    lines = told["lines"]
    if isinstance(lines, dict):
        lines = range(lines["first"], lines["first"] + lines["count"])
    shapes = told["shapes"]
    return Batch(columns, lines, None if shapes is None else [
        None if length < 0 else taken.next(length) for length in shapes])


class _Taken:
    """The bytes of a frame, taken one piece after the other."""

    def __init__(self, body: bytes) -> None:
        self._body, self._at = body, 0

    def next(self, length: int) -> bytes:
        """Take the next piece."""
        self._at += length
        return self._body[self._at - length:self._at]


def _error(told: dict[str, Any]) -> RegistryError:
    kind = getattr(spatial.errors, str(told["error"]), UnreadableSource)
    error = kind(str(told["message"]))
    return error if isinstance(error, RegistryError) else UnreadableSource(str(told["message"]))
