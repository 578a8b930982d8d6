"""The scene: what the 3D map draws besides the layers, derived from them after each import.

Shadows, ambient occlusion, streets as areas, storey bands and roof labels cost nothing at run
time when they stand ready as ordinary polygons. They are tables, not layers: nothing here has an
identity, a history or a reader of its own, and all of it can be made anew at any time.
"""

import json
from collections.abc import Mapping
from math import cos, radians
from pathlib import Path
from types import MappingProxyType
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    Column,
    ColumnClause,
    Float,
    ForeignKey,
    Identity,
    String,
    Table,
    column,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy import table as sql_table
from sqlalchemy.orm import Session

from spatial.crs import STORAGE, WEB
from spatial.database import Base
from spatial.state import metric_srid

SQL = Path(__file__).parent.parent / "sql"
#: Metres by class of street, and for a street without one.
WIDTHS: Mapping[str, float] = MappingProxyType(
    {"main": 22.0, "road": 13.0, "back": 7.0, "lane": 4.5})
USUAL_WIDTH = 6.0
#: Sun from the south-west: metres of shadow on each axis per metre of height, up to 70 m.
REACH, TALLEST = 0.42, 70.0
RINGS = (0.9, 1.9, 3.2)
#: How far a change can throw its shadow: what a partial refresh must read around its area.
MARGIN_M = 110.0


def _table(name: str, *columns: Column[Any]) -> Table:
    # Usage: every tile asks for its own box.
    return Table(name, Base.metadata, Column("id", BigInteger, Identity(), primary_key=True),
                 *columns, Column("geom_3857", Geometry(srid=WEB, spatial_index=True)))


def _building() -> Column[Any]:
    # Usage: a building's own rows go with it.
    return Column("building_id", BigInteger, ForeignKey("building.id", ondelete="CASCADE"),
                  index=True)


SHADOW = _table("scene_shadow")
AO = _table("scene_ao", Column("ring", Float))
ROAD = _table("scene_road", Column("class", String(8)))
BAND = _table("scene_band", _building(), Column("tops", ARRAY(REAL)))
SECTION = _table("scene_section", Column("entrance_id", BigInteger, ForeignKey(
    "entrance.id", ondelete="CASCADE"), index=True), _building(), Column("height", Float))
#: Tables whose pieces are unions and can be cut anywhere; the others have a row a building.
CUT = (SHADOW, AO, ROAD)
TABLES = (*CUT, BAND, SECTION)
Bounds = tuple[float, float, float, float]


def refresh(session: Session, within: Bounds | None = None) -> dict[str, int]:
    """Draw the scene anew and return how many rows each table holds.

    `within` (west, south, east, north) narrows it to where something changed; the rest stays.
    Before the first import there is nothing to measure in, and the scene is empty.
    """
    srid = metric_srid(session)
    if within is None or srid is None:
        for table in TABLES:
            session.execute(delete(table))
    if srid is not None:
        _build(session, srid, within)
    return {table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in TABLES}


def _build(session: Session, srid: int, within: Bounds | None) -> None:
    values: dict[str, Any] = {
        "srid": srid, "area": _reach(within), "widths": json.dumps(dict(WIDTHS)),
        "usual": USUAL_WIDTH, "reach": REACH, "tallest": TALLEST, "rings": list(RINGS),
        "proud": 0.14}
    session.execute(text("DROP TABLE IF EXISTS pg_temp.scene_solid"))
    session.execute(_statement("scene_solid"), values)
    for table in TABLES:
        last = _make_room(session, table, within) if within else 0
        session.execute(_statement(table.name), values)
        if within and table in CUT:
            _trim(session, table, within, last)
    session.execute(text("DROP TABLE pg_temp.scene_solid"))


def _statement(name: str) -> Any:
    return text((SQL / f"{name}.sql").read_text("utf-8"))


def _reach(within: Bounds | None) -> str | None:
    """Return the box to read, as EWKT: wider than the one to draw by a long shadow."""
    if within is None:
        return None
    west, south, east, north = within
    up, along = MARGIN_M / 110_000, MARGIN_M / 110_000 / max(cos(radians(north)), 0.05)
    ring = [(west - along, south - up), (east + along, south - up),
            (east + along, north + up), (west - along, north + up)]
    corners = ", ".join(f"{x:.9f} {y:.9f}" for x, y in [*ring, ring[0]])
    return f"SRID={STORAGE};POLYGON(({corners}))"


def _window(within: Bounds) -> Any:
    return func.ST_Transform(func.ST_MakeEnvelope(*within, STORAGE), WEB)


def _make_room(session: Session, table: Table, within: Bounds) -> int:
    """Take out what will be drawn anew; return the last id that stays as it is."""
    if table in CUT:
        window, shape = _window(within), table.c.geom_3857
        session.execute(update(table).where(shape.intersects(window)).values(
            geom_3857=func.ST_Difference(shape, window)))
    else:
        solid: ColumnClause[int] = column("building_id")
        redrawn = select(solid).select_from(sql_table("scene_solid", solid))
        session.execute(delete(table).where(table.c.building_id.in_(redrawn)))
    return session.scalar(select(func.max(table.c.id))) or 0


def _trim(session: Session, table: Table, within: Bounds, last: int) -> None:
    """Cut new pieces to the box, so that they meet the old ones without overlapping."""
    shape = table.c.geom_3857
    session.execute(update(table).where(table.c.id > last).values(
        geom_3857=func.ST_Intersection(shape, _window(within))))
    session.execute(delete(table).where(func.ST_Dimension(shape) < 2))
    session.execute(delete(table).where(func.ST_IsEmpty(shape)))
