"""Themes that people saved: documents with versions, shared by their identifier.

A theme holds no figure, so whoever signs in may open one they were given; what it then shows is
what their own role may see. Only its owner may change it, and a change is a new version.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Integer, String, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from layers.across.theme_spec import Theme, built_in, read, theme_called
from layers.base import draw_identifier
from layers.caller import Caller
from spatial.database import Base
from spatial.errors import Forbidden, InvalidInput, NotFound, StaleVersion

PREFIX = "m"
#: Themes one user may keep.
MOST = 200


class SavedTheme(Base):
    """One version of a saved theme."""

    __tablename__ = "saved_theme"

    identifier: Mapped[str] = mapped_column(String(20), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    # Usage: the themes of one user.
    owner: Mapped[str] = mapped_column(String(100), index=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True),
                                                 server_default=func.now())


def theme_named(session: Session, name: str, *, version: int | None = None) -> Theme:
    """Return a built-in theme by name, or a saved one by identifier (by default its newest)."""
    if name in built_in():
        return theme_called(name)
    one = _newest(session, name, version)
    theme = read(one.document, name=one.identifier)
    return replace(theme, identifier=one.identifier, version=one.version)


def save(session: Session, caller: Caller, document: Mapping[str, Any]) -> Theme:
    """Keep a new theme of the caller's; return it with its identifier."""
    theme = read(document, name="new")
    kept = session.scalar(select(func.count(SavedTheme.identifier.distinct())).where(
        SavedTheme.owner == caller.actor)) or 0
    if kept >= MOST:
        raise InvalidInput(f"{MOST} themes are kept for one user; change one of yours instead.")
    identifier = draw_identifier(PREFIX)
    session.add(SavedTheme(identifier=identifier, version=1, owner=caller.actor,
                           document=dict(document)))
    session.flush()
    return replace(theme, name=identifier, identifier=identifier)


def change(session: Session, caller: Caller, identifier: str, document: Mapping[str, Any], *,
           base: int) -> Theme:
    """Add a version to one of the caller's themes; `base` is the version it was made from."""
    newest = _newest(session, identifier, None)
    if newest.owner != caller.actor:
        raise Forbidden("Only its owner changes a theme; save it as one of your own.")
    if newest.version != base:
        raise StaleVersion(f"The theme is at version {newest.version} by now; read it again.")
    theme = read(document, name=identifier)
    session.add(SavedTheme(identifier=identifier, version=base + 1, owner=caller.actor,
                           document=dict(document)))
    session.flush()
    return replace(theme, identifier=identifier, version=base + 1)


def saved_by(session: Session, caller: Caller) -> list[SavedTheme]:
    """Return the newest version of each of the caller's themes, the newest first."""
    newest = (select(SavedTheme.identifier, func.max(SavedTheme.version).label("version"))
              .where(SavedTheme.owner == caller.actor).group_by(SavedTheme.identifier).subquery())
    return list(session.scalars(
        select(SavedTheme).join(newest, (newest.c.identifier == SavedTheme.identifier)
                                & (newest.c.version == SavedTheme.version))
        .order_by(SavedTheme.created_at.desc())))


def _newest(session: Session, identifier: str, version: int | None) -> SavedTheme:
    query = select(SavedTheme).where(SavedTheme.identifier == identifier)
    if version is not None:
        query = query.where(SavedTheme.version == version)
    found = session.scalars(query.order_by(SavedTheme.version.desc()).limit(1)).first()
    if found is None:
        raise NotFound(f"There is no theme {identifier[:40]!r}; there are: "
                       f"{', '.join(built_in())}, and those that were saved.")
    return found
