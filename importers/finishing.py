"""What follows every load: places found, addresses linked, volumes made, lookups told."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from importers.linking import link_addresses
from layers.across import placement, scene, volumes
from spatial.state import bump, remember

Progress = Callable[[str, int, int | None], None]


def finish(session: Session, progress: Progress) -> int:
    """Bring everything that follows from the ledgers up to date; returns the rows queued."""
    progress("placing", 0, None)
    placement.place(session)
    session.commit()
    bump(session)
    queued = link_addresses(session, progress)
    if queued.linked:
        placement.place(session)
    session.commit()
    volumes.refresh(session, lambda done, of: progress("volumes", done, of))
    remember(session, "volumes_at", datetime.now(UTC).isoformat())
    session.commit()
    progress("scene", 0, None)
    scene.refresh(session)
    bump(session)
    session.commit()
    return queued.queued
