"""Geometries from outside: read, mended or refused; measured in metres; written as GeoJSON.

Mending is done only where one meaning is left (a ring not closed, a point given twice, a
bow-tie); each mend leaves a remark for the clerk. Everything else is refused with what was
wrong, where, and the remedy. Limits are those of the security page: 50,000 vertices, 32 levels
of nesting, finite, inside the bounds of longitude and latitude.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from spatial.crs import STORAGE, metric_crs_for, transform_geometries
from spatial.errors import InvalidGeometry

MAX_VERTICES = 50_000
MAX_DEPTH = 32
#: Metres above or below ground that a height may be; Mariana trench to Everest, doubled.
MAX_HEIGHT = 20_000.0

#: A geometry as it comes: WKB (or its hex), WKT, a GeoJSON geometry or feature, or shapely's.
Source = bytes | str | Mapping[str, Any] | BaseGeometry

# The header of a collection in WKB, either byte order, plain, EWKB or ISO.
_COLLECTION = re.compile(
    rb"\x01(?:\x07\x00\x00[\x00\x20\x40\x60\x80\xa0\xc0\xe0]|(?:\xef\x03|\xd7\x07|\xbf\x0b)\x00\x00)"
    rb"|\x00(?:[\x00\x20\x40\x60\x80\xa0\xc0\xe0]\x00\x00\x07|\x00\x00(?:\x03\xef|\x07\xd7|\x0b\xbf))")
_HEX = re.compile(r"0[01][0-9A-Fa-f]+")
# Bytes a geometry of MAX_VERTICES can take, generously: text takes most.
_MAX_SIZE = MAX_VERTICES * 200


def read_geometry(value: Source) -> BaseGeometry:
    """Read a geometry, closing rings that are not closed; nothing else is looked at."""
    return _read(value)[0]


def mend(value: Source, *, flat: bool = False,
         degrees: bool = True) -> tuple[BaseGeometry, list[str]]:
    """Return a valid geometry and remarks on what was mended, or raise InvalidGeometry.

    `flat` drops heights (footprints, boundaries). `degrees` checks the bounds of longitude and
    latitude: switch it off before a transformation from metres.
    """
    geometry, remarks = _read(value)
    _check_size(geometry)
    _check_numbers(geometry, degrees=degrees)
    if flat and geometry.has_z:
        geometry = shapely.force_2d(geometry)
        remarks.append("heights dropped: only the outline is kept")
    geometry = _without_repeats(geometry, remarks)
    if not geometry.is_valid:
        geometry = _made_valid(geometry, remarks)
    if "Polygon" in geometry.geom_type and not geometry.area > 0:
        raise InvalidGeometry(f"The polygon{_at(geometry)} has no area; give its outline, "
                              "or a point if only the place is known")
    if "Line" in geometry.geom_type and not geometry.length > 0:
        raise InvalidGeometry(f"The line{_at(geometry)} has no length; give two different points")
    return geometry, remarks


def mend_all(geometries: npt.NDArray[Any], *, flat: bool = False, degrees: bool = True,
             ) -> tuple[npt.NDArray[Any], dict[int, list[str]], dict[int, InvalidGeometry]]:
    """Mend an array of shapely geometries (None allowed) quickly: the good ones in bulk.

    Returns the geometries (None where refused), remarks by index and refusals by index.
    """
    result = np.array(geometries, dtype=object, copy=True)
    remarks: dict[int, list[str]] = {}
    refused: dict[int, InvalidGeometry] = {}
    for index in np.flatnonzero(_doubtful(result, degrees=degrees)):
        try:
            result[index], said = mend(result[index], flat=flat, degrees=degrees)
        except InvalidGeometry as error:
            result[index], refused[int(index)] = None, error
            continue
        if said:
            remarks[int(index)] = said
    return (shapely.force_2d(result) if flat else result), remarks, refused


def geojson(geometry: BaseGeometry, digits: int = 7) -> dict[str, Any]:
    """Return a GeoJSON geometry (RFC 7946: exteriors counter-clockwise), rounded to `digits`."""
    def rounded(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.round(points, digits) + 0.0

    turned = shapely.orient_polygons(geometry)
    turned = shapely.transform(turned, rounded, include_z=bool(geometry.has_z))
    return dict(json.loads(json.dumps(mapping(turned))))


def in_metres(geometry: BaseGeometry, *, metric: int | None = None) -> BaseGeometry:
    """Carry a geometry in degrees to the metric CRS (default: that of its place)."""
    code = metric or metric_crs_for(*_middle(geometry))
    moved: BaseGeometry = transform_geometries(
        np.array([geometry], dtype=object), STORAGE, code)[0]
    return moved


def area_m2(geometry: BaseGeometry, *, metric: int | None = None) -> float:
    """Return the area of a geometry in degrees, in square metres."""
    return float(in_metres(geometry, metric=metric).area)


def length_m(geometry: BaseGeometry, *, metric: int | None = None) -> float:
    """Return the length (of a polygon: its outline) of a geometry in degrees, in metres."""
    return float(in_metres(geometry, metric=metric).length)


def distance_m(one: BaseGeometry, other: BaseGeometry, *, metric: int | None = None) -> float:
    """Return the distance between two geometries in degrees, in metres."""
    code = metric or metric_crs_for(*_middle(one))
    return float(in_metres(one, metric=code).distance(in_metres(other, metric=code)))


def _middle(geometry: BaseGeometry) -> tuple[float, float]:
    west, south, east, north = geometry.bounds
    return (west + east) / 2, (south + north) / 2


def _read(value: Source) -> tuple[BaseGeometry, list[str]]:
    """Read any form; a ring not closed is closed and remarked."""
    if isinstance(value, BaseGeometry):
        return value, []
    if isinstance(value, Mapping):
        return _read_geojson(value)
    if len(value) > _MAX_SIZE:
        raise InvalidGeometry(f"The geometry is {len(value):,} characters long; simplify it")
    if isinstance(value, str):
        value = value.strip()
        if _HEX.fullmatch(value) and len(value) % 2 == 0:
            value = bytes.fromhex(value)
        elif value.startswith("{"):
            return _read_geojson(_parsed(value))
    return _parse(value)


def _parse(value: bytes | str) -> tuple[BaseGeometry, list[str]]:
    """Parse WKB or WKT; GEOS itself would crash on deep nesting."""
    depth = (len(_COLLECTION.findall(value)) if isinstance(value, bytes)
             else value.upper().count("COLLECTION"))
    if depth > MAX_DEPTH:
        raise _too_deep()
    reader: Any = shapely.from_wkb if isinstance(value, bytes) else shapely.from_wkt
    parse = np.errstate(invalid="ignore")(reader)  # NaN is refused later, with its place
    try:
        return parse(value), []
    except shapely.errors.ShapelyError as error:
        if "closed" not in str(error):
            raise _unreadable(error) from error
    try:
        return parse(value, on_invalid="fix"), ["a ring was not closed: closed"]
    except shapely.errors.ShapelyError as error:
        raise _unreadable(error) from error


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidGeometry(f"This is no GeoJSON geometry: {str(error)[:80]}") from error
    return value if isinstance(value, Mapping) else {}


def _read_geojson(value: Mapping[str, Any]) -> tuple[BaseGeometry, list[str]]:
    """Read a GeoJSON geometry, or the geometry of a feature."""
    inner = value.get("geometry", value)
    if not isinstance(inner, Mapping) or not isinstance(inner.get("type"), str):
        raise InvalidGeometry("There is no geometry; give a GeoJSON geometry with its type")
    level: list[Any] = [inner]
    for depth in range(2 * MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            break
        if depth >= MAX_DEPTH:
            raise _too_deep()
    try:
        geometry = shape(dict(inner))
    except (shapely.errors.ShapelyError, ValueError, TypeError, KeyError, AttributeError,
            IndexError) as error:
        raise _unreadable(error) from error
    rings = inner.get("coordinates") if inner["type"] == "Polygon" else None
    is_open = isinstance(rings, list | tuple) and any(
        list(ring[0]) != list(ring[-1]) for ring in rings if ring)
    return geometry, ["a ring was not closed: closed"] if is_open else []


def _children(node: Any) -> list[Any]:
    if isinstance(node, Mapping):
        return [*(node.get("geometries") or []), *(node.get("coordinates") or [])]
    return list(node) if isinstance(node, list | tuple) else []


def _too_deep() -> InvalidGeometry:
    return InvalidGeometry(f"The geometry is nested over {MAX_DEPTH} levels; give its parts flat")


def _unreadable(error: Exception) -> InvalidGeometry:
    said = str(error)
    if "LinearRing" in said or "linearring" in said:
        return InvalidGeometry("A ring of the polygon has fewer than three different corners; "
                               "draw it with at least three, the last point equal to the first")
    return InvalidGeometry(f"The geometry cannot be read ({said[:100]}); "
                           "give WKB, WKT or GeoJSON of one of the OGC types")


def _at(geometry: BaseGeometry) -> str:
    points = shapely.get_coordinates(geometry)
    return f" at ({points[0][0]:.7g}, {points[0][1]:.7g})" if len(points) else ""


def _check_size(geometry: BaseGeometry) -> None:
    if geometry.is_empty:
        raise InvalidGeometry("The geometry is empty; leave the field out if there is none")
    count = int(shapely.get_num_coordinates(geometry))
    if count > MAX_VERTICES:
        raise InvalidGeometry(f"The geometry has {count:,} vertices, {MAX_VERTICES:,} are allowed; "
                              "simplify it or cut it into parts")


def _check_numbers(geometry: BaseGeometry, *, degrees: bool) -> None:
    """Refuse what is not finite or out of bounds, and guess what happened."""
    points = shapely.get_coordinates(geometry, include_z=geometry.has_z)
    flat = points[:, :2]
    lost = np.flatnonzero(~np.isfinite(flat).all(axis=1))
    if lost.size:
        raise InvalidGeometry(f"Vertex {lost[0] + 1} of {len(points)} is not a number or infinite; "
                              "give finite coordinates")
    if geometry.has_z:
        high = points[:, 2]
        wrong = np.flatnonzero(np.isinf(high) | (np.abs(high) > MAX_HEIGHT))
        if wrong.size:
            raise InvalidGeometry(f"Vertex {wrong[0] + 1} has the height {high[wrong[0]]:g}; "
                                  f"heights are metres within ±{MAX_HEIGHT:g}")
    outside = np.flatnonzero((np.abs(flat) > (180.0, 90.0)).any(axis=1)) if degrees else lost
    if outside.size:
        x, y = flat[outside[0]]
        hint = ("the axes look swapped: longitude comes first" if abs(y) <= 180 and abs(x) <= 90
                else "these look like metres: say which CRS the source is in")
        raise InvalidGeometry(f"Vertex {outside[0] + 1} ({x:.8g}, {y:.8g}) is no longitude and "
                              f"latitude; {hint}")


def _without_repeats(geometry: BaseGeometry, remarks: list[str]) -> BaseGeometry:
    if geometry.geom_type in {"Point", "MultiPoint"}:
        return geometry
    try:
        cleaned = shapely.remove_repeated_points(geometry)
    except shapely.errors.GEOSException:  # fewer than three points remain in a ring
        return geometry
    dropped = shapely.get_num_coordinates(geometry) - shapely.get_num_coordinates(cleaned)
    if cleaned.is_empty or not dropped:
        return geometry
    remarks.append(f"{dropped} repeated point{'s' if dropped > 1 else ''} dropped")
    return cleaned


def _made_valid(geometry: BaseGeometry, remarks: list[str]) -> BaseGeometry:
    """Mend crossings by taking what the outline encloses, keeping the kind of geometry."""
    reason = str(shapely.is_valid_reason(geometry))
    if reason.startswith("Too few points"):
        raise InvalidGeometry(f"The geometry{_at(geometry)} has too few points: a line needs two, "
                              "a polygon three different corners")
    whole = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    dimension = int(shapely.get_dimensions(geometry))
    parts = [part for part in shapely.get_parts(whole, return_index=False)
             if int(shapely.get_dimensions(part)) == dimension]
    if not parts or not whole.is_valid:
        raise InvalidGeometry(f"The geometry encloses nothing ({reason}); draw the outline anew")
    if geometry.geom_type != "GeometryCollection":
        whole = parts[0] if len(parts) == 1 else shapely.union_all(parts)
    remarks.append(f"mended: {reason}" + (f", now {len(parts)} parts" if len(parts) > 1 else ""))
    return whole


def _doubtful(geometries: npt.NDArray[Any], *, degrees: bool) -> npt.NDArray[np.bool_]:
    """Mark what cannot be passed in bulk."""
    bounds = shapely.bounds(geometries)
    limit = np.array([180.0, 90.0, 180.0, 90.0]) if degrees else np.inf
    sound = (shapely.is_valid(geometries) & ~shapely.is_empty(geometries)
             & np.isfinite(bounds).all(axis=1) & (np.abs(bounds) <= limit).all(axis=1)
             & (shapely.get_num_coordinates(geometries) <= MAX_VERTICES)
             & ~shapely.has_z(geometries))
    points, index = shapely.get_coordinates(geometries, return_index=True)
    sound[index[~np.isfinite(points).all(axis=1)]] = False
    repeated = (np.diff(points, axis=0) == 0).all(axis=1) & (np.diff(index) == 0)
    sound[index[1:][repeated]] = False
    extent = np.where(shapely.get_dimensions(geometries) == 2, shapely.area(geometries), 1.0)
    present = np.array([geometry is not None for geometry in geometries], dtype=bool)
    doubtful: npt.NDArray[np.bool_] = present & ~(sound & (extent > 0))
    return doubtful
