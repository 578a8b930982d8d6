"""What an auditor is to look at: alerts and sampled openings, and the mark that somebody did.

Alerts are read out of the audit whenever they are asked for, so they are never late; what an
auditor has marked stays away until the same thing happens again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import BigInteger, DateTime, Identity, Index, String, Text, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from layers.across.readers import Reading, reading
from spatial.audit import AuditEvent
from spatial.config import Settings
from spatial.database import Base
from spatial.errors import NotFound

SQL = Path(__file__).parent.parent / "sql" / "audit_alerts.sql"
#: Persons outside one's cases within an hour, and openings of one person without a case.
HARVEST, THRICE = 100, 3
#: How far back the page looks.
DAYS = 30
#: Milliseconds that a report may take the database.
REPORT_MS = 60_000
KINDS = ("harvesting", "probing", "break_glass", "household", "building", "colleague", "thrice",
         "night", "sample")
FOUND_MOST = 500


class AuditReview(Base):
    """An auditor's mark that an alert, up to one line of the audit, has been looked at."""

    __tablename__ = "audit_review"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(90))
    subject: Mapped[str | None] = mapped_column(String(20))
    event_id: Mapped[int] = mapped_column(BigInteger)
    reviewer: Mapped[str] = mapped_column(String(90))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    note: Mapped[str] = mapped_column(Text)

    # Usage: is this alert reviewed?
    __table_args__ = (Index(None, "kind", "event_id"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing to look at; `event_id` is the newest line that it is about."""

    kind: str
    actor: str
    role: str
    event_id: int
    at: datetime
    count: int
    subject: str | None
    review: AuditReview | None = None


def alerts(session: Session, settings: Settings) -> list[Alert]:
    """Return what there is to look at, the gravest kind and the newest first."""
    session.execute(text("SELECT set_config('statement_timeout', :limit, true)"),
                    {"limit": str(REPORT_MS)})
    rows = session.execute(text(SQL.read_text(encoding="utf-8")), {
        "since": datetime.now(UTC) - timedelta(days=DAYS), "zone": settings.zone,
        "harvest": HARVEST, "probes": settings.limit_id_misses_an_hour, "thrice": THRICE})
    known = {(one.kind, one.actor, one.subject, one.event_id): one
             for one in session.scalars(select(AuditReview))}
    found = [Alert(**row, review=known.get((row["kind"], row["actor"], row["subject"],
                                            row["event_id"]))) for row in rows.mappings()]
    found.sort(key=lambda one: (one.review is not None, KINDS.index(one.kind), -one.event_id))
    return found


def review(session: Session, settings: Settings, *, kind: str, event_id: int, reviewer: str,
           note: str) -> Alert:
    """Mark an alert as looked at; nobody marks what is about themselves."""
    for one in alerts(session, settings):
        if (one.kind, one.event_id) == (kind, event_id) and one.actor != reviewer:
            session.add(AuditReview(kind=kind, actor=one.actor, subject=one.subject,
                                    event_id=event_id, reviewer=reviewer, note=note))
            session.flush()
            return one
    raise NotFound("There is no such alert to be marked; reload the page.")


def search(session: Session, *, zone: str, actor: str | None, person: str | None,
           first: datetime | None, last: datetime | None) -> Sequence[Reading]:
    """Return lines of the audit, the newest first; persons are told by identifier only."""
    from zoneinfo import ZoneInfo

    query = select(AuditEvent).order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
    if actor:
        query = query.where(AuditEvent.actor == actor)
    if person:
        query = query.where(AuditEvent.subjects.contains([person]))
    if first:
        query = query.where(AuditEvent.at >= first)
    if last:
        query = query.where(AuditEvent.at < last)
    return [reading(row, ZoneInfo(zone)) for row in session.scalars(query.limit(FOUND_MOST))]
