"""Answers kept in memory for a minute: what a page asks for several times in a row."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Any, Generic, TypeVar
from weakref import WeakSet

Answer = TypeVar("Answer")
_ALL: "WeakSet[Kept[Any]]" = WeakSet()


class Kept(Generic[Answer]):
    """The newest answers by what they depend on, each for `seconds`, `most` at a time.

    The key must hold all that an answer depends on: the registry's version and the caller's
    rights above all.
    """

    def __init__(self, *, seconds: float = 60.0, most: int = 64) -> None:
        self._seconds, self._most = seconds, most
        self._found: OrderedDict[Hashable, tuple[float, Answer]] = OrderedDict()
        self._turns: dict[Hashable, Lock] = {}
        self._lock = Lock()
        _ALL.add(self)

    def clear(self) -> None:
        """Forget every answer."""
        with self._lock:
            self._found.clear()

    def get(self, key: Hashable, make: Callable[[], Answer]) -> Answer:
        """Return the answer to `key`, made now where none is kept.

        Who asks for what another is making waits for it, so that nothing is made twice at once.
        """
        found = self._fresh(key)
        if found is not None:
            return found
        with self._lock:
            turn = self._turns.setdefault(key, Lock())
        with turn:
            found = self._fresh(key)
            return self._made(key, make) if found is None else found

    def _fresh(self, key: Hashable) -> Answer | None:
        with self._lock:
            since, found = self._found.get(key, (0.0, None))
        return found if monotonic() - since < self._seconds else None

    def _made(self, key: Hashable, make: Callable[[], Answer]) -> Answer:
        try:
            made = make()
            with self._lock:
                self._found[key] = (monotonic(), made)
                self._found.move_to_end(key)
                while len(self._found) > self._most:
                    self._found.popitem(last=False)
        finally:
            with self._lock:
                self._turns.pop(key, None)
        return made


def forget() -> None:
    """Forget every answer of every kind: for who turns a database back, as tests do."""
    for kept in list(_ALL):
        kept.clear()
