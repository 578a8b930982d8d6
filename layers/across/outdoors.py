"""Points along streets, from their geometries: where two meet, a section, a kilometre.

Measured in the registry's metric CRS; what two digitised lines miss by is bridged up to GAP_M.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from spatial.addressing import Located, Node
from spatial.crs import metric_crs_for
from spatial.state import metric_srid

#: Two centre lines that come this close meet: half a wide road.
GAP_M = 25.0
#: No crossing is drawn more exactly than this.
CROSSING_M = 15.0
#: How well a kilometre is known from the length of a centre line: a share of it, and a least.
KILOMETRE_SHARE, KILOMETRE_M = 0.02, 50.0
#: Meetings of the same two streets within this many metres are one crossing (dual carriageways).
ONE_CROSSING_M = 120.0
#: A degree holds at least so many metres where people live.
_DEGREE_M = 50_000.0


def located(
    session: Session, placement: str, streets: Sequence[Node], metres: float = 0.0
) -> Located | None:
    """Return a point along streets (spatial.addressing.Register.located), or None."""
    if placement == "intersection":
        return _crossing(session, streets[0].id, streets[1].id)
    if placement == "section":
        return _section(session, *(street.id for street in streets[:3]))
    return _kilometre(session, streets[0].id, metres)


def joining(session: Session, one: int, other: int) -> list[int]:
    """Return the keys of the streets that meet both of two streets."""
    rows = session.execute(_JOINING, {"one": one, "other": other, "gap": GAP_M,
                                      "degrees": GAP_M / _DEGREE_M,
                                      "srid": _srid(session, one)})
    return [int(row.id) for row in rows]


def _srid(session: Session, street: int) -> int:
    """Return the CRS of measures; before the first import, that of the street's own zone."""
    known = metric_srid(session)
    if known is not None:
        return known
    row = session.execute(text("SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geometry) "
                               "AS p FROM street WHERE id = :id) s"), {"id": street}).first()
    return metric_crs_for(row[0], row[1]) if row and row[0] is not None else 3857


def _run(session: Session, statement: Any, street: int, **values: Any) -> Any:
    return session.execute(statement, {"one": street, "gap": GAP_M, "same": ONE_CROSSING_M,
                                       "srid": _srid(session, street), **values}).first()


def _crossing(session: Session, one: int, other: int) -> Located | None:
    row = _run(session, _MEETING, one, other=other)
    if row is None or row.x is None:
        return None
    return Located("intersection", (row.x, row.y), round(max(CROSSING_M, row.spread), 1))


def _section(session: Session, street: int, begin: int, end: int) -> Located | None:
    row = _run(session, _SECTION, street, begin=begin, end=end)
    if row is None or row.x is None:
        return None
    return Located("section", (row.x, row.y), round(max(CROSSING_M, row.length / 2), 1))


def _kilometre(session: Session, street: int, metres: float) -> Located | None:
    row = _run(session, _ALONG, street, metres=metres)
    if row is None or row.x is None:
        return None
    vague = max(KILOMETRE_M, metres * KILOMETRE_SHARE)
    return Located("kilometre", (row.x, row.y), round(vague, 1))


#: The metric line of each street that a statement names.
_LINES = """
WITH line AS (SELECT id, ST_LineMerge(ST_Transform(ST_Force2D(geometry), :srid)) AS g
              FROM street WHERE id IN ({keys}) AND geometry IS NOT NULL)"""
_POINT = "ST_X(ST_Transform({0}, 4326)) AS x, ST_Y(ST_Transform({0}, 4326)) AS y"
_MEETING = text(_LINES.format(keys=":one, :other") + f"""
, meet AS (SELECT (ST_Dump(CASE WHEN ST_Intersects(a.g, b.g) THEN ST_Intersection(a.g, b.g)
                    ELSE ST_Centroid(ST_ShortestLine(a.g, b.g)) END)).geom AS g
           FROM line a, line b WHERE a.id = :one AND b.id = :other AND a.id <> b.id
             AND ST_DWithin(a.g, b.g, :gap))
, cluster AS (SELECT unnest(ST_ClusterWithin(ST_Centroid(g), :same)) AS g FROM meet)
SELECT {_POINT.format("ST_Centroid(ST_Collect(ST_Centroid(g)))")},
       coalesce(max(ST_MaxDistance(g, g)) / 2, 0)
       + coalesce(ST_MaxDistance(ST_Collect(ST_Centroid(g)), ST_Collect(ST_Centroid(g))) / 2, 0)
       AS spread
FROM cluster""")
_SECTION = text(_LINES.format(keys=":one, :begin, :end") + f"""
, part AS (SELECT ST_LineSubstring(way, least(f, t), greatest(f, t)) AS g
           FROM (SELECT m.way, ST_LineLocatePoint(m.way, ST_ClosestPoint(m.way, b.g)) AS f,
                        ST_LineLocatePoint(m.way, ST_ClosestPoint(m.way, e.g)) AS t
                 FROM (SELECT (ST_Dump(g)).geom AS way FROM line WHERE id = :one) m,
                      line b, line e
                 WHERE b.id = :begin AND e.id = :end AND b.id <> e.id
                   AND :one NOT IN (:begin, :end)
                   AND ST_DWithin(m.way, b.g, :gap) AND ST_DWithin(m.way, e.g, :gap)) s
           WHERE f <> t ORDER BY abs(f - t) * ST_Length(way) LIMIT 1)
SELECT {_POINT.format("ST_LineInterpolatePoint(g, 0.5)")}, ST_Length(g) AS length FROM part""")
_ALONG = text(_LINES.format(keys=":one") + f"""
SELECT {_POINT.format("ST_LineInterpolatePoint(g, :metres / ST_Length(g))")}
FROM line WHERE ST_GeometryType(g) = 'ST_LineString' AND ST_Length(g) >= :metres
  AND ST_Length(g) > 0""")
_JOINING = text("""
WITH ends AS (SELECT id, geometry, ST_Transform(geometry, :srid) AS g FROM street
              WHERE id IN (:one, :other))
SELECT s.id FROM street s, ends a, ends b
WHERE a.id = :one AND b.id = :other AND a.id <> b.id AND s.id NOT IN (:one, :other)
  AND (s.valid_to IS NULL OR s.valid_to > now())
  AND s.geometry && ST_Expand(a.geometry, :degrees)
  AND s.geometry && ST_Expand(b.geometry, :degrees)
  AND ST_DWithin(ST_Transform(s.geometry, :srid), a.g, :gap)
  AND ST_DWithin(ST_Transform(s.geometry, :srid), b.g, :gap)
ORDER BY s.id LIMIT 11""")
