"""Locks between the programs that share one home: one at a time, or who is still there."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold `path` alone; waits for whoever holds it. A killed program holds nothing."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@dataclass(frozen=True)
class Presence:
    """One of perhaps several programs that hold a file together."""

    descriptor: int

    def alone(self) -> bool:
        """Return whether no other program is present; the presence ends by asking."""
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def shared(path: Path) -> Iterator[Presence]:
    """Hold `path` together with others."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield Presence(descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    # Read access is enough for flock, and lets root and the owner share one home.
    return os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
