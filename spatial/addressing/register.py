"""What the resolver asks of a register, and the node it is answered with."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from spatial.addressing.names import NameIndex

#: The precision ladder, deepest first (registry.md §1).
LEVELS = (
    "unit", "storey", "entrance", "building", "plate", "compound", "street", "facility", "grid",
    "group", "community", "subdistrict", "district", "city", "province",
)  # fmt: skip
DEPTH = {level: len(LEVELS) - at for at, level in enumerate(LEVELS)}
DIVISIONS = frozenset({"group", "community", "subdistrict", "district", "city", "province"})


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A place as the resolver sees it; `ref` is its public identifier, `id` the register's key."""

    level: str
    ref: str
    label: str
    id: int = 0
    key: str = ""
    parent: "Node | None" = None
    also: tuple["Node", ...] = ()  # other places it lies in or at: its grid, street, plate
    entrance: str = ""  # of a unit: the key of its entrance
    storey: str = ""  # of a unit: the key of its storey
    position: str = ""  # of a unit: 东户
    target: "Node | None" = None  # of a plate or an organization: the place it belongs to
    retired: bool = False  # it has ended, and nothing stands in its place

    def chain(self) -> tuple["Node", ...]:
        """Return the node and all it lies in, the largest first."""
        up: list[Node] = []
        at: Node | None = self
        while at is not None:
            up.append(at)
            at = at.parent
        return tuple(reversed(up))

    def lies_in(self, ref: str) -> bool:
        """Tell whether the node is, lies in or lies at the place `ref`."""
        return any(n.ref == ref or any(o.ref == ref for o in n.also) for n in self.chain())


@dataclass(frozen=True, slots=True)
class Located:
    """A point along streets (EPSG:4326), and how exact it is."""

    placement: str
    point: tuple[float, float]
    precision_m: float


@dataclass(frozen=True, slots=True)
class NameEntry:
    """A named place and all it is or was called."""

    node: Node
    name: str
    aliases: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()  # of what stood here before, and has ended


class Register(Protocol):
    """A register of places: names in process, numbered places by key."""

    @property
    def names(self) -> "NameIndex":
        """Return the index of all names."""

    @property
    def habit(self) -> str:
        """Return the name of the habit (data/habits) by which its addresses are written."""

    @property
    def version(self) -> str:
        """Return the version of the register that answers."""

    def children(
        self, level: str, parents: Sequence[Node], keys: Collection[str] | None
    ) -> list[Node]:
        """Return the places of `level` directly below any of `parents` with one of `keys`.

        `level` is building (parents: compounds, communities, groups), entrance, storey or unit
        (parents: buildings), or plate (parents: streets); `keys` None asks for all of them.
        """

    def located(
        self, placement: str, streets: Sequence[Node], metres: float = 0.0
    ) -> Located | None:
        """Return a point along streets, or None where there is no such point.

        `placement` is intersection (two streets), section (a street, and the two between which
        it is meant) or kilometre (a street and `metres` from its beginning).
        """

    def chosen(self, text: str) -> Node | None:
        """Return the place that people decided a whole text (as `settled` writes it) means."""

    def joining(self, one: Node, other: Node) -> Sequence[Node]:
        """Return the streets that meet both of two streets."""
