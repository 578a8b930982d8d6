"""CSV, TSV and their kin: delimiter and encoding are found, not asked for."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from importers.base import (
    BATCH_ROWS,
    Batch,
    Contents,
    Issue,
    Limits,
    Options,
    Table,
    check_size,
    shown,
    unreadable,
)
from importers.headers import check_width, clean_header, find_header, used_width
from importers.text import find_encoding, lines
from spatial.errors import UnreadableSource

DELIMITERS = (",", ";", "\t", "|")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SAMPLE_LINES = 200
_CONTROLS = bytes(set(range(1, 32)) - set(b"\t\n\r\f"))
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class _Form:
    """How a file is written, and what its columns are."""

    path: Path
    encoding: str
    delimiter: str
    limits: Limits
    names: tuple[str, ...] = ()
    header_line: int = 0


class Delimited:
    """Reads text tables; the last to be asked, as any text might be one."""

    format = "delimited text"
    suffixes = frozenset({".csv", ".tsv", ".txt", ".tab", ".psv"})

    def accepts(self, head: bytes) -> bool:
        """Accept any text: next to no control characters, or a mark of UTF-16."""
        controls = len(head) - len(head.translate(None, _CONTROLS))
        return controls <= len(head) // 100 or head.startswith(_WIDE_MARKS)

    def read(self, path: Path, options: Options) -> Contents:
        """Open the one table of the file; the header is its first row that is no title."""
        check_size(path, options.limits.delimited)
        encoding = find_encoding(path, options.encoding)
        sample = list(islice(lines(path, encoding, options.limits.line), _SAMPLE_LINES))
        delimiter = options.delimiter or _declared(sample) or find_delimiter(sample)
        form = _Form(path, encoding, delimiter, options.limits)
        top = list(islice(_records(form, sample), int(_declared(sample) is not None), 50))
        if not top:
            raise unreadable(path, "it has no rows", "Export it again with its header.")
        return _contents(form, top)


def find_delimiter(sample: Sequence[str]) -> str:
    """Find the delimiter that cuts most rows into the same number of cells, then into most."""
    return max(DELIMITERS, key=lambda delimiter: _fitness(sample, delimiter))


def _fitness(sample: Sequence[str], delimiter: str) -> tuple[float, int]:
    widths: Counter[int] = Counter()
    try:
        for row in csv.reader(sample, delimiter=delimiter, strict=True):
            widths[len(row)] += bool(row)
    except csv.Error:
        # The sample may end inside a quoted cell; elsewhere this speaks against the delimiter.
        widths[0] += 1
    total = sum(widths.values()) or 1
    width, rows = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    return (rows / total, width) if width > 1 else (0.0, 0)


def _declared(sample: Sequence[str]) -> str | None:
    """Read the `sep=;` line that spreadsheets put first."""
    first = sample[0].strip().strip('"') if sample else ""
    return first[4:] if first.startswith("sep=") and len(first) == 5 else None


def _contents(form: _Form, top: list[tuple[int, list[str]]]) -> Contents:
    rows = [row for _, row in top]
    above = find_header(rows)
    header = rows[above][: used_width(rows[above:])]
    check_width(form.path, len(header), form.limits)
    names, remarks = clean_header(header)
    form = replace(form, names=names, header_line=top[above][0])
    said = f"{form.encoding}, {_NAMES.get(form.delimiter, form.delimiter)}"
    if above:
        remarks.append(f"{above} rows above the header were passed over")
    table = Table(form.path.stem, names, lambda table: _batches(form, table))
    return Contents((table,), (said, *remarks))


def _batches(form: _Form, table: Table) -> Iterator[Batch]:
    width = len(form.names)
    kept: list[list[str]] = []
    places: list[int] = []
    source = lines(form.path, form.encoding, form.limits.line)
    for place, row in _records(form, source, table):
        if place <= form.header_line:
            continue
        if len(row) != width and not _trimmed(row, width):
            table.issues.append(_miscounted(place, row, form.names))
        elif any(row):
            kept.append(row)
            places.append(place)
        else:
            table.skipped["blank row"] += 1
        if len(kept) == BATCH_ROWS:
            yield _batch(form.names, kept, places)
            kept, places = [], []
    if kept:
        yield _batch(form.names, kept, places)


def _batch(names: Sequence[str], rows: list[list[str]], places: list[int]) -> Batch:
    return Batch(dict(zip(names, zip(*rows, strict=True), strict=True)), places)


def _trimmed(row: list[str], width: int) -> bool:
    """Take off empty cells beyond the header, as a trailing delimiter leaves them."""
    if len(row) <= width or any(row[width:]):
        return False
    del row[width:]
    return True


class _Feed:
    """The lines as csv takes them, remembering what it took last."""

    def __init__(self, source: Iterator[str]) -> None:
        self._source = source
        self.last = ""
        self.nul = False
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        for line in self._source:
            self.last = line
            if "\0" in line:
                self.nul = True
            yield line
        self.ended = True


def _records(
    form: _Form, source: Sequence[str] | Iterator[str], table: Table | None = None
) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line it begins on; rows that cannot be read become issues."""
    feed = _Feed(iter(source))
    reader = csv.reader(feed, delimiter=form.delimiter, strict=True)
    begin = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            if table is not None:
                _refuse(form, feed, table, begin, reader.line_num)
            row = []
        if feed.nul:
            row = _without_nul(feed, table, begin, row)
        if row:
            yield begin, row
        begin = reader.line_num + 1


def _refuse(form: _Form, feed: _Feed, table: Table, begin: int, now: int) -> None:
    """Record a stray quote; an unclosed one ends the reading, for it swallows what follows."""
    if feed.ended or now > begin:
        raise _unclosed(form, begin, now)
    cells = next(csv.reader([feed.last], delimiter=form.delimiter), [])
    remedy = "Double the quotes inside a quoted cell, or remove them."
    table.issues.append(Issue(begin, None, "stray quote", shown(feed.last.strip()), remedy,
                              cells=tuple(cells)))  # fmt: skip


def _unclosed(form: _Form, begin: int, now: int) -> UnreadableSource:
    wrong = f"the quote opened in line {begin:,} is never closed (it runs into line {now:,})"
    return unreadable(form.path, wrong, f"Close or remove it in line {begin:,}.")


def _without_nul(feed: _Feed, table: Table | None, begin: int, row: list[str]) -> list[str]:
    feed.nul = False
    if table is None or not row:
        return [cell.replace("\0", "") for cell in row]
    remedy = "Remove the zero bytes; the file may be damaged, or UTF-16 under another name."
    table.issues.append(Issue(begin, None, "zero byte", None, remedy, cells=tuple(row)))
    return []


def _miscounted(place: int, row: list[str], names: tuple[str, ...]) -> Issue:
    remedy = f"Give {len(names)} cells; quote cells that contain the delimiter or line breaks."
    value = f"{len(row)} cells, header {len(names)}"
    return Issue(place, None, "number of cells", value, remedy, cells=tuple(row))
