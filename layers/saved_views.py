"""Views of the map that a user has given a name: a camera and what is shown, as a link says it."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from spatial.database import Base


class SavedView(Base):
    """One view; it holds identifiers of places and nothing of a person."""

    __tablename__ = "saved_view"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    # Usage: a user's own views, by their name (of the unique constraint).
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60))
    #: What stands behind the # of a link to the map.
    view: Mapped[str] = mapped_column(String(4000))
    saved_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now())

    __table_args__ = (UniqueConstraint("user_id", "name"),)
