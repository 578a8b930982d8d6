"""The ground the district is drawn on: a plan in metres, gently bent, turned and put on the globe.

Streets and lots are planned on straight lines (u east, v north, in metres). `bend` moves every
point a little, so that streets curve and blocks differ, and `to_lonlat` places the result near
122.22 E 43.60 N through the CGCS2000 3-degree zone of that meridian.
"""

import math
from functools import cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely import Geometry, Polygon

Floats = NDArray[np.float64]

CENTRE = (122.22, 43.60)
METRIC_CRS = "EPSG:4550"
DECIMALS = 8
STEP = 24.0
_TURN = math.radians(-6.0)


def bend(uv: Floats) -> Floats:
    """Return local metres (east, north) of plan points of shape (n, 2)."""
    u, v = uv[:, 0], uv[:, 1]
    far = 1.0 + np.minimum((u * u + v * v) / 3.2e6, 5.0)
    du = 15.0 * far * np.sin(v / 255.0 + 0.7) + 5.0 * np.sin((u + 1.7 * v) / 131.0)
    dv = 14.0 * far * np.sin(u / 270.0 - 0.4) + 5.0 * np.sin((1.6 * u - v) / 127.0 + 1.0)
    x, y = u + du, v + dv
    c, s = math.cos(_TURN), math.sin(_TURN)
    return np.column_stack((x * c - y * s, x * s + y * c))


def heading(uv: tuple[float, float]) -> float:
    """Return the angle of the plan's east at a plan point, in radians against true east."""
    pair = bend(np.array([[uv[0] - 40.0, uv[1]], [uv[0] + 40.0, uv[1]]]))
    return math.atan2(pair[1, 1] - pair[0, 1], pair[1, 0] - pair[0, 0])


def bend_path(uv: Floats) -> Floats:
    """Bend a path with points every `STEP` metres; a shared edge bends alike from both sides."""
    parts = [_edge(uv[i], uv[i + 1]) for i in range(len(uv) - 1)]
    return bend(np.vstack([*parts, uv[-1:]]))


def _edge(a: Floats, b: Floats) -> Floats:
    flipped = (a[0], a[1]) > (b[0], b[1])
    p, q = (b, a) if flipped else (a, b)
    count = max(1, math.ceil(math.hypot(q[0] - p[0], q[1] - p[1]) / STEP))
    share = (np.arange(count + 1) / count)[:, None]
    points = p * (1.0 - share) + q * share
    points[0], points[-1] = p, q
    return points[::-1][:-1] if flipped else points[:-1]


def bend_polygon(polygon: Polygon) -> Polygon:
    """Bend a polygon of the plan into local metres."""
    shell = bend_path(shapely.get_coordinates(polygon.exterior))
    return Polygon(shell, [bend_path(shapely.get_coordinates(r)) for r in polygon.interiors])


@cache
def _projection() -> tuple[Transformer, float, float]:
    there = Transformer.from_crs("EPSG:4490", METRIC_CRS, always_xy=True)
    back = Transformer.from_crs(METRIC_CRS, "EPSG:4490", always_xy=True)
    east, north = there.transform(*CENTRE)
    return back, float(east), float(north)


def to_lonlat(xy: Floats) -> Floats:
    """Return longitude and latitude of local metres, rounded as the ledgers write them."""
    back, east, north = _projection()
    lon, lat = back.transform(xy[:, 0] + east, xy[:, 1] + north)
    result: Floats = np.round(np.column_stack((lon, lat)), DECIMALS)
    return result


def to_globe(geometry: Any) -> Any:
    """Return a geometry, or an array of them, of local metres in longitude and latitude."""
    return shapely.transform(geometry, to_lonlat)


def as_metres(geometry: Geometry) -> Any:
    """Return a geometry in longitude and latitude in local metres."""
    _, east, north = _projection()
    there = Transformer.from_crs("EPSG:4490", METRIC_CRS, always_xy=True)

    def local(lonlat: Floats) -> Floats:
        x, y = there.transform(lonlat[:, 0], lonlat[:, 1])
        return np.column_stack((x - east, y - north))

    return shapely.transform(geometry, local)
