"""Counts for those who may not see persons: blocks of LEAST or more, rounded, once a day.

Rounding each table by itself is broken by subtraction: a community less its grids tells of the
grid that was withheld. So the registry is cut once into blocks that do not overlap. A grid with
LEAST or more is a block; what is left in a community (small grids, what has no grid) is one
together, if that is LEAST or more, else it goes up to the subdistrict, and so on. Each block is
rounded to STEP, and every figure at every level is a sum of whole blocks: nothing can be learned
from two answers that the blocks themselves do not say.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from layers.across.counts import METRICS
from layers.buildings import Building
from layers.divisions import Division
from layers.grids import Grid
from spatial.history import NOW, Moment, seen
from spatial.state import remember, remembered
from spatial.statistics import Mask, Numbers
from spatial.walls import everywhere

#: Counts of persons below this are not told to those who may not see the persons …
LEAST = 10
#: … and larger ones are rounded to a multiple of this.
STEP = 5
WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Published:
    """What is told of a metric: the value of each area by its identifier, and as of when."""

    values: Mapping[str, int]
    at: datetime | None

    def of(self, identifier: str | None) -> int:
        """Return the value of a division or grid, or of the whole registry."""
        return self.values.get(identifier or WHOLE, 0)


@dataclass(slots=True)
class _Node:
    """An area with what it holds: `left` is what no block of its own or below holds."""

    identifier: str
    low: int
    high: int
    left: int = 0
    value: int = 0
    parts: list["_Node"] = field(default_factory=list)


def published(session: Session, metric: str) -> Published:
    """Return what is told of `metric` today; worked out once, as of the last midnight.

    On the registry's first day there was nothing at midnight: then it is worked out each time.
    """
    day = last_midnight(session)
    if day.is_now:
        return Published(_values(session, metric, day), None)
    key = f"published:{metric}"
    kept = json.loads(remembered(session, key) or "{}")
    at = day.known_at.isoformat() if day.known_at else ""
    if kept.get("at") != at:
        kept = {"at": at, "values": _values(session, metric, day)}
        remember(session, key, json.dumps(kept))
    return Published(kept["values"], day.known_at)


def tree_areas(session: Session, moment: Moment = NOW) -> list[tuple[str, int, int]]:
    """Return identifier and numbers of every division and grid."""
    division, grid = seen(Division, moment), seen(Grid, moment)
    found = [(row.identifier, row.low, row.high) for row in session.execute(
        select(division.identifier, division.low, division.high).where(division.low > 0))]
    return found + [(row.identifier, row.scope, row.scope) for row in session.execute(
        select(grid.identifier, grid.scope).where(grid.scope > 0))]


def blocks(counted: Mapping[int, int], areas: Iterable[tuple[str, int, int]]
           ) -> dict[str, int]:
    """Return the value of each (identifier, low, high), given the count by number."""
    whole = _tree(areas)
    for node, number in _owners(whole, sorted(counted)):
        node.left += counted[number]
    _settle(whole)
    return {node.identifier: node.value for node in _every(whole)}


def rounded_to_step(value: int) -> int:
    """Return the multiple of STEP that is nearest; 0 for what is not told."""
    return 0 if value < LEAST else int((value + STEP / 2) // STEP * STEP)


def rounded(counts: Numbers) -> tuple[Numbers, Mask]:
    """Return the counts of areas that do not overlap as told, and which are withheld (as 0).

    Only what is summed of these may be told of larger areas.
    """
    held = np.asarray(counts < LEAST)
    return np.where(held, 0.0, np.floor((counts + STEP / 2) / STEP) * STEP), held


def _values(session: Session, metric: str, moment: Moment) -> dict[str, int]:
    thing = METRICS[metric].things(moment).subquery("thing")
    with everywhere(session):
        rows = session.execute(select(thing.c.scope, func.count()).group_by(thing.c.scope))
        counted = {number: count for number, count in rows}
    return blocks(counted, tree_areas(session, moment))


def _tree(areas: Iterable[tuple[str, int, int]]) -> _Node:
    """Nest the areas by their numbers below one node for the whole registry."""
    whole = _Node(WHOLE, -(2**63), 2**63 - 1)
    path = [whole]
    for identifier, low, high in sorted(areas, key=lambda one: (one[1], -one[2])):
        while path[-1].high < high:
            path.pop()
        node = _Node(identifier, low, high)
        path[-1].parts.append(node)
        path.append(node)
    return whole


def _owners(whole: _Node, numbers: Iterable[int]) -> Iterator[tuple[_Node, int]]:
    """Yield the smallest area of each number, numbers in order."""
    order = iter(_every(whole))
    path, following = [next(order)], next(order, None)
    for number in numbers:
        while following is not None and following.low <= number:
            while path[-1].high < following.low:
                path.pop()
            path.append(following)
            following = next(order, None)
        while path[-1].high < number:
            path.pop()
        yield path[-1], number


def _settle(node: _Node) -> None:
    """Make the block of a node out of its own and of what its parts leave over."""
    for part in node.parts:
        _settle(part)
    node.value = sum(part.value for part in node.parts)
    node.left += sum(part.left for part in node.parts)
    if node.left >= LEAST:
        node.value, node.left = node.value + rounded_to_step(node.left), 0


def _every(node: _Node) -> Iterator[_Node]:
    yield node
    for part in node.parts:
        yield from _every(part)


def last_midnight(session: Session) -> Moment:
    """Return the last midnight; before the registry's first one, now."""
    midnight = session.execute(select(func.date_trunc("day", func.now()))).scalar_one()
    knew = session.scalar(select(exists().where(Building.creation_date <= midnight)))
    return Moment(valid_at=midnight, known_at=midnight) if knew else NOW
