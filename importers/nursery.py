"""The process that reads foreign files for others: a fork of its own for every file.

It is started once and has all readers loaded, so that a file costs a fork and not a start. A
fork is confined (confinement.py) and watched: what becomes of it is told to whoever asked, also
when it was killed. It ends with its parent.
"""

import os
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, cast

from importers.base import Batch, Issue, Limits, Options, Source, Table
from importers.confinement import DRIVERS, SKIPPED, environment
from importers.frames import join, read_frame, write_frame
from spatial.confinement import confine
from spatial.errors import RegistryError

ROOT = str(Path(__file__).parents[1])
_MEMBERS = tuple(member.name for member in fields(Issue))


def main() -> None:
    """Serve until the parent is gone; each message brings two sockets: for talk, for the end."""
    _load()
    control = socket.socket(fileno=0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, sockets, _, _ = socket.recv_fds(control, 1, 2)
        if not message:
            return
        if os.fork() == 0:
            control.close()
            _watch(*sockets)
        for one in sockets:
            os.close(one)


def _load() -> None:
    """Load what reads, with no driver of GDAL but ours; begin anew where it has others yet."""
    import pyarrow  # noqa: F401, ICN001
    import pyogrio

    others = set(pyogrio.list_drivers()) - DRIVERS
    if others and "--again" not in sys.argv:
        told = environment(ROOT, sorted({*SKIPPED, *others}))
        os.execve(sys.executable, [sys.executable, "-m", "importers.nursery", "--again"], told)
    if others:
        raise RuntimeError(f"GDAL keeps drivers that are not wanted: {sorted(others)}")
    import importers

    importers.readers()


def _watch(talk: int, end: int) -> None:
    """Fork once more and tell, on `end`, the fork's number and what became of it.

    What it unpacked goes with it, also when it was killed.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with TemporaryDirectory(prefix="doorplate-read-", ignore_cleanup_errors=True) as scratch:
        child = os.fork()
        if child == 0:
            os.close(end)
            tempfile.tempdir = scratch
            _work(socket.socket(fileno=talk))
            os._exit(0)
        os.close(talk)
        os.write(end, f"{child}\n".encode())
        _, status = os.waitpid(child, 0)
    with suppress(BrokenPipeError):          # nobody wants to know
        os.write(end, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _work(talk: socket.socket) -> None:
    with talk, talk.makefile("rwb") as stream:
        try:
            _serve(cast(IO[bytes], stream))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            os._exit(0)             # nobody listens any more


def _serve(stream: IO[bytes]) -> None:
    """Answer one file's requests: first what it holds, then its tables, as often as asked."""
    source: Source | None = None
    while True:
        asked, _ = read_frame(stream)
        try:
            if source is None:
                source = _open(asked)
                write_frame(stream, _described(source))
            else:
                _tell(stream, source.tables[asked["table"]])
        except RegistryError as error:
            write_frame(stream, {"error": type(error).__name__, "message": str(error)})
        except MemoryError:
            write_frame(stream, {"died": "it needs more memory than a file may take"})
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise
        except Exception as error:  # noqa: BLE001  a hostile file finds what nobody thought of
            traceback.print_exc()
            write_frame(stream, {"died": f"its reader broke down ({type(error).__name__})"})


def _open(asked: dict[str, Any]) -> Source:
    from importers import open_source

    options = dict(asked["options"])
    limits = Limits(**options.pop("limits"))
    confine(limits.memory, limits.seconds, limits.archive_unpacked)
    return open_source(Path(os.fsdecode(bytes.fromhex(asked["path"]))),
                       Options(**options, limits=limits))


def _described(source: Source) -> dict[str, Any]:
    return {"format": source.format, "digest": source.digest, "remarks": source.remarks,
            "tables": [{"name": table.name, "columns": table.columns, "crs": table.crs,
                        "rows": table.rows} for table in source.tables]}


def _tell(stream: IO[bytes], table: Table) -> None:
    for batch in table.batches():
        _send(stream, table, batch)
    write_frame(stream, {"end": True, "issues": list(_issues(table)),
                         "skipped": dict(table.skipped)})


def _send(stream: IO[bytes], table: Table, batch: Batch) -> None:
    shapes = batch.geometry
    joined = [join(batch.columns[name]) for name in table.columns]
    blobs = [*(one for one in joined if one is not None), *(one for one in shapes or () if one)]
    write_frame(stream, {
        "cells": [batch.columns[name] if text is None else len(text)
                  for name, text in zip(table.columns, joined, strict=True)],
        "lines": _run(batch.lines), "issues": list(_issues(table)),
        "shapes": None if shapes is None else [-1 if s is None else len(s) for s in shapes],
    }, blobs)


def _run(lines: Sequence[int]) -> list[int] | dict[str, int]:
    """Return the lines, or the first and how many where they follow one another."""
    if lines and lines[-1] - lines[0] == len(lines) - 1:
        return {"first": lines[0], "count": len(lines)}
    return list(lines)


def _issues(table: Table) -> Iterator[list[Any]]:
    """Yield the issues since the last batch, each as the values of its members."""
    for issue in table.issues:
        yield [getattr(issue, name) for name in _MEMBERS]
    table.issues.clear()


def request(path: Path, options: Options) -> dict[str, Any]:
    """Return what asks for a file to be opened; its name may be of any bytes."""
    return {"path": os.fsencode(path).hex(), "options": asdict(options)}


def issue_of(values: list[Any]) -> Issue:
    """Return the issue whose values were sent."""
    said = dict(zip(_MEMBERS, values, strict=True))
    return Issue(**{**said, "cells": None if said["cells"] is None else tuple(said["cells"])})


if __name__ == "__main__":
    main()
