"""Who is asking: a user or a token, acting in one role over one area."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement

from layers.access import Audience, Role, Sight, sight

LEAST, MOST = -(2**63), 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One user or token for the time of one request or command.

    `low`..`high` are the numbers of the area in the tree of divisions, both included; an empty
    range (low above high) is an area that no longer exists, and holds nothing.
    """

    name: str
    role: Role
    low: int
    high: int
    area: str = "*"
    user_id: int | None = None
    is_token: bool = False
    unlimited: bool = False
    demonstration: bool = False

    @property
    def actor(self) -> str:
        """Return how audit and history name this caller."""
        return f"token:{self.name}" if self.is_token else self.name

    @property
    def everywhere(self) -> bool:
        """Tell whether no area bounds this caller."""
        return self.low == LEAST and self.high == MOST

    def within(self, scope: Any) -> ColumnElement[bool]:
        """Keep the rows whose `scope` column lies in this caller's area."""
        return scope.between(self.low, self.high)  # type: ignore[no-any-return]

    def sees(self, audience: Audience) -> Sight:
        """Return how this caller sees `audience`."""
        return sight(self.role, audience)


def system(name: str = "system") -> Caller:
    """Return the caller for commands that act for the registry itself, never for a person."""
    return Caller(name=name, role=Role.ADMIN, low=LEAST, high=MOST)
