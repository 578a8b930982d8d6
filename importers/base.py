"""What passes between the readers of foreign files and the loading of layers.

A reader knows a file format and nothing of layers; loading knows layers and nothing of
formats. Between them go batches of columns, all values as text, so that a ledger means the
same whether it came as CSV, as a spreadsheet or as GeoJSON.

Every row of a file ends in exactly one of two places: in a batch, or in an issue that
`rejects` it and carries its cells. Nothing is dropped without a word.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from spatial.errors import UnreadableSource

BATCH_ROWS = 10_000
MEBIBYTE = 1024 * 1024
LONGEST_VALUE_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be before it is refused unparsed; sizes in bytes.

    `memory` and `seconds` (of work) are what its reader may take.
    """

    delimited: int = 500 * MEBIBYTE
    line: int = 64 * 1024
    spreadsheet_packed: int = 50 * MEBIBYTE
    spreadsheet_unpacked: int = 500 * MEBIBYTE
    spreadsheet_cells: int = 20_000_000
    geojson: int = 200 * MEBIBYTE
    geopackage: int = 2048 * MEBIBYTE
    osm: int = 200 * MEBIBYTE
    gis: int = 2048 * MEBIBYTE
    xml: int = 200 * MEBIBYTE
    cityjson: int = 500 * MEBIBYTE
    archive_packed: int = 200 * MEBIBYTE
    archive_unpacked: int = 1024 * MEBIBYTE
    archive_parts: int = 20
    columns: int = 1_000
    vertices: int = 50_000
    depth: int = 32
    memory: int = 3072 * MEBIBYTE
    seconds: int = 900


@dataclass(frozen=True, slots=True)
class Options:
    """What the clerk says about a file; None lets the reader find out."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    layer: str | None = None
    crs: str | None = None
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Issue:
    """What is wrong with one row, by which rule, and how to mend it.

    `line` is 0 where a format has no lines (OSM); `value` then names the thing. An issue that
    does not `reject` is a remark: on a row that was delivered all the same, or on a thing that
    lies outside what the file covers (counted in `Table.skipped` too). `cells` are those of a
    rejected row, in the order of the table's columns as far as they go.
    """

    line: int
    column: str | None
    rule: str
    value: str | None
    remedy: str
    rejects: bool = True
    cells: tuple[str | None, ...] | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Up to `BATCH_ROWS` rows, column by column.

    Values are text as found; typed sources give canonical text: ISO dates, no `.0` on whole
    numbers, `true`/`false`, lists joined by `;`. `lines` are 1-based places as a person counts
    them: lines of a text, rows of a sheet, features of a GeoJSON, rows of a table. `geometry`
    is WKB in the table's CRS, longitude or easting first; None as a whole when the format has
    no geometry of its own, None for a row without one.
    """

    columns: Mapping[str, Sequence[str | None]]
    lines: Sequence[int]
    geometry: Sequence[bytes | None] | None = None

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.lines)


Report = Callable[[Issue], None]
Read = Callable[["Table"], Iterator[Batch]]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One table of a file, read as often as asked for.

    `rows` is a count where the format tells it cheaply. `issues` and `skipped` (how many
    things were left out, by reason) fill while `batches()` runs, and are complete and of that
    run alone when it has ended; a caller may drain `issues` between batches.
    """

    name: str
    columns: tuple[str, ...]
    read: Read = field(repr=False)
    crs: str | None = None
    rows: int | None = None
    issues: list[Issue] = field(default_factory=list, repr=False)
    skipped: Counter[str] = field(default_factory=Counter, repr=False)

    def batches(self) -> Iterator[Batch]:
        """Read the table from its beginning; raises UnreadableSource where it breaks off."""
        self.issues.clear()
        self.skipped.clear()
        yield from self.read(self)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a reader found in a file, with what a clerk should know about it."""

    tables: tuple[Table, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was opened: its format, its SHA-256 in hex, its tables."""

    path: Path
    format: str
    digest: str
    tables: tuple[Table, ...]
    remarks: tuple[str, ...] = ()
    stamp: tuple[int, ...] = ()                  # of the file, before a byte was read

    def check_unchanged(self) -> None:
        """Refuse a file that was written while it was read: nobody knows what was in it."""
        if self.stamp and stamp_of(self.path) != self.stamp:
            raise unreadable(self.path, "it was changed while it was read",
                             "Import it again when nothing writes to it.")

    def table(self, name: str) -> Table | None:
        """Find a table by its name."""
        return next((table for table in self.tables if table.name == name), None)


def stamp_of(path: Path) -> tuple[int, ...]:
    """Return what changes whenever a file is written or replaced."""
    try:
        one = path.stat()
    except OSError:
        return (0,)
    return one.st_dev, one.st_ino, one.st_size, one.st_mtime_ns


class Reader(Protocol):
    """Reads one format."""

    @property
    def format(self) -> str:
        """The name of the format, as people say it."""

    @property
    def suffixes(self) -> frozenset[str]:
        """The suffixes such files usually bear, in lower case with the dot."""

    def accepts(self, head: bytes) -> bool:
        """Tell from a file's first bytes (64 KiB) whether it is of this format."""

    def read(self, path: Path, options: Options) -> Contents:
        """Open the file's tables; raises UnreadableSource with the remedy."""


def shown(value: str | None) -> str | None:
    """Shorten a value for an issue or a message."""
    if value is None or len(value) <= LONGEST_VALUE_SHOWN:
        return value
    return f"{value[:LONGEST_VALUE_SHOWN]}… ({len(value):,} characters)"


def unreadable(path: Path, wrong: str, remedy: str) -> UnreadableSource:
    """Word the refusal of a file: which, what was wrong with it, what to do."""
    return UnreadableSource(f"{path.name}: {wrong}. {remedy}")


def check_size(path: Path, limit: int) -> None:
    """Refuse a file above its format's limit, before a byte is parsed."""
    size = path.stat().st_size
    if size > limit:
        wrong = f"{size:,} bytes are more than the {limit:,} allowed for this format"
        raise unreadable(path, wrong, "Split the file and import the parts.")
