"""Records of two sources that may be one thing: kept apart until people say what they are.

A pair names two features of one layer by their keys, never a value of them; what is shown of them
is read when it is shown, within the reader's own rights. What people say of it is a vote. A pair
that was settled as the same is merged when the next load or `review link` follows up
(importers/merging.py).
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    String,
    Text,
    UniqueConstraint,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from spatial.database import Base
from spatial.errors import Conflict, NotFound


class SourcePair(Base):
    """Two features that resemble each other; the first was there before the second."""

    __tablename__ = "source_pair"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    layer: Mapped[str] = mapped_column(String(40))         # the table of both
    first_id: Mapped[int] = mapped_column(BigInteger)
    # Usage: what a retired feature was merged into.
    second_id: Mapped[int] = mapped_column(BigInteger, index=True)
    why: Mapped[list[str]] = mapped_column(ARRAY(Text))    # what they have in common, in codes
    share: Mapped[float | None] = mapped_column(Float)     # of what both footprints cover
    scope: Mapped[int | None] = mapped_column(BigInteger)  # of the division that holds both
    asked: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    same: Mapped[bool | None] = mapped_column()
    decided: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[str | None] = mapped_column(String(80))
    merged: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    import_id: Mapped[int | None] = mapped_column(BigInteger)

    # Usage: a pair is asked once; what is open, and what is settled and not merged yet.
    __table_args__ = (UniqueConstraint("layer", "first_id", "second_id"),
                      Index(None, "decided", "merged"))


class SourcePairVote(Base):
    """What one person says of a pair; kept with its date, withdrawn or not."""

    __tablename__ = "source_pair_vote"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    # Usage: what was said of a pair.
    pair_id: Mapped[int] = mapped_column(ForeignKey("source_pair.id", ondelete="CASCADE"),
                                         index=True)
    same: Mapped[bool] = mapped_column()
    by: Mapped[str] = mapped_column(String(90))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    withdrawn: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


def open_pairs(session: Session, *, limit: int = 50) -> list[SourcePair]:
    """Return the pairs that nobody has settled, the oldest first."""
    return list(session.scalars(select(SourcePair).where(SourcePair.decided.is_(None))
                                .order_by(SourcePair.id).limit(limit)))


def pair(session: Session, number: int) -> SourcePair:
    """Return one pair."""
    found = session.get(SourcePair, number)
    if found is None:
        raise NotFound(f"there is no pair {number}; `review pairs` lists the open ones")
    return found


def decide(session: Session, one: SourcePair, *, same: bool, by: str) -> None:
    """Say what a pair is, for good; raises Conflict where that is settled already."""
    refuse_decided(one)
    one.same, one.decided, one.decided_by = same, func.now(), by[:80]
    session.flush()


def refuse_decided(one: SourcePair) -> None:
    """Raise Conflict where a pair was settled already."""
    if one.decided is not None:
        raise Conflict(f"pair {one.id} was settled by {one.decided_by} on {one.decided:%Y-%m-%d}")


def reopen(session: Session, one: SourcePair) -> None:
    """Ask again what a pair is; raises Conflict where it was merged, which is undone elsewhere."""
    if one.merged is not None:
        raise Conflict(f"the records of pair {one.id} are one by now; `imports part` undoes that")
    one.same = one.decided = one.decided_by = None
    session.execute(update(SourcePairVote).where(
        SourcePairVote.pair_id == one.id, SourcePairVote.withdrawn.is_(None))
        .values(withdrawn=func.now()))
    session.flush()


def waiting_of(session: Session, job: int) -> int:
    """Count the open pairs that an import brought up."""
    return int(session.scalar(select(func.count()).select_from(SourcePair).where(
        SourcePair.import_id == job, SourcePair.decided.is_(None))) or 0)


def merged_into(session: Session, layer: str, gone: int) -> int | None:
    """Return the key of the feature that a retired one turned out to be."""
    return session.scalar(select(SourcePair.first_id).where(
        SourcePair.layer == layer, SourcePair.second_id == gone,
        SourcePair.merged.is_not(None)))
