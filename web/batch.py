"""Addresses in bulk over HTTP: NDJSON or CSV in, the same out with columns added."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from threading import BoundedSemaphore
from typing import Any

from flask import Blueprint, Response, g, request

from layers.across.cleansing import COLUMNS, Cleansed, Tally, cleansed
from layers.across.reach import bind
from layers.caller import Caller
from spatial.cells import guarded
from spatial.errors import InvalidInput, Unavailable
from web.endpoint import MEBIBYTE, endpoint
from web.frame import House, house
from web.params import text, whole, yes

bp = Blueprint("batch", __name__)
MOST_BYTES = 16 * MEBIBYTE
MOST_ROWS = 100_000
COLUMN = text("column", "The column or property that holds the address.", most=100,
              default="address")
Rows = list[dict[str, Any]]
Write = Callable[..., str]


AFTER = whole("after", "Rows at the head that were answered before: a call that broke off goes on "
              "behind them.", least=0, most=MOST_ROWS, default=0)
REPORT = yes("report", "Instead of the rows their report: classes by community, what to ask first, "
             "what the register lacks.")
#: Batches that may be answered at once in one process: each holds a connection.
ROOM = BoundedSemaphore(3)
#: Rows that go out together.
CHUNK = 200


@bp.post("/api/lookup/address/batch")
@endpoint(COLUMN, AFTER, REPORT, most_bytes=MOST_BYTES)
def batch(column: str, after: int, report: bool) -> Response:
    """Answer many addresses: the rows come back in their order, with the answer's columns.

    The body is `text/csv` with a header row, or `application/x-ndjson` with an object a line. The
    rows stream as they are answered; the same rows get the same answers while the registry stands,
    so that `after` goes on where a call broke off.
    """
    if request.mimetype not in _FORMATS:
        raise InvalidInput(f"The body must be {' or '.join(_FORMATS)}.")
    read, write = _FORMATS[request.mimetype]
    rows = read(_body())
    _check(rows, column, after)
    if not ROOM.acquire(blocking=False):
        raise Unavailable("Too many batches are being answered; try again in a moment.")
    answer = Response(mimetype="application/json" if report else request.mimetype)
    leave = _leaving()
    answer.call_on_close(leave)
    asked = _Asked(house(), g.caller, rows[after:], column)
    answer.response = _report(asked, leave) if report else _streamed(asked, write, leave)
    return answer


def _check(rows: Rows, column: str, after: int) -> None:
    if not rows:
        raise InvalidInput("The body holds no row.")
    missing = next((n for n, row in enumerate(rows, start=1) if column not in row), None)
    if missing:
        raise InvalidInput(f"Row {missing} has no {column!r}; name the column with ?column=")
    if after >= len(rows):
        raise InvalidInput(f"The body holds {len(rows)} rows; after={after} leaves none to answer.")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a batch asks, and who asks it."""

    ours: House
    caller: Caller
    rows: Rows
    column: str

    def answered(self) -> Iterator[tuple[dict[str, Any], Cleansed]]:
        """Yield each row with its answer, by a session of its own: the request's has ended."""
        with closing(self.ours.new_session()) as session:
            bind(session, self.ours.vault, self.caller)
            texts = (str(row[self.column] or "") for row in self.rows)
            yield from zip(self.rows, cleansed(session, texts), strict=True)


def _leaving() -> Callable[[], None]:
    """Return how to give the room back, at the end or when the reader goes away; once."""
    held = [ROOM]

    def leave() -> None:
        if held:
            held.pop().release()
    return leave


def _streamed(asked: _Asked, write: Write, leave: Callable[[], None]) -> Iterator[str]:
    names = list(dict.fromkeys([*asked.rows[0], *COLUMNS]))
    found = ({**row, **one.columns} for row, one in asked.answered())
    try:
        head = True
        while chunk := list(islice(found, CHUNK)):
            yield write(chunk, names, head=head)
            head = False
    finally:
        leave()


def _report(asked: _Asked, leave: Callable[[], None]) -> Iterator[str]:
    try:
        tally = Tally()
        for _, one in asked.answered():
            tally.add(one)
        yield json.dumps(tally.as_json(), ensure_ascii=False)
    finally:
        leave()


def _body() -> str:
    try:
        return request.get_data().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"The body is not UTF-8 (byte {error.start}).") from None


def _read_csv(body: str) -> Rows:
    try:
        reader = csv.DictReader(io.StringIO(body, newline=""), strict=True)
        rows = [row for row, _ in zip(reader, range(MOST_ROWS + 1), strict=False)]
    except csv.Error as error:
        raise InvalidInput(f"Line {reader.line_num} is no CSV: {error}.") from None
    ragged = next((n for n, row in enumerate(rows, start=2) if None in row), None)
    if ragged:
        raise InvalidInput(f"Line {ragged} has more cells than the header.")
    return _bounded(rows)


def _read_ndjson(body: str) -> Rows:
    rows: Rows = []
    for number, line in enumerate(body.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise InvalidInput(f"Line {number} is no JSON object.")
        rows.append(row)
    return _bounded(rows)


def _bounded(rows: Rows) -> Rows:
    if len(rows) > MOST_ROWS:
        raise InvalidInput(f"At most {MOST_ROWS:,} rows fit into one call; send the rest after.")
    return rows


def _write_csv(rows: Rows, names: Sequence[str], *, head: bool) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    if head:
        writer.writerow([guarded(name) for name in names])
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in names])
    return out.getvalue()


def _cell(value: object) -> object:
    return guarded(value) if isinstance(value, str) else value


def _write_ndjson(rows: Rows, names: Sequence[str], *, head: bool) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


_FORMATS: dict[str, tuple[Callable[[str], Rows], Write]] = {
    "text/csv": (_read_csv, _write_csv), "application/x-ndjson": (_read_ndjson, _write_ndjson)}
