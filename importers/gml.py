"""GML: features as XML, as far as GDAL reads them when it may look nowhere else.

Document types and entities are refused before GDAL sees the file. Schemas that the file points
to are not read, neither here nor in the network: the values themselves tell their types.
"""

from dataclasses import replace
from pathlib import Path

from importers.base import MEBIBYTE, Contents, Options, Table, check_size, unreadable
from importers.gdal import batches, find, layers_of
from importers.scratch import Scratch
from importers.xml_text import check_xml

_MARKS = (b"http://www.opengis.net/gml", b"<gml:", b"wfs:FeatureCollection")
_OTHERS = (b"http://www.opengis.net/citygml", b"http://www.opengis.net/kml")
_SCHEMA, _NOTHING = b"schemaLocation", b"schemaLocatioN"


class Gml:
    """Reads GML 2 and 3 with simple features; rows are counted from 1."""

    format = "GML"
    suffixes = frozenset({".gml", ".xml"})

    def accepts(self, head: bytes) -> bool:
        """Tell by the namespace, of XML that is neither CityGML nor KML."""
        return (head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
                and any(mark in head for mark in _MARKS)
                and not any(mark in head for mark in _OTHERS))  # fmt: skip

    def read(self, path: Path, options: Options) -> Contents:
        """Open the layers, or the one that `options.layer` names."""
        check_size(path, options.limits.xml)
        check_xml(path, path.open("rb"))
        scratch = Scratch()
        data = scratch.path / "layer.gml"
        _copy(path, data)
        names = [name for name in layers_of(path, data) if options.layer in (None, name)]
        if not names:
            raise unreadable(path, "it has no layer of features, or none so called",
                             "Export it again as GML 3.2 or GeoPackage.")
        return Contents(tuple(_table(path, data, name, options, scratch) for name in names))


def _table(path: Path, data: Path, name: str, options: Options, scratch: Scratch) -> Table:
    found = replace(find(path, data, name, options.limits), kept=scratch)
    crs = options.crs or found.crs
    if crs is None:
        raise unreadable(path, f"{name} does not say its coordinate system",
                         "Name it with --crs, as EPSG:4490.")
    return Table(name, found.columns, lambda table: batches(found, table), crs, found.rows)


def _copy(path: Path, data: Path) -> None:
    """Copy the file without what points to schemas elsewhere."""
    keep = len(_SCHEMA) - 1
    with path.open("rb") as stream, data.open("wb") as out:
        held = b""
        while piece := stream.read(MEBIBYTE):
            held = (held + piece).replace(_SCHEMA, _NOTHING)
            out.write(held[:-keep])
            held = held[-keep:]
        out.write(held)


