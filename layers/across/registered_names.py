"""All named places of the registry, loaded for the index of names: some ten thousand."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from layers.across import labels
from layers.across.former_names import earlier_names, ended
from layers.across.review import choices
from layers.buildings import Building
from layers.compounds import Compound
from layers.divisions import Division
from layers.facilities import Facility
from layers.grids import Grid
from layers.organizations import Organization, Premises
from layers.streets import Street
from layers.units import Unit
from spatial.addressing import NameEntry, NameIndex, Node, building_key, canonical
from spatial.addressing.keys import group_key, room_key
from spatial.addressing.sounds import parts
from spatial.addressing.typing import TypingIndex
from spatial.history import NOW, Moment, seen, valid
from spatial.state import remembered

Key = tuple[str, int]
Rows = Callable[..., Sequence[Any]]
#: The letter of each level's identifiers; every level of division shares one.
LETTERS = {"street": "s", "compound": "c", "building": "b", "facility": "q"}
#: A building called by a number alone is found through its compound, never by name.
_NUMBERED = re.compile(r"[\dA-Z甲乙丙丁东西南北中]{1,4}(?:号楼|号|栋|幢|座|楼)?")
#: Under which the registry remembers its habit.
HABIT = "habit"
#: Above this many, organizations are found by their own search only.
MOST_ORGANIZATIONS = 20_000


@dataclass(frozen=True)
class Named:
    """The index of names and the nodes behind it, by layer letter and row."""

    index: NameIndex
    nodes: Mapping[Key, Node]
    groups: Sequence[Node]
    chosen: Mapping[str, str]   # the place that was decided for a text
    habit: str = "default"      # how addresses are written here

    @cached_property
    def chosen_texts(self) -> list[str]:
        """Return the texts that were decided, sorted."""
        return sorted(self.chosen)

    @cached_property
    def typing(self) -> TypingIndex:
        """Return the index for suggestions, made when first asked for."""
        return TypingIndex(self.index)


def load_names(session: Session, moment: Moment = NOW) -> Named:
    """Load every named place that exists at `moment`; as of now also what places were called."""
    nodes: dict[Key, Node] = {}
    entries: list[NameEntry] = []
    rows = partial(_rows, session, moment)
    entries += _divisions(rows, nodes)
    _grids(rows, nodes)
    entries += _streets(rows, nodes)
    entries += _compounds(rows, nodes)
    entries += _buildings(session, nodes, moment)
    entries += _facilities(rows, nodes)
    entries += _units(session, nodes, moment)
    if moment.is_now:
        entries += _organizations(session, nodes)
        earlier = earlier_names(session)
        entries = [_with_earlier(entry, earlier) for entry in entries]
        entries += ended(session, nodes)
    parts("园")  # reads its table of characters now, not within the first misspelt address
    groups = [n for (letter, _), n in nodes.items() if letter == "d" and n.level == "group"]
    return Named(NameIndex(entries), nodes, groups, choices(session) if moment.is_now else {},
                 habit_of(session))


def habit_of(session: Session) -> str:
    """Return the name of the habit by which the registry's addresses are written."""
    return remembered(session, HABIT) or "default"


def _rows(session: Session, moment: Moment, model: Any, *columns: str) -> Sequence[Any]:
    one: Any = seen(model, moment)
    wanted = [getattr(one, name) for name in ("id", "identifier", *columns)]
    return session.execute(select(*wanted).order_by(one.id)).all()


def _with_earlier(entry: NameEntry, earlier: Mapping[Key, set[str]]) -> NameEntry:
    """Add the names that a place bore in earlier versions to its former names."""
    letter = LETTERS.get(entry.node.level, "d")
    known = {entry.name, *entry.aliases, *entry.former}
    more = sorted(earlier.get((letter, entry.node.id), set()) - known)
    return replace(entry, former=(*entry.former, *more)) if more else entry


