"""What a file has shown so far, small enough for ten million rows: 16 bytes a key.

Python's own hash of a key (64 bits, salted a process) stands for the key: among ten million
keys two share one by chance once in three hundred thousand files.
"""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]
Hashes = NDArray[np.int64]
#: Runs above this are left as they are, so that merging never needs much room of its own.
LARGEST_RUN = 1_000_000


class Remembered:
    """Keys with a number each, in sorted runs that are merged while they are small."""

    def __init__(self) -> None:
        self._runs: list[tuple[Hashes, Numbers]] = []

    def __len__(self) -> int:
        """Count the keys."""
        return sum(len(hashes) for hashes, _ in self._runs)

    def find(self, keys: Sequence[Hashable]) -> dict[Hashable, int]:
        """Return the number of each of these keys that was added before."""
        wanted = _hashes(keys)
        found: dict[Hashable, int] = {}
        for hashes, numbers in self._runs:
            places = np.minimum(np.searchsorted(hashes, wanted), len(hashes) - 1)
            for at in map(int, np.flatnonzero(hashes[places] == wanted)):
                found.setdefault(keys[at], int(numbers[places[at]]))
        return found

    def add(self, keys: Sequence[Hashable], numbers: Sequence[int]) -> None:
        """Remember keys that are new, each with its number (64 bits, not negative)."""
        if not keys:
            return
        run = _sorted(_hashes(keys), np.array(numbers, dtype=np.uint64))
        while self._runs and len(self._runs[-1][0]) <= min(2 * len(run[0]), LARGEST_RUN):
            hashes, values = self._runs.pop()
            run = _sorted(np.concatenate([hashes, run[0]]), np.concatenate([values, run[1]]))
        self._runs.append(run)


def _hashes(keys: Sequence[Hashable]) -> Hashes:
    return np.fromiter(map(hash, keys), dtype=np.int64, count=len(keys))


def _sorted(hashes: Hashes, numbers: Numbers) -> tuple[Hashes, Numbers]:
    """Sort by hash; of equal ones the one that came first stays first."""
    order = np.argsort(hashes, kind="stable")
    return hashes[order], numbers[order]
