"""Audit: who did what, to whom, why; appended in the transaction of the business itself.

A line is canonical JSON text with a keyed hash over exactly these bytes (not over jsonb, whose
bytes are the database's own). Its columns repeat the text for searching; the text is what counts.
"""

import hmac
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, DateTime, Identity, Index, LargeBinary, String, Text, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from spatial.database import Base

if TYPE_CHECKING:
    from spatial.sealing import Vault

#: Lines fetched at a time when all are checked.
CHUNK = 2_000


class AuditEvent(Base):
    """One line of the audit; only ever added."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    actor: Mapped[str] = mapped_column(String(90))
    role: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str | None] = mapped_column(String(40))
    case: Mapped[str | None] = mapped_column(String(200))
    subjects: Mapped[list[str]] = mapped_column(ARRAY(Text))
    line: Mapped[str] = mapped_column(Text)
    mac: Mapped[bytes] = mapped_column(LargeBinary(16))

    # Usage: who read about one person; what one actor did; what happened when.
    __table_args__ = (Index(None, "subjects", postgresql_using="gin"),
                      Index(None, "actor", "at"), Index(None, "at"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a line says; `subjects` are public identifiers, never names or numbers.

    `note` is a word of ours about how it went (`refused`, `no case`), never a value given.
    """

    actor: str
    role: str
    action: str
    purpose: str | None = None
    case: str | None = None
    subjects: tuple[str, ...] = ()
    note: str | None = None


def record(session: Session, vault: "Vault", event: Event) -> None:
    """Append one line in the session's transaction; it is kept or lost with the business."""
    at = datetime.now(UTC)
    line = json.dumps({"at": at.isoformat(), **asdict(event)}, ensure_ascii=False,
                      sort_keys=True, separators=(",", ":"))
    session.add(AuditEvent(
        at=at, actor=event.actor, role=event.role, action=event.action, purpose=event.purpose,
        case=event.case, subjects=list(event.subjects), line=line, mac=_mac(vault, line)))
    session.flush()


def broken(session: Session, vault: "Vault") -> Iterator[int]:
    """Yield the numbers of lines whose text is not what was written, in order."""
    lines = select(AuditEvent.id, AuditEvent.line, AuditEvent.mac).order_by(AuditEvent.id)
    for row in session.execute(lines.execution_options(yield_per=CHUNK)):
        if not hmac.compare_digest(row.mac, _mac(vault, row.line)):
            yield row.id


def _mac(vault: "Vault", line: str) -> bytes:
    return vault.blind("audit", line)
