"""Orders: an incident's log appended to, one entry at a time, and what follows kept in step."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from layers.across.orders_clocks import calendars, clocks_of, steps
from layers.across.orders_log import Entry, State, follow, replay, rises
from layers.across.orders_tables import IncidentEvent, IncidentNote, IncidentOrder
from layers.incidents import Incident
from spatial.errors import StaleVersion
from spatial.working_time import WorkCalendar

#: On this channel every entry is told, by its number, when it commits.
CHANNEL = "incidents"
#: Who appends holds this until the commit, so that entries commit in the order of their numbers.
LOCK = 4_610_007


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """What is to be said of an order: kind, by whom, data, and perhaps words."""

    kind: str
    by: str
    said: Mapping[str, Any]
    note: str | None = None
    at: datetime | None = None


def draw_receipt(at: datetime) -> str:
    """Draw a receipt number to be read out: the day, six random digits, a check digit (Luhn)."""
    from stdnum import luhn

    digits = f"{at:%y%m%d}{secrets.randbelow(1_000_000):06d}"
    return f"{digits[:6]}-{digits[6:]}{luhn.calc_check_digit(digits)}"


def begin(session: Session, incident: Incident, first: New, *, zone: ZoneInfo,
          sensitive: bool = False) -> IncidentOrder:
    """Make an order of an incident that has just been received."""
    known = calendars(session, zone)
    entry = _entry(first)
    state = follow(None, entry, known)
    number = _append(session, incident, entry, first.note)
    order = IncidentOrder(
        incident_id=incident.id, receipt=draw_receipt(entry.at.astimezone(zone)),
        scope=incident.scope, channel=incident.channel, created_by=first.by, sensitive=sensitive,
        last_event=number, **kept(state, known))
    session.add(order)
    _follow_up(session, incident.id, state)
    session.flush()
    return order


def say(session: Session, order: IncidentOrder, what: New, *, zone: ZoneInfo,
        version: int | None = None) -> State:
    """Append one entry to an order's log; raise Conflict where it cannot be.

    `version` is the number of entries that the caller has seen: another one is a StaleVersion.
    """
    locked = session.scalars(select(IncidentOrder).where(
        IncidentOrder.incident_id == order.incident_id).with_for_update().execution_options(
            populate_existing=True)).one()
    if version is not None and version != locked.entries:
        raise StaleVersion(f"The order has {locked.entries} entries by now, not {version}; read it "
                           "again.")
    known = calendars(session, zone)
    entry = _entry(what)
    state = follow(replay(log_of(session, locked.incident_id), known), entry, known)
    incident = session.get_one(Incident, locked.incident_id, options=_WITHOUT_WORDS)
    number = _append(session, incident, entry, what.note)
    for name, value in kept(state, known).items():
        setattr(locked, name, value)
    # For good: an order that would come into the public list again tells that it was away.
    locked.sensitive = locked.sensitive or clocks_of(session, state.service_code).sensitive
    locked.last_event, locked.entries = number, locked.entries + 1
    _follow_up(session, incident.id, state)
    session.flush()
    return state


def log_of(session: Session, incident_id: int) -> list[Entry]:
    """Return the log of an order, the first entry first."""
    rows = session.execute(select(IncidentEvent.kind, IncidentEvent.at, IncidentEvent.actor,
                                  IncidentEvent.said)
                           .where(IncidentEvent.incident_id == incident_id)
                           .order_by(IncidentEvent.id))
    return [Entry(kind=row.kind, at=row.at, by=row.actor, said=row.said) for row in rows]


def kept(state: State, known: Mapping[str, WorkCalendar]) -> dict[str, Any]:
    """Return the columns of an order that follow from its state."""
    due = state.finish_due(known)
    up = rises(state, due, steps())
    return {
        "service_code": state.service_code, "status": state.status, "owner": state.owner,
        "helpers": list(state.helpers), "received_at": state.received_at,
        "accepted_at": state.accepted_at, "on_site_at": state.on_site_at,
        "done_at": state.done_at, "closed_at": state.closed_at, "checked": state.checked,
        "on_site_due": state.on_site_due(), "finish_due": due, "rating": state.rating,
        "urged": state.urged, "reopened": state.reopened, "merged_into": state.merged_into,
        **{f"{level}_at": up.get(level) for level in ("community", "subdistrict", "district")}}


def _entry(what: New) -> Entry:
    return Entry(kind=what.kind, at=what.at or datetime.now(UTC), by=what.by, said=what.said)


def _append(session: Session, incident: Incident, entry: Entry, note: str | None) -> int:
    session.execute(_HOLD, {"key": LOCK})
    number = session.execute(insert(IncidentEvent).values(
        incident_id=incident.id, kind=entry.kind, at=entry.at, actor=entry.by,
        said=dict(entry.said)).returning(IncidentEvent.id)).scalar_one()
    if note:
        session.execute(insert(IncidentNote.__table__).inline().values(  # type: ignore[arg-type]
            event_id=number, incident_id=incident.id, scope=incident.scope, text=note))
    session.execute(_TELL, {"channel": CHANNEL, "number": str(number)})
    return int(number)


def _follow_up(session: Session, incident_id: int, state: State) -> None:
    """Keep the incident, which the map shows, in step with its order."""
    session.execute(update(Incident).where(Incident.id == incident_id).values(
        status=state.status, closed_at=state.closed_at, service_code=state.service_code,
        rating=state.rating, accepted_at=state.accepted_at, on_site_at=state.on_site_at)
        .execution_options(synchronize_session=False))


def without_words() -> Sequence[Any]:
    """Return the options by which an incident is loaded without the words nobody may read."""
    from sqlalchemy.orm import load_only

    names = ("id", "identifier", "scope", "channel", "status", "service_code", "unit_id",
             "building_id", "compound_id")
    return (load_only(*(getattr(Incident, name) for name in names)),)


_WITHOUT_WORDS = without_words()
_HOLD = text("SELECT pg_advisory_xact_lock(:key)")
_TELL = text("SELECT pg_notify(:channel, :number)")
