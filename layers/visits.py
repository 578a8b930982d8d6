"""Visits: what a grid worker found at a door, until a supervisor has settled what differs.

The findings are sealed: they name people before anybody has agreed to what they say. Pictures are
of places; they go when the visit is settled.
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    String,
    Text,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from spatial.database import Base

#: As the register has it; something differs; nobody opened; the place is no more.
OUTCOMES = ("confirmed", "changed", "nobody", "gone")
STATES = ("noted", "waiting", "accepted", "refused")


class Visit(Base):
    """One visit at one door, with what was found to differ from the register."""

    __tablename__ = "visit"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    #: Drawn on the phone, so that a record sent twice is kept once.
    key: Mapped[str] = mapped_column(String(36), unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id", ondelete="CASCADE"))
    scope: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(String(12))
    findings: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: The stamp of what the phone showed when the door opened.
    base: Mapped[str] = mapped_column(String(64))
    is_conflict: Mapped[bool] = mapped_column(server_default="false")
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    received_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now())
    actor: Mapped[str] = mapped_column(String(90))
    state: Mapped[str] = mapped_column(String(12))
    settled_by: Mapped[str | None] = mapped_column(String(90))
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str | None] = mapped_column(Text)

    # Usage: the last visit of a door; what waits in an area.
    __table_args__ = (Index(None, "unit_id", "seen_at"), Index(None, "state", "scope"),
                      CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),
                      CheckConstraint(f"state IN {STATES}", name="state"))


class VisitPhoto(Base):
    """A picture of the place, encoded anew so that nothing rides along in it."""

    __tablename__ = "visit_photo"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    #: Drawn on the phone, so that a picture sent twice is kept once.
    key: Mapped[str] = mapped_column(String(36), unique=True)
    # Usage: the pictures of one visit.
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id", ondelete="CASCADE"), index=True)
    scope: Mapped[int] = mapped_column(BigInteger)
    image: Mapped[bytes] = mapped_column(LargeBinary)
