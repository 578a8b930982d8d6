"""A restored backup lacks the lines of the audit that were sealed after it: said, and signed.

Without a mark the check would take the restore for a cut. With it the states that the restore left
behind are told as such, and the audit goes on from where the backup stood.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Engine, func, select

from spatial.audit import AuditHead
from spatial.audit_keys import Checkpoint, Notary

RESTORED = "restored"


def mark_restore(engine: Engine, notary: Notary) -> None:
    """Put a signed mark into the second place, where it knows of more lines than the backup."""
    with engine.connect() as connection:
        size = connection.scalar(select(func.max(AuditHead.size))) or 0
    known = max((_said(one).get("size", 0) for one in _kept(notary)), default=0)
    if known > size:
        signed = json.dumps({"at": datetime.now(UTC).isoformat(), RESTORED: known, "size": size},
                            sort_keys=True, separators=(",", ":"))
        notary.keep(Checkpoint(signed, notary.sign(signed)))


def since_restores(kept: Sequence[Checkpoint], key: Ed25519PublicKey
                   ) -> tuple[list[Checkpoint], list[str]]:
    """Return the states that still count, and in words what each restore has left behind.

    A mark that is not signed counts for nothing and stays among the states, to be found.
    """
    lasting: list[Checkpoint] = []
    told = []
    for one in kept:
        said = _said(one)
        if RESTORED not in said or not one.is_signed(key):
            lasting.append(one)
            continue
        size = int(said["size"])
        lasting = [state for state in lasting if _said(state).get("size", 0) <= size]
        told.append(f"A backup was restored at {said['at']}: the lines {size + 1} to "
                    f"{said[RESTORED]} were sealed after it and are gone.")
    return lasting, told


def _kept(notary: Notary) -> list[Checkpoint]:
    found = []
    for line in notary.lines():
        try:
            found.append(Checkpoint.read(line))
        except ValueError:
            continue
    return since_restores(found, notary.public_key()[0])[0]


def _said(one: Checkpoint) -> dict[str, Any]:
    try:
        said = json.loads(one.signed)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
