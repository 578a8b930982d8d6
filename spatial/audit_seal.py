"""The sealer: takes waiting lines of the audit into a Merkle tree and signs each new state.

One sealer at a time, whoever tries: an advisory lock. The database commits first, the second
place follows; a crash between the two leaves one state too few there, which the next sealing
adds.
"""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, Select, insert, select, text
from sqlalchemy.exc import DBAPIError

from spatial.audit import AuditEvent, AuditHead, sealed_bytes
from spatial.audit_keys import Checkpoint, Notary
from spatial.errors import RegistryError
from spatial.merkle import Frontier, leaf_hash

LOCK = 4_610_002
EVERY_S = 1.0
#: Lines of one state at most.
BATCH = 5_000
#: So many hexadecimal digits of each line's hash stand in the state, to name a line that differs.
HINT = 8
log = logging.getLogger(__name__)

_TAKE = text(
    "DELETE FROM audit_pending p USING audit_event e WHERE e.id = p.event_id AND p.event_id IN "
    "(SELECT event_id FROM audit_pending ORDER BY event_id LIMIT :most) RETURNING p.event_id")
_PLACE = text(
    "INSERT INTO audit_leaf (position, event_id, hash) SELECT :first + place - 1, event_id, hash "
    "FROM unnest(CAST(:events AS bigint[]), CAST(:hashes AS bytea[])) WITH ORDINALITY "
    "AS one (event_id, hash, place)")


def seal(engine: Engine, notary: Notary, *, wait: bool = True) -> int:
    """Seal every waiting line; return how many, 0 also when another sealer is at work."""
    with engine.connect() as connection, _alone(connection, wait=wait) as alone:
        if not alone:
            return 0
        _catch_up(connection, notary)
        sealed = 0
        while batch := _seal_batch(connection, notary):
            sealed += batch
        return sealed


class Sealer(threading.Thread):
    """Seals each second until it is told to stop; a fault is logged and tried again."""

    def __init__(self, engine: Engine, notary: Notary) -> None:
        super().__init__(name="audit-sealer", daemon=True)
        self._engine, self._notary = engine, notary
        self._ended = threading.Event()

    def run(self) -> None:
        """Seal what waits, again and again."""
        while not self._ended.wait(EVERY_S):
            try:
                with self._engine.connect() as connection:
                    waiting = connection.scalar(text("SELECT EXISTS (SELECT FROM audit_pending)"))
                if waiting:
                    seal(self._engine, self._notary, wait=False)
            except (DBAPIError, RegistryError) as error:
                log.error("the audit was not sealed: %s", type(error).__name__)

    def stop(self) -> None:
        """End after the sealing in hand."""
        self._ended.set()


def state_text(*, first: int, size: int, root: bytes, leaves: list[bytes], at: datetime) -> str:
    """Return the text of a state that is signed."""
    return json.dumps({"at": at.isoformat(), "from": first, "size": size, "root": root.hex(),
                       "leaves": [leaf.hex()[:HINT] for leaf in leaves]},
                      sort_keys=True, separators=(",", ":"))


@contextmanager
def _alone(connection: Connection, *, wait: bool) -> Iterator[bool]:
    """Hold the sealers' lock; it outlives transactions, and ends with the connection."""
    ask = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
    got = connection.scalar(text(f"SELECT {ask}(:key)"), {"key": LOCK})
    connection.commit()
    if not wait and not got:
        yield False
        return
    try:
        yield True
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
        connection.commit()


def _catch_up(connection: Connection, notary: Notary) -> None:
    """Add the last state to the second place when a crash kept it from there; only the last."""
    last = connection.execute(_newest().limit(2)).all()
    connection.rollback()
    if not last:
        return
    kept = notary.last_line()
    before = Checkpoint(last[1].signed, bytes(last[1].signature)).line() if len(last) > 1 else b""
    if kept == before:
        notary.keep(Checkpoint(last[0].signed, bytes(last[0].signature)))


def _seal_batch(connection: Connection, notary: Notary) -> int:
    """Seal a number of lines: one transaction, one state."""
    head = connection.execute(_newest().limit(1)).first()
    tree = Frontier(head.size, bytes(head.kept)) if head else Frontier()
    first, taken = tree.size, connection.scalars(_TAKE, {"most": BATCH}).all()
    if not taken:
        connection.rollback()
        return 0
    lines = connection.execute(select(AuditEvent.id, AuditEvent.mac, AuditEvent.line)
                               .where(AuditEvent.id.in_(taken)).order_by(AuditEvent.id)).all()
    leaves = [leaf_hash(sealed_bytes(line.id, line.mac, line.line)) for line in lines]
    for leaf in leaves:
        tree.append(leaf)
    connection.execute(_PLACE, {"first": first, "events": [line.id for line in lines],
                                "hashes": leaves})
    signed = state_text(first=first, size=tree.size, root=tree.root(), leaves=leaves,
                        at=datetime.now(UTC))
    one = Checkpoint(signed, notary.sign(signed))
    connection.execute(insert(AuditHead).values(
        size=tree.size, signed=signed, signature=one.signature, kept=tree.kept()))
    connection.commit()
    notary.keep(one)
    return len(leaves)


def _newest() -> Select[int, str, bytes, bytes]:
    return select(AuditHead.size, AuditHead.signed, AuditHead.signature,
                  AuditHead.kept).order_by(AuditHead.size.desc())
