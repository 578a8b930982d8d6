"""Spreadsheets (XLSX, XLS, ODS): every visible sheet is a table.

Calamine reads them, not openpyxl: forty times faster on a million rows, and unharmed by
hostile packages once `zipped` has measured them.
"""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from importers.base import (
    BATCH_ROWS,
    Batch,
    Contents,
    Issue,
    Options,
    Table,
    check_size,
    shown,
    unreadable,
)
from importers.headers import (
    check_width,
    clean_header,
    find_header,
    used_width,
)
from importers.merged import MergedCells
from importers.stacked import find_stacked
from importers.zipped import check_package

_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OPENDOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"
# Spreadsheets keep 15 digits of a number and put zeros for the rest (IEEE 754 would keep two
# to the 53rd exactly, but the zeros stand in the file already).
_EXACT_BELOW = 10**15


class PrecisionLost(ValueError):
    """A number has more digits than a spreadsheet keeps."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    path: Path
    name: str
    names: tuple[str, ...] = ()
    header_row: int = 0


class Spreadsheet:
    """Reads workbooks."""

    format = "spreadsheet"
    suffixes = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})

    def accepts(self, head: bytes) -> bool:
        """Tell by the marks of the old format, of Office Open XML and of OpenDocument."""
        if head.startswith(_OLD):
            return True
        parts = (b"xl/", b"[Content_Types].xml", _OPENDOCUMENT)
        return head.startswith(b"PK\x03\x04") and any(part in head for part in parts)

    def read(self, path: Path, options: Options) -> Contents:
        """Open the visible sheets that have rows, or the one that `options.sheet` names."""
        check_size(path, options.limits.spreadsheet_packed)
        with path.open("rb") as stream:
            old = stream.read(8) == _OLD
        remarks = list(() if old else check_package(path, options.limits))
        names, hidden = _sheet_names(path)
        if options.sheet is not None and options.sheet not in (*names, *hidden):
            wrong = f"it has no sheet '{shown(options.sheet)}'"
            raise unreadable(path, wrong, f"Its sheets are: {', '.join((*names, *hidden))}.")
        if hidden and options.sheet is None:
            remarks.append(f"hidden sheets are not read: {', '.join(hidden)}")
        chosen = names if options.sheet is None else [options.sheet]
        if len(chosen) == 1:
            options = replace(options, sheet=chosen[0])
        tables = [_table(path, name, options, remarks) for name in chosen]
        found = tuple(table for table in tables if table is not None)
        if not found:
            raise unreadable(path, "it has no rows", "Fill it, or name another sheet.")
        return Contents(found, tuple(remarks))


def canonical(value: Any) -> str | None:
    """Write a cell as text: ISO dates, whole numbers without a point, 15 digits at most.

    Raises PrecisionLost for a whole number that a spreadsheet cannot have kept.
    """
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value.is_integer() and abs(value) >= _EXACT_BELOW:
            raise PrecisionLost(f"{value:.0f}")
        return str(int(value)) if value.is_integer() else f"{value:.15g}"
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def _sheet_names(path: Path) -> tuple[list[str], list[str]]:
    """List the visible and the hidden sheets; charts and macros are neither."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    sheets = [sheet for sheet in _workbook(path).sheets_metadata
              if sheet.typ == SheetTypeEnum.WorkSheet]  # fmt: skip
    seen = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
    return seen, [sheet.name for sheet in sheets if sheet.name not in seen]


def _workbook(path: Path) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_path(str(path))
    except PasswordError:
        raise unreadable(path, "it is locked with a password", "Save it without one.") from None
    except (CalamineError, OSError) as error:
        wrong = f"it is no whole workbook ({shown(str(error))})"
        raise unreadable(path, wrong, "Save it again as XLSX.") from error


def _grid(path: Path, name: str) -> Any:
    from python_calamine import CalamineError

    try:
        return _workbook(path).get_sheet_by_name(name)
    except CalamineError as error:
        wrong = f"the sheet '{shown(name)}' is damaged ({shown(str(error))})"
        raise unreadable(path, wrong, "Save it again as XLSX.") from error


