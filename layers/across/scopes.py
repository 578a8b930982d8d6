"""The numbers of the division tree: which rows lie within an area.

Each division owns a range of numbers, nested in its parent's; each grid one number of its
community's range. `scope` of a row is the number of its grid, else of its community. "Within my
area" is then one comparison of a bigint, which is leakproof and uses a plain index.

A range is cut into 512 parts: part 0 is the division's own, the others go to its children. Seven
levels fit into a bigint. Numbers are kept once drawn, so that adding a child renumbers nobody.
"""

from dataclasses import dataclass, field

from psycopg2 import sql
from sqlalchemy import select
from sqlalchemy.orm import Session

from layers.divisions import Division
from layers.grids import Grid
from spatial.errors import InvalidInput
from spatial.statements import run

PARTS = 512
WHOLE = (0, 2**63 - 1)


@dataclass(slots=True)
class Node:
    """One division with its range and its children."""

    id: int
    parent: int | None
    low: int | None
    high: int | None
    children: list["Node"] = field(default_factory=list)


def number_divisions(session: Session) -> int:
    """Give numbers to divisions that lack them, and to all below one that moved."""
    rows = session.execute(select(Division.id, Division.parent_id, Division.low, Division.high)
                           .order_by(Division.code, Division.id))
    nodes = {row.id: Node(row.id, row.parent_id, row.low, row.high) for row in rows}
    roots: list[Node] = []
    for node in nodes.values():
        parent = nodes.get(node.parent or 0)
        (parent.children if parent else roots).append(node)
    changed: list[tuple[int, int, int]] = []
    _share_out(roots, WHOLE, changed)
    for node_id, low, high in changed:
        run(session, sql.SQL("UPDATE division SET low = %(low)s, high = %(high)s, scope = %(low)s "
                             "WHERE id = %(id)s"), {"id": node_id, "low": low, "high": high})
    return len(changed)


def number_grids(session: Session) -> None:
    """Give each grid a number of its community: numbers in use stay, the rest follow by code."""
    run(session, sql.SQL(_GRIDS))
    full = session.execute(select(Grid.code).join(Division, Grid.community_id == Division.id)
                           .where(Grid.scope > Division.high).limit(1)).scalar()
    if full:
        raise InvalidInput(f"grid {full}: its community has more grids than its numbers allow")


def _share_out(children: list[Node], within: tuple[int, int],
               changed: list[tuple[int, int, int]]) -> None:
    step = (within[1] - within[0] + 1) // PARTS
    taken = {_part(node, within, step) for node in children} - {None}
    free = iter([part for part in range(1, PARTS) if part not in taken])
    for node in children:
        part = _part(node, within, step)
        if part is None:
            part = next(free, None)
            if part is None or step < 1:
                raise InvalidInput("the division tree is too deep or too broad: seven levels and "
                                   f"{PARTS - 1} children each fit; check the parents")
            node.low = within[0] + part * step
            node.high = node.low + step - 1
            changed.append((node.id, node.low, node.high))
        if node.children:
            assert node.low is not None and node.high is not None
            _share_out(node.children, (node.low, node.high), changed)


def _part(node: Node, within: tuple[int, int], step: int) -> int | None:
    """Return which part of the parent's range a node has, None if it has none of it."""
    if node.low is None or node.high is None or step < 1:
        return None
    part, rest = divmod(node.low - within[0], step)
    fits = 0 < part < PARTS and rest == 0 and node.high == node.low + step - 1
    return part if fits else None


_GRIDS = """
WITH place AS (
    SELECT g.id, d.low, d.high,
           CASE WHEN g.scope > d.low AND g.scope <= d.high THEN g.scope END AS kept
    FROM grid g JOIN division d ON d.id = g.community_id
), used AS (
    SELECT low, coalesce(max(kept), low) AS last FROM place GROUP BY low
), fresh AS (
    SELECT p.id, u.last + row_number() OVER (PARTITION BY p.low ORDER BY g.code, g.id) AS number
    FROM place p JOIN used u USING (low) JOIN grid g ON g.id = p.id WHERE p.kept IS NULL
)
UPDATE grid g SET scope = f.number FROM fresh f WHERE g.id = f.id
"""
