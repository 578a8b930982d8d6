"""The queue of texts that no one address answers; a clerk's choice is kept as an alias."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, Index, String, Text, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from spatial.addressing import settled
from spatial.database import Base
from spatial.errors import Conflict, NotFound
from spatial.state import bump


class ReviewItem(Base):
    """One address text, once, however many rows wait for it."""

    __tablename__ = "review_item"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    text: Mapped[str] = mapped_column(Text, unique=True)
    match_class: Mapped[str] = mapped_column(String(1))
    status: Mapped[str] = mapped_column(String(12))
    candidates: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    unmatched: Mapped[list[Any] | None] = mapped_column(JSONB)
    waiting: Mapped[int] = mapped_column(default=1)
    asked: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    choice: Mapped[str | None] = mapped_column(String(20))
    decided: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[str | None] = mapped_column(String(80))

    # Usage: what is open, what would settle most first.
    __table_args__ = (Index(None, "decided", "waiting"),)


def open_items(session: Session, *, limit: int = 50) -> list[ReviewItem]:
    """Return the open questions, those that would settle most rows first."""
    wanted = select(ReviewItem).where(ReviewItem.decided.is_(None))
    return list(session.scalars(wanted.order_by(ReviewItem.waiting.desc(), ReviewItem.id)
                                .limit(limit)))


def item(session: Session, number: int) -> ReviewItem:
    """Return one question."""
    found = session.get(ReviewItem, number)
    if found is None:
        raise NotFound(f"the review queue has no item {number}; `review list` shows the open ones")
    return found


def choose(session: Session, number: int, identifier: str, *, by: str) -> ReviewItem:
    """Decide a question: from then on its text is an alias of the place, and not asked again.

    Raises Conflict when it was decided already.
    """
    one = item(session, number)
    if one.decided is not None:
        raise Conflict(f"item {number} was decided by {one.decided_by} on {one.decided:%Y-%m-%d}")
    one.choice, one.decided, one.decided_by = identifier, datetime.now().astimezone(), by
    session.flush()
    bump(session)
    return one


def reopen(session: Session, number: int) -> ReviewItem:
    """Take a decision back: the text is an open question again, and no alias."""
    one = item(session, number)
    if one.decided is None:
        raise Conflict(f"item {number} is open; there is no decision to take back")
    one.choice = one.decided = one.decided_by = None
    session.flush()
    bump(session)
    return one


def choices(session: Session) -> dict[str, str]:
    """Return the place chosen for each text that was decided, the texts as `settled` has them."""
    rows = session.execute(select(ReviewItem.text, ReviewItem.choice).where(
        ReviewItem.choice.is_not(None)).order_by(ReviewItem.decided))
    return {settled(row.text): row.choice for row in rows}


def decided(session: Session, texts: list[str]) -> dict[str, str]:
    """Return the place that clerks chose for these texts, as far as they did."""
    rows = session.execute(select(ReviewItem.text, ReviewItem.choice).where(
        ReviewItem.text.in_(texts), ReviewItem.choice.is_not(None)))
    return {row.text: row.choice for row in rows}
