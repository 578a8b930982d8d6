"""Emergencies: a broken glass, the ticks on its muster list, and contacts for those who asked.

A dwelling's people may ask to be looked for in an emergency. What is kept is a contact they gave
and a day; never a reason, never a person's name as such. It ends after a year unless asked anew.
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    LargeBinary,
    String,
    Text,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import draw_identifier
from spatial.database import Base

#: What a tick can say of a unit; without one nobody has been there yet.
TICKS = ("reached", "no_answer", "helped")


class BreakGlass(Base):
    """One operator's glass, broken for one building because of one open incident."""

    __tablename__ = "break_glass"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    identifier: Mapped[str] = mapped_column(String(20), unique=True,
                                            default=lambda: draw_identifier("x"))
    actor: Mapped[str] = mapped_column(String(90))
    incident: Mapped[str] = mapped_column(String(20))
    # Usage: the glass in force for a building.
    building_id: Mapped[int] = mapped_column(
        ForeignKey("building.id", ondelete="CASCADE"), index=True)
    scope: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    #: Until when the glass stays broken; its list can be ticked until `gone_at`, then it is gone.
    until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    gone_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class MusterTick(Base):
    """What was found at one unit; gone with its list."""

    __tablename__ = "muster_tick"

    glass_id: Mapped[int] = mapped_column(
        ForeignKey("break_glass.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(
        ForeignKey("unit.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    actor: Mapped[str] = mapped_column(String(90))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    __table_args__ = (CheckConstraint(f"state IN {TICKS}", name="state"),)


class HelpContact(Base):
    """Whom to call about a dwelling in an emergency: given by those who live there."""

    __tablename__ = "help_contact"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    identifier: Mapped[str] = mapped_column(String(20), unique=True,
                                            default=lambda: draw_identifier("x"))
    # Usage: the contacts of a building's units.
    unit_id: Mapped[int] = mapped_column(
        ForeignKey("unit.id", ondelete="CASCADE"), index=True)
    scope: Mapped[int] = mapped_column(BigInteger)
    contact: Mapped[bytes] = mapped_column(LargeBinary)
    given_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recorded_by: Mapped[str] = mapped_column(String(90))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
