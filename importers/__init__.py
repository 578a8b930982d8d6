"""The gate: foreign files -> records -> layers."""

import hashlib
from pathlib import Path

from importers.base import Options, Reader, Source, stamp_of, unreadable
from importers.citygml import CityGml
from importers.cityjson import CityJson
from importers.delimited import Delimited
from importers.flatgeobuf import FlatGeobuf
from importers.geojson import GeoJson
from importers.geopackage import GeoPackage
from importers.geoparquet import GeoParquet
from importers.gml import Gml
from importers.kml import Kml
from importers.osm import OpenStreetMap
from importers.shapefile import Shapefile
from importers.spreadsheet import Spreadsheet

HEAD_BYTES = 64 * 1024


def readers() -> tuple[Reader, ...]:
    """List the readers in the order they are asked; the least particular comes last."""
    return (OpenStreetMap(), Spreadsheet(), GeoPackage(), Shapefile(), FlatGeobuf(),
            GeoParquet(), Kml(), CityGml(), Gml(), CityJson(), GeoJson(), Delimited())  # fmt: skip


def open_source(path: Path, options: Options | None = None) -> Source:
    """Open a file with the reader that knows its contents, whatever its suffix says.

    Raises UnreadableSource where no reader does, with the way out.
    """
    stamp = stamp_of(path)
    reader = _reader(path)
    contents = reader.read(path, options or Options())
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    remarks = contents.remarks
    if path.suffix.lower() not in reader.suffixes:
        told = f"suffix '{path.suffix}'" if path.suffix else "missing suffix"
        remarks = (f"read as {reader.format} by its contents, despite its {told}", *remarks)
    return Source(path, reader.format, digest, contents.tables, remarks, stamp)


def _reader(path: Path) -> Reader:
    head = _head(path)
    begin = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    known = next((text for mark, *text in _KNOWN_BY_HEAD if begin.startswith(mark)), None)
    for reader in readers():
        if reader.accepts(head) and not (known and reader.format == Delimited.format):
            return reader
    raise unreadable(path, *(known or _unknown()))


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
            if head.startswith(b"PK\x03\x04"):      # a ZIP lists its files at its end
                stream.seek(max(path.stat().st_size - HEAD_BYTES, 0))
                head += stream.read(HEAD_BYTES)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise unreadable(path, f"it cannot be opened: {reason}", "Check path and rights.") from None
    if not head.strip(b"\0\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise unreadable(path, "it is empty", "Export or copy it again.")
    return head


_KNOWN_BY_HEAD = (
    (b"%PDF", "it is a PDF", "Ask for the table it was printed from."),
    (b"\x1f\x8b", "it is packed (gzip)", "Unpack it first."),
    (b"BZh", "it is packed (bzip2)", "Unpack it first."),
    (b"PK\x03\x04", "it is a ZIP without a spreadsheet, Shapefile or KML in it",
     "Unpack it first."),
    (b"Rar!", "it is packed (RAR)", "Unpack it first."),
    (b"<", "it is a web page or XML", "Open it in a spreadsheet program and save it as XLSX."),
    (b"\x89PNG", "it is a picture", "Ask for the table or map behind it."),
    (b"\xff\xd8\xff", "it is a picture", "Ask for the table or map behind it."),
)


def _unknown() -> tuple[str, str]:
    formats = ", ".join(reader.format for reader in readers())
    return "it is of no format known here", f"Save it as one of: {formats}."
