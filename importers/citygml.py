"""CityGML 2 and 3: buildings with parts, storeys, units and rooms; surfaces and parts by xlink.

What is referred to is looked up in the file itself; references elsewhere are left out.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from importers.base import Contents, Options, check_size, unreadable
from importers.city import KINDS, City, Shell, Thing
from importers.city_crs import horizontal
from importers.city_tables import tables
from importers.city_xml import values_of
from importers.xml_text import check_xml, local, tree
from spatial.facets import Facet

_MARK = b"http://www.opengis.net/citygml/"
_HREF = "{http://www.w3.org/1999/xlink}href"
_LEVEL = re.compile(r"lod(\d)")
_EPSG = re.compile(r"EPSG[:/]+(?:[\d.]*[:/])?(\d{4,6})", re.IGNORECASE)
#: The names that German surveys give their zones.
_GERMAN = re.compile(r"ETRS89_UTM(3[1-3])")
#: Things within a building that are no places of ours, and have surfaces of their own.
_OTHERS = frozenset({
    "BuildingInstallation", "IntBuildingInstallation", "BuildingFurniture",
    "BuildingConstructiveElement", "Window", "Door", "WindowSurface", "DoorSurface"})
_POLYGONS = ("Polygon", "Triangle", "Rectangle")
Ring = npt.NDArray[np.float64]


class CityGml:
    """Reads CityGML; rows are counted in the order of its city objects, from 1."""

    format = "CityGML"
    suffixes = frozenset({".gml", ".citygml", ".xml"})

    def accepts(self, head: bytes) -> bool:
        """Tell by the namespace."""
        begin = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        return begin.startswith(b"<") and _MARK in head

    def read(self, path: Path, options: Options) -> Contents:
        """Read the whole model; its tables stand in the order they should be loaded."""
        check_size(path, options.limits.xml)
        check_xml(path, path.open("rb"))
        root = tree(path)
        name, swapped = _crs(path, root, options)
        reading = _Reading(root, swapped)
        reading.walk(root, None)
        for count, what in ((count, what) for what, count in reading.others.items()):
            reading.city.left_out[f"{what}: no building, storey or unit"] = count
        return tables(path, reading.city, options, crs=options.crs or name)


def _crs(path: Path, root: Any, options: Options) -> tuple[str, bool]:
    """Return the CRS that the file names, and whether latitude or northing comes first in it."""
    said = next((one.get("srsName") for one in root.iter() if one.get("srsName")), "")
    code, german = _EPSG.search(said), _GERMAN.search(said)
    if code is None and german is None:
        if options.crs is not None:
            return options.crs, False
        told = f"its CRS '{said[:60]}' is unknown" if said else "it does not say its CRS"
        raise unreadable(path, told, "Name it with --crs, as EPSG:25832.")
    if german is not None:
        return f"EPSG:258{german[1]}", False
    found = horizontal(path, int(code[1]) if code else 0)
    return found.name, found.north_first


class _Reading:
    """One pass over a document, with what its ids stand for."""

    def __init__(self, root: Any, swapped: bool) -> None:
        self.city, self.others = City(), Counter[str]()
        self._swapped = swapped
        self._named = {name: one for one in root.iter() for key, name in one.attrib.items()
                       if local(key) == "id"}

    def walk(self, element: Any, above: Thing | None) -> None:
        """Take in every thing below an element; `above` is the thing it is part of."""
        for child in element:
            tag = local(child.tag)
            if tag in KINDS and "citygml/building" in child.tag:
                thing = self._thing(child, tag, above)
                self.walk(child, thing)
            elif tag in _OTHERS:
                self.others[tag] += 1
            else:
                self._refer(child, above)
                self.walk(child, above)

    def _thing(self, element: Any, tag: str, above: Thing | None) -> Thing:
        place = len(self.city.things) + len(self.city.doubled) + 1
        name = next((value for key, value in element.attrib.items() if local(key) == "id"),
                    f"{tag}-{place}")
        thing = Thing(name, KINDS[tag], place, values_of(element))
        if above is not None:
            thing.parents.append(above.id)
        try:
            self._shells(element, thing, "")
        except (ValueError, IndexError, RecursionError) as error:
            thing.wrong = str(error)[:120]
        self.city.add(thing)
        return thing

    def _refer(self, element: Any, above: Thing | None) -> None:
        """Remember that a thing elsewhere in the file is part of this one."""
        target = element.get(_HREF)
        named = self._named.get(target[1:]) if target and target.startswith("#") else None
        if above is None or named is None or local(named.tag) not in KINDS:
            return
        self._later(target[1:], above.id)

    def _later(self, child: str, parent: str) -> None:
        known = self.city.things.get(child)
        if known is not None:
            known.parents.append(parent)
        else:
            self.city.waiting.setdefault(child, []).append(parent)

    def _shells(self, element: Any, thing: Thing, level: str) -> None:
        """Collect the bodies of a thing, but not of the things within it."""
        for child in element:
            tag = local(child.tag)
            if tag in KINDS or tag in _OTHERS:
                continue
            found = _LEVEL.match(tag)
            one = found[1] if found else level
            if tag == "Solid":
                facets: list[Facet] = list(self._facets(child))
                thing.shells.setdefault(one, []).append(Shell(facets, solid=True))
            elif tag in ("MultiSurface", "CompositeSurface", "TriangulatedSurface", "Surface"):
                self._loose(thing, one).facets.extend(self._facets(child))
            else:
                self._shells(child, thing, one)

    def _loose(self, thing: Thing, level: str) -> Shell:
        """Return the one shell of surfaces that no solid holds together."""
        shells = thing.shells.setdefault(level, [])
        found = next((shell for shell in shells if not shell.solid), None)
        if found is None:
            shells.append(found := Shell([]))
        return found

    def _facets(self, element: Any, depth: int = 0) -> Iterator[list[Ring]]:
        """Yield the polygons below an element, those it refers to among them."""
        if depth > 50:
            raise ValueError("surfaces refer to one another without end")
        for child in element:
            tag, target = local(child.tag), child.get(_HREF)
            if tag in _POLYGONS:
                yield self._facet(child)
            elif target is not None:
                named = self._named.get(target.removeprefix("#"))
                if named is None:
                    raise ValueError(f"it refers to {target[:60]}, which the file has not")
                yield from self._facets([named], depth + 1)
            else:
                turned = tag == "OrientableSurface" and child.get("orientation") == "-"
                for facet in self._facets(child, depth + 1):
                    yield [ring[::-1] for ring in facet] if turned else facet

    def _facet(self, polygon: Any) -> list[Ring]:
        rings = [self._ring(ring) for side in polygon for ring in side
                 if local(ring.tag) == "LinearRing"]
        if not rings:
            raise ValueError("a polygon has no ring")
        return rings

    def _ring(self, ring: Any) -> Ring:
        """Read posList, or pos for pos, of three numbers each; the closing point goes."""
        text = " ".join(one.text or "" for one in ring if local(one.tag) in ("posList", "pos"))
        if not text.strip():
            text = " ".join(one.text or "" for one in ring).replace(",", " ")
        numbers = np.array(text.split(), dtype=np.float64)
        if len(numbers) % 3 or len(numbers) < 9 or not np.isfinite(numbers).all():
            raise ValueError("a ring has no coordinates of three numbers each")
        points = numbers.reshape(-1, 3)
        if self._swapped:
            points = points[:, [1, 0, 2]]
        return points[:-1] if np.array_equal(points[0], points[-1]) else points
