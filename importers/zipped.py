"""Spreadsheets as ZIP packages: how large they are when unpacked, known before parsing.

A package says itself how large its parts are, and may lie; so the parts are unpacked and
counted, and thrown away. A few hundred bytes can also claim cells at both ends of a sheet,
which a parser would lay out in memory; so the extent of every sheet is measured.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from importers.base import MEBIBYTE, Limits, unreadable
from spatial.errors import UnreadableSource

_MOST_PARTS = 5_000
_LONGEST_TAG = 4096
_COLUMN = re.compile(rb'\br="([A-Z]{1,3})')
_ROW = re.compile(rb'\br="[A-Z]{0,3}([0-9]{1,7})"')
_REPEATED = re.compile(rb"<[\w.-]+:(?:covered-)?table-(row|cell)\b([^>]*?)(/?)>")
_TIMES = re.compile(rb'number-(?:rows|columns)-repeated="(\d{1,9})"')


@dataclass(slots=True)
class Extent:
    """How far the cells of one sheet reach, and how many hold an error."""

    columns: set[bytes] = field(default_factory=set)
    last_row: int = 0
    cells: int = 0
    errors: int = 0
    _times: int = 1
    _width: int = 0
    _gap: int = 0

    def see_xlsx(self, text: bytes) -> None:
        """Take in a piece of an XLSX sheet."""
        self.columns.update(_COLUMN.findall(text))
        self.last_row = max(self.last_row, *map(int, {b"0", *_ROW.findall(text)}))
        self.cells = self.last_row * max(map(_column_number, self.columns), default=0)
        self.errors += text.count(b' t="e"')

    def see_ods(self, text: bytes) -> None:
        """Take in a piece of an ODS document, where one cell may stand for a million."""
        for what, attributes, empty in _REPEATED.findall(text):
            found = _TIMES.search(attributes)
            times = int(found[1]) if found else 1
            if what == b"row":
                self._times, self._width, self._gap = times, 0, 0
            elif empty:
                self._gap += times
            else:
                self.cells += self._times * (self._gap + times)
                self._gap = 0


def check_package(path: Path, limits: Limits) -> tuple[str, ...]:
    """Refuse a package that is damaged, locked or too large; returns remarks."""
    errors = unpacked = 0
    for part in _parts(path):
        extent = Extent()
        see = _observer(part, extent)
        tail = b""
        for piece in _unpacked(path, part):
            unpacked += len(piece)
            if unpacked > limits.spreadsheet_unpacked:
                raise _too_large(path, f"{limits.spreadsheet_unpacked:,} bytes unpacked")
            text = tail + piece
            cut = max(text.rfind(b"<"), len(text) - _LONGEST_TAG, 0)
            see(text[:cut])
            tail = text[cut:]
        see(tail)
        errors += extent.errors
        if extent.cells > limits.spreadsheet_cells:
            raise _too_large(path, f"{limits.spreadsheet_cells:,} cells in a sheet")
    return (f"{errors:,} cells hold a formula error, read as empty",) if errors else ()


def _observer(part: zipfile.ZipInfo, extent: Extent) -> Callable[[bytes], None]:
    if part.filename.startswith("xl/worksheets/"):
        return extent.see_xlsx
    return extent.see_ods if part.filename == "content.xml" else lambda text: None


def _parts(path: Path) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
    except (zipfile.BadZipFile, UnicodeDecodeError, ValueError) as error:
        raise _damaged(path) from error
    if len(parts) > _MOST_PARTS:
        raise _too_large(path, f"{_MOST_PARTS:,} parts")
    if any(part.flag_bits & 1 for part in parts):
        raise unreadable(path, "it is locked with a password", "Save it without one.")
    if any(part.filename.endswith("sheet1.bin") for part in parts):
        raise unreadable(path, "it is a binary workbook (XLSB)", "Save it as XLSX.")
    return parts


def _unpacked(path: Path, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Unpack a part piece by piece, to its true end and not to the size it claims."""
    with path.open("rb") as stream:
        stream.seek(part.header_offset)
        local = stream.read(30)
        stream.seek(int.from_bytes(local[26:28], "little"), 1)
        stream.seek(int.from_bytes(local[28:30], "little"), 1)
        packed = stream.read(part.compress_size)
    if part.compress_type == zipfile.ZIP_STORED:
        yield packed
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise _damaged(path)
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while packed and not unpacker.eof:
            yield unpacker.decompress(packed, MEBIBYTE)
            packed = unpacker.unconsumed_tail
    except zlib.error as error:
        raise _damaged(path) from error


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _damaged(path: Path) -> UnreadableSource:
    return unreadable(path, "the package is damaged or cut off", "Copy or save it again.")


def _too_large(path: Path, limit: str) -> UnreadableSource:
    return unreadable(path, f"it holds more than {limit}", "Split it, or save it as CSV.")
