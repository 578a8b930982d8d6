"""Where places are known: how far points lie from the nearest, and in which part of the world."""

import numpy as np
from psycopg2 import sql
from sqlalchemy.orm import Session

from spatial.crs import WEB, Coordinates
from spatial.detective import Metres
from spatial.readings import Box
from spatial.statements import run, table

#: Tables of what stands at one spot, so that points can be compared with it.
SPOTS = ("building", "plate", "entrance", "facility")


def nearest_m(session: Session, points: Coordinates) -> Metres:
    """Return the metres from each point (n, 2; degrees) to the nearest known place.

    Measured in web mercator, whose index serves, and shortened by its scale at the point: true
    for what is near, a rough figure for what is far.
    """
    lon, lat = points[:, 0], np.clip(points[:, 1], -85.0, 85.0)
    found = run(session, _NEAREST, {"lon": lon.tolist(), "lat": lat.tolist()}).fetchall()
    metres = np.array([np.inf if one is None else one for (one,) in found], dtype=np.float64)
    return np.asarray(metres * np.cos(np.radians(lat)), dtype=np.float64)


def around(session: Session) -> Box | None:
    """Return the box of the known places without its outermost hundredths; None without any."""
    found = run(session, _AROUND).fetchone()
    if found is None or found[0] is None:
        return None
    west, south, east, north = found
    return float(west), float(south), float(east), float(north)


_SPOT = ("(SELECT geom_3857 <-> p.at AS far FROM {} WHERE valid_to IS NULL "
         "ORDER BY geom_3857 <-> p.at LIMIT 1)")
_NEAREST = sql.SQL(
    "SELECT (SELECT min(far) FROM ({spots}) n) FROM (SELECT row, ST_Transform(ST_SetSRID("
    "ST_MakePoint(x, y), 4326), {web}) AS at FROM unnest(%(lon)s::float8[], %(lat)s::float8[]) "
    "WITH ORDINALITY AS given(x, y, row)) p ORDER BY row").format(
        web=sql.Literal(WEB),
        spots=sql.SQL(" UNION ALL ").join(sql.SQL(_SPOT).format(table(one)) for one in SPOTS))
_AROUND = sql.SQL(
    "SELECT percentile_disc(0.01) WITHIN GROUP (ORDER BY x), "
    "percentile_disc(0.01) WITHIN GROUP (ORDER BY y), "
    "percentile_disc(0.99) WITHIN GROUP (ORDER BY x), "
    "percentile_disc(0.99) WITHIN GROUP (ORDER BY y) "
    "FROM ({}) spots").format(sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT ST_XMin(geometry) AS x, ST_YMin(geometry) AS y FROM {} "
                "WHERE geometry IS NOT NULL AND valid_to IS NULL").format(table(one))
        for one in SPOTS))
