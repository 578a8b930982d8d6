"""Measured buildings as the map draws them: triangles of their facets, roofs and all."""

from typing import Any

import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from layers.buildings import Building
from spatial.crs import STORAGE
from spatial.errors import InvalidInput
from spatial.facets import from_shape
from spatial.history import NOW, Moment, seen
from spatial.meshes import mesh

BUILDINGS_MOST = 1_000
Box = tuple[float, float, float, float]


def solids(session: Session, box: Box, moment: Moment = NOW) -> list[dict[str, Any]]:
    """Return the measured buildings that meet a box, each with its mesh and its middle."""
    one: Any = seen(Building, moment)
    window = func.ST_MakeEnvelope(*box, STORAGE)
    rows = session.execute(select(
        one.identifier, one.function, func.ST_AsBinary(one.solid).label("solid"),
        func.ST_X(func.ST_Centroid(one.geometry)).label("lon"),
        func.ST_Y(func.ST_Centroid(one.geometry)).label("lat")).where(
        one.solid.is_not(None), one.geometry.op("&&")(window))
        .order_by(one.id).limit(BUILDINGS_MOST + 1)).mappings().all()
    if len(rows) > BUILDINGS_MOST:
        raise InvalidInput(f"More than {BUILDINGS_MOST:,} measured buildings lie here; zoom in.")
    return [{"identifier": row["identifier"], "function": row["function"],
             "middle": [row["lon"], row["lat"]],
             "mesh": mesh(from_shape(shapely.from_wkb(bytes(row["solid"]))),
                          (row["lon"], row["lat"]))} for row in rows]


def has_solids(session: Session) -> bool:
    """Tell whether any building was measured: without one no page asks for them."""
    return session.scalar(select(Building.id).where(Building.solid.is_not(None)).limit(1)
                          ) is not None
