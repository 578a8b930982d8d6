"""The tables of orders: the log, what follows from it, and the words behind the wall of persons.

`incident_event` is only ever added to (its grants say so), one entry at a time: whoever appends
holds a lock until the commit, so that the numbers of entries come in the order of their commits
and a reader who has seen number n has missed none before it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from spatial.database import Base


def _moment(**said: Any) -> Mapped[Any]:
    return mapped_column(DateTime(timezone=True), **said)


class IncidentEvent(Base):
    """One entry of an order's log; `said` is data, never a person's words."""

    __tablename__ = "incident_event"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    # Usage: the log of one order.
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = _moment()
    actor: Mapped[str] = mapped_column(String(90))
    said: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    recorded_at: Mapped[datetime] = _moment(server_default=func.now())


class IncidentOrder(Base):
    """How an order stands: what its log comes to, kept so that lists and figures are one query."""

    __tablename__ = "incident_order"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True,
                                             autoincrement=False)
    receipt: Mapped[str] = mapped_column(String(20), unique=True)
    scope: Mapped[int] = mapped_column(BigInteger)
    service_code: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str | None] = mapped_column(String(40))
    sensitive: Mapped[bool] = mapped_column(Boolean, server_default="false")
    created_by: Mapped[str] = mapped_column(String(90))
    status: Mapped[str] = mapped_column(String(12))
    owner: Mapped[str] = mapped_column(String(20))
    helpers: Mapped[list[str]] = mapped_column(ARRAY(String(20)), server_default=text("'{}'"))
    received_at: Mapped[datetime] = _moment()
    accepted_at: Mapped[datetime | None] = _moment()
    on_site_at: Mapped[datetime | None] = _moment()
    done_at: Mapped[datetime | None] = _moment()
    closed_at: Mapped[datetime | None] = _moment()
    on_site_due: Mapped[datetime | None] = _moment()
    finish_due: Mapped[datetime | None] = _moment()
    #: When the order rises to each level above the grid, if nothing more happens.
    community_at: Mapped[datetime | None] = _moment()
    subdistrict_at: Mapped[datetime | None] = _moment()
    district_at: Mapped[datetime | None] = _moment()
    checked: Mapped[bool | None] = mapped_column(Boolean)
    rating: Mapped[str | None] = mapped_column(String(40))
    urged: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    reopened: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    merged_into: Mapped[str | None] = mapped_column(String(20))
    last_event: Mapped[int] = mapped_column(BigInteger)
    entries: Mapped[int] = mapped_column(Integer, server_default="1")

    # Usage: work lists of an area; a unit's orders; figures of a period.
    __table_args__ = (Index(None, "scope", "status"), Index(None, "owner", "status"),
                      Index(None, "received_at"))


class IncidentNote(Base):
    """What somebody wrote beside an entry: words, so it stands behind the wall."""

    __tablename__ = "incident_note"

    event_id: Mapped[int] = mapped_column(ForeignKey("incident_event.id"), primary_key=True,
                                          autoincrement=False)
    # Usage: the notes of one order.
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    scope: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)


class IncidentCaller(Base):
    """Who reported, for calling back; the phone is sealed."""

    __tablename__ = "incident_caller"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True,
                                             autoincrement=False)
    scope: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str | None] = mapped_column(String(100))
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)


class IncidentPhoto(Base):
    """A picture of the place, encoded anew so that nothing rides along in it."""

    __tablename__ = "incident_photo"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    # Usage: the pictures of one order.
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    scope: Mapped[int] = mapped_column(BigInteger)
    image: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = _moment(server_default=func.now())
