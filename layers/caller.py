"""Who is asking: a user or a token, acting in one role over one area."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_

from layers.access import Audience, Role, Sight, sight

LEAST, MOST = -(2**63), 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One user or token for the time of one request or command.

    `low`..`high` are the numbers of the area in the tree of divisions, both included; an empty
    range (low above high) is an area that no longer exists, and holds nothing. `numbers`, where
    there are any, are the grids within that range to which the caller is further bound.
    """

    name: str
    role: Role
    low: int
    high: int
    area: str = "*"
    numbers: tuple[int, ...] | None = None
    assignment_id: int | None = None
    user_id: int | None = None
    is_token: bool = False
    unlimited: bool = False
    demonstration: bool = False
    #: The agency that a handler works for: its orders are all that a handler sees.
    agency: str | None = None

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
        inside = scope.between(self.low, self.high)
        if self.numbers is None:
            return inside  # type: ignore[no-any-return]
        return and_(inside, scope.in_(self.numbers))

    def holds(self, low: int, high: int | None = None) -> bool:
        """Tell whether a scope, or a whole range of them, lies in this caller's area."""
        high = low if high is None else high
        if self.numbers is not None:
            return low == high and low in self.numbers and self.low <= low <= self.high
        return self.low <= low <= high <= self.high

    def sees(self, audience: Audience) -> Sight:
        """Return how this caller sees `audience`."""
        return sight(self.role, audience)


def system(name: str = "system") -> Caller:
    """Return the caller for commands that act for the registry itself, never for a person."""
    return Caller(name=name, role=Role.ADMIN, low=LEAST, high=MOST)
