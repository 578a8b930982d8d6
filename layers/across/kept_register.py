"""A register for many texts in a row: what it has once answered it answers again from memory.

Ledgers go house by house. A building that is asked for a second time is taken in whole, so that
its other doors cost no further trip to the database.
"""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from typing import TypeVar

from layers.across.register import MOST_CHILDREN, PostgresRegister
from spatial.addressing import Located, NameIndex, Node

#: Parents whose children are kept, the last asked for; some 60 doors each.
MOST_PARENTS = 4000
#: Places that are not taken in whole: a street has thousands of house numbers.
_BY_KEY_ONLY = frozenset({"plate"})
_Key = tuple[str, str]
Held = TypeVar("Held")


class KeptRegister:
    """A register (spatial.addressing.Register) that remembers; for one run, one version."""

    def __init__(self, register: PostgresRegister) -> None:
        """Answer from `register` and from memory."""
        self._register = register
        self._whole: OrderedDict[_Key, dict[str, list[Node]]] = OrderedDict()
        self._asked: OrderedDict[_Key, None] = OrderedDict()

    @property
    def names(self) -> NameIndex:
        """Return the index of all names."""
        return self._register.names

    @property
    def habit(self) -> str:
        """Return the name of the habit by which addresses are written here."""
        return self._register.habit

    @property
    def version(self) -> str:
        """Return the version of the registry that answers."""
        return self._register.version

    def located(
        self, placement: str, streets: Sequence[Node], metres: float = 0.0
    ) -> Located | None:
        """Return a point along streets, or None where there is no such point."""
        return self._register.located(placement, streets, metres)

    def chosen(self, text: str) -> Node | None:
        """Return the place that clerks decided a whole text means, while it exists."""
        return self._register.chosen(text)

    def joining(self, one: Node, other: Node) -> Sequence[Node]:
        """Return the streets that meet both of two streets."""
        return self._register.joining(one, other)

    def children(
        self, level: str, parents: Sequence[Node], keys: Collection[str] | None
    ) -> list[Node]:
        """Return the places of `level` directly below any of `parents` with one of `keys`."""
        if level in _BY_KEY_ONLY:
            return self._register.children(level, parents, keys)
        wholes = [self._of(level, parent) for parent in parents]
        if any(whole is None for whole in wholes):
            return self._register.children(level, parents, keys)
        found = [node for whole in wholes if whole is not None
                 for key in (whole if keys is None else dict.fromkeys(keys))
                 for node in whole.get(key, ())]  # fmt: skip
        return list({node.ref: node for node in found}.values())

    def _of(self, level: str, parent: Node) -> dict[str, list[Node]] | None:
        """Return the children of a parent by key; None when it is asked for the first time."""
        at = (level, parent.ref)
        if at in self._whole:
            self._whole.move_to_end(at)
            return self._whole[at]
        if at not in self._asked:
            _keep(self._asked, at, None)
            return None
        nodes = self._register.children(level, [parent], None)
        if len(nodes) >= MOST_CHILDREN:
            return None
        whole: dict[str, list[Node]] = {}
        for node in nodes:
            whole.setdefault(node.key, []).append(node)
        _keep(self._whole, at, whole)
        return whole


def _keep(held: OrderedDict[_Key, Held], at: _Key, value: Held) -> None:
    held[at] = value
    if len(held) > MOST_PARENTS:
        held.popitem(last=False)
