"""The register as addresses see it: names held in process, numbered places asked by key.

Names are loaded once a version of the registry (spatial.state.version, which every change
bumps): a lookup compares versions first, so it never answers from names that have changed.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.across import labels, outdoors
from layers.across.register_past import as_of
from layers.across.registered_names import Named, load_names
from spatial.addressing import Located, NameIndex, Node, storey_key
from spatial.addressing.typing import TypingIndex
from spatial.history import NOW, Moment
from spatial.prepared import ask, run_prepared

#: Rows asked for when a whole building or compound is wanted.
MOST_CHILDREN = 2000
#: Days of the past whose names are kept in memory.
MOST_DAYS = 4


@dataclass(frozen=True, slots=True)
class _Held:
    version: int
    named: Named


_held: WeakKeyDictionary[Any, _Held] = WeakKeyDictionary()
_held_days: WeakKeyDictionary[Any, dict[tuple[int, Moment], Named]] = WeakKeyDictionary()
_lock = Lock()


def register_of(session: Session, moment: Moment = NOW) -> "PostgresRegister":
    """Return the register behind a session, as of its present version and of `moment`."""
    version = int(run_prepared(session, "registry_version", sql=_VERSION)[0][0])
    bind = session.get_bind()
    if not moment.is_now:
        return PostgresRegister(session, _past(session, version, moment), str(version), moment)
    held = _held.get(bind)
    if held is None or held.version != version:
        with _lock:
            held = _held.get(bind)
            if held is None or held.version != version:
                held = _held[bind] = _Held(version, load_names(session))
    return PostgresRegister(session, held.named, str(version))


def _past(session: Session, version: int, moment: Moment) -> Named:
    """Return the names as of a day; the days last asked for are kept."""
    with _lock:
        days = _held_days.setdefault(session.get_bind(), {})
        key = (version, moment)
        if key not in days:
            while len(days) >= MOST_DAYS:
                days.pop(next(iter(days)))
            days[key] = load_names(session, moment)
        return days[key]


class PostgresRegister:
    """A register (spatial.addressing.Register) whose numbered places lie in PostgreSQL."""

    def __init__(
        self, session: Session, named: Named, version: str, moment: Moment = NOW
    ) -> None:
        """Answer from `named` and, for what has a number, through `session`."""
        self._moment = moment
        self._session = session
        self._named = named
        self._version = version

    @property
    def names(self) -> NameIndex:
        """Return the index of all names."""
        return self._named.index

    @property
    def typing(self) -> TypingIndex:
        """Return the index of names as they are being typed."""
        return self._named.typing

    @property
    def habit(self) -> str:
        """Return the name of the habit by which addresses are written here."""
        return self._named.habit

    @property
    def version(self) -> str:
        """Return the version of the registry that answers."""
        return self._version

    def node(self, letter: str, key: int) -> Node | None:
        """Return a place that is known by name, by its layer's letter and its row."""
        return self._named.nodes.get((letter, key))

    def children(
        self, level: str, parents: Sequence[Node], keys: Collection[str] | None
    ) -> list[Node]:
        """Return the places of `level` directly below any of `parents` with one of `keys`."""
        look: Callable[[Sequence[Node], list[str] | None], list[Node]] | None = {
            "building": self._buildings, "entrance": self._entrances, "storey": self._storeys,
            "unit": self._units, "plate": self._plates, "group": self._groups,
        }.get(level)
        if look is None or not parents:
            return []
        return look(parents, None if keys is None else list(keys))

    def located(
        self, placement: str, streets: Sequence[Node], metres: float = 0.0
    ) -> Located | None:
        """Return a point along streets, or None where there is no such point."""
        return outdoors.located(self._session, placement, streets, metres)

    def chosen(self, text: str) -> Node | None:
        """Return the place that clerks decided a whole text means, while it exists."""
        identifier = self._named.chosen.get(text)
        return None if identifier is None else self.place(identifier)

    def chosen_after(self, head: str, limit: int) -> list[tuple[str, Node]]:
        """Return the decided texts that begin with `head`, and their places."""
        texts = self._named.chosen_texts
        found: list[tuple[str, Node]] = []
        for one in texts[bisect_left(texts, head):]:
            if not one.startswith(head) or len(found) == limit:
                break
            node = self.chosen(one)
            found += [(one, node)] if node else []
        return found

    def place(self, identifier: str) -> Node | None:
        """Return any present place by its identifier, or None."""
        named = self.names.nodes.get(identifier)
        if named is not None or identifier[:1] not in _ABOVE:
            return named
        level, _ = _ABOVE[identifier[:1]]
        row = self._session.execute(_ROW[level], {"identifier": identifier}).first()
        if row is None:
            return None
        street = self._named.nodes.get(("s", row.above)) if level == "plate" else None
        parents = [street] if street else self._buildings_by(row.above)
        inside = parents if level == "building" else self.children(level, parents, None)
        return next((node for node in inside if node.ref == identifier), None)

    def _buildings_by(self, key: int) -> list[Node]:
        return [self._building(row._asdict()) for row in self._ask("building_rows", [key], None)]

    def joining(self, one: Node, other: Node) -> Sequence[Node]:
        """Return the streets that meet both of two streets."""
        keys = outdoors.joining(self._session, one.id, other.id)
        found = (self._named.nodes.get(("s", key)) for key in keys)
        return [node for node in found if node is not None]

    def _ask(self, name: str, parents: Collection[int], keys: list[str] | None) -> Sequence[Any]:
        if not parents:
            return []
        head, column = _SQL[name]
        if not self._moment.is_now:
            return as_of(self._session, head, column, list(parents), keys, self._moment)
        if keys is None:
            return ask(self._session, f"address_all_{name}", sql=lambda: f"{head} AND {_NOW}",
                       values=[list(parents)])
        keyed = f"{head} AND t.{column} = ANY($2::text[]) AND {_NOW}"
        return ask(self._session, f"address_{name}", sql=lambda: keyed,
                   values=[list(parents), keys])

    def _buildings(self, parents: Sequence[Node], keys: list[str] | None) -> list[Node]:
        compounds = {n.id: n for n in parents if n.level == "compound"}
        areas = {n.id: n for n in parents if n.level in {"community", "group"}}
        rows = [*self._ask("buildings", compounds, keys), *self._ask("area_buildings", areas, keys)]
        return [self._building(row._asdict()) for row in rows]

    def _building(self, row: Mapping[str, Any]) -> Node:
        nodes = self._named.nodes
        parent = nodes.get(("c", row["compound_id"])) or nodes.get(("d", row["community_id"]))
        beside = (nodes.get(("g", row["grid_id"])), nodes.get(("s", row["street_id"])))
        also = tuple(n for n in beside if n is not None)
        return Node("building", row["identifier"], labels.building_label(row), id=row["id"],
                    key=row["number_key"] or "", parent=parent, also=also)

    def _entrances(self, parents: Sequence[Node], keys: list[str] | None) -> list[Node]:
        above = {n.id: n for n in parents}
        return [Node("entrance", r.identifier, labels.entrance_label(r._asdict()), id=r.id,
                     key=r.number_key or "", parent=above[r.building_id])
                for r in self._ask("entrances", above, keys)]

    def _storeys(self, parents: Sequence[Node], keys: list[str] | None) -> list[Node]:
        above = {n.id: n for n in parents}
        found = [Node("storey", r.identifier, labels.storey_label(r.label, r.index), id=r.id,
                      key=_storey(r.index), parent=above[r.building_id])
                 for r in self._ask("storeys", above, None)]
        return [n for n in found if keys is None or n.key in keys]

    def _units(self, parents: Sequence[Node], keys: list[str] | None) -> list[Node]:
        above = {n.id: n for n in parents}
        return [_unit(r._asdict(), above[r.building_id]) for r in self._ask("units", above, keys)]

    def _plates(self, parents: Sequence[Node], keys: list[str] | None) -> list[Node]:
        above = {n.id: n for n in parents}
        return [Node("plate", r.identifier, labels.plate_label(r.number), id=r.id,
                     key=r.number_key or "", parent=above[r.street_id], target=self._target(r))
                for r in self._ask("plates", above, keys)]

    def _target(self, row: Any) -> Node | None:
        if row.building_id is None:
            return self._named.nodes.get(("c", row.compound_id))
        return next(iter(self._buildings_by(row.building_id)), None)

    def _groups(self, parents: Sequence[Node], keys: list[str] | None) -> list[Node]:
        refs = {n.ref for n in parents}
        return [n for n in self._named.groups if n.parent is not None and n.parent.ref in refs
                and (keys is None or n.key in keys)]


