"""Which keys the data of a database names: without them nothing is started, nor made anew.

A new key file beside old data would seal new values, and never open the old ones. So the ids of
keys that ever sealed for this database are kept in it, each with a fingerprint that opens nothing.
"""

import json
from pathlib import Path

from sqlalchemy import Connection, text

from spatial.errors import Unavailable
from spatial.sealing import FILE, Vault

KNOWN = "sealing_keys"


def require_file(connection: Connection, home: Path) -> None:
    """Raise Unavailable when the data names keys and there is no key file at all."""
    known = _known(connection)
    if known and not (home / FILE).exists():
        names = ", ".join(sorted(known))
        raise Unavailable(f"Values of this database are sealed with key {names}, and there is no "
                          f"{home / FILE}; put it back from its safe copy.")


def require_keys(connection: Connection, vault: Vault) -> None:
    """Raise Unavailable, naming the key, when one that the data names is missing or another one.

    The key in use is noted, so that the next start asks for it.
    """
    known, ours = _known(connection), vault.fingerprints()
    for name, print_ in sorted(known.items()):
        if name not in ours:
            raise Unavailable(f"Key {name} is missing from {FILE}, and values of this database "
                              "are sealed with it; put it back from its safe copy.")
        if ours[name] != print_:
            raise Unavailable(f"Key {name} in {FILE} is another key than the one that sealed "
                              "this database; put back its own key file.")
    if vault.current not in known:
        known[vault.current] = ours[vault.current]
        connection.execute(_KEEP, {"key": KNOWN, "value": json.dumps(known, sort_keys=True)})


def forget_key(connection: Connection, name: str) -> None:
    """Ask no start for this key any more: nothing is sealed with it."""
    known = _known(connection)
    known.pop(name, None)
    connection.execute(_KEEP, {"key": KNOWN, "value": json.dumps(known, sort_keys=True)})


def _known(connection: Connection) -> dict[str, str]:
    found = connection.execute(_KEPT, {"key": KNOWN}).scalar()
    return dict(json.loads(found)) if found else {}


_KEPT = text("SELECT value FROM registry_state WHERE key = :key")
_KEEP = text("INSERT INTO registry_state VALUES (:key, :value) "
             "ON CONFLICT (key) DO UPDATE SET value = excluded.value")
