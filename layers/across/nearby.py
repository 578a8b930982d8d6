"""What is nearest to a point: hydrants, defibrillators, gates; by straight line, and said so."""

from collections.abc import Sequence
from math import cos, radians
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from layers.across import labels
from layers.facilities import Facility
from spatial.crs import STORAGE
from spatial.history import valid
from spatial.state import metric_srid

#: Out of use is no help; what says nothing of itself is taken to work.
OUT = ("faulty", "maintenance", "removed")
#: Farther away nothing is near.
FAR_M = 3_000.0


def nearest(session: Session, point: tuple[float, float], kinds: Sequence[str], *,
            each: int = 1) -> dict[str, list[dict[str, Any]]]:
    """Return of each kind the nearest working facilities to (lon, lat), with metres.

    Distances are straight lines in the metric CRS (spatial.state.metric_srid).
    """
    spot = func.ST_SetSRID(func.ST_MakePoint(*point), STORAGE)
    srid = metric_srid(session)
    there: Any = func.ST_Distance(func.ST_Transform(Facility.geometry, srid),
                                  func.ST_Transform(spot, srid)) if srid else (
        func.ST_DistanceSphere(Facility.geometry, spot))
    around = Facility.geometry.op("&&")(func.ST_Expand(spot, *_degrees(point[1])))
    found: dict[str, list[dict[str, Any]]] = {}
    for kind in kinds:
        rows = session.execute(
            select(Facility.identifier, Facility.name, Facility.kind, Facility.height,
                   Facility.storey, Facility.address, Facility.phone,
                   func.ST_X(func.ST_PointOnSurface(Facility.geometry)).label("lon"),
                   func.ST_Y(func.ST_PointOnSurface(Facility.geometry)).label("lat"),
                   there.label("metres"))
            .where(Facility.kind == kind, around, valid(Facility, func.now()),
                   func.coalesce(Facility.status, "").not_in(OUT), there < FAR_M)
            .order_by("metres").limit(each)).mappings()
        found[kind] = [_told(row) for row in rows]
    return found


def on_record(session: Session, kind: str, where: Any) -> list[dict[str, Any]]:
    """Return the facilities of a kind for which `where` holds, with the state they are in."""
    rows = session.execute(select(
        Facility.identifier, Facility.name, Facility.kind, Facility.storey, Facility.status,
        Facility.phone).where(Facility.kind == kind, where, valid(Facility, func.now()))
        .order_by(Facility.name, Facility.id)).mappings()
    return [{"identifier": row["identifier"], "label": labels.facility_label(dict(row)),
             "storey": row["storey"], "status": row["status"], "phone": row["phone"]}
            for row in rows]


def _degrees(lat: float) -> tuple[float, float]:
    """Return FAR_M in degrees of longitude and latitude, rather too much than too little."""
    high = 1.1 * FAR_M / 111_195.0
    return high / max(cos(radians(lat)), 0.01), high


def _told(row: Any) -> dict[str, Any]:
    return {"identifier": row["identifier"], "kind": row["kind"],
            "label": row["name"] or labels.facility_label(row), "storey": row["storey"],
            "address": row["address"], "phone": row["phone"], "metres": round(row["metres"]),
            "point": [round(row["lon"], 7), round(row["lat"], 7)]}