#: Levels that are found by number, and the column that says what each hangs on.
_ABOVE = {"b": ("building", "id"), "e": ("entrance", "building_id"),
          "f": ("storey", "building_id"), "u": ("unit", "building_id"),
          "p": ("plate", "street_id")}
_ROW = {level: text(f"SELECT {column} AS above FROM {level} WHERE identifier = :identifier")
        for level, column in _ABOVE.values()}


def _storey(index: float | None) -> str:
    return "" if index is None else storey_key(f"{index:g}")


def _unit(row: Mapping[str, Any], building: Node) -> Node:
    above = building
    if row["entrance_id"] is not None:
        label = labels.entrance_label({"label": row["entrance_label"], "number": row["entrance"]})
        above = Node("entrance", row["entrance_identifier"], label, id=row["entrance_id"],
                     key=row["entrance_key"] or "", parent=building)
    return Node("unit", row["identifier"], labels.unit_label(row), id=row["id"],
                key=row["room_key"] or "", parent=above, entrance=row["entrance_key"] or "",
                storey=_storey(row["index"]), position=row["position"] or "")


_NOW = ("(t.valid_from IS NULL OR t.valid_from <= now()) "
        f"AND (t.valid_to IS NULL OR t.valid_to > now()) LIMIT {MOST_CHILDREN}")
