"""Open incidents as the map shows them: what kind, how urgent, where; never their text."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.codelists import codelist

ROOT = Path(__file__).parent.parent
#: Metres above the roof at which a pin stands.
ABOVE_ROOF = 6


def open_incidents(session: Session, language: str) -> dict[str, Any]:
    """Return open incidents as a GeoJSON FeatureCollection of points."""
    query = (ROOT / "sql" / "incidents_open.sql").read_text(encoding="utf-8")
    rows = session.execute(text(query)).mappings()
    return {"type": "FeatureCollection",
            "features": [feature(dict(row), language) for row in rows]}


@cache
def levels() -> Mapping[str, int]:
    """Return how urgent each service is, 3 the most; what is not listed is 1."""
    path = ROOT.parent / "data" / "incident_levels.json"
    found: Mapping[str, int] = json.loads(path.read_text(encoding="utf-8"))["levels"]
    return found


def feature(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return one open incident as a GeoJSON feature."""
    service, status = codelist("service_code"), codelist("incident_status")
    said = {"identifier": row["identifier"], "lvl": levels().get(row["service_code"] or "", 1),
            "kind": service.label(row["service_code"], language) or "",
            "status": status.label(row["status"], language) or "", "number": row["number"],
            "overdue": row["overdue"] or None,
            "building": row["building"], "where": row["place"] or None,
            "h": round(float(row["height"]) + ABOVE_ROOF, 1),
            "requested_at": row["requested_at"] and row["requested_at"].isoformat()}
    point = [round(float(row["lon"]), 7), round(float(row["lat"]), 7)]
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": point},
            "properties": {key: value for key, value in said.items() if value is not None}}
