"""Other ways to read coordinates: shifted systems, swapped axes, the zones that a place is in.

What a file's coordinates could be instead of what it says. Of projected systems those of PROJ's
database are tried whose area of use meets the place: in China the Gauss-Krüger zones of CGCS2000,
Xian 1980 and Beijing 1954, with and without the zone's number before the easting.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from pyproj import CRS, Transformer
from pyproj.aoi import AreaOfInterest, AreaOfUse
from pyproj.database import query_crs_info
from pyproj.enums import PJType

from spatial.crs import STORAGE, Coordinates, Reference, Transform, parse_crs, transformer
from spatial.errors import InvalidGeometry, UnknownCRS

#: West, south, east, north in degrees.
Box = tuple[float, float, float, float]
#: Degrees of longitude; what is used on more of the Earth is no system of a survey.
_WIDEST = 60.0
_DEGREES = 360.0
#: Degrees around the place; more than the datums are apart.
_MARGIN = 0.05
#: Degrees of longitude; offices at the edge of a zone keep to that of their neighbours.
_BESIDE = 3.0
_DEGREE_SYSTEMS = ("EPSG:4326", "GCJ-02", "BD-09")


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Where the points lie when they are read as `crs`: (n, 2) degrees, NaN where nowhere.

    `usable` is false where no transformation of known accuracy leads to WGS 84: the place is an
    estimate then, a hundred metres wrong perhaps, and an import would refuse it.
    """

    crs: str
    points: Coordinates
    usable: bool = True


def read_as(points: Coordinates, crs: Reference | str) -> Reading:
    """Read raw coordinates (n, 2) as `crs`, each point on its own."""
    about = crs if isinstance(crs, Reference) else parse_crs(crs)
    try:
        move = transformer(about, STORAGE)
    except UnknownCRS:
        return Reading(about.name, _estimated(points, about), usable=False)
    try:
        return Reading(about.name, _on_earth(move(points)))
    except InvalidGeometry:
        return Reading(about.name, np.vstack([_alone(move, one) for one in points]))


def other_readings(points: Coordinates, declared: Reference, around: Box) -> Iterator[Reading]:
    """Yield the ways to read the points that differ from `declared`, the likeliest first."""
    if np.median(np.abs(points).max(axis=1)) <= _DEGREES:
        names = [*_DEGREE_SYSTEMS, *(f"swapped:{one}" for one in _DEGREE_SYSTEMS)]
    else:
        datum = _datum(declared.definition)
        zones = sorted(_zones(around), key=lambda one: (one[1] != datum, one))
        names = [turned + code for *_, code in zones for turned in ("", "swapped:")
                 if _leads(points, parse_crs(turned + code), around)]
    seen = [read_as(points, declared).points]
    for name in names:
        if name == declared.name:
            continue
        reading = read_as(points, name)
        if np.isnan(reading.points).all() or any(_same(reading.points, one) for one in seen):
            continue
        seen.append(reading.points)
        yield reading


def _alone(move: Transform, point: Coordinates) -> Coordinates:
    try:
        return _on_earth(move(point[None]))
    except InvalidGeometry:
        return np.full((1, 2), np.nan)


def _on_earth(degrees: Coordinates) -> Coordinates:
    outside = np.any(np.abs(degrees) > np.array([180.0, 90.0]), axis=1)
    return np.where(outside[:, None], np.nan, degrees)


def _estimated(points: Coordinates, about: Reference) -> Coordinates:
    """Place points on their own datum, taken for WGS 84: good to some hundred metres."""
    crs = about.definition
    if crs is None or crs.geodetic_crs is None:
        return np.full_like(points, np.nan)
    raw = points[:, ::-1] if about.swapped else points
    leg = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    found = np.column_stack(leg.transform(raw[:, 0], raw[:, 1]))
    area = crs.area_of_use
    if area is not None:
        corners = np.array([[area.west, area.south], [area.east, area.north]]) + [[-6.0], [6.0]]
        outside = np.asarray((found < corners[0]) | (found > corners[1]))
        found[outside.any(axis=1)] = np.nan
    return _on_earth(np.where(np.isfinite(found), found, np.nan))


def _leads(points: Coordinates, about: Reference, around: Box) -> bool:
    """Tell by an estimate, which costs little, whether a reading leads to the place at all."""
    found = _estimated(points, about)
    if np.isnan(found).all():
        return False
    lon, lat = np.nanmedian(found, axis=0)
    west, south, east, north = around
    return bool(west - _MARGIN <= lon <= east + _MARGIN
                and south - _MARGIN <= lat <= north + _MARGIN)


def _same(one: Coordinates, other: Coordinates) -> bool:
    """Tell whether two readings are the same to some centimetres, at least where both are."""
    both = ~np.isnan(one).any(axis=1) & ~np.isnan(other).any(axis=1)
    return bool(both.any() and np.abs(one[both] - other[both]).max() < 5e-7)


def _datum(crs: CRS | None) -> str:
    geodetic = crs.geodetic_crs if crs is not None else None
    return geodetic.name if geodetic is not None else ""


#: Rank of its datum, the datum, whether the place lies beside it, width, code and name.
_Zone = tuple[int, str, bool, float, int, str]


@lru_cache(maxsize=16)
def _zones(around: Box) -> tuple[_Zone, ...]:
    """Return the projected systems used around a place."""
    west, south, east, north = around
    area = AreaOfInterest(max(west - _BESIDE, -180.0), south, min(east + _BESIDE, 180.0), north)
    found = query_crs_info(auth_name="EPSG", pj_types=[PJType.PROJECTED_CRS],
                           area_of_interest=area)
    return tuple(_ranked(int(one.code), one.area_of_use, (west + east) / 2) for one in found
                 if one.area_of_use is not None and _is_local(one.code, one.name, one.area_of_use))


def _is_local(code: str, name: str, area: AreaOfUse) -> bool:
    """Leave out systems of half the world, and twins that differ in the order of axes only."""
    return code == "3857" or (_width(area) <= _WIDEST and not name.endswith(("(N-E)", "(N-zE)")))


def _width(area: AreaOfUse) -> float:
    return float((area.east - area.west) % 360 or 360.0)


#: What surveys of China are kept in, then what the world is; older datums come last.
_USUAL = ("China Geodetic Coordinate System 2000", "WGS 84", "ETRS89")


def _ranked(code: int, area: AreaOfUse, lon: float) -> _Zone:
    datum = _datum(CRS.from_epsg(code))
    rank = _USUAL.index(datum) if datum in _USUAL else len(_USUAL)
    beside = not (area.west <= lon <= area.east)
    return rank, datum, beside, _width(area), code, f"EPSG:{code}"
