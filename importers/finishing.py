"""What follows every load: places found, addresses linked, volumes made, lookups told."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from importers.households import house_households
from importers.linking import link_addresses
from importers.resembling import find_pairs
from layers.across import placement, scene, volumes
from layers.across.orders_adopt import adopt, renew
from spatial.state import bump, remember

Progress = Callable[[str, int, int | None], None]
#: Layers that no place, no name of a place and no volume follows from.
PEOPLE = frozenset({"households", "residents", "incidents", "posts", "staff", "tenancies",
                    "checks", "agencies", "services", "patrols", "calendar_days"})
ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Change:
    """What was loaded since everything followed; without jobs nobody knows, so all is asked."""

    jobs: tuple[int, ...] | None = None
    layers: frozenset[str] = frozenset()

    @property
    def of_places(self) -> bool:
        """Tell whether a place may have changed, or a name that leads to one."""
        return self.jobs is None or not self.layers <= PEOPLE


#: A clerk decided a question; nothing was loaded.
DECISION = Change(jobs=())


def finish(session: Session, progress: Progress, change: Change | None = None, *,
           zone: str = ZONE) -> int:
    """Bring everything that follows from the ledgers up to date; returns the rows queued."""
    change = change or Change()
    progress("placing", 0, None)
    placement.place(session, places=change.of_places)
    session.commit()
    bump(session)
    queued = link_addresses(session, progress, None if change.of_places else change.jobs)
    if house_households(session) or queued.linked:
        placement.place(session, places=False)
    adopt(session, ZoneInfo(zone))
    if "calendar_days" in change.layers or change.jobs is None:
        renew(session, ZoneInfo(zone))
    if change.jobs != ():
        find_pairs(session, change.jobs)
    session.commit()
    if change.of_places:
        _redraw(session, progress)
    return queued.queued


def _redraw(session: Session, progress: Progress) -> None:
    """Make the volumes and the scene that follow from places."""
    volumes.refresh(session, lambda done, of: progress("volumes", done, of))
    remember(session, "volumes_at", datetime.now(UTC).isoformat())
    session.commit()
    progress("scene", 0, None)
    scene.refresh(session)
    bump(session)
    session.commit()


def changed(results: Collection[tuple[int, str]]) -> Change:
    """Return the change that jobs on their layers made."""
    return Change(tuple(job for job, _ in results), frozenset(layer for _, layer in results))
