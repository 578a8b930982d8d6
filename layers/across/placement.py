"""Where rows belong: community and grid of each place, the scope of each row, unit volumes.

Runs after every load, in its transaction's wake, and touches only what does not fit yet; so it
may run again at any time and changes nothing twice.
"""

from pathlib import Path

from psycopg2 import sql
from sqlalchemy.orm import Session

from layers.across.scopes import number_divisions, number_grids
from spatial.crs import metric_crs_for
from spatial.state import metric_srid, remember
from spatial.statements import run, table

SQL = Path(__file__).parent.parent / "sql"
#: Tables whose scope follows from a place they name, in the order of asking.
BY_PLACE = {
    "household": ("unit", "building"), "residency": ("unit", "building"),
    "premises": ("unit", "building", "compound"), "facility": ("unit", "building", "compound"),
    "incident": ("unit", "building", "compound"),
}
BY_BUILDING = ("entrance", "storey", "unit")
BY_POINT = ("plate", "facility", "incident")


def place(session: Session) -> None:
    """Number the tree, find the community and grid of every place, and scope every row."""
    fix_metric_crs(session)
    number_divisions(session)
    number_grids(session)
    for name in ("place_compounds", "place_buildings"):
        run(session, sql.SQL((SQL / f"{name}.sql").read_text(encoding="utf-8")))
    _scope(session, "street", sql.SQL("SELECT low FROM division d WHERE d.id = t.district_id"))
    for name in BY_BUILDING:
        _scope(session, name, sql.SQL("SELECT scope FROM building b WHERE b.id = t.building_id"))
    _scope(session, "plate", sql.SQL(
        "SELECT coalesce((SELECT scope FROM building b WHERE b.id = t.building_id), "
        "(SELECT scope FROM compound c WHERE c.id = t.compound_id))"))
    for name, places in BY_PLACE.items():
        _scope(session, name, _first_of(places))
    _scope(session, "post", sql.SQL("SELECT coalesce((SELECT scope FROM grid g WHERE "
                                    "g.id = t.grid_id), (SELECT low FROM division d "
                                    "WHERE d.id = t.division_id))"))
    for name in BY_POINT:
        run(session, _SCOPE_BY_POINT.format(table(name), table(name)))
    _scope_persons(session)


def fix_metric_crs(session: Session) -> int | None:
    """Fix the CRS of measures by the first places there are; it never changes after."""
    known = metric_srid(session)
    if known is not None:
        return known
    for name in ("building", "division", "compound", "street", "plate", "facility"):
        point = run(session, _MIDDLE.format(table(name))).fetchone()
        if point and point[0] is not None:
            found = metric_crs_for(point[0], point[1])
            remember(session, "metric_srid", str(found))
            return found
    return None


def _first_of(places: tuple[str, ...]) -> sql.Composable:
    parts = [sql.SQL("(SELECT scope FROM {0} p WHERE p.id = t.{1})").format(
        table(name), sql.Identifier(f"{name}_id")) for name in places]
    return sql.SQL("SELECT coalesce({})").format(sql.SQL(", ").join(parts))


def _scope(session: Session, name: str, found: sql.Composable) -> None:
    """Set the scope of rows whose place has another; rows without a place keep theirs."""
    run(session, sql.SQL(
        "UPDATE {0} t SET scope = n.scope FROM (SELECT t.id, ({1}) AS scope FROM {0} t) n "
        "WHERE n.id = t.id AND n.scope IS NOT NULL AND n.scope <> t.scope"
    ).format(table(name), found))


def _scope_persons(session: Session) -> None:
    """A person belongs where they live, else where they are registered; a firm to its premises."""
    run(session, sql.SQL(
        "UPDATE resident t SET scope = n.scope FROM (SELECT DISTINCT ON (resident_id) "
        "resident_id, scope FROM residency WHERE scope <> 0 AND (valid_to IS NULL OR "
        "valid_to > now()) ORDER BY resident_id, kind = 'living' DESC, id DESC) n "
        "WHERE n.resident_id = t.id AND n.scope <> t.scope"))
    run(session, sql.SQL(
        "UPDATE organization t SET scope = n.scope FROM (SELECT DISTINCT ON (organization_id) "
        "organization_id, scope FROM premises WHERE scope <> 0 ORDER BY organization_id, id DESC"
        ") n WHERE n.organization_id = t.id AND n.scope <> t.scope"))


_MIDDLE = sql.SQL("SELECT ST_X(ST_Centroid(box)), ST_Y(ST_Centroid(box)) FROM "
                  "(SELECT ST_Extent(geometry)::geometry AS box FROM {}) e")
_SCOPE_BY_POINT = sql.SQL(
    "UPDATE {} t SET scope = n.scope FROM (SELECT t.id, g.scope FROM {} t "
    "JOIN grid g ON ST_Covers(g.geometry, t.geometry) AND g.valid_to IS NULL "
    "WHERE t.scope = 0 AND t.geometry IS NOT NULL) n WHERE n.id = t.id")
