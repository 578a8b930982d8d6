"""What came of one table of an import, as the command line tells it."""

from dataclasses import dataclass, field
from typing import IO, Any

from importers.base import Issue
from importers.position import Position


@dataclass(slots=True)
class Result:
    """What came of one table; the members of registry.md §2, and the rows refused."""

    layer: str
    job: int
    read: int = 0
    new: int = 0
    changed: int = 0
    ended: int = 0
    unchanged: int = 0
    rejected: int = 0
    queued: int = 0
    rejected_file: str | None = None
    seconds: float = 0.0
    position: Position | None = None             # whether its points lie where they should
    refused: str | None = None                   # why nothing of the table was applied
    issues: list[Issue] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    file: str = ""
    rows: IO[bytes] | None = None                # line, source_id and state of each row, as CSV

    def as_json(self) -> dict[str, Any]:
        """Return the members that the command line prints."""
        kept = ("job", "layer", "read", "new", "changed", "ended", "unchanged", "rejected",
                "queued", "rejected_file", "seconds")
        position = {"position": self.position.as_json()} if self.position else {}
        return {**{name: getattr(self, name) for name in kept}, **position}
