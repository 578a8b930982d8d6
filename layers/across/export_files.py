"""Exports as documents: streamed out of the database by COPY, whole or not there at all.

GeoJSON leaves as text that the database has finished: COPY's CSV with a control character for
quote and delimiter changes no byte of it (its text format would double every backslash).
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from tempfile import mkstemp
from threading import Thread
from typing import IO, Any, Protocol

from sqlalchemy.orm import Session

from layers.across.export import EVERYTHING, Wanted, features, layer_to_export, shapes, table
from layers.base import Layer
from spatial.errors import InvalidInput

#: No character of JSON text: control characters are always escaped in it.
UNTOUCHED = r"(FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')"
#: Where the browser libraries lie: files that a page takes in, no code of ours.
LIBRARIES = Path(__file__).parents[2] / "web" / "static" / "vendor"
#: Bytes handed on at a time.
CHUNK = 1 << 16


class Sink(Protocol):
    """Anything bytes can be written to."""

    def write(self, data: bytes, /) -> Any:
        """Take the next bytes."""


@dataclass(slots=True)
class _Joined:
    """Passes features on; each comes led by a comma, and the very first comma is dropped."""

    out: Sink
    begun: bool = False

    def write(self, data: bytes) -> int:
        """Pass the bytes on."""
        self.out.write(data if self.begun else data[1:])
        self.begun = True
        return len(data)


def write_geojson(session: Session, layer: Layer, out: Sink, wanted: Wanted = EVERYTHING) -> int:
    """Write one FeatureCollection; returns how many features it has."""
    asked = features(layer, wanted)     # a filter that is none is refused before the first byte
    out.write(f'{{"type":"FeatureCollection","name":"{layer.name}","features":[\n'.encode())
    count = _copy(session, f"SELECT ',' || f FROM ({asked}) x(f)", UNTOUCHED,
                  _Joined(out))
    out.write(b"]}\n")
    return count


def write_geojsonseq(session: Session, layer: Layer, out: Sink,
                     wanted: Wanted = EVERYTHING) -> int:
    """Write one feature a line; returns how many."""
    return _copy(session, features(layer, wanted), UNTOUCHED, out)


def write_csv(session: Session, layer: Layer, out: Sink, wanted: Wanted = EVERYTHING) -> int:
    """Write a table with a header, safe to open as a spreadsheet; returns how many rows."""
    return _copy(session, table(layer, wanted), "(FORMAT csv, HEADER true)", out)


def write_gpkg(session: Session, layer: Layer, path: Path, wanted: Wanted = EVERYTHING) -> int:
    """Write a GeoPackage; returns how many features it has. Never in memory as a whole."""
    from layers.across.geopackage import write

    return _by_rows(session, layer, path, wanted, write)


def write_fgb(session: Session, layer: Layer, path: Path, wanted: Wanted = EVERYTHING) -> int:
    """Write a FlatGeobuf; returns how many features it has."""
    from layers.across.geopackage import write_flatgeobuf

    return _by_rows(session, layer, path, wanted, write_flatgeobuf)


def write_geoparquet(session: Session, layer: Layer, path: Path,
                     wanted: Wanted = EVERYTHING) -> int:
    """Write a GeoParquet file; returns how many features it has."""
    from layers.across.geoparquet import write

    return _by_rows(session, layer, path, wanted, write)


def _by_rows(session: Session, layer: Layer, path: Path, wanted: Wanted,
             write: Callable[..., None]) -> int:
    with _scratch(path.parent) as rows:
        with rows.open("wb") as out:
            count = _copy(session, shapes(layer, wanted), "(FORMAT csv, HEADER true)", out)
        write(rows, path, name=layer.name)
    return count


def write_kml(session: Session, layer: Layer, out: Sink, wanted: Wanted = EVERYTHING) -> int:
    """Write one KML document; returns how many placemarks it has."""
    from layers.across.kml import Placemarks

    asked = features(layer, wanted)
    placemarks = Placemarks(layer, out)
    count = _copy(session, asked, UNTOUCHED, placemarks)
    placemarks.end()
    return count


def write_cityjson(session: Session, layer: Layer, out: Sink,
                   wanted: Wanted = EVERYTHING) -> int:
    """Write one CityJSON document: buildings with their storeys and units."""
    from layers.across.cityjson import document

    count, body = document(session, layer, wanted)
    out.write(body)
    return count


def write_html(session: Session, layer: Layer, path: Path, wanted: Wanted = EVERYTHING) -> int:
    """Write a page with a map that needs no network; returns how many features there are."""
    from layers.across.folium_map import page

    document = BytesIO()
    # Colours go by codes; the page itself puts words in their place.
    count = write_geojson(session, layer, document, replace(wanted, labels=None))
    path.write_text(page(layer, document.getvalue(), assets=LIBRARIES,
                         language=wanted.labels or "zh"), encoding="utf-8")
    return count


Writer = Callable[[Session, Layer, Any, Wanted], int]
STREAMS: Mapping[str, Writer] = {"geojson": write_geojson, "geojsonseq": write_geojsonseq,
                                 "csv": write_csv, "kml": write_kml, "cityjson": write_cityjson}
FILES: Mapping[str, Writer] = {"gpkg": write_gpkg, "geoparquet": write_geoparquet,
                               "fgb": write_fgb, "html": write_html}
FORMATS = (*STREAMS, *FILES)


def export_file(session: Session, name: str, path: Path, *, form: str,
                wanted: Wanted = EVERYTHING) -> int:
    """Write a layer to `path`, which appears only when it is whole; returns how many features."""
    layer = layer_to_export(name)
    try:
        with whole(path) as unfinished:
            if form in FILES:
                return FILES[form](session, layer, unfinished, wanted)
            with unfinished.open("wb") as out:
                return STREAMS[form](session, layer, out, wanted)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written ({error.strerror}); name a file in a "
                           "folder that exists and has room.") from error


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a path beside `path`; what is there at the end takes its place, on failure nothing."""
    with _scratch(path.parent, path.suffix) as unfinished:
        yield unfinished
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.chmod(0o644)
        os.replace(unfinished, path)


def stream(session: Session, layer: Layer, writer: Writer,
           wanted: Wanted = EVERYTHING) -> Iterator[bytes]:
    """Yield a document as it is made; the session is not to be used until it ends.

    A reader who goes away breaks the pipe, and with it the COPY.
    """
    end, start = os.pipe()
    failures: list[BaseException] = []
    worker = Thread(target=_pour, args=(start, failures, lambda out: writer(
        session, layer, out, wanted)), daemon=True)
    worker.start()
    try:
        with os.fdopen(end, "rb") as pipe:
            while block := pipe.read(CHUNK):
                yield block
    finally:
        worker.join()
    if failures:
        raise failures[0]


def _pour(start: int, failures: list[BaseException], write: Callable[[IO[bytes]], int]) -> None:
    try:
        with os.fdopen(start, "wb", buffering=CHUNK) as out:
            write(out)
    except BrokenPipeError:
        return
    except BaseException as error:  # noqa: BLE001  handed to the reader's thread
        failures.append(error)


def _copy(session: Session, statement: str, options: str, out: Sink) -> int:
    cursor = session.connection().connection.cursor()
    cursor.copy_expert(f"COPY ({statement}) TO STDOUT WITH {options}", out)
    return int(cursor.rowcount)


@contextmanager
def _scratch(folder: Path, suffix: str = "") -> Iterator[Path]:
    handle, name = mkstemp(dir=folder, prefix=".", suffix=suffix or ".part")
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
