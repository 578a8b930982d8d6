"""Whether what is kept of each order is what its log comes to."""

from collections.abc import Iterator
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from layers.across.orders import kept
from layers.across.orders_clocks import calendars
from layers.across.orders_log import Entry, replay
from layers.across.orders_tables import IncidentEvent, IncidentOrder


def differing(session: Session, zone: ZoneInfo) -> Iterator[tuple[str, list[str]]]:
    """Yield the receipts of orders that differ from their logs, and in which columns."""
    known = calendars(session, zone)
    orders = {one.incident_id: one for one in session.scalars(select(IncidentOrder))}
    rows = session.scalars(select(IncidentEvent).order_by(
        IncidentEvent.incident_id, IncidentEvent.id).execution_options(yield_per=5_000))
    for incident_id, log in groupby(rows, key=lambda row: row.incident_id):
        state = replay((Entry(kind=row.kind, at=row.at, by=row.actor, said=row.said)
                        for row in log), known)
        order = orders.pop(incident_id)
        if wrong := [name for name, value in kept(state, known).items()
                     if getattr(order, name) != value]:
            yield order.receipt, wrong
    for order in orders.values():
        yield order.receipt, ["no log"]
