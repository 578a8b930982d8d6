"""The key that signs the state of the audit, and the second place where its states are kept.

The signing key lies in a file of its own, apart from the keys of sealed fields: who has stolen
those can forge no state. The folder of checkpoints belongs on another machine's disk.
"""

import json
import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from spatial.config import Settings
from spatial.errors import Unavailable
from spatial.secret_files import write_once

PRIVATE, PUBLIC, LINES = "audit-signing.pem", "audit-public.key", "checkpoints.jsonl"
#: No line of the file is longer than this: see BATCH of the sealer.
LINE_MOST = 256 * 1024


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A state of the tree as signed: a text and its signature."""

    signed: str
    signature: bytes

    def line(self) -> bytes:
        """Return it as a line of the file."""
        said = {"signed": self.signed, "signature": b64encode(self.signature).decode("ascii")}
        return json.dumps(said, separators=(",", ":")).encode("ascii") + b"\n"

    @classmethod
    def read(cls, line: bytes) -> "Checkpoint":
        """Read a line of the file; raise ValueError for what is none."""
        said = json.loads(line)
        if not isinstance(said, dict) or not isinstance(said.get("signed"), str):
            raise ValueError("no checkpoint")
        return cls(said["signed"], b64decode(str(said.get("signature")), validate=True))

    def is_signed(self, key: Ed25519PublicKey) -> bool:
        """Tell whether `key` has signed this."""
        try:
            key.verify(self.signature, self.signed.encode())
        except InvalidSignature:
            return False
        return True


class Notary:
    """Signs states, and keeps them in the second place."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.path, self.file, self._public = home / PRIVATE, folder / LINES, folder / PUBLIC

    def sign(self, text: str) -> bytes:
        """Sign a text with the key of this registry, made on first use."""
        return self._key().sign(text.encode())

    def public_key(self) -> tuple[Ed25519PublicKey, bool]:
        """Return the key that states must be signed with, and whether both places know it."""
        if not self._public.exists():
            return self._key().public_key(), True
        try:
            kept = Ed25519PublicKey.from_public_bytes(b64decode(self._public.read_bytes()))
        except ValueError:
            return self._key().public_key(), False
        if not self.path.exists():
            return kept, True
        ours = self._key().public_key()
        return ours, ours.public_bytes_raw() == kept.public_bytes_raw()

    def keep(self, one: Checkpoint) -> None:
        """Add a checkpoint to the file and wait until it is on the disk."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not self._public.exists():
                raw = self._key().public_key().public_bytes_raw()
                self._public.write_bytes(b64encode(raw) + b"\n")
            handle = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(handle, "ab") as file:
                file.write(one.line())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise Unavailable(f"No checkpoint can be written to {self.file} ({error.strerror}); "
                              "see to the folder that DOORPLATE_CHECKPOINTS names") from error

    def lines(self) -> Iterator[bytes]:
        """Yield the lines of the file; none when there is no file."""
        if self.file.exists():
            with self.file.open("rb") as file:
                yield from file

    def last_line(self) -> bytes:
        """Return the last line of the file, or nothing."""
        if not self.file.exists():
            return b""
        with self.file.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LINE_MOST))
            return (file.read().splitlines(keepends=True) or [b""])[-1]

    def _key(self) -> Ed25519PrivateKey:
        if not self.path.exists():
            _make(self.path)
        try:
            if stat.S_IMODE(self.path.stat().st_mode) & 0o077:
                raise Unavailable(f"Others may read {self.path}; run: chmod 400 {self.path}")
            key = load_pem_private_key(self.path.read_bytes(), password=None)
        except (OSError, ValueError) as error:
            raise Unavailable(f"The key in {self.path} cannot be used; put it back from its safe "
                              "copy") from error
        assert isinstance(key, Ed25519PrivateKey)
        return key


def notary(settings: Settings) -> Notary:
    """Return the notary of a registry."""
    return Notary(settings.home, settings.home / settings.checkpoints)


def _make(path: Path) -> None:
    """Write a new signing key."""
    write_once(path, Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
