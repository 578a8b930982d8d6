"""Coordinate reference systems: storage, metric and web, and the shifted systems of Chinese maps.

Decided here only. Axis order is always longitude, latitude (or easting, northing); what came the
other way round is read as "swapped:EPSG:4326". PROJ links
EPSG:4490 to other datums only by a silent ballpark that can be 100 m off, so CGCS2000 is
relabelled to 4326 (the same to centimetres), everything goes through 4326, and a transformation
of unknown accuracy is refused.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from spatial.errors import InvalidGeometry, UnknownCRS
from spatial.offsets import bd09_to_wgs84, gcj02_to_wgs84

#: Everything is stored in this CRS.
STORAGE = 4326
#: What tiles and the map page draw in.
WEB = 3857
#: CGCS2000, geographic: the same as STORAGE to centimetres.
CGCS2000 = 4490

#: Shapes (n, 2) in and out; longitude or easting first.
Coordinates = npt.NDArray[np.float64]
Transform = Callable[[Coordinates], Coordinates]

_OFFSETS: dict[str, Transform] = {"GCJ-02": gcj02_to_wgs84, "BD-09": bd09_to_wgs84}
# Degrees a coordinate may lie outside its CRS's area of use (one UTM zone), and metres at all.
_MARGIN = 6.0
_FAR = 1e8
_SWAPPED = re.compile(r"(?:swapped|互换)\s*[:：]\s*", re.IGNORECASE)
_DASHES = re.compile(r"[\s_‐-―−－-]+")


@dataclass(frozen=True)
class Reference:
    """A coordinate reference system as a source declares it; `name` reads back by `parse_crs`."""

    name: str
    definition: CRS | None = None
    swapped: bool = False              # latitude or northing first

    @property
    def shifted(self) -> bool:
        """Whether this is one of the shifted systems, which PROJ does not know."""
        return self.definition is None


def parse_crs(text: str | int) -> Reference:
    """Read "EPSG:4547", "4490", WKT, a PROJ string, "GCJ-02" or "BD-09" in any usual writing.

    "swapped:" before any of them says that the second axis comes first. Raises UnknownCRS when
    nothing usable is named; that a CRS can be transformed exactly enough is only checked by
    `transformer`.
    """
    named = str(text).strip()
    if turned := _SWAPPED.match(named):
        inner = parse_crs(named[turned.end():])
        if inner.swapped:
            raise UnknownCRS(f"{named[:60]} swaps the axes twice; say swapped: once")
        return replace(inner, name=f"swapped:{inner.name}", swapped=True)
    plain = _DASHES.sub("", named).upper()
    if plain in {"GCJ02", "GCJ2", "火星坐标", "火星坐标系", "MARS"}:
        return Reference("GCJ-02")
    if plain in {"BD09", "BD09LL", "百度坐标", "百度坐标系"}:
        return Reference("BD-09")
    if plain.startswith(("BD09MC", "GCJ02MC")):
        raise UnknownCRS(f"{named} is a mercator of a shifted system; export it as BD-09 or GCJ-02")
    aliases = {"WGS84": "EPSG:4326", "CRS84": "OGC:CRS84", "CGCS2000": "EPSG:4490"}
    return _defined(aliases.get(plain, named))


@lru_cache(maxsize=256)
def _defined(named: str) -> Reference:
    """Look `named` up in PROJ's database and prefer its EPSG code."""
    if len(named) > 20_000 or not named:
        raise UnknownCRS("The CRS is empty or over 20,000 characters; give a code like EPSG:4490")
    urn = re.fullmatch(r"(?:https?://www\.opengis\.net/def/crs/|urn:ogc:def:crs:)"
                       r"(EPSG|OGC)[:/][^:/]*[:/](\w+)", named, re.IGNORECASE)
    if urn:
        named = f"{urn[1].upper()}:{urn[2]}"
    try:
        crs = CRS.from_user_input(int(named) if named.isdecimal() else named)
    except (CRSError, ValueError, OverflowError) as error:
        raise UnknownCRS(
            f"{named[:60]!r} is no coordinate reference system that is known here; "
            "give a code like EPSG:4490, WKT, GCJ-02 or BD-09") from error
    code = crs.to_epsg(min_confidence=70)
    if code is None:
        return Reference(named, crs)
    return Reference(f"EPSG:{code}", CRS.from_epsg(code))


