"""Orders about persons: what was corrected or erased, on which paper, from which day on.

The book holds no value of anybody: an order names the field. Of an erased person it keeps marks
(blind indexes of the ID number and of the row in its source), by which a later import or a
restored backup is known to bring that person back, and the erasure is done again. Erasures also
stand in a file beside the audit's checkpoints, for a restored backup knows nothing of later ones.
"""

import json
import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, DateTime, Identity, Index, LargeBinary, String, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from spatial.config import Settings
from spatial.database import Base
from spatial.errors import Unavailable

if TYPE_CHECKING:
    from spatial.sealing import Vault

FILE = "erasures.jsonl"
CORRECTED, ERASED, PROTECTED = "corrected", "erased", "protected"


class PersonOrder(Base):
    """One order that was carried out."""

    __tablename__ = "person_order"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    person: Mapped[str] = mapped_column(String(20))
    field: Mapped[str | None] = mapped_column(String(40))
    document: Mapped[str] = mapped_column(String(200))
    dated: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    done_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    done_by: Mapped[str] = mapped_column(String(90))
    marks: Mapped[list[bytes] | None] = mapped_column(ARRAY(LargeBinary(16)))

    # Usage: the orders about one person, for the report that the person is given.
    __table_args__ = (Index(None, "person"),)


def orders_about(session: Session, person: str) -> Sequence[PersonOrder]:
    """Return the orders about a person, the oldest first."""
    return session.scalars(select(PersonOrder).where(PersonOrder.person == person)
                           .order_by(PersonOrder.id)).all()


def erasures(session: Session) -> Sequence[PersonOrder]:
    """Return every erasure there was."""
    return session.scalars(select(PersonOrder).where(PersonOrder.kind == ERASED)
                           .order_by(PersonOrder.id)).all()


def source_mark(vault: "Vault", source: str | None, source_id: str | None) -> bytes:
    """Return the mark of a row of a source, which tells nobody which row it was."""
    return vault.blind("erased", f"{source}|{source_id}")


def write_down(settings: Settings, orders: Iterable[PersonOrder]) -> None:
    """Add erasures to the file beside the checkpoints, and wait until they are on the disk."""
    path = _path(settings)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "a", encoding="ascii") as file:
            file.writelines(f"{_line(one)}\n" for one in orders)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise Unavailable(f"No erasure can be written to {path} ({error.strerror}); see to the "
                          "folder that DOORPLATE_CHECKPOINTS names") from error


def read_back(settings: Settings) -> list[PersonOrder]:
    """Return the erasures of the file; raise Unavailable where it cannot be read."""
    path = _path(settings)
    if not path.exists():
        return []
    try:
        return [_order(line) for line in path.read_text(encoding="ascii").splitlines()]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unavailable(f"The erasures in {path} cannot be read ({type(error).__name__}); put "
                          "the file back from its safe copy") from error


def _path(settings: Settings) -> Path:
    return settings.home / settings.checkpoints / FILE


def _line(one: PersonOrder) -> str:
    return json.dumps({"person": one.person, "document": one.document,
                       "dated": one.dated.isoformat(), "by": one.done_by,
                       "marks": [bytes(mark).hex() for mark in one.marks or ()]})


def _order(line: str) -> PersonOrder:
    said = json.loads(line)
    return PersonOrder(kind=ERASED, person=said["person"], document=said["document"],
                       dated=datetime.fromisoformat(said["dated"]), done_by=said["by"],
                       marks=[bytes.fromhex(mark) for mark in said["marks"]])
