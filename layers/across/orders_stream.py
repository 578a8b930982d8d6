"""What the map is told of each entry of the orders' log: a point that came, changed or went.

Nothing here tells of a person: no words, no dwelling. What happens in a dwelling is a count of
its building, as on the map.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from layers.across.open_incidents import feature
from layers.across.orders_tables import IncidentEvent
from layers.text import LANGUAGES

SQL = Path(__file__).parent.parent / "sql" / "incidents_open.sql"
#: Entries fetched at a time; a reader that is further behind comes again.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of the log as the map hears it, in each language."""

    number: int
    bodies: Mapping[str, str]


def last_number(session: Session) -> int:
    """Return the number of the newest entry, 0 where there is none."""
    return session.scalar(select(func.max(IncidentEvent.id))) or 0


def messages(session: Session, after: int, limit: int = BATCH) -> list[Message]:
    """Return what the map is told of the entries after a number, the first one first."""
    rows = session.execute(_ENTRIES, {"after": after, "most": limit}).all()
    shown = _points(session, [row.shown for row in rows if row.shown])
    return [_message(row, shown.get(row.shown)) for row in rows]


def _points(session: Session, wanted: list[str]) -> dict[str, Any]:
    if not wanted:
        return {}
    query = f"SELECT * FROM ({SQL.read_text(encoding='utf-8')}) o WHERE identifier = ANY(:ids)"
    rows = session.execute(text(query), {"ids": wanted}).mappings()
    return {row["identifier"]: dict(row) for row in rows}


def _message(row: Any, point: Mapping[str, Any] | None) -> Message:
    said = {"event": row.id, "kind": row.kind, "at": row.at.isoformat(),
            "removed": None if point else row.shown}
    return Message(row.id, {language: json.dumps(
        {**said, "feature": feature(point, language) if point else None}, ensure_ascii=False)
        for language in LANGUAGES})


#: What stands on the map for an incident: itself, or its building where it is in a dwelling.
_ENTRIES = text(
    "SELECT e.id, e.kind, e.at, CASE WHEN i.unit_id IS NULL THEN i.identifier "
    "ELSE b.identifier END AS shown FROM incident_event e JOIN incident i ON i.id = e.incident_id "
    "LEFT JOIN unit u ON u.id = i.unit_id LEFT JOIN building b ON b.id = coalesce(i.building_id, "
    "u.building_id) WHERE e.id > :after AND NOT e.said ? 'adopted' ORDER BY e.id LIMIT :most")
