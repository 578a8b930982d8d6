"""Rows that were refused, in a file of their own: mend them and import that file again.

The row's own cells stand as they were; five columns say what was wrong and are left out when the
file is imported. It is readable by its owner only: a ledger of persons is one in part, too.
"""

import csv
import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import shapely

from importers.base import Issue, Source, Table
from spatial.cells import guarded
from spatial.wording import in_both

ABOUT = ("_row", "_column", "_rule", "_value", "_remedy")
SPREADSHEETS = frozenset({".xlsx", ".xls", ".ods", ".xlsm"})
TABBED = frozenset({".tsv", ".tab"})
#: Bytes that leave room for our suffix in a name of 255.
LONGEST_STEM = 200
Reasons = Mapping[int, Sequence[Issue]]
Rows = Iterator[tuple[list[str | None], bytes | None, Sequence[Issue]]]


def write_rejects(source: Source, table: Table, issues: Sequence[Issue], folder: Path) -> Path:
    """Write the refused rows of a table; returns the file's path."""
    reasons: dict[int, list[Issue]] = defaultdict(list)
    for issue in issues:
        if issue.rejects:
            reasons[issue.line].append(issue)
    stem, suffix = folder / _stem(source, table), source.path.suffix.lower()
    rows = _rows(table, reasons)
    if table.crs is not None:
        return _write_geojson(stem.with_name(f"{stem.name}.rejected.geojson"), table, rows)
    if suffix in SPREADSHEETS:
        return _write_workbook(stem.with_name(f"{stem.name}.rejected.xlsx"), table, rows)
    if suffix in TABBED:
        return _write_text(stem.with_name(f"{stem.name}.rejected{suffix}"), table, rows, "\t")
    return _write_text(stem.with_name(f"{stem.name}.rejected.csv"), table, rows, ",")


def _stem(source: Source, table: Table) -> str:
    """Return a file name that any system takes, whatever a file or its table is called."""
    name = source.path.stem
    name += "" if len(source.tables) == 1 else f".{table.name}"
    plain = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in name)
    return plain.encode()[:LONGEST_STEM].decode(errors="ignore").lstrip(".") or "rows"


def _rows(table: Table, reasons: Reasons) -> Rows:
    """Find the refused rows again; those the reader itself refused carry their own cells."""
    for batch in table.batches():
        for row, line in enumerate(batch.lines):
            if line in reasons and line:
                shape = batch.geometry[row] if batch.geometry else None
                yield [batch.columns[name][row] for name in table.columns], shape, reasons[line]
    for line in sorted(reasons):
        for issue in reasons[line]:
            if issue.cells is not None:
                width = len(table.columns)
                cells = [*issue.cells, *[None] * width][:max(width, len(issue.cells))]
                yield cells, None, [issue]


def _about(issues: Sequence[Issue]) -> list[str]:
    def joined(parts: Iterator[str | None]) -> str:
        return " | ".join(part for part in parts if part)

    return [str(issues[0].line or ""), joined(i.column for i in issues),
            joined(i.rule for i in issues), joined(i.value for i in issues),
            joined(in_both(i.remedy) for i in issues)]


def _write_text(path: Path, table: Table, rows: Rows, delimiter: str) -> Path:
    with private(path).open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerow([*map(guarded, table.columns), *ABOUT])
        for cells, _, issues in rows:
            writer.writerow([guarded(cell or "") for cell in (*cells, *_about(issues))])
    return path


def _write_workbook(path: Path, table: Table, rows: Rows) -> Path:
    import xlsxwriter

    with xlsxwriter.Workbook(private(path), {"constant_memory": True,
                                              "strings_to_formulas": False,
                                              "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("rows")
        sheet.write_row(0, 0, [*table.columns, *ABOUT])
        for number, (cells, _, issues) in enumerate(rows, start=1):
            for column, cell in enumerate((*cells, *_about(issues))):
                sheet.write_string(number, column, cell or "")
    return path


def _write_geojson(path: Path, table: Table, rows: Rows) -> Path:
    with private(path).open("w", encoding="utf-8") as stream:
        crs = {"type": "name", "properties": {"name": table.crs}}
        stream.write(f'{{"type": "FeatureCollection", "crs": {json.dumps(crs)}, "features": [\n')
        for number, (cells, shape, issues) in enumerate(rows):
            feature = _feature(table, cells, shape, issues)
            stream.write((",\n" if number else "") + json.dumps(feature, ensure_ascii=False))
        stream.write("\n]}\n")
    return path


def _feature(table: Table, cells: Sequence[str | None], shape: bytes | None,
             issues: Sequence[Issue]) -> dict[str, Any]:
    said = dict(zip((*table.columns, *ABOUT), (*cells[:len(table.columns)], *_about(issues)),
                    strict=True))
    return {"type": "Feature", "properties": said, "geometry": _geometry(shape)}


def _geometry(shape: bytes | None) -> Any:
    geometry = shapely.from_wkb(shape, on_invalid="ignore") if shape else None
    return json.loads(shapely.to_geojson(geometry)) if geometry is not None else None


def private(path: Path) -> Path:
    """Make an empty file that only its owner reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
    path.chmod(0o600)
    return path