def _words(value: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(w for w in value or () if w and w.strip())


def _divisions(rows: Rows, nodes: dict[Key, Node]) -> list[NameEntry]:
    found = {r.id: r for r in rows(Division, "name", "level", "parent_id", "aliases",
                                   "former_names", "code")}

    def node(key: int, depth: int = 0) -> Node | None:
        row = found.get(key)
        if row is None or depth > 12:
            return None
        if ("d", key) not in nodes:
            above = node(row.parent_id, depth + 1) if row.parent_id else None
            nodes["d", key] = Node(row.level, row.identifier, row.name, id=key,
                                   key=_key(row), parent=above)
        return nodes["d", key]

    made = [(row, node(key)) for key, row in found.items()]
    return [NameEntry(n, r.name, _words(r.aliases), _words(r.former_names)) for r, n in made if n]


def _key(row: Any) -> str:
    return group_key(row.name) if row.level == "group" else canonical(row.name)


def _grids(rows: Rows, nodes: dict[Key, Node]) -> None:
    """Know the grids as places that others lie in; their names repeat in every community."""
    for row in rows(Grid, "name", "community_id"):
        nodes["g", row.id] = Node("grid", row.identifier, row.name, id=row.id,
                                  parent=nodes.get(("d", row.community_id)))


def _streets(rows: Rows, nodes: dict[Key, Node]) -> list[NameEntry]:
    out = []
    for row in rows(Street, "name", "district_id", "aliases", "former_names"):
        if not row.name:
            continue
        node = Node("street", row.identifier, row.name, id=row.id, key=canonical(row.name),
                    parent=nodes.get(("d", row.district_id)))
        nodes["s", row.id] = node
        out.append(NameEntry(node, row.name, _words(row.aliases), _words(row.former_names)))
    return out


def _compounds(rows: Rows, nodes: dict[Key, Node]) -> list[NameEntry]:
    out = []
    for row in rows(Compound, "name", "community_id", "street_id", "aliases",
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


def _buildings(session: Session, nodes: dict[Key, Node], moment: Moment) -> list[NameEntry]:
    """Name the buildings that have a name or alias of their own; numbers are no names."""
    out = []
    one: Any = seen(Building, moment)
    wanted = [getattr(one, c) for c in ("id", "identifier", *_BUILDING)]
    query = select(*wanted).where(or_(one.name.is_not(None), func.cardinality(one.aliases) > 0))
    for row in session.execute(query.order_by(one.id)):
        names = _telling((row.name or "", *_words(row.aliases)))
        if names:
            label = row.label or row.name or labels.building_label(dict(row._mapping))
            node = _building_node(row, nodes, label)
            nodes["b", row.id] = node
            own = names[0] == row.name
            out.append(NameEntry(node, row.name if own else "", names[1:] if own else names))
    return out


def _telling(names: Iterable[str]) -> tuple[str, ...]:
    """Return what is more than a number: by 3号 alone no place is named."""
    return tuple(n for n in names
                 if len(n) >= 3 and not _NUMBERED.fullmatch(canonical(n)))


def _units(session: Session, nodes: Mapping[Key, Node], moment: Moment) -> list[NameEntry]:
    """Name the units that have an alias of their own: 老粮站值班室."""
    one: Any = seen(Unit, moment)
    home: Any = seen(Building, moment)
    own = [getattr(home, c).label(f"b_{c}") for c in ("id", "identifier", *_BUILDING)]
    query = (select(one.id.label("u_id"), one.identifier.label("u_identifier"), one.designator,
                    one.aliases, home.compound_id, *own)
             .join(home, home.id == one.building_id)
             .where(func.cardinality(one.aliases) > 0).order_by(one.id))
    out = []
    for row in session.execute(query):
        names, node = _telling(_words(row.aliases)), _place(row, nodes)
        if names and node is not None:
            out.append(NameEntry(node, "", names))
    return out


def _facilities(rows: Rows, nodes: dict[Key, Node]) -> list[NameEntry]:
    out = []
    for row in rows(Facility, "name", "kind", "compound_id"):
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
    for row in _rows(session, NOW, Organization, "name", "short_names", "former_names"):
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
