"""Merkle trees as in RFC 6962, §2.1: one root that stands for every line and their order."""

import hashlib


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of one line's bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The complete subtrees of a tree that grows at its end: all that its next root needs.

    Their sizes are the binary digits of the tree's size, so the bytes of their hashes are enough
    to take a tree up again where it was left.
    """

    def __init__(self, size: int = 0, kept: bytes = b"") -> None:
        self.size = size
        self._hashes = [kept[at:at + 32] for at in range(0, len(kept), 32)]

    def append(self, leaf: bytes) -> None:
        """Add the hash of one more line."""
        self._hashes.append(leaf)
        self.size += 1
        ended = self.size
        while ended % 2 == 0:
            right = self._hashes.pop()
            self._hashes[-1] = node_hash(self._hashes[-1], right)
            ended //= 2

    def root(self) -> bytes:
        """Return the root of the tree as it is now."""
        if not self._hashes:
            return hashlib.sha256(b"").digest()
        found = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            found = node_hash(left, found)
        return found

    def kept(self) -> bytes:
        """Return the bytes from which the tree can be taken up again."""
        return b"".join(self._hashes)
