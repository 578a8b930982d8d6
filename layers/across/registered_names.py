"""All named places of the registry, loaded for the index of names: some ten thousand."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from layers.buildings import Building
from layers.compounds import Compound
from layers.divisions import Division
from layers.facilities import Facility
from layers.grids import Grid
from layers.organizations import Organization, Premises
from layers.streets import Street
from layers.units import Unit
from spatial.addressing import NameEntry, NameIndex, Node, building_key, canonical
from spatial.addressing.keys import room_key
from spatial.addressing.typing import TypingIndex
from spatial.history import valid

Key = tuple[str, int]
#: A building called by a number alone is found through its compound, never by name.
_NUMBERED = re.compile(r"[\dA-Z甲乙丙丁东西南北中]{1,4}(?:号楼|号|栋|幢|座|楼)?")
#: Above this many, organizations are found by their own search only.
MOST_ORGANIZATIONS = 20_000


@dataclass(frozen=True)
class Named:
    """The index of names and the nodes behind it, by layer letter and row."""

    index: NameIndex
    nodes: Mapping[Key, Node]
    groups: Sequence[Node]

    @cached_property
    def typing(self) -> TypingIndex:
        """Return the index for suggestions, made when first asked for."""
        return TypingIndex(self.index)


def load_names(session: Session) -> Named:
    """Load every named place that exists now."""
    nodes: dict[Key, Node] = {}
    entries: list[NameEntry] = []
    entries += _divisions(session, nodes)
    _grids(session, nodes)
    entries += _streets(session, nodes)
    entries += _compounds(session, nodes)
    entries += _buildings(session, nodes)
    entries += _facilities(session, nodes)
    entries += _organizations(session, nodes)
    groups = [n for (letter, _), n in nodes.items() if letter == "d" and n.level == "group"]
    return Named(NameIndex(entries), nodes, groups)


def _rows(session: Session, model: Any, *columns: str) -> Sequence[Any]:
    wanted = [getattr(model, name) for name in ("id", "identifier", *columns)]
    return session.execute(select(*wanted).where(valid(model, func.now())).order_by(model.id)).all()


def _words(value: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(w for w in value or () if w and w.strip())


def _divisions(session: Session, nodes: dict[Key, Node]) -> list[NameEntry]:
    rows = {r.id: r for r in _rows(session, Division, "name", "level", "parent_id", "aliases",
                                   "former_names", "code")}

    def node(key: int, depth: int = 0) -> Node | None:
        row = rows.get(key)
        if row is None or depth > 12:
            return None
        if ("d", key) not in nodes:
            above = node(row.parent_id, depth + 1) if row.parent_id else None
            nodes["d", key] = Node(row.level, row.identifier, row.name, id=key,
                                   key=canonical(row.name), parent=above)
        return nodes["d", key]

    made = [(row, node(key)) for key, row in rows.items()]
    return [NameEntry(n, r.name, _words(r.aliases), _words(r.former_names)) for r, n in made if n]


def _grids(session: Session, nodes: dict[Key, Node]) -> None:
    """Know the grids as places that others lie in; their names repeat in every community."""
    for row in _rows(session, Grid, "name", "community_id"):
        nodes["g", row.id] = Node("grid", row.identifier, row.name, id=row.id,
                                  parent=nodes.get(("d", row.community_id)))


def _streets(session: Session, nodes: dict[Key, Node]) -> list[NameEntry]:
    out = []
    for row in _rows(session, Street, "name", "district_id", "aliases", "former_names"):
        if not row.name:
            continue
        node = Node("street", row.identifier, row.name, id=row.id, key=canonical(row.name),
                    parent=nodes.get(("d", row.district_id)))
        nodes["s", row.id] = node
        out.append(NameEntry(node, row.name, _words(row.aliases), _words(row.former_names)))
    return out


def _compounds(session: Session, nodes: dict[Key, Node]) -> list[NameEntry]:
    out = []
    for row in _rows(session, Compound, "name", "community_id", "street_id", "aliases",
                     "former_names"):
        street = nodes.get(("s", row.street_id))
        node = Node("compound", row.identifier, row.name, id=row.id, key=canonical(row.name),
                    parent=nodes.get(("d", row.community_id)), also=(street,) if street else ())
        nodes["c", row.id] = node
        out.append(NameEntry(node, row.name, _words(row.aliases), _words(row.former_names)))
    return out


def _building_node(row: Any, nodes: Mapping[Key, Node], label: str) -> Node:
    parent = nodes.get(("c", row.compound_id)) or nodes.get(("d", row.community_id))
    also = (nodes.get(("g", row.grid_id)), nodes.get(("s", row.street_id)))
    return Node("building", row.identifier, label, id=row.id, key=row.number_key or
                building_key(label), parent=parent, also=tuple(n for n in also if n))


_BUILDING = ("name", "label", "number", "number_key", "aliases", "compound_id", "community_id",
             "grid_id", "street_id")


def _buildings(session: Session, nodes: dict[Key, Node]) -> list[NameEntry]:
    """Name the buildings that have a name of their own; numbers are no names."""
    out = []
    wanted = [getattr(Building, c) for c in ("id", "identifier", *_BUILDING)]
    query = select(*wanted).where(valid(Building, func.now()), Building.name.is_not(None))
    for row in session.execute(query.order_by(Building.id)):
        names = [n for n in (row.name, *_words(row.aliases))
                 if len(n) >= 3 and not _NUMBERED.fullmatch(canonical(n))]
        if names:
            node = _building_node(row, nodes, row.label or row.name)
            nodes["b", row.id] = node
            out.append(NameEntry(node, names[0], tuple(names[1:])))
    return out


def _facilities(session: Session, nodes: dict[Key, Node]) -> list[NameEntry]:
    out = []
    for row in _rows(session, Facility, "name", "kind", "compound_id"):
        if row.name and len(row.name) >= 3 and row.kind != "camera":
            node = Node("facility", row.identifier, row.name, id=row.id,
                        parent=nodes.get(("c", row.compound_id)))
            out.append(NameEntry(node, row.name))
    return out


def _organizations(session: Session, nodes: dict[Key, Node]) -> list[NameEntry]:
    """Name the organizations that have a place; they stand for it."""
    number = session.scalar(select(func.count()).select_from(Organization)) or 0
    if number > MOST_ORGANIZATIONS:
        return []
    places = _premises(session, nodes)
    out = []
    for row in _rows(session, Organization, "name", "short_names", "former_names"):
        target = places.get(row.id)
        if target is not None:
            node = Node("organization", row.identifier, row.name, id=row.id, target=target)
            out.append(NameEntry(node, row.name, _words(row.short_names),
                                 _words(row.former_names)))
    return out


def _premises(session: Session, nodes: dict[Key, Node]) -> dict[int, Node]:
    """Return the place of each organization, where it operates before where it is registered."""
    own = [getattr(Building, c).label(f"b_{c}") for c in ("id", "identifier", *_BUILDING)]
    building = func.coalesce(Premises.building_id, Unit.building_id)
    query = (select(Premises.organization_id, Premises.compound_id, Unit.id.label("u_id"),
                    Unit.identifier.label("u_identifier"), Unit.designator, *own)
             .outerjoin(Unit, Unit.id == Premises.unit_id)
             .outerjoin(Building, Building.id == building)
             .where(valid(Premises, func.now())).order_by(Premises.kind != "operates", Premises.id))
    found: dict[int, Node] = {}
    for row in session.execute(query):
        place = _place(row, nodes)
        if place is not None:
            found.setdefault(row.organization_id, place)
    return found


class _Prefixed:
    """A row's columns of one table, without their prefix."""

    def __init__(self, row: Any) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, f"b_{name}")


def _place(row: Any, nodes: Mapping[Key, Node]) -> Node | None:
    if row.b_id is None:
        return nodes.get(("c", row.compound_id))
    label = row.b_label or (f"{row.b_number}号楼" if row.b_number else row.b_name) or "楼"
    building = nodes.get(("b", row.b_id)) or _building_node(_Prefixed(row), nodes, label)
    if row.u_id is None:
        return building
    name = row.designator or ""
    return Node("unit", row.u_identifier, name, id=row.u_id, key=room_key(name), parent=building)
