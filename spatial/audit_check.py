"""Checks the audit: every line against its hash, its place in the tree and the signed states.

What may be believed is what the signing key signed: the states of the second place and those of
the database together. A line is named by its place in the tree, counted from 1.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Engine, select, text

from spatial.audit import (
    CHUNK,
    LINE,
    AuditEvent,
    AuditHead,
    AuditLeaf,
    AuditPending,
    is_as_written,
    sealed_bytes,
)
from spatial.audit_keys import Checkpoint, Notary
from spatial.audit_restore import since_restores
from spatial.audit_seal import HINT, LOCK
from spatial.merkle import Frontier, leaf_hash

if TYPE_CHECKING:
    from spatial.sealing import Vault


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with the audit, and the first line that it may concern; None for any line."""

    line: int | None
    what: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}" if self.line else self.what


@dataclass(slots=True)
class Signed:
    """What the signed states say: the roots by size, and a hint of the hash of each line."""

    restores: list[str] = field(default_factory=list)
    roots: dict[int, str] = field(default_factory=dict)
    hints: dict[int, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Return how many lines were sealed."""
        return max(self.roots, default=0)

    def add(self, said: dict[str, Any]) -> None:
        """Take in one state whose signature holds."""
        self.roots[said["size"]] = said["root"]
        self.hints.update(enumerate(said["leaves"], said["from"]))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings, the first line first, and how many lines there are."""

    findings: tuple[Finding, ...]
    sealed: int
    waiting: int
    restores: tuple[str, ...] = ()


def verify(engine: Engine, vault: "Vault", notary: Notary) -> Verdict:
    """Check the whole audit while no sealer is at work."""
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
        try:
            with connection.begin_nested():
                return _verdict(connection, vault, notary)
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
            connection.rollback()


def _verdict(connection: Connection, vault: "Vault", notary: Notary) -> Verdict:
    signed = Signed()
    findings = [*_keys(notary), *_states(connection, notary, signed)]
    sealed, waiting = 0, 0
    for found in _sealed_lines(connection, vault, signed):
        if isinstance(found, Finding):
            findings.append(found)
        else:
            sealed = found
    for found in _unsealed_lines(connection, vault, sealed):
        if isinstance(found, Finding):
            findings.append(found)
        else:
            waiting = found
    findings.sort(key=lambda one: one.line or 0)
    return Verdict(tuple(findings), sealed, waiting, tuple(signed.restores))


def _keys(notary: Notary) -> Iterator[Finding]:
    if not notary.public_key()[1]:
        yield Finding(None, "The signing key is not the one that the checkpoints know.")


def _states(connection: Connection, notary: Notary, signed: Signed) -> Iterator[Finding]:
    """Check the states of both places, and take in what they say."""
    key, _ = notary.public_key()
    rows = connection.execute(select(AuditHead.size, AuditHead.signed, AuditHead.signature)
                              .order_by(AuditHead.size))
    ours = [(row.size, Checkpoint(row.signed, bytes(row.signature))) for row in rows]
    kept: list[Checkpoint] = []
    yield from _take_in((one for _, one in ours), key, signed, "The state of the database")
    yield from _read(notary, kept)
    kept, signed.restores = since_restores(kept, key)
    yield from _take_in(kept, key, signed, "The checkpoint")
    yield from _agreement([one for _, one in ours], kept)
    for size, one in ours:
        if one.is_signed(key) and json.loads(one.signed)["size"] != size:
            yield Finding(size, "The state is filed under another size than it says.")


def _read(notary: Notary, kept: list[Checkpoint]) -> Iterator[Finding]:
    for number, line in enumerate(notary.lines(), 1):
        try:
            one = Checkpoint.read(line)
        except ValueError:
            yield Finding(None, f"{notary.file.name}, line {number}: this is no checkpoint.")
            continue
        if one.line() != line:
            yield Finding(None, f"{notary.file.name}, line {number}: not as it was written.")
        kept.append(one)


def _take_in(states: Iterable[Checkpoint], key: Ed25519PublicKey, signed: Signed,
             called: str) -> Iterator[Finding]:
    """Yield states that are forged, or do not follow upon the one before."""
    size = 0
    for one in states:
        if not one.is_signed(key):
            yield Finding(size + 1, f"{called} after line {size} is not signed by our key.")
            continue
        said = json.loads(one.signed)
        if said["from"] != size:
            first = min(size, said["from"]) + 1
            yield Finding(first, f"{called} for {said['size']} lines does not follow upon {size}.")
        signed.add(said)
        size = said["size"]


def _agreement(ours: list[Checkpoint], kept: list[Checkpoint]) -> Iterator[Finding]:
    """Yield from where on the two places differ."""
    agreed = 0
    for here, there in zip_longest(ours, kept):
        if here != there:
            lacking = ("The checkpoints lack" if there is None else "The database lacks"
                       if here is None else "Database and checkpoints disagree about")
            yield Finding(agreed + 1, f"{lacking} the state from this line on.")
            return
        with suppress(ValueError, KeyError, TypeError):
            agreed = int(json.loads(here.signed)["size"])


def _sealed_lines(connection: Connection, vault: "Vault",
                  signed: Signed) -> Iterator[Finding | int]:
    """Yield what is wrong with the sealed lines, in order, and last how many there are."""
    query = (select(AuditLeaf.position, AuditLeaf.event_id, AuditLeaf.hash, *LINE)
             .outerjoin(AuditEvent, AuditEvent.id == AuditLeaf.event_id)
             .order_by(AuditLeaf.position).execution_options(yield_per=CHUNK))
    tree, good, place, since = Frontier(), True, -1, 1
    for place, row in enumerate(connection.execute(query)):
        if wrong := _wrong(row, place, vault, signed):
            yield Finding(place + 1, wrong)
            good = False
            if row.position != place:
                break
        tree.append(leaf_hash(b"") if row.id is None else _leaf(row))
        if good and (root := signed.roots.get(tree.size)) is not None:
            if root != tree.root().hex():
                yield Finding(since, f"The lines {since} to {tree.size} are not those sealed.")
                good = False
            since = tree.size + 1
    if place + 1 < signed.size and good:
        yield Finding(place + 2, f"The lines from here to {signed.size} are gone.")
    yield place + 1


def _wrong(row: Any, place: int, vault: "Vault", signed: Signed) -> str | None:
    """Return what is wrong with a sealed line."""
    if row.position != place:
        return f"The place of this line in the tree is gone; {row.position + 1} comes next."
    if row.id is None:
        return f"The line (number {row.event_id}) is gone."
    if not _is_written(row, vault):
        return f"The line (number {row.id}) is not what was written."
    leaf = _leaf(row)
    hint = signed.hints.get(place)
    if hint is None:
        return f"No signed state knows this line (number {row.id})."
    if leaf.hex()[:HINT] != hint or leaf != bytes(row.hash):
        return f"The line (number {row.id}) is not the one that was sealed."
    return None


def _unsealed_lines(connection: Connection, vault: "Vault",
                    sealed: int) -> Iterator[Finding | int]:
    """Yield what is wrong with lines that no state holds yet, and last how many wait."""
    leaf = select(AuditLeaf.position).where(AuditLeaf.event_id == AuditEvent.id)
    waits = select(AuditPending.event_id).where(AuditPending.event_id == AuditEvent.id).exists()
    rows = connection.execute(select(*LINE, waits.label("waits")).where(~leaf.exists())
                              .order_by(AuditEvent.id).execution_options(yield_per=CHUNK))
    waiting = 0
    for number, row in enumerate(rows, sealed + 1):
        waiting += row.waits
        if not row.waits:
            yield Finding(number, f"The line (number {row.id}) was put in past the sealer.")
        elif not _is_written(row, vault):
            yield Finding(number, f"The line (number {row.id}) is not what was written.")
    known = select(AuditEvent.id).where(AuditEvent.id == AuditPending.event_id).exists()
    for lost in connection.scalars(select(AuditPending.event_id).where(~known)):
        yield Finding(sealed + 1, f"The line (number {lost}) is gone before it was sealed.")
    yield waiting


def _is_written(row: Any, vault: "Vault") -> bool:
    try:
        return is_as_written(row, vault)
    except (ValueError, KeyError, TypeError):
        return False


def _leaf(row: Any) -> bytes:
    return leaf_hash(sealed_bytes(row.id, row.mac, row.line))
