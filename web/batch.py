"""Addresses in bulk over HTTP: NDJSON or CSV in, the same out with columns added."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

from flask import Blueprint, Response, g, request

from layers.across.cleansing import COLUMNS, cleanse
from spatial.cells import guarded
from spatial.errors import InvalidInput
from web.endpoint import MEBIBYTE, endpoint
from web.params import text

bp = Blueprint("batch", __name__)
MOST_BYTES = 16 * MEBIBYTE
MOST_ROWS = 100_000
COLUMN = text("column", "The column or property that holds the address.", most=100,
              default="address")
Rows = list[dict[str, Any]]


@bp.post("/api/lookup/address/batch")
@endpoint(COLUMN, most_bytes=MOST_BYTES)
def batch(column: str) -> Response:
    """Answer many addresses: the rows come back in their order, with the answer's columns.

    The body is `text/csv` with a header row, or `application/x-ndjson` with an object a line.
    """
    if request.mimetype not in _FORMATS:
        raise InvalidInput(f"The body must be {' or '.join(_FORMATS)}.")
    read, write = _FORMATS[request.mimetype]
    rows = read(_body())
    if not rows:
        raise InvalidInput("The body holds no row.")
    missing = [number for number, row in enumerate(rows, start=1) if column not in row]
    if missing:
        raise InvalidInput(f"Row {missing[0]} has no {column!r}; name the column with ?column=")
    texts = (str(row[column] or "") for row in rows)
    answered = [{**row, **found} for row, found in zip(rows, cleanse(g.session, texts),
                                                       strict=True)]
    return Response("".join(write(answered)), mimetype=request.mimetype)


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


def _write_csv(rows: Rows) -> Iterator[str]:
    out = io.StringIO()
    writer = csv.writer(out)
    names = list(dict.fromkeys([*rows[0], *COLUMNS]))
    writer.writerow([guarded(name) for name in names])
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in names])
    yield out.getvalue()


def _cell(value: object) -> object:
    return guarded(value) if isinstance(value, str) else value


def _write_ndjson(rows: Rows) -> Iterator[str]:
    for row in rows:
        yield json.dumps(row, ensure_ascii=False) + "\n"


_FORMATS: dict[str, tuple[Callable[[str], Rows], Callable[[Rows], Iterator[str]]]] = {
    "text/csv": (_read_csv, _write_csv), "application/x-ndjson": (_read_ndjson, _write_ndjson)}
