"""Audit: who did what, to whom, why; appended in the transaction of the business itself.

A line is canonical JSON text with a keyed hash over exactly these bytes (not over jsonb, whose
bytes are the database's own). Its columns repeat the text for searching; the text is what counts.
A trigger puts each line on the list of those that wait for the sealer (spatial/audit_seal.py).
"""

import hmac
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    String,
    Text,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from spatial.database import Base
from spatial.prepared import ask

if TYPE_CHECKING:
    from spatial.sealing import Vault

#: Columns that repeat members of the text.
REPEATED = ("actor", "role", "action", "purpose", "case", "subjects")
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


#: The columns that a check of a line needs.
LINE = tuple(getattr(AuditEvent, name) for name in ("id", "at", *REPEATED, "line", "mac"))


#: Without RETURNING: nobody asks for a line's number, and a line costs as little as it can.
_APPEND = ('INSERT INTO audit_event (at, actor, role, action, purpose, "case", subjects, line, '
           "mac) VALUES ($1, $2, $3, $4, $5, $6, $7::text[], $8, $9)")


class AuditPending(Base):
    """A line that waits to be sealed."""

    __tablename__ = "audit_pending"

    event_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class AuditLeaf(Base):
    """The place of a sealed line in the tree, from 0, and its hash."""

    __tablename__ = "audit_leaf"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditHead(Base):
    """The signed state of the tree at one size; `kept` lets the tree grow on from here."""

    __tablename__ = "audit_head"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    signed: Mapped[str] = mapped_column(Text)
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    kept: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a line says; `subjects` are public identifiers, never names or numbers.

    `seen` names the fields that were shown, masked ones as `name:masked`. `note` is a word of
    ours about how it went (`refused`, `no case`), never a value given.
    """

    actor: str
    role: str
    action: str
    purpose: str | None = None
    case: str | None = None
    subjects: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    note: str | None = None


def record(session: Session, vault: "Vault", event: Event, *, durable: bool = False) -> None:
    """Append one line in the session's transaction; it is kept or lost with the business.

    `durable` makes this transaction's commit wait for the disk, whatever the server is told:
    what is shown after it can be proven to have been asked for.
    """
    if durable:
        session.execute(text("SET LOCAL synchronous_commit = on"))
    at = datetime.now(UTC)
    line = json.dumps({"at": at.isoformat(), **asdict(event)}, ensure_ascii=False,
                      sort_keys=True, separators=(",", ":"))
    session.flush()
    ask(session, "append_audit", sql=lambda: _APPEND, values=(
        at, event.actor, event.role, event.action, event.purpose, event.case,
        list(event.subjects), line, _mac(vault, line)))


def is_as_written(row: Any, vault: "Vault") -> bool:
    """Tell whether a line's text has its hash, and its columns repeat it truly."""
    if not hmac.compare_digest(bytes(row.mac), _mac(vault, row.line)):
        return False
    said = json.loads(row.line)
    return (datetime.fromisoformat(said["at"]) == row.at
            and all(said[name] == getattr(row, name) for name in REPEATED))


def broken(session: Session, vault: "Vault") -> Iterator[int]:
    """Yield the numbers of lines that are not what was written, in order."""
    for row in session.execute(select(*LINE).order_by(AuditEvent.id)
                               .execution_options(yield_per=CHUNK)):
        if not is_as_written(row, vault):
            yield row.id


def sealed_bytes(number: int, mac: bytes, line: str) -> bytes:
    """Return the bytes of a line that go into the tree: its number, hash and text as stored."""
    return number.to_bytes(8, "big") + bytes(mac) + line.encode()


def _mac(vault: "Vault", line: str) -> bytes:
    return vault.blind("audit", line)
