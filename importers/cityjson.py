"""CityJSON 1.0, 1.1 and 2.0, whole or a feature a line (CityJSONSeq): buildings with interiors.

Bodies are kept as they were measured, of the finest level of detail that each thing has;
appearance, semantics of surfaces and what is no building is left out, and counted.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from importers.base import Contents, Options, check_size, unreadable
from importers.city import KINDS, City, Shell, Thing
from importers.city_crs import horizontal
from importers.city_tables import tables
from importers.json_text import JsonText
from importers.text import find_encoding

_VERSIONS = ("1.0", "1.1", "2.0")
_MARK = re.compile(rb'"type"\s*:\s*"CityJSON(?:Feature)?"')
#: How deep the boundaries of a solid lie, by type; the others are surfaces, lines and points.
_SOLIDS = {"Solid": 1, "MultiSolid": 2, "CompositeSolid": 2}
_SURFACES = ("MultiSurface", "CompositeSurface")
_EPSG = re.compile(r"EPSG[:/]+(?:[\d.]*[:/])?(\d{4,6})", re.IGNORECASE)
Vertices = npt.NDArray[np.float64]


class CityJson:
    """Reads CityJSON; rows are counted in the order of its city objects, from 1."""

    format = "CityJSON"
    suffixes = frozenset({".json", ".jsonl", ".city", ".cityjson", ".cityjsonl"})

    def accepts(self, head: bytes) -> bool:
        """Tell by the type of the outermost object."""
        begin = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\x1e \t\r\n")
        return begin[:1] == b"{" and (
            _MARK.search(head) is not None
            or (b'"CityObjects"' in head and b'"version"' in head))  # fmt: skip

    def read(self, path: Path, options: Options) -> Contents:
        """Read the whole model; its tables stand in the order they should be loaded."""
        check_size(path, options.limits.cityjson)
        text = JsonText(path, find_encoding(path, options.encoding))
        city, head = City(), None
        for number, found in enumerate(text.objects()):
            if number == 0:
                head = _head(path, found)
            _take(path, city, found, head or {})
        if head is None:
            raise unreadable(path, "it holds no object", "Export it again.")
        return tables(path, city, options, crs=options.crs or _crs(path, head))


def _head(path: Path, found: Any) -> Mapping[str, Any]:
    """Return the first object, of whose version and transform all the others are."""
    if not isinstance(found, dict) or found.get("type") != "CityJSON":
        raise unreadable(path, "its first object is no CityJSON",
                         "A sequence begins with the object that tells version and transform.")
    version = str(found.get("version"))
    if not version.startswith(_VERSIONS):
        raise unreadable(path, f"it is CityJSON {version[:20]}; {', '.join(_VERSIONS)} are read",
                         "Upgrade it with cjio.")
    return found


def _crs(path: Path, head: Mapping[str, Any]) -> str:
    """Return the CRS that the metadata names: 1.0 has it as a URN, later ones as a URL."""
    metadata = head.get("metadata")
    said = metadata.get("referenceSystem") if isinstance(metadata, dict) else None
    code = _EPSG.search(str(said)) if said else None
    if code is None:
        told = f"its CRS '{str(said)[:60]}' is unknown" if said else "it does not say its CRS"
        raise unreadable(path, told, "Name it with --crs, as EPSG:7415.")
    return horizontal(path, int(code[1])).name


def _take(path: Path, city: City, found: Any, head: Mapping[str, Any]) -> None:
    """Take in the city objects of one object of the file."""
    if not isinstance(found, dict) or not isinstance(found.get("CityObjects"), dict):
        raise unreadable(path, "an object in it has no CityObjects", "Export it again.")
    points = _vertices(path, found, head)
    for name, one in found["CityObjects"].items():
        kind = one.get("type") if isinstance(one, dict) else None
        if not isinstance(kind, str) or kind not in KINDS:
            city.leave_out(f"{str(kind)[:40]}: no building, storey or unit")
            continue
        thing = Thing(str(name), KINDS[kind], len(city.things) + len(city.doubled) + 1)
        _fill(thing, one, points)
        city.add(thing)


def _vertices(path: Path, found: Mapping[str, Any], head: Mapping[str, Any]) -> Vertices:
    transform = head.get("transform")
    try:
        points = np.array(found.get("vertices") or np.empty((0, 3)), dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != 3:
            raise ValueError
        if isinstance(transform, dict):
            scale, shift = (np.array(transform[name], dtype=np.float64).reshape(3)
                            for name in ("scale", "translate"))
            points = points * scale + shift
    except (ValueError, TypeError, KeyError):
        raise unreadable(path, "its vertices or its transform are no numbers, three each",
                         "Export it again.") from None
    return points


def _fill(thing: Thing, one: Mapping[str, Any], points: Vertices) -> None:
    attributes = one.get("attributes")
    thing.values = dict(attributes) if isinstance(attributes, dict) else {}
    address = one.get("address")
    if isinstance(address, list) and address and isinstance(address[0], dict):
        thing.values.update({f"address {key}": value for key, value in address[0].items()
                             if isinstance(value, str | int)})
    parents = one.get("parents")
    thing.parents = [str(parent) for parent in parents] if isinstance(parents, list) else []
    try:
        for geometry in one.get("geometry") or ():
            _body(thing, geometry, points)
    except (IndexError, TypeError, ValueError, KeyError, AttributeError) as error:
        thing.wrong = str(error)[:120] or type(error).__name__


def _body(thing: Thing, geometry: Mapping[str, Any], points: Vertices) -> None:
    """Read one geometry; templates, lines and points are no bodies."""
    form, boundaries = geometry.get("type"), geometry.get("boundaries") or []
    level = str(geometry.get("lod", ""))
    into = thing.shells.setdefault(level, [])
    if form in _SURFACES:
        into.append(Shell([_facet(surface, points) for surface in boundaries]))
    elif form in _SOLIDS:
        solids = [boundaries] if _SOLIDS[form] == 1 else boundaries
        into.extend(Shell([_facet(surface, points) for shell in solid for surface in shell],
                          solid=True) for solid in solids)  # fmt: skip


def _facet(surface: Sequence[Sequence[int]], points: Vertices) -> list[Vertices]:
    rings = [_ring(ring, points) for ring in surface]
    if not rings:
        raise ValueError("a surface has no boundary")
    return rings


def _ring(ring: Sequence[int], points: Vertices) -> Vertices:
    places = np.array(ring, dtype=np.int64)
    if len(places) < 3 or places.min() < 0:
        raise ValueError("a ring has fewer than three vertices, or names one that is none")
    return np.asarray(points[places])

