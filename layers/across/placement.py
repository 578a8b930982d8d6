"""Where rows belong: community and grid of each place, the scope of each row, unit volumes.

Runs after every load, in its transaction's wake, and touches only what does not fit yet; so it
may run again at any time and changes nothing twice.
"""

from collections.abc import Mapping
from pathlib import Path

from psycopg2 import sql
from sqlalchemy.orm import Session

from layers.across.scopes import number_divisions, number_grids
from spatial.crs import metric_crs_for
from spatial.state import metric_srid, remember, remembered
from spatial.statements import run, table

SQL = Path(__file__).parent.parent / "sql"
#: Tables whose scope follows from what they name, in the order of asking; parents before children.
SCOPED_BY: Mapping[str, tuple[tuple[str, str], ...]] = {
    "street": (("division", "district_id"),),
    **{name: (("building", "building_id"),) for name in ("entrance", "storey", "unit")},
    "plate": (("building", "building_id"), ("compound", "compound_id")),
    **{name: (("unit", "unit_id"), ("building", "building_id"))
       for name in ("household", "residency", "tenancy")},
    **{name: (("unit", "unit_id"), ("building", "building_id"), ("compound", "compound_id"))
       for name in ("premises", "facility", "site_check")},
    "incident": tuple((name, f"{name}_id") for name in (
        "unit", "storey", "entrance", "building", "compound")),
    **{name: (("grid", "grid_id"), ("division", "division_id")) for name in ("post", "agency")},
}
#: Those among them that are places themselves.
PLACES = frozenset({"street", "entrance", "storey", "unit", "plate", "facility"})
#: Remembered while versions that an import brought of the past lie in no area yet.
PAST_UNPLACED = "past_unplaced"
BY_POINT = ("plate", "facility", "incident", "patrol")


def place(session: Session, *, places: bool = True) -> None:
    """Number the tree, find the community and grid of every place, and scope every row.

    Without `places` only who and what hangs on them: where no place has changed since.
    """
    if places:
        fix_metric_crs(session)
        place_parents(session)
    for name, parents in SCOPED_BY.items():
        if places or name not in PLACES:
            _scope(session, name, parents)
    for name in BY_POINT:
        run(session, _SCOPE_BY_POINT.format(table(name), table(name)))
    _scope_persons(session)
    _scope_past(session)


def place_parents(session: Session) -> None:
    """Number the tree and place compounds and buildings, which all others lie in."""
    number_divisions(session)
    number_grids(session)
    for name in ("place_compounds", "place_buildings"):
        run(session, sql.SQL((SQL / f"{name}.sql").read_text(encoding="utf-8")))


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


def _scope(session: Session, name: str, parents: tuple[tuple[str, str], ...]) -> None:
    """Set the scope of rows whose place has another; rows without a place keep theirs."""
    aliases = [sql.Identifier(f"p{number}") for number in range(len(parents))]
    joins = sql.SQL(" ").join(
        sql.SQL("LEFT JOIN {0} {1} ON {1}.id = r.{2}").format(
            table(parent), alias, sql.Identifier(column))
        for alias, (parent, column) in zip(aliases, parents, strict=True))
    found = sql.SQL("coalesce({})").format(sql.SQL(", ").join(
        sql.SQL("{}.scope").format(alias) for alias in aliases))
    run(session, _SCOPE.format(table=table(name), joins=joins, found=found))


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


def _scope_past(session: Session) -> None:
    """Versions that came with their own past lie where their feature lies now."""
    if not remembered(session, PAST_UNPLACED):
        return
    for name in ("compound", "building", *SCOPED_BY):
        run(session, sql.SQL("UPDATE {} h SET scope = t.scope FROM {} t WHERE h.id = t.id "
                             "AND h.scope = 0 AND t.scope <> 0").format(
                                 table(f"{name}_history"), table(name)))
    remember(session, PAST_UNPLACED, "")


_SCOPE = sql.SQL(
    "UPDATE {table} t SET scope = n.scope FROM (SELECT r.id, {found} AS scope FROM {table} r "
    "{joins} WHERE {found} <> r.scope) n WHERE n.id = t.id")
_MIDDLE = sql.SQL("SELECT ST_X(ST_Centroid(box)), ST_Y(ST_Centroid(box)) FROM "
                  "(SELECT ST_Extent(geometry)::geometry AS box FROM {}) e")
_SCOPE_BY_POINT = sql.SQL(
    "UPDATE {} t SET scope = n.scope FROM (SELECT t.id, g.scope FROM {} t "
    "JOIN grid g ON ST_Covers(g.geometry, t.geometry) AND g.valid_to IS NULL "
    "WHERE t.scope = 0 AND t.geometry IS NOT NULL) n WHERE n.id = t.id")
