"""The queue of texts that no one address answers; a clerk's choice is kept as an alias."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    String,
    Text,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from layers.divisions import Division
from spatial.addressing import Node, settled
from spatial.addressing.register import DIVISIONS
from spatial.database import Base
from spatial.errors import Conflict, NotFound
from spatial.state import bump
from spatial.walls import everywhere


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
    scope: Mapped[int | None] = mapped_column(BigInteger)  # of the division that holds all answers

    # Usage: what is open, what would settle most first.
    __table_args__ = (Index(None, "decided", "waiting"),)


class ReviewVote(Base):
    """What one person says a question means; kept with its date, withdrawn or not."""

    __tablename__ = "review_vote"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    # Usage: what was said of a question.
    item_id: Mapped[int] = mapped_column(ForeignKey("review_item.id", ondelete="CASCADE"),
                                         index=True)
    place: Mapped[str | None] = mapped_column(String(20))  # none: the register has no such place
    by: Mapped[str] = mapped_column(String(90))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    withdrawn: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


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
    refuse_decided(one)
    one.choice, one.decided, one.decided_by = identifier, datetime.now().astimezone(), by
    session.flush()
    bump(session)
    return one


def refuse_decided(one: ReviewItem) -> None:
    """Raise Conflict when a question was decided already."""
    if one.decided is not None:
        raise Conflict(f"item {one.id} was decided by {one.decided_by} on {one.decided:%Y-%m-%d}")


def scope_of(session: Session, nodes: Sequence[Node]) -> int | None:
    """Return the scope of the deepest division that holds all these places: who may be asked."""
    chains = [{n.id for n in node.chain() if n.level in DIVISIONS} for node in nodes]
    held = set.intersection(*chains) if chains else set()
    shared = [n.id for n in nodes[0].chain() if n.id in held and n.level in DIVISIONS
              ] if nodes else []
    if not shared:
        return None
    return session.scalar(select(Division.low).where(Division.id == shared[-1]))


def reopen(session: Session, number: int) -> ReviewItem:
    """Take a decision back: the text is an open question again, and no alias."""
    one = item(session, number)
    if one.decided is None:
        raise Conflict(f"item {number} is open; there is no decision to take back")
    one.choice = one.decided = one.decided_by = None
    session.execute(update(ReviewVote).where(
        ReviewVote.item_id == number, ReviewVote.withdrawn.is_(None)).values(withdrawn=func.now()))
    session.flush()
    bump(session)
    return one


def choices(session: Session) -> dict[str, str]:
    """Return the place chosen for each text that was decided, the texts as `settled` has them."""
    with everywhere(session):  # an alias serves everyone; the text itself is not told
        rows = session.execute(select(ReviewItem.text, ReviewItem.choice).where(
            ReviewItem.choice.is_not(None)).order_by(ReviewItem.decided)).all()
    return {settled(row.text): row.choice for row in rows}


def decided(session: Session, texts: list[str]) -> dict[str, str]:
    """Return the place that clerks chose for these texts, as far as they did."""
    rows = session.execute(select(ReviewItem.text, ReviewItem.choice).where(
        ReviewItem.text.in_(texts), ReviewItem.choice.is_not(None)))
    return {row.text: row.choice for row in rows}