def _table(path: Path, name: str, options: Options, remarks: list[str]) -> Table | None:
    grid = _grid(path, name)
    top = [[_loosely(cell) for cell in row] for row in islice(grid.iter_rows(), 50)]
    if not any(any(row) for row in top):
        return None
    above = find_header(top)
    last, header = find_stacked(top, above, grid.merged_cell_ranges or (), _first(grid))
    header = header[: used_width([header, *top[last:]])]
    check_width(path, len(header), options.limits)
    names, said = clean_header(header)
    blank = sum(1 for row in top[:above] if not any(row))
    if above > blank:
        said.insert(0, f"{above - blank} rows above the header were passed over")
    remarks.extend(f"{name}: {remark}" for remark in said)
    sheet = _Sheet(path, name, names, last + 1)
    rows = max(grid.end[0] - last, 0)
    parsed = [grid] if options.sheet == name else []
    return Table(name, names, lambda table: _batches(sheet, table, parsed), rows=rows)


def _first(grid: Any) -> int:
    """Return the first column in use, from which rows are counted."""
    return int((grid.start or (0, 0))[1])


def _loosely(cell: Any) -> str | None:
    try:
        return canonical(cell)
    except PrecisionLost as lost:
        return str(lost)


def _batches(sheet: _Sheet, table: Table, parsed: list[Any]) -> Iterator[Batch]:
    """Deliver the rows; `parsed` is the sheet for the first reading, if it was kept."""
    grid = parsed.pop() if parsed else _grid(sheet.path, sheet.name)
    merged = MergedCells(grid.merged_cell_ranges or (), _first(grid))
    kept: list[list[str | None]] = []
    places: list[int] = []
    for place, raw in enumerate(grid.iter_rows(), 1):
        if place <= sheet.header_row:
            continue
        cells = merged.fill(place - 1, raw)
        if not any(cell != "" for cell in raw):
            table.skipped["blank row"] += 1
        elif (row := _row(sheet, table, place, cells)) is not None:
            kept.append(row)
            places.append(place)
        if len(kept) == BATCH_ROWS:
            yield _batch(sheet.names, kept, places)
            kept, places = [], []
    if kept:
        yield _batch(sheet.names, kept, places)


def _row(sheet: _Sheet, table: Table, place: int, cells: Sequence[Any]) -> list[str | None] | None:
    """Write a row as text, or record why it cannot be."""
    width = len(sheet.names)
    if any(cell != "" for cell in cells[width:]):
        table.issues.append(_beyond(place, cells, width))
        return None
    try:
        return [canonical(cell) for cell in cells[:width]]
    except PrecisionLost:
        table.issues.append(_lost(sheet, place, cells))
        return None


def _batch(names: Sequence[str], rows: list[list[str | None]], places: list[int]) -> Batch:
    return Batch(dict(zip(names, zip(*rows, strict=True), strict=True)), places)


def _beyond(place: int, cells: Sequence[Any], width: int) -> Issue:
    remedy = "Give the column a header, or empty the cell."
    found = next(cell for cell in cells[width:] if cell != "")
    return Issue(place, None, "number of cells", shown(_loosely(found)), remedy,
                 cells=tuple(map(_loosely, cells)))  # fmt: skip


def _lost(sheet: _Sheet, place: int, cells: Sequence[Any]) -> Issue:
    texts = tuple(map(_loosely, cells))
    index = next(index for index, cell in enumerate(cells)
                 if isinstance(cell, float) and abs(cell) >= _EXACT_BELOW)  # fmt: skip
    remedy = ("The cell is a number, of which a spreadsheet keeps 15 digits: set the column to "
              "text and enter the value again from its source.")  # fmt: skip
    return Issue(place, sheet.names[index], "precision lost", texts[index], remedy, cells=texts)
