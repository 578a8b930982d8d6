"""Names that were: what a place was called in earlier versions, and places that have ended."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from layers.buildings import Building
from layers.compounds import Compound
from layers.divisions import Division
from layers.facilities import Facility
from layers.streets import Street
from spatial.addressing import NameEntry, Node
from spatial.history import history_of, seen

#: Layers whose places are called by a name, and the level of each but divisions.
NAMED: Mapping[str, tuple[Any, str]] = {
    "d": (Division, ""), "s": (Street, "street"), "c": (Compound, "compound"),
    "b": (Building, "building"), "q": (Facility, "facility")}


def earlier_names(session: Session) -> dict[tuple[str, int], set[str]]:
    """Return the names that present places bore in versions now past, by letter and row."""
    found: dict[tuple[str, int], set[str]] = defaultdict(set)
    for letter, (model, _) in NAMED.items():
        past = history_of(model.__table__)
        query = (select(past.c.id, past.c.name).distinct()
                 .join(model, (model.id == past.c.id) & model.name.is_distinct_from(past.c.name))
                 .where(past.c.name.is_not(None)))
        for row in session.execute(query):
            found[letter, row.id].add(row.name)
    return found


def successors(session: Session, model: Any, keys: list[int]) -> dict[int, int]:
    """Return, for ended places, the one that stands where each stood and began at its end."""
    if not keys:
        return {}
    old: Any = aliased(model)
    new: Any = seen(model)
    spot = func.ST_PointOnSurface(old.geometry)
    rows = session.execute(
        select(old.id, new.id)
        .join(new, func.ST_Intersects(new.geometry, spot))
        .where(old.id.in_(keys), new.id != old.id,
               new.valid_from >= old.valid_to)
        .order_by(old.id, new.valid_from.desc(), new.id))
    return {one: other for one, other in rows}


def ended(session: Session, nodes: Mapping[tuple[str, int], Node]) -> list[NameEntry]:
    """Name the places that have ended: by what stands there now, else by themselves."""
    out = []
    for letter, (model, level) in NAMED.items():
        rows = session.execute(
            select(model.id, model.identifier, model.name, model.scope,
                   *([model.level] if letter == "d" else []))
            .where(model.valid_to <= func.now(), model.name.is_not(None))).all()
        after = successors(session, model, [row.id for row in rows])
        for row in rows:
            node = nodes.get((letter, after.get(row.id, 0)))
            if node is None:
                node = Node(row.level if letter == "d" else level, row.identifier, row.name,
                            id=row.id, retired=True)
            if letter not in "bq" or len(row.name) >= 3:
                out.append(NameEntry(node, "", retired=(row.name,)))
    return out
