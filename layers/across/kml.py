"""KML out of features as they stream by: what other programs show, and we read again."""

import json
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from layers.base import Layer

HEAD = ('<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">'
        "<Document><name>{name}</name>\n")
END = "</Document></kml>\n"
#: What a placemark is called on a map, the first that is said.
NAMES = ("name", "label", "number", "designator", "source_id", "identifier")
#: Control characters that XML cannot hold at all.
_UNFIT = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


class Placemarks:
    """Takes GeoJSON features, a line each, and writes them as placemarks."""

    def __init__(self, layer: Layer, out: Any) -> None:
        self._layer, self._out, self._rest, self._begun = layer, out, b"", False

    def write(self, data: bytes) -> int:
        """Take the next bytes; lines come whole or in pieces."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if line:
                self._placemark(json.loads(line))
        return len(data)

    def end(self) -> None:
        """Write what closes the document."""
        if not self._begun:
            self._begin({})
        self._out.write(END.encode())

    def _begin(self, values: dict[str, Any]) -> None:
        fields = "".join(f"<SimpleField name={quoteattr(name)} type=\"string\"/>"
                         for name in values)
        self._out.write((HEAD.format(name=escape(self._layer.name))
                         + f'<Schema id="ledger">{fields}</Schema>\n').encode())
        self._begun = True

    def _placemark(self, feature: dict[str, Any]) -> None:
        values = feature["properties"]
        if not self._begun:
            self._begin(values)
        name = next((str(values[one]) for one in NAMES if values.get(one)), "")
        data = "".join(f"<SimpleData name={quoteattr(key)}>{_text(value)}</SimpleData>"
                       for key, value in values.items() if value is not None)
        self._out.write((
            f"<Placemark><name>{_text(name)}</name><ExtendedData><SchemaData schemaUrl=\"#ledger\">"
            f"{data}</SchemaData></ExtendedData>{_shape(feature['geometry'])}</Placemark>\n"
        ).encode())


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = ";".join(map(str, value))
    if isinstance(value, bool):
        value = str(value).lower()
    return escape(str(value).translate(_UNFIT))


def _shape(geometry: Any) -> str:
    return "".join(_shapes(geometry)) if geometry else ""


def _shapes(geometry: dict[str, Any]) -> Iterator[str]:
    kind: str = geometry["type"]
    parts: Any = geometry.get("coordinates", geometry.get("geometries"))
    if kind == "Point":
        yield f"<Point><coordinates>{_points([parts])}</coordinates></Point>"
    elif kind == "LineString":
        yield f"<LineString><coordinates>{_points(parts)}</coordinates></LineString>"
    elif kind == "Polygon":
        sides = ["outerBoundaryIs", *["innerBoundaryIs"] * (len(parts) - 1)]
        rings = "".join(f"<{side}><LinearRing><coordinates>{_points(ring)}</coordinates>"
                        f"</LinearRing></{side}>" for side, ring in zip(sides, parts, strict=True))
        yield f"<Polygon>{rings}</Polygon>"
    else:
        inner = parts if kind == "GeometryCollection" else [
            {"type": kind.removeprefix("Multi"), "coordinates": part} for part in parts]
        yield f"<MultiGeometry>{''.join(map(_shape, inner))}</MultiGeometry>"


def _points(points: Any) -> str:
    return " ".join(",".join(map(repr, point[:2])) for point in points)
