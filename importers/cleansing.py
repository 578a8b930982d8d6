"""A file of addresses cleansed: its rows as they are, with the answer's columns beside them.

Rows stream into `OUT.part`, and after each batch `OUT.part.json` says how far it came; a run that
was broken off goes on from there, when file, column and register are still the same.
"""

import csv
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from importers import open_source
from importers.base import Options, Table
from layers.across.cleansing import COLUMNS, Cleansed, Tally, cleansed
from spatial.cells import guarded, unguarded
from spatial.errors import InvalidInput
from spatial.state import version

Row = Sequence[str | None]
Progress = Callable[[int, int | None], None]
#: Rows after which the work done so far is safe.
BATCH = 2_000
_SPREADSHEET = ".xlsx"


@dataclass(slots=True)
class Outcome:
    """What came of a file: the report, rows taken over from a run before, rows no reader takes."""

    tally: Tally
    resumed: int
    unreadable: int


@dataclass(slots=True)
class _Part:
    """The output on its way, and how far it came."""

    path: Path
    key: str
    tally: Tally
    size: int = 0

    @property
    def state(self) -> Path:
        """Return the file that says how far the output came."""
        return self.path.with_name(self.path.name + ".json")

    def keep(self) -> None:
        """Make what was written so far safe, and say so."""
        said = {"key": self.key, "size": self.size, "tally": self.tally.as_json()}
        beside = self.state.with_name(self.state.name + ".new")
        beside.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
        os.replace(beside, self.state)

    def done(self, out: Path) -> None:
        """Put the finished file where it was asked for."""
        if out.suffix.lower() == _SPREADSHEET:
            _as_spreadsheet(self.path, out)
            self.path.unlink()
        else:
            os.replace(self.path, out)
        self.state.unlink(missing_ok=True)


def cleanse_file(
    session: Session, path: Path, column: str, out: Path, *, options: Options | None = None,
    progress: Progress = lambda done, of: None,
) -> Outcome:
    """Write the rows of `path` with the answers to `column` to `out` (CSV, or XLSX by its suffix).

    Raises InvalidInput for a column that the file lacks; a column of the file that bears the name
    of an added one is kept and the added one gets `_found` behind its name.
    """
    if out.resolve() == path.resolve():
        raise InvalidInput("The output would overwrite the input; give another name with -o.")
    table = _table(path, column, options)
    digest = open_source(path, options).digest
    part = _begun(out, f"{digest} {table.name} {column} {version(session)}")
    resumed = part.tally.rows
    with part.path.open("ab") as raw:
        raw.truncate(part.size)
        raw.seek(part.size)
        if not part.size:
            _write(raw, [[*table.columns, *_added(table.columns)]])
        _rows_into(raw, part, table, column, session, progress)
    part.done(out)
    return Outcome(part.tally, resumed, sum(issue.rejects for issue in table.issues))


def _rows_into(raw: Any, part: _Part, table: Table, column: str, session: Session,
               progress: Progress) -> None:
    rows = islice(_rows(table), part.tally.rows, None)
    at = table.columns.index(column)
    while batch := list(islice(rows, BATCH)):
        found = list(cleansed(session, [row[at] for row in batch]))
        _write(raw, (_joined(row, one) for row, one in zip(batch, found, strict=True)))
        raw.flush()
        for one in found:
            part.tally.add(one)
        part.size = raw.tell()
        part.keep()
        progress(part.tally.rows, table.rows)


def _table(path: Path, column: str, options: Options | None) -> Table:
    tables = open_source(path, options).tables
    having = [table for table in tables if column in table.columns]
    if not having:
        known = "、".join(tables[0].columns) if tables else ""
        raise InvalidInput(f"{path.name} has no column {column[:40]!r}; it has: {known[:400]}.")
    return having[0]


def _rows(table: Table) -> Iterator[Row]:
    for batch in table.batches():
        yield from zip(*(batch.columns[name] for name in table.columns), strict=True)


def _begun(out: Path, key: str) -> _Part:
    """Return the part of a run that was broken off, or a new one."""
    part = _Part(out.with_name(out.name + ".part"), key, Tally())
    if part.state.exists() and part.path.exists():
        said = json.loads(part.state.read_text(encoding="utf-8"))
        if said["key"] == key and said["size"] <= part.path.stat().st_size:
            part.tally, part.size = Tally.of(said["tally"]), said["size"]
    return part


def _added(columns: Sequence[str]) -> list[str]:
    return [f"{name}_found" if name in columns else name for name in COLUMNS]


def _joined(row: Row, one: Cleansed) -> list[Any]:
    return [*row, *(one.columns[name] for name in COLUMNS)]


def _write(raw: Any, rows: Any) -> None:
    """Write rows as CSV; a text that a spreadsheet would compute is marked as text."""
    writer = csv.writer(_Encoded(raw))
    for row in rows:
        writer.writerow([guarded(v) if isinstance(v, str) else v for v in row])


class _Encoded:
    """The file as the csv module writes to it: text in, UTF-8 out."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def write(self, text: str) -> None:
        """Write one line."""
        self._raw.write(text.encode("utf-8"))


def _as_spreadsheet(source: Path, out: Path) -> None:
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book, source.open(
            encoding="utf-8", newline="") as stream:
        sheet = book.add_worksheet("addresses")
        for at, row in enumerate(csv.reader(stream)):
            sheet.write_row(at, 0, [unguarded(value) for value in row])
