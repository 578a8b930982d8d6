"""Incidents that came by file become orders, and those that a file has closed are closed.

A ledger tells what happened to an incident in columns (accepted, on the spot, closed, rated); here
they become a log. Entries of old history are marked as adopted: nobody is told of them live.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg2 import sql
from psycopg2.extras import Json, execute_values
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from layers.across.orders import LOCK, New, draw_receipt, kept, say
from layers.across.orders import log_of as entries_of
from layers.across.orders_clocks import Clocks, calendars, clocks_of
from layers.across.orders_log import ACTIVE, Entry, State, replay
from layers.across.orders_tables import IncidentOrder
from spatial.statements import names, raw_cursor, run, table
from spatial.working_time import WorkCalendar

#: Older than this, an entry is history and no news.
NEWS = timedelta(days=1)
CHUNK = 2_000
#: What an incident's status says of its order, beside the moments in its own columns.
_ACCEPTED = frozenset({"accepted", "in_progress", "paused", "done", "closed"})


@dataclass(slots=True)
class _Adopter:
    """Makes logs of incidents; remembers clocks by service and agency."""

    session: Session
    zone: ZoneInfo
    known: Mapping[str, WorkCalendar]
    clocks: dict[tuple[str, int | None], Clocks] = field(default_factory=dict)
    receipts: set[str] = field(default_factory=set)

    def clocks_of(self, code: str, agency: int | None) -> Clocks:
        """Return the clocks of a service at an agency."""
        if (code, agency) not in self.clocks:
            self.clocks[code, agency] = clocks_of(self.session, code, agency)
        return self.clocks[code, agency]

    def receipt(self, at: datetime) -> str:
        """Draw a receipt number that this load has not drawn yet."""
        while (drawn := draw_receipt(at.astimezone(self.zone))) in self.receipts:
            continue
        self.receipts.add(drawn)
        return drawn


def adopt(session: Session, zone: ZoneInfo) -> int:
    """Give every incident that lacks one an order, and bring the others up to date."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    maker = _Adopter(session, zone, calendars(session, zone))
    maker.receipts.update(session.scalars(select(IncidentOrder.receipt)))
    rows = session.execute(_LACKING).all()
    for begin in range(0, len(rows), CHUNK):
        _store(maker, rows[begin:begin + CHUNK])
    _close(session, zone)
    _move(session, zone)
    session.execute(_STATUS)
    for name in ("incident_order", "incident_note", "incident_caller", "incident_photo"):
        run(session, _SCOPES.format(table(name)))
    if rows:
        session.execute(text("SELECT pg_notify('incidents', '0')"))
    return len(rows)


def renew(session: Session, zone: ZoneInfo) -> int:
    """Give the active orders the deadlines that today's calendar of days makes of their logs."""
    known, changed = calendars(session, zone), 0
    for order in session.scalars(select(IncidentOrder).where(IncidentOrder.status.in_(ACTIVE))):
        now = kept(replay(entries_of(session, order.incident_id), known), known)
        if any(getattr(order, name) != value for name, value in now.items()):
            changed += 1
            for name, value in now.items():
                setattr(order, name, value)
    session.flush()
    return changed


def _store(maker: _Adopter, rows: Iterable[Any]) -> None:
    logs = [(row, log_of_row(row, maker.clocks_of(row.service_code, row.agency_id)))
            for row in rows]
    cursor = raw_cursor(maker.session)
    numbers = execute_values(
        cursor, "INSERT INTO incident_event (incident_id, kind, at, actor, said) VALUES %s "
        "RETURNING id", [(row.id, one.kind, one.at, one.by, Json(dict(one.said)))
                         for row, log in logs for one in log], page_size=1_000, fetch=True)
    last, orders = 0, []
    for row, log in logs:
        last += len(log)
        orders.append(_order(maker, row, log, numbers[last - 1][0]))
    columns = list(orders[0])
    execute_values(cursor, _ORDERS.format(names(columns)).as_string(cursor),
                   [tuple(one[name] for name in columns) for one in orders], page_size=1_000)


def _order(maker: _Adopter, row: Any, log: list[Entry], number: int) -> dict[str, Any]:
    state: State = replay(log, maker.known)
    clocks = maker.clocks_of(row.service_code, row.agency_id)
    return {"incident_id": row.id, "receipt": maker.receipt(log[0].at), "scope": row.scope,
            "channel": row.channel, "sensitive": clocks.sensitive, "last_event": number,
            "created_by": row.recorded_by or "import", "entries": len(log),
            **kept(state, maker.known)}


