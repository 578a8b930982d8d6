"""Cases: the open incident that lets an operator look at a person at its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from layers.caller import Caller
from layers.incidents import Incident
from spatial.history import valid

OVER = ("closed", "rejected")


@dataclass(frozen=True, slots=True)
class Case:
    """Where an open incident is: in a dwelling, else at a building."""

    unit_id: int | None
    building_id: int | None

    def is_at(self, ties: Sequence[Any]) -> bool:
        """Tell whether one of these residencies is at the incident's place."""
        if self.unit_id is not None:
            return any(tie.Residency.unit_id == self.unit_id for tie in ties)
        return self.building_id is not None and any(
            tie.in_building_id == self.building_id for tie in ties)


def open_case(session: Session, caller: Caller, name: str) -> Case | None:
    """Return the open incident called `name` (identifier or source_id) in the caller's area."""
    row = session.execute(
        select(Incident.unit_id, Incident.building_id)
        .where(or_(Incident.identifier == name, Incident.source_id == name),
               or_(Incident.status.is_(None), Incident.status.not_in(OVER)),
               Incident.closed_at.is_(None), valid(Incident, func.now()),
               caller.within(Incident.scope)).limit(1)).first()
    return Case(row.unit_id, row.building_id) if row else None
