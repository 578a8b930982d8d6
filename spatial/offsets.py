"""GCJ-02 and BD-09, the shifted coordinates of Chinese web maps, both ways.

GCJ-02 adds a smooth offset of 100-700 m to WGS 84 inside China; BD-09 adds a second, smaller
one. No inverse was published: it is found by iteration, to 1e-9 degrees here. The offset's
formula has been public since 2010 (the "eviltransform"); it is written anew from its terms.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

#: Shapes (n, 2): longitude, latitude in degrees.
Coordinates = npt.NDArray[np.float64]

# Krasovsky 1940, on which the offset is defined.
_RADIUS = 6378245.0
_ECCENTRICITY = 0.00669342162296594323
# West, south, east, north: outside, maps of China do not shift.
_BOX = (72.004, 0.8293, 137.8347, 55.8271)
_BAIDU = np.pi * 3000.0 / 180.0
_TURNS = 30


def _inside(points: Coordinates) -> npt.NDArray[np.bool_]:
    west, south, east, north = _BOX
    lon, lat = points[:, 0], points[:, 1]
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def _waves(value: npt.NDArray[np.float64],
           *terms: tuple[float, float]) -> npt.NDArray[np.float64]:
    """Sum amplitude·sin(value·π / half period) over the terms."""
    total = np.zeros_like(value)
    for amplitude, period in terms:
        total += amplitude * np.sin(value * np.pi / period)
    return total


def _offset(points: Coordinates) -> Coordinates:
    """Return the offset of GCJ-02 at each point in degrees."""
    x, y = points[:, 0] - 105.0, points[:, 1] - 35.0
    common = _waves(x, (20.0, 1 / 6), (20.0, 1 / 2))
    root = np.sqrt(np.abs(x))
    north = (-100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
             + (common + _waves(y, (20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0)))
             * 2.0 / 3.0)
    east = (300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
            + (common + _waves(x, (20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0)))
            * 2.0 / 3.0)
    lat = np.radians(points[:, 1])
    flat = 1.0 - _ECCENTRICITY * np.sin(lat) ** 2
    metres_north = _RADIUS * (1.0 - _ECCENTRICITY) / (flat * np.sqrt(flat))
    metres_east = _RADIUS / np.sqrt(flat) * np.cos(lat)
    return np.degrees(np.column_stack([east / metres_east, north / metres_north]))


def _wobble(points: Coordinates, radius: float, angle: float) -> Coordinates:
    """Stretch the polar form of the points; `radius` and `angle` carry Baidu's amplitudes."""
    x, y = points[:, 0], points[:, 1]
    length = np.hypot(x, y) + radius * np.sin(y * _BAIDU)
    turned = np.arctan2(y, x) + angle * np.cos(x * _BAIDU)
    return np.column_stack([length * np.cos(turned), length * np.sin(turned)])


def wgs84_to_gcj02(points: Coordinates) -> Coordinates:
    """Shift WGS 84 to GCJ-02; points outside China stay."""
    points = np.asarray(points, dtype=np.float64)
    inside = _inside(points)
    shifted = points.copy()
    shifted[inside] += _offset(points[inside])
    return shifted


def gcj02_to_bd09(points: Coordinates) -> Coordinates:
    """Shift GCJ-02 to BD-09; points outside China stay."""
    points = np.asarray(points, dtype=np.float64)
    inside = _inside(points)
    shifted = points.copy()
    shifted[inside] = _wobble(points[inside], 2e-5, 3e-6) + np.array([0.0065, 0.006])
    return shifted


def wgs84_to_bd09(points: Coordinates) -> Coordinates:
    """Shift WGS 84 to BD-09; points outside China stay."""
    return gcj02_to_bd09(wgs84_to_gcj02(points))


def _inverse(forward: Callable[[Coordinates], Coordinates], points: Coordinates) -> Coordinates:
    """Find what `forward` carries to `points` by fixed-point iteration.

    The offsets change by < 1 % of a step, so each turn gains two digits; it ends at 1e-9
    degrees. A point at the edge of the box, which two points or none map to, stays within
    the offset itself.
    """
    points = np.asarray(points, dtype=np.float64)
    inside = _inside(points)
    guess = points.copy()
    for _ in range(_TURNS):
        error = np.where(inside[:, None], forward(guess) - points, 0.0)
        if not error.size or np.abs(error).max() < 1e-9:
            break
        guess = guess - error
    return guess


def gcj02_to_wgs84(points: Coordinates) -> Coordinates:
    """Undo `wgs84_to_gcj02`, exact to 1e-9 degrees."""
    return _inverse(wgs84_to_gcj02, points)


def bd09_to_gcj02(points: Coordinates) -> Coordinates:
    """Undo `gcj02_to_bd09`, exact to 1e-9 degrees."""
    return _inverse(gcj02_to_bd09, points)


def bd09_to_wgs84(points: Coordinates) -> Coordinates:
    """Undo `wgs84_to_bd09`, exact to 1e-9 degrees."""
    return gcj02_to_wgs84(bd09_to_gcj02(points))
