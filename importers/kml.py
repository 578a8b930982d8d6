"""KML and KMZ: placemarks with what ExtendedData says of them.

Nothing a document points to is read: no network links, no pictures, no models, no styles
elsewhere. Coordinates are WGS 84 by the standard, longitude first.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from importers.archive import is_archive, parts_of, unpack
from importers.base import (
    BATCH_ROWS,
    Batch,
    Contents,
    Limits,
    Options,
    Table,
    check_size,
    unreadable,
)
from importers.headers import check_width
from importers.kml_shapes import BAD, shape_of
from importers.typed import Kept, batch, texts
from importers.xml_text import check_xml, elements, local

_CRS = "EPSG:4326"
#: What is no place of ours, with the reason told for it.
_OTHERS = {
    "NetworkLink": "a network link, never followed", "GroundOverlay": "a picture on the ground",
    "ScreenOverlay": "a picture on the screen", "PhotoOverlay": "a photograph", "Tour": "a tour",
}
_TIMES = {"begin": "valid_from", "end": "valid_to"}


@dataclass(slots=True)
class _Placemark:
    """What one placemark says: its own name and description, what is added, where it is."""

    own: dict[str, str] = field(default_factory=dict)
    added: dict[str, str] = field(default_factory=dict)
    shape: Any = None


@dataclass(slots=True)
class _Reading:
    """One pass over a document."""

    declared: set[str] = field(default_factory=set)
    folders: list[str] = field(default_factory=list)
    others: dict[str, int] = field(default_factory=dict)
    name: str | None = None


class Kml:
    """Reads KML and KMZ; rows are counted as placemarks, from 1."""

    format = "KML"
    suffixes = frozenset({".kml", ".kmz"})

    def accepts(self, head: bytes) -> bool:
        """Tell by the root element; a KMZ is a ZIP with a KML among its files."""
        if is_archive(head):
            return b".kml" in head.lower() and b"xl/" not in head
        begin = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        return begin.startswith(b"<") and (b"opengis.net/kml" in head or b"<kml" in head)

    def read(self, path: Path, options: Options) -> Contents:
        """Open the one table of the file; all of it is parsed once to know its columns."""
        check_size(path, options.limits.xml)
        check_xml(path, _document(path, options.limits))
        reading, names, rows = _Reading(), dict[str, None](), 0
        for placemark in _placemarks(path, options.limits, reading):
            rows += 1
            names.update(dict.fromkeys(_values(placemark, reading)))
            check_width(path, len(names), options.limits)
        if not rows:
            only = ", ".join(f"{count:,} × {what}" for what, count in reading.others.items())
            raise unreadable(path, f"it has no placemarks{only and f' (only {only})'}",
                             "Ask for the file with the features themselves.")
        table = Table(reading.name or path.stem, tuple(names),
                      lambda table: _batches(path, options.limits, table),
                      options.crs or _CRS, rows)  # fmt: skip
        return Contents((table,))


def _batches(path: Path, limits: Limits, table: Table) -> Iterator[Batch]:
    kept, reading = Kept(), _Reading()
    for place, placemark in enumerate(_placemarks(path, limits, reading), 1):
        said = _values(placemark, reading)
        row = texts(table, place, [said.get(name) for name in table.columns], careful=True)
        if row is not None:
            kept.rows.append(row)
            kept.places.append(place)
            kept.shapes.append(placemark.shape)
        if len(kept.rows) == BATCH_ROWS:
            yield from batch(table, kept, _parsed, limits)
            kept = Kept()
    yield from batch(table, kept, _parsed, limits)
    table.skipped.update(reading.others)


def _parsed(shapes: Any) -> Any:
    """Return the shapes; what was none becomes None, and its row an issue."""
    found = shapes.copy()
    found[[shape is BAD for shape in shapes]] = None
    return found


def _values(placemark: _Placemark, reading: _Reading) -> dict[str, str]:
    """Return a row: what was added wins, and what a schema declares is nowhere else."""
    own = {name: text for name, text in placemark.own.items() if name not in reading.declared}
    return {**own, **placemark.added}


def _placemarks(path: Path, limits: Limits, reading: _Reading) -> Iterator[_Placemark]:
    """Yield the placemarks in order; what is read of one is forgotten before the next."""
    with _document(path, limits) as stream:
        above: list[Any] = []
        for event, element in elements(path, stream):
            tag = local(element.tag)
            if event == "start":
                above.append(element)
                continue
            above.pop()
            inside = any(local(one.tag) == "Placemark" for one in above)
            _take_note(reading, tag, element, above)
            if tag == "Placemark":
                yield _placemark(element, above, path, limits)
            if not inside and tag in ("Placemark", *_OTHERS, "Style", "StyleMap"):
                element.clear()
                if above:
                    above[-1].remove(element)


def _take_note(reading: _Reading, tag: str, element: Any, above: list[Any]) -> None:
    """Remember what the document says besides its placemarks."""
    if tag == "SimpleField":
        reading.declared.add(element.get("name", ""))
    elif tag in _OTHERS:
        reason = _OTHERS[tag]
        reading.others[reason] = reading.others.get(reason, 0) + 1
    elif tag == "name" and above and local(above[-1].tag) == "Document":
        reading.name = reading.name or _text(element)


def _placemark(element: Any, above: list[Any], path: Path, limits: Limits) -> _Placemark:
    found = _Placemark()
    if element.get("id"):
        found.own["id"] = element.get("id")
    folder = "/".join(name for one in above if local(one.tag) == "Folder"
                      and (name := _named(one)))  # fmt: skip
    if folder:
        found.own["folder"] = folder
    for child in element:
        tag = local(child.tag)
        if tag in ("name", "description", "address") and _text(child):
            found.own[tag] = _text(child)
        elif tag == "ExtendedData":
            found.added.update(_added(child))
        elif tag == "TimeSpan":
            found.own.update({_TIMES[local(one.tag)]: _text(one) for one in child
                              if local(one.tag) in _TIMES})  # fmt: skip
    found.shape = shape_of(element, limits)
    return found


def _named(folder: Any) -> str:
    return next((_text(one) for one in folder if local(one.tag) == "name"), "")


def _added(data: Any) -> Iterator[tuple[str, str]]:
    """Yield names and values of Data and of SchemaData."""
    for one in data:
        tag, name = local(one.tag), one.get("name", "")
        if tag == "Data" and name:
            yield name, next((_text(v) for v in one if local(v.tag) == "value"), "")
        elif tag == "SchemaData":
            yield from ((v.get("name", ""), _text(v)) for v in one
                        if local(v.tag) == "SimpleData" and v.get("name"))  # fmt: skip


def _text(element: Any) -> str:
    return "".join(element.itertext()).strip()


def _document(path: Path, limits: Limits) -> IO[bytes]:
    """Open the KML, or the first at the top of a KMZ, as the standard has it."""
    with path.open("rb") as stream:
        if not is_archive(stream.read(4)):
            return path.open("rb")
    parts = {name: part for name, part in parts_of(path, limits).items()
             if name.lower().endswith(".kml")}  # fmt: skip
    if not parts:
        raise unreadable(path, "it is a ZIP without a KML in it", "Unpack it first.")
    name = min(parts, key=lambda one: (one.count("/"), one.lower() != "doc.kml"))
    return io.BytesIO(b"".join(unpack(path, parts[name], limits, limits.xml)))
