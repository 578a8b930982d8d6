"""Who answers: the grid of a place with its posts, and the agency of its service.

A place inside the registry has a grid of its own, that of its building. A point out of doors may
lie within a few metres of a border, or on a building that belongs to another grid: then there is
a doubt, and the clerk is asked; nothing is routed silently.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from layers.across.orders_log import DESK
from layers.divisions import Division
from layers.grids import Grid
from layers.posts import Post
from layers.text import Bilingual
from spatial.history import valid

BORDER_M = 20
METRES_PER_DEGREE = 70_000.0
DESK_NAME = Bilingual("Intake desk", "受理席")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where an incident is: the number of its area, a point, and whether a place says so."""

    scope: int
    lon: float | None = None
    lat: float | None = None
    by_place: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """One that may own an order: an agency, a grid or a division."""

    ref: str
    name: str
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where an order would go; `grids` or `agencies` with more than one entry are a question."""

    scope: int
    grids: tuple[Unit, ...] = ()
    agencies: tuple[Unit, ...] = ()
    posts: tuple[dict[str, Any], ...] = ()
    owner: Unit = field(default=Unit(DESK, DESK_NAME.zh))

    @property
    def asks(self) -> list[str]:
        """Return what the clerk must choose: grid, agency."""
        return [name for name, several in (("grid", self.grids), ("agency", self.agencies))
                if len(several) > 1]


def route(session: Session, spot: Spot, service_code: str, *, border_m: int = BORDER_M,
          grid: str | None = None, agency: str | None = None) -> Route:
    """Return who answers for a service at a spot; `grid` and `agency` are the clerk's choices."""
    found = _grids(session, spot, border_m)
    if grid is not None:
        found = [row for row in found if row.identifier == grid] or found
    scope = found[0].scope if len(found) == 1 else spot.scope
    grids = tuple(Unit(row.identifier, row.name) for row in found)
    agencies = _agencies(session, spot, scope, service_code)
    if agency is not None:
        agencies = [one for one in agencies if one.ref == agency] or agencies
    owner = agencies[0] if agencies else _office(session, scope)
    return Route(scope=scope, grids=grids, agencies=tuple(agencies), owner=owner,
                 posts=posts_of(session, scope))


def posts_of(session: Session, scope: int) -> tuple[dict[str, Any], ...]:
    """Return the posts of the grid with this number, each with its office phone."""
    rows = session.execute(select(Post.role, Post.staff_name, Post.phone).join(
        Grid, Grid.id == Post.grid_id).where(
            Grid.scope == scope, valid(Post, func.now()), valid(Grid, func.now()))
        .order_by(Post.id))
    return tuple({"role": row.role, "name": row.staff_name, "phone": row.phone} for row in rows)


def unit_names(session: Session, refs: Sequence[str], language: str = "zh") -> dict[str, str]:
    """Return the names of owners by their identifiers."""
    rows = session.execute(_NAMES, {"refs": list(set(refs))})
    return {DESK: DESK_NAME.in_language(language), **{row.identifier: row.name for row in rows}}


def area_names(session: Session, scopes: Sequence[int]) -> dict[int, str]:
    """Return what areas are called, by their numbers: a grid, else the smallest division."""
    rows = session.execute(_AREAS, {"scopes": list(set(scopes))})
    return {row.scope: row.name for row in rows}


def _grids(session: Session, spot: Spot, border_m: int) -> list[Any]:
    """Return the grid of a spot, or all that it might belong to."""
    if spot.by_place or spot.lon is None or spot.lat is None:
        return list(session.execute(select(Grid.identifier, Grid.name, Grid.scope).where(
            Grid.scope == spot.scope, valid(Grid, func.now()))))
    rows = session.execute(_NEAR, {"lon": spot.lon, "lat": spot.lat, "metres": border_m,
                                   "reach": border_m / METRES_PER_DEGREE}).all()
    return list(rows)


def _agencies(session: Session, spot: Spot, scope: int, code: str) -> list[Unit]:
    """Return the agencies that answer, the best fit; several only where they fit alike."""
    rows = session.execute(_AGENCIES, {"code": code, "scope": scope, "lon": spot.lon,
                                       "lat": spot.lat}).all()
    best = [row for row in rows if row.fit == rows[0].fit]
    return [Unit(row.identifier, row.name, row.phone) for row in best]


def _office(session: Session, scope: int) -> Unit:
    """Return the community of a spot, which owns what no agency does; the desk as the last."""
    row = session.execute(select(Division.identifier, Division.name).where(
        Division.low <= scope, Division.high >= scope, Division.level == "community",
        valid(Division, func.now())).limit(1)).first()
    return Unit(row.identifier, row.name) if row else Unit(DESK, DESK_NAME.zh)


_AREAS = text(
    "SELECT s.scope, coalesce(g.name, d.name) AS name FROM unnest(CAST(:scopes AS bigint[])) "
    "AS s (scope) LEFT JOIN grid g ON g.scope = s.scope AND g.valid_to IS NULL "
    "LEFT JOIN LATERAL (SELECT name FROM division WHERE valid_to IS NULL "
    "AND s.scope BETWEEN low AND high ORDER BY high - low LIMIT 1) d ON true")
_NAMES = text(
    "SELECT identifier, name FROM agency WHERE identifier = ANY(:refs) UNION ALL "
    "SELECT identifier, name FROM division WHERE identifier = ANY(:refs) UNION ALL "
    "SELECT identifier, name FROM grid WHERE identifier = ANY(:refs)")
#: The grid that covers the point first, then neighbours, then the grid of a building under it.
_NEAR = text(
    "WITH spot AS (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS p), near AS ("
    "SELECT g.id, g.identifier, g.name, g.scope, ST_Distance(g.geometry::geography, "
    "p::geography) AS away FROM grid g, spot WHERE g.valid_to IS NULL "
    "AND g.geometry && ST_Expand(p, :reach) "
    "AND ST_DWithin(g.geometry::geography, p::geography, :metres) UNION "
    "SELECT g.id, g.identifier, g.name, g.scope, 0.5 FROM grid g, building b, spot "
    "WHERE g.id = b.grid_id AND b.valid_to IS NULL AND g.valid_to IS NULL "
    "AND ST_Covers(b.geometry, p)) "
    "SELECT identifier, name, scope, min(away) AS away FROM near GROUP BY 1, 2, 3 ORDER BY 4, 1")
#: A polygon of its own fits best, then the smallest part of the tree, then who is everywhere.
_AGENCIES = text(
    "SELECT DISTINCT a.identifier, a.name, a.phone, CASE WHEN a.geometry IS NOT NULL THEN 0 "
    "WHEN a.grid_id IS NOT NULL THEN 1 WHEN d.id IS NOT NULL THEN 2 + (d.high - d.low) "
    "ELSE 9223372036854775807 END AS fit "
    "FROM service s JOIN agency a ON a.id = s.agency_id LEFT JOIN division d "
    "ON d.id = a.division_id LEFT JOIN grid g ON g.id = a.grid_id "
    "WHERE s.code = :code AND s.valid_to IS NULL AND a.valid_to IS NULL AND CASE "
    "WHEN a.geometry IS NOT NULL THEN ST_Covers(a.geometry, ST_SetSRID(ST_MakePoint("
    "CAST(:lon AS float8), CAST(:lat AS float8)), 4326)) "
    "WHEN a.grid_id IS NOT NULL THEN g.scope = :scope "
    "WHEN d.id IS NOT NULL THEN :scope BETWEEN d.low AND d.high ELSE true END "
    "ORDER BY fit, a.name")