def _spec(crs: Reference | str | int) -> Reference:
    return crs if isinstance(crs, Reference) else parse_crs(crs)


def _is_cgcs2000(crs: CRS) -> bool:
    """Whether the datum is CGCS2000, by code or (for WKT from other programs) by name."""
    geodetic = crs.geodetic_crs
    if geodetic is None:
        return False
    name = re.sub(r"[\W_]+", "", geodetic.name).upper()
    return geodetic.to_epsg() == CGCS2000 or name in {
        "GCSCHINAGEODETICCOORDINATESYSTEM2000", "CHINAGEODETICCOORDINATESYSTEM2000", "CGCS2000"}


def metric_crs_for(lon: float, lat: float) -> int:
    """Return the EPSG code to measure in at this place.

    CGCS2000 3-degree Gauss-Krüger by central meridian inside that zone's area of use (China),
    else WGS 84 UTM, and UPS beyond 84° N and 80° S.
    """
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InvalidGeometry(f"({lon}, {lat}) is no longitude and latitude; were axes swapped?")
    code = 4534 + (round(lon / 3) * 3 - 75) // 3
    if 4534 <= code <= 4554:
        area = CRS.from_epsg(code).area_of_use
        if area and area.west <= lon <= area.east and area.south <= lat <= area.north:
            return code
    if lat >= 84 or lat <= -80:
        return 32661 if lat > 0 else 32761
    zone = min(int((lon + 180) // 6) + 1, 60)
    return (32600 if lat >= 0 else 32700) + zone


@lru_cache(maxsize=256)
def _leg(source: CRS, target: CRS) -> Transformer | None:
    """Return the transformer of one leg, or None where nothing is to be done."""
    if source.equals(target, ignore_axis_order=True):
        return None
    try:
        leg = Transformer.from_crs(source, target, always_xy=True, allow_ballpark=False)
    except ProjError as error:
        raise UnknownCRS(
            f"No transformation of known accuracy from {source.name} to {target.name}; "
            "have the data delivered in CGCS2000 (EPSG:4490) or WGS 84 (EPSG:4326)") from error
    if "ballpark" in (leg.description or "").lower():
        raise UnknownCRS(f"{source.name} to {target.name} would be a ballpark, 100 m off or more")
    return leg


def _hub(crs: CRS) -> CRS:
    """Return what stands for 4326 on the side of `crs`: 4490 for CGCS2000, else 4326."""
    return CRS.from_epsg(CGCS2000 if _is_cgcs2000(crs) else STORAGE)


def transformer(source: Reference | str | int, target: Reference | str | int) -> Transform:
    """Return a function that carries (n, 2) coordinates from `source` to `target`.

    Raises UnknownCRS when the accuracy is unknown, or when `target` is a shifted system (data
    leave in those only through `wgs84_to_gcj02`, on purpose). The function raises
    InvalidGeometry when a coordinate cannot be transformed.
    """
    start, end = _spec(source), _spec(target)
    if end.definition is None or end.swapped:
        raise UnknownCRS(f"{end.name} is only read here, nothing is written in it")
    steps: list[Transform] = [_turned] if start.swapped else []
    if start.definition is None:
        steps.append(_OFFSETS[start.name.removeprefix("swapped:")])
    elif start.name != end.name:
        steps.append(_to_degrees(start.definition, start.name))
    if start.name != end.name:
        steps.append(_run(_leg(_hub(end.definition), end.definition), start.name))

    def transform(coordinates: Coordinates) -> Coordinates:
        for step in steps:
            coordinates = step(coordinates)
        return coordinates

    return transform


def _turned(coordinates: Coordinates) -> Coordinates:
    return coordinates[:, ::-1]


def accuracy_m(source: Reference | str | int, at: Coordinates) -> float | None:
    """Return how exact the way of `source` to WGS 84 is at these coordinates, in metres.

    None for the shifted systems, of which no accuracy was ever published. Raises UnknownCRS
    where it is unknown otherwise, and InvalidGeometry as `transformer` does.
    """
    start = _spec(source)
    transformer(start, STORAGE)(at)
    if start.definition is None:
        return None
    leg = _leg(start.definition, _hub(start.definition))
    if leg is None:
        return 0.0
    if leg.accuracy < 0:                # several operations: the place decides which is taken
        leg.transform(*(_turned(at) if start.swapped else at)[:1].T)
        leg = leg.get_last_used_operation()
    return float(leg.accuracy)


def _to_degrees(crs: CRS, source: str) -> Transform:
    """Return the step from `crs` to degrees, which also minds where `crs` is used."""
    move, bound = _run(_leg(crs, _hub(crs)), source), _bounded(crs, source)
    return lambda points: bound(np.column_stack([points, move(points)]))


def _run(leg: Transformer | None, source: str) -> Transform:
    """Wrap one leg, so that a coordinate without an answer is an error and not infinity."""
    def step(coordinates: Coordinates) -> Coordinates:
        if leg is None:
            return coordinates
        xx, yy = leg.transform(coordinates[:, 0], coordinates[:, 1])
        moved = np.column_stack([xx, yy])
        _refuse(~np.isfinite(moved).all(axis=1), coordinates, source)
        return moved

    return step


def _refuse(lost: npt.NDArray[np.bool_], coordinates: Coordinates, source: str) -> None:
    """Raise for the first coordinate that is marked."""
    if lost.any():
        first = coordinates[lost][0]
        raise InvalidGeometry(
            f"({first[0]:g}, {first[1]:g}) lies outside what {source} can express; "
            "was another CRS meant, or are the axes swapped?")


def _bounded(crs: CRS, source: str) -> Transform:
    """Refuse coordinates whose place is far from where `crs` is used: projections wrap round
    in silence. Takes the original coordinates beside those in degrees, as (n, 4).
    """
    area = crs.area_of_use

    def step(coordinates: Coordinates) -> Coordinates:
        original, degrees = coordinates[:, :2], coordinates[:, 2:]
        lost: npt.NDArray[np.bool_] = np.asarray(~(np.abs(original) < _FAR).all(axis=1))
        if area is not None:
            width = (area.east - area.west) % 360 or 360.0
            east = (degrees[:, 0] - area.west + _MARGIN) % 360
            lost |= np.asarray(east > min(width + 2 * _MARGIN, 360.0))
            north = np.abs(degrees[:, 1] - (area.south + area.north) / 2)
            lost |= np.asarray(north > (area.north - area.south) / 2 + _MARGIN)
        _refuse(lost, original, source)
        return degrees

    return step


def transform_geometries(
    geometries: npt.NDArray[Any], source: Reference | str | int, target: Reference | str | int,
) -> npt.NDArray[Any]:
    """Transform an array of shapely geometries (None allowed); Z is carried over unchanged."""
    move = transformer(source, target)

    def keep_z(coordinates: Coordinates) -> Coordinates:
        return np.column_stack([move(coordinates[:, :2]), coordinates[:, 2]])

    result = np.array(geometries, dtype=object, copy=True)
    solid = shapely.has_z(result)
    for mask, function, with_z in ((~solid, move, False), (solid, keep_z, True)):
        if mask.any():
            result[mask] = shapely.transform(result[mask], function, include_z=with_z)
    return result


def to_storage(geometries: npt.NDArray[Any], crs: Reference | str | int) -> npt.NDArray[Any]:
    """Bring geometries of a source into the storage CRS."""
    return transform_geometries(geometries, crs, STORAGE)