def log_of_row(row: Any, clocks: Clocks) -> list[Entry]:
    """Return the log that an incident's columns tell of, in the order of time."""
    begin = row.requested_at or row.creation_date
    first = {**clocks.said(indoors=row.unit_id is not None), "owner": row.owner or "",
             **({"due_at": row.due_at.isoformat()} if row.due_at and row.due_at > begin else {})}
    found, at = [_entry("received", begin, first)], begin
    for kind, moment, said in _steps(row, clocks):
        at = max(at, moment or at)
        found.append(_entry(kind, at, said))
    return found


def _steps(row: Any, clocks: Clocks) -> Iterable[tuple[str, datetime | None, dict[str, Any]]]:
    status = "closed" if row.closed_at else row.status or "open"
    if status == "rejected":
        yield "rejected", None, {"reason": "outside"}
        return
    if status in _ACCEPTED:
        yield "accepted", row.accepted_at, {}
    if row.on_site_at or status == "in_progress":
        yield "on_site", row.on_site_at, {}
    if status in ("done", "closed"):
        yield "done", row.closed_at, {}
    if status == "closed":
        yield "closed", row.closed_at, {"outside": True}
        if row.rating:
            yield "rated", None, {"rating": row.rating}


def _entry(kind: str, at: datetime, said: Mapping[str, Any]) -> Entry:
    old = {"adopted": True} if datetime.now(UTC) - at > NEWS else {}
    return Entry(kind=kind, at=at, by="import", said={**said, **old})


def _close(session: Session, zone: ZoneInfo) -> None:
    """Close the orders whose incidents a file has closed since; their status is the file's."""
    for row in session.execute(_CLOSED).all():
        order = session.get_one(IncidentOrder, row.id)
        say(session, order, New(kind="closed", by="import", at=row.closed_at,
                                said={"outside": True}), zone=zone)


def _move(session: Session, zone: ZoneInfo) -> None:
    """Give the orders whose deadline another system has changed by a file the new one."""
    for row in session.execute(_MOVED).all():
        said = {"due_at": row.due_at.isoformat(), "reason": "outside", "outside": True}
        say(session, session.get_one(IncidentOrder, row.id),
            New(kind="extended", by="import", said=said), zone=zone)


_ORDERS = sql.SQL("INSERT INTO incident_order ({}) VALUES %s")
_LACKING = text(
    "SELECT i.id, i.scope, i.service_code, i.requested_at, i.creation_date, i.channel, i.status, "
    "i.closed_at, i.agency_id, a.identifier AS owner, i.due_at, i.accepted_at, i.on_site_at, "
    "i.rating, i.unit_id, i.recorded_by FROM incident i LEFT JOIN agency a ON a.id = i.agency_id "
    "WHERE NOT EXISTS (SELECT FROM incident_order o WHERE o.incident_id = i.id) "
    "ORDER BY coalesce(i.requested_at, i.creation_date), i.id")
_CLOSED = text(
    "SELECT i.id, i.closed_at FROM incident i JOIN incident_order o ON o.incident_id = i.id "
    "WHERE i.closed_at IS NOT NULL AND o.closed_at IS NULL AND o.reopened = 0")
#: What the last entry with a deadline of another system does not say any longer.
_MOVED = text(
    "SELECT i.id, i.due_at FROM incident i JOIN incident_order o ON o.incident_id = i.id "
    "LEFT JOIN LATERAL (SELECT CAST(e.said ->> 'due_at' AS timestamptz) AS due "
    "FROM incident_event e WHERE e.incident_id = i.id AND e.said ? 'due_at' "
    "ORDER BY e.id DESC LIMIT 1) said ON true WHERE o.status = ANY(:active) "
    "AND i.due_at > coalesce(i.requested_at, i.creation_date) "
    "AND i.due_at IS DISTINCT FROM said.due").bindparams(active=sorted(ACTIVE))
#: An order's log is what counts: a file that is behind it moves nothing back.
_STATUS = text(
    "UPDATE incident i SET status = o.status, closed_at = o.closed_at FROM incident_order o "
    "WHERE o.incident_id = i.id AND (i.status, i.closed_at) IS DISTINCT FROM (o.status, "
    "o.closed_at)")
_SCOPES = sql.SQL("UPDATE {} t SET scope = i.scope FROM incident i WHERE i.id = t.incident_id "
                  "AND t.scope <> i.scope")
