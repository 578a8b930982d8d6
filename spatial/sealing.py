"""Sealed fields: what must never be readable in the database, and how it is still found.

A sealed value is `suite | key id | nonce | ciphertext | tag` (AES-256-GCM), bound to its table,
column, row and key, so that it cannot be moved to another person. The blind index (the first
16 bytes of an HMAC-SHA256) finds exact values without opening any. Keys lie in one file outside
database and repository, readable by its owner only; losing it loses the sealed values.
"""

import base64
import hashlib
import hmac
import json
import secrets
import stat
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from spatial.config import Settings
from spatial.errors import Unavailable
from spatial.secret_files import replace, write_once

FILE = "keys.json"
#: AES-256-GCM with a random 96-bit nonce.
SUITE = 1
_KEY_ID, _NONCE, _TAG = 4, 12, 16
_HEAD = 1 + _KEY_ID + _NONCE


#: Stands for a row while the rest of what a value is bound to is put together.
_HERE = "\0"


class Vault:
    """Keys in use: seals and opens values, and makes their blind index."""

    def __init__(self, keys: dict[str, bytes], current: str, index_key: bytes) -> None:
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._path: Path | None = None
        self.current = current
        self._index_key = index_key
        self._index_keys: dict[str, bytes] = {}
        self._prints = {name: hmac.digest(key, b"fingerprint", hashlib.sha256)[:16].hex()
                        for name, key in keys.items()}

    @property
    def wall_key(self) -> bytes:
        """Return the key that signs scopes (spatial/walls.py); it opens no sealed value."""
        return hmac.digest(self._index_key, b"wall", hashlib.sha256)

    def fingerprints(self) -> dict[str, str]:
        """Return of each key what tells it from another one, and opens nothing."""
        return dict(self._prints)

    @classmethod
    def open(cls, home: Path) -> "Vault":
        """Open the keys of a home folder, made on first use; raise Unavailable if unusable."""
        path = Path(home) / FILE
        if not path.exists():
            _make(path)
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            body = json.loads(path.read_text(encoding="ascii"))
            keys = {name: base64.b64decode(key) for name, key in body["keys"].items()}
            vault = cls(keys, str(body["current"]), base64.b64decode(body["index"]))
            vault._path = path
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unavailable(f"The keys in {path} cannot be used ({type(error).__name__}); put "
                              "back the key file from its safe copy") from error
        if mode & 0o077:
            raise Unavailable(f"Others may read the keys in {path}; run: chmod 400 {path}")
        if vault.current not in keys:
            raise Unavailable(f"Key {vault.current} is missing from {path}; put it back")
        return vault

    def seal(self, table: str, column: str, row: str, text: str) -> bytes:
        """Seal a text for the row of this public identifier."""
        nonce = secrets.token_bytes(_NONCE)
        bound = _bound(table, column, row, self.current)
        sealed = self._ciphers[self.current].encrypt(nonce, text.encode(), bound)
        return bytes([SUITE]) + bytes.fromhex(self.current) + nonce + sealed

    def seal_many(self, table: str, column: str, rows: Sequence[str],
                  texts: Iterable[str | None]) -> list[bytes | None]:
        """Seal a column; None stays None. As `seal`, with all that rows share worked out once."""
        encrypt, head = self._ciphers[self.current].encrypt, bytes([SUITE]) + bytes.fromhex(
            self.current)
        before, after = _bound(table, column, _HERE, self.current).decode().split(
            f"{len(_HERE)}:{_HERE}")
        nonces, sealed = secrets.token_bytes(_NONCE * len(rows)), list[bytes | None]()
        for at, (row, text) in enumerate(zip(rows, texts, strict=True)):
            if text is None:
                sealed.append(None)
                continue
            nonce = nonces[at * _NONCE:(at + 1) * _NONCE]
            bound = f"{before}{len(row)}:{row}{after}".encode()
            sealed.append(head + nonce + encrypt(nonce, text.encode(), bound))
        return sealed

    def unseal(self, table: str, column: str, row: str, value: bytes) -> str:
        """Open a sealed value; raise Unavailable when its key is missing or it was altered."""
        value = bytes(value)
        if len(value) < _HEAD + _TAG or value[0] != SUITE:
            raise Unavailable(f"The sealed {column} of {table} {row} is damaged; restore it")
        name = key_id(value)
        cipher = self._ciphers.get(name) or self._read_again().get(name)
        if cipher is None:
            raise Unavailable(f"Key {name} is missing, with which the {column} of {table} {row} "
                              f"was sealed; put it back into {FILE}")
        try:
            opened = cipher.decrypt(value[1 + _KEY_ID:_HEAD], value[_HEAD:],
                                    _bound(table, column, row, name))
        except InvalidTag as error:
            raise Unavailable(f"The sealed {column} of {table} {row} was altered, or key {name} "
                              "is another one; restore it from a backup") from error
        return opened.decode()

    def _read_again(self) -> dict[str, AESGCM]:
        """Take in the keys that a rotation has added to the file since it was opened."""
        if self._path is not None:
            newer = Vault.open(self._path.parent)
            self._ciphers, self.current = newer._ciphers, newer.current
            self._prints = newer._prints
        return self._ciphers

    def blind(self, kind: str, text: str) -> bytes:
        """Return the blind index of a text: equal for equal texts of one kind, 16 bytes.

        The caller normalises first (codes, phone numbers), else equal things differ.
        """
        key = self._index_keys.get(kind)
        if key is None:
            key = hmac.digest(self._index_key, kind.encode(), hashlib.sha256)
            self._index_keys[kind] = key
        return hmac.digest(key, text.encode(), hashlib.sha256)[:16]


def key_id(value: bytes) -> str:
    """Return the id of the key with which a value was sealed."""
    return bytes(value)[1:1 + _KEY_ID].hex()


def add_key(home: Path) -> Vault:
    """Add a new key to the file and seal with it from now on; the older ones stay to open with."""
    def add(body: dict[str, Any]) -> None:
        body["current"] = secrets.token_hex(_KEY_ID)
        body["keys"][body["current"]] = _fresh()
    return _change(home, add)


def drop_key(home: Path, name: str) -> Vault:
    """Take a key that seals nothing any more out of the file."""
    def drop(body: dict[str, Any]) -> None:
        del body["keys"][name]
    return _change(home, drop)


def _change(home: Path, change: Callable[[dict[str, Any]], None]) -> Vault:
    path = home / FILE
    Vault.open(home)
    body = json.loads(path.read_text(encoding="ascii"))
    change(body)
    replace(path, json.dumps(body, indent=1).encode("ascii"))
    return Vault.open(home)


def vault(settings: Settings) -> Vault:
    """Open the keys of the registry's home folder; where they were made is said once."""
    is_new = not (settings.home / FILE).exists()
    opened = Vault.open(settings.home)
    if is_new:
        print(f"New keys: {settings.home / FILE} (mode 0400). Keep a copy in another place: "
              "without it no sealed value opens again.", file=sys.stderr)
    return opened


def _bound(table: str, column: str, row: str, key: str) -> bytes:
    """Return what a sealed value is bound to; lengths keep the parts apart."""
    return (f"{len(table)}:{table}|{len(column)}:{column}|{len(row)}:{row}|{len(key)}:{key}"
            ).encode()


def _make(path: Path) -> None:
    """Write a new key file."""
    name = secrets.token_hex(_KEY_ID)
    body = {"current": name, "keys": {name: _fresh()}, "index": _fresh()}
    write_once(path, json.dumps(body, indent=1).encode("ascii"))


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode("ascii")
