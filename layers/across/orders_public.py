"""What anybody may know of orders: street or compound, category, status, dates; nothing else.

Never text, photo, dwelling or caller; of a sensitive service not even that there was one, but to
who holds the receipt number: status and dates, without the category.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from layers.access import Role
from layers.across.orders_tables import IncidentOrder
from layers.caller import LEAST, Caller

#: The reporter without a sign-in, who sees nothing but by a receipt; no token has this name.
PUBLIC = Caller(name="", is_token=True, role=Role.API_CLIENT, low=LEAST, high=LEAST)
#: Open311 knows two states.
OVER = ("closed", "rejected")
PERIOD = timedelta(days=90)
MOST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which orders are asked for: by numbers, else by type, state and days."""

    receipts: Sequence[str] = ()
    services: Sequence[str] = ()
    states: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None


def public_orders(session: Session, sought: Sought) -> list[dict[str, Any]]:
    """Return what is public of the orders sought, the newest first; at most MOST of them."""
    rows = session.execute(_PUBLIC, {
        "receipts": list(sought.receipts) or None, "services": list(sought.services) or None,
        "open": not sought.states or "open" in sought.states,
        "over": not sought.states or "closed" in sought.states,
        "since": sought.since, "until": sought.until, "most": MOST}).mappings()
    return [_told(dict(row)) for row in rows]


def by_receipt(session: Session, receipt: str) -> dict[str, Any] | None:
    """Return the state of one order to who holds its number; a sensitive one without category."""
    found = session.scalar(select(IncidentOrder.receipt).where(
        IncidentOrder.receipt == receipt.strip()))
    if found is None:
        return None
    rows = session.execute(_PUBLIC, _one(found)).mappings().all()
    return _told(dict(rows[0])) if rows else None


def _one(receipt: str) -> dict[str, Any]:
    return {"receipts": [receipt], "services": None, "open": True, "over": True, "since": None,
            "until": None, "most": 1}


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    hidden = row["sensitive"]
    return {"receipt": row["receipt"], "status": row["status"],
            "service_code": None if hidden else row["service_code"],
            "area": None if hidden else row["area"], "received_at": row["received_at"],
            "changed_at": row["changed_at"], "finish_due": row["finish_due"],
            "closed_at": row["closed_at"]}


#: A street for what lies out of doors, a compound or the community for what lies in one.
_PUBLIC = text("""
SELECT o.receipt, o.service_code, o.status, o.sensitive, o.received_at, o.finish_due, o.closed_at,
       (SELECT max(e.at) FROM incident_event e WHERE e.incident_id = o.incident_id) AS changed_at,
       coalesce(c.name, s.name, d.name) AS area
FROM incident_order o JOIN incident i ON i.id = o.incident_id
LEFT JOIN unit u ON u.id = i.unit_id
LEFT JOIN building b ON b.id = coalesce(i.building_id, u.building_id)
LEFT JOIN compound c ON c.id = coalesce(i.compound_id, b.compound_id)
LEFT JOIN LATERAL (
    SELECT name FROM street WHERE c.id IS NULL AND valid_to IS NULL AND street.geometry &&
        ST_Expand(coalesce(i.geometry, b.geometry), 0.003)
    ORDER BY ST_Distance(street.geometry, coalesce(i.geometry, b.geometry)) LIMIT 1) s ON true
LEFT JOIN LATERAL (
    SELECT name FROM division WHERE valid_to IS NULL AND o.scope BETWEEN low AND high
    ORDER BY high - low LIMIT 1) d ON true
WHERE (CAST(:receipts AS text[]) IS NOT NULL AND o.receipt = ANY (CAST(:receipts AS text[])))
   OR (CAST(:receipts AS text[]) IS NULL AND NOT o.sensitive
       AND (CAST(:services AS text[]) IS NULL OR o.service_code = ANY (CAST(:services AS text[])))
       AND CASE WHEN o.status IN ('closed', 'rejected') THEN :over ELSE :open END
       AND (CAST(:since AS timestamptz) IS NULL OR o.received_at >= :since)
       AND (CAST(:until AS timestamptz) IS NULL OR o.received_at <= :until))
ORDER BY o.received_at DESC, o.incident_id LIMIT :most
""")