_BUILDING = ("SELECT t.id, t.identifier, t.number, t.number_key, t.label, t.name, t.plate, "
             "t.compound_id, t.community_id, t.grid_id, t.street_id FROM building t WHERE ")
_VERSION = "SELECT coalesce((SELECT value::bigint FROM registry_state WHERE key = 'version'), 0)"
#: Each statement up to its parents ($1), and the column of the keys ($2) that narrow it.
_SQL = {
    "buildings": (f"{_BUILDING} t.compound_id = ANY($1::bigint[])", "number_key"),
    "area_buildings": (f"{_BUILDING} t.community_id = ANY($1::bigint[])", "number_key"),
    "building_rows": (f"{_BUILDING} t.id = ANY($1::bigint[])", "number_key"),
    "entrances": ("SELECT t.id, t.identifier, t.number, t.number_key, t.label, t.building_id "
                  "FROM entrance t WHERE t.building_id = ANY($1::bigint[])", "number_key"),
    "storeys": ("SELECT t.id, t.identifier, t.label, t.index, t.building_id FROM storey t WHERE "
                "t.building_id = ANY($1::bigint[])", "label"),
    "units": ("SELECT t.id, t.identifier, t.designator, t.position, t.room_key, t.building_id, "
              "t.entrance_id, e.identifier AS entrance_identifier, e.number AS entrance, "
              "e.label AS entrance_label, e.number_key AS entrance_key, s.index "
              "FROM unit t LEFT JOIN entrance e ON e.id = t.entrance_id "
              "LEFT JOIN storey s ON s.id = t.storey_id "
              "WHERE t.building_id = ANY($1::bigint[])", "room_key"),
    "plates": ("SELECT t.id, t.identifier, t.number, t.number_key, t.street_id, t.building_id, "
               "t.compound_id FROM plate t WHERE t.street_id = ANY($1::bigint[])", "number_key"),
}
