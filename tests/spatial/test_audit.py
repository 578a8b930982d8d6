"""The audit: added to only, sealed into a tree, and no tampering goes unseen."""

import json
import random
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from spatial.audit import AuditEvent, AuditHead, AuditLeaf, Event, _mac, record, sealed_bytes
from spatial.audit_check import verify
from spatial.audit_keys import Checkpoint, Notary
from spatial.audit_restore import mark_restore
from spatial.audit_seal import Sealer, seal, state_text
from spatial.database import connect
from spatial.merkle import Frontier, leaf_hash, node_hash
from tests.support.sealed import vault

LINES, BATCHES = 24, 4
THIEF = Event(actor="thief", role="officer", action="person-by-id", subjects=("r1",))


@pytest.fixture
def engine(fresh_url):
    engine = connect(fresh_url)
    yield engine
    engine.dispose()


@pytest.fixture
def notary(tmp_path):
    return Notary(tmp_path / "home", tmp_path / "second")


def write(engine, count, first=0):
    with Session(engine) as session:
        for number in range(first, first + count):
            record(session, vault(), Event(
                actor=f"user{number % 3}", role="officer", action="person-by-id",
                purpose="service", subjects=(f"r{number:03d}",)))
        session.commit()


@pytest.fixture
def sealed(engine, notary):
    """Sealed lines of several states, and two that wait."""
    size = LINES // BATCHES
    for batch in range(BATCHES):
        write(engine, size, first=batch * size)
        assert seal(engine, notary) == size
    write(engine, 2, first=LINES)
    return engine


def check(engine, notary):
    return verify(engine, vault(), notary)


def first_line(engine, notary):
    findings = check(engine, notary).findings
    assert findings
    return next((one.line for one in findings if one.line), None)


def force(engine, *statements, **values):
    """Change the tables as one who owns the database can."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement), values)


@pytest.fixture
def admin(cluster, sealed):
    """The database as its administrator sees it."""
    engine = connect(cluster.admin_url(database="fresh"))
    yield engine
    engine.dispose()


def test_the_tree_is_that_of_the_standard():
    leaves = [leaf_hash(bytes([n])) for n in range(7)]

    def root(part):
        if len(part) == 1:
            return part[0]
        half = 1 << (len(part) - 1).bit_length() - 1
        return node_hash(root(part[:half]), root(part[half:]))

    tree = Frontier()
    for size, leaf in enumerate(leaves, 1):
        tree = Frontier(tree.size, tree.kept())
        tree.append(leaf)
        assert tree.root() == root(leaves[:size])
    assert Frontier().root().hex().startswith("e3b0c44298fc1c14")


def test_an_honest_audit_has_no_findings(sealed, notary):
    verdict = check(sealed, notary)
    assert verdict.findings == () and (verdict.sealed, verdict.waiting) == (LINES, 2)
    seal(sealed, notary)
    assert check(sealed, notary).waiting == 0


@pytest.mark.parametrize("table", ["audit_event", "audit_leaf", "audit_head"])
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
def test_lines_and_states_are_only_added(sealed, table, change):
    column = {"audit_event": "id", "audit_leaf": "position", "audit_head": "size"}[table]
    with pytest.raises(DBAPIError, match="only ever added"), sealed.begin() as connection:
        connection.execute(text(change.format(table, column, column)))


def test_a_line_is_lost_with_its_business(sealed, notary):
    with Session(sealed) as session:
        record(session, vault(), THIEF)
        session.rollback()
    assert check(sealed, notary).waiting == 2


def test_lines_that_end_late_are_sealed_when_they_end(engine, notary):
    with Session(engine) as slow:
        record(slow, vault(), THIEF)
        write(engine, 3)
        assert seal(engine, notary) == 3
        slow.commit()
    assert seal(engine, notary) == 1 and check(engine, notary).findings == ()


def test_only_one_sealer_is_at_work(sealed, notary):
    with sealed.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(4610002)"))
        assert seal(sealed, notary, wait=False) == 0
        other.execute(text("SELECT pg_advisory_unlock(4610002)"))
    assert seal(sealed, notary, wait=False) == 2


def test_the_sealer_seals_within_seconds(sealed, notary):
    sealer = Sealer(sealed, notary)
    sealer.start()
    for _ in range(100):
        if check(sealed, notary).waiting == 0:
            break
        sealer.join(0.1)
    sealer.stop()
    sealer.join(5)
    assert not sealer.is_alive() and check(sealed, notary).waiting == 0


def test_a_crash_before_the_second_place_is_made_good(sealed, notary):
    lines = notary.file.read_bytes().splitlines(keepends=True)
    notary.file.write_bytes(b"".join(lines[:-1]))
    assert first_line(sealed, notary) == LINES - LINES // BATCHES + 1
    seal(sealed, notary)
    assert check(sealed, notary).findings == ()


def test_more_than_one_lost_checkpoint_stays_found(sealed, notary):
    lines = notary.file.read_bytes().splitlines(keepends=True)
    notary.file.write_bytes(b"".join(lines[:-2]))
    seal(sealed, notary)
    assert check(sealed, notary).findings


def test_the_signing_key_is_kept_from_others(sealed, notary):
    assert notary.path.stat().st_mode & 0o777 == 0o400


def test_a_durable_line_waits_for_the_disk(engine):
    with Session(engine) as session:
        record(session, vault(), THIEF, durable=True)
        assert session.scalar(text("SHOW synchronous_commit")) == "on"


# Tamperings: each takes the administrator's engine, the notary and chance, and returns the first
# line that may be named, or None for any.

def _event(place):
    return f"(SELECT event_id FROM audit_leaf WHERE position = {place})"


def edit_text(admin, _notary, chance):
    place = chance.randrange(LINES)
    force(admin, f"UPDATE audit_event SET line = replace(line, 'user', 'prey') "
                 f"WHERE id = {_event(place)}")
    return place + 1


def edit_a_column(admin, _notary, chance):
    place = chance.randrange(LINES)
    change = chance.choice(["actor = 'nobody'", "subjects = '{}'", "purpose = NULL",
                            "at = at + interval '1 second'", "role = 'x'", "\"case\" = 'E1'"])
    force(admin, f"UPDATE audit_event SET {change} WHERE id = {_event(place)}")
    return place + 1


def edit_with_the_stolen_key(admin, _notary, chance):
    """Write another text with a right keyed hash, and another leaf to go with it."""
    place = chance.randrange(LINES)
    with Session(admin) as session:
        row = session.scalars(select(AuditEvent).join(
            AuditLeaf, AuditLeaf.event_id == AuditEvent.id)
            .where(AuditLeaf.position == place)).one()
        said = json.loads(row.line) | {"actor": "somebody"}
        line = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        number, mac = row.id, _mac(vault(), line)
    force(admin, "UPDATE audit_event SET line = :line, mac = :mac, actor = 'somebody' "
                 "WHERE id = :number", line=line, mac=mac, number=number)
    if chance.random() < 0.5:
        force(admin, "UPDATE audit_leaf SET hash = :hash WHERE event_id = :number",
              hash=leaf_hash(sealed_bytes(number, mac, line)), number=number)
    return place + 1


def delete_a_line(admin, _notary, chance):
    place = chance.randrange(LINES)
    force(admin, f"DELETE FROM audit_event WHERE id = {_event(place)}")
    return place + 1


def delete_a_line_and_its_leaf(admin, _notary, chance):
    place = chance.randrange(LINES)
    force(admin, f"DELETE FROM audit_event WHERE id = {_event(place)}",
          f"DELETE FROM audit_leaf WHERE position = {place}")
    return place + 1


def delete_and_close_the_gap(admin, _notary, chance):
    place = chance.randrange(LINES)
    force(admin, f"DELETE FROM audit_event WHERE id = {_event(place)}",
          f"DELETE FROM audit_leaf WHERE position = {place}",
          f"UPDATE audit_leaf SET position = -position WHERE position > {place}",
          "UPDATE audit_leaf SET position = -position - 1 WHERE position < 0")
    return place + 1


def insert_a_line(admin, _notary, _chance):
    force(admin, "INSERT INTO audit_event (at, actor, role, action, subjects, line, mac) "
                 "SELECT at, actor, role, action, subjects, line, mac FROM audit_event LIMIT 1")


def insert_a_line_and_its_leaf(admin, _notary, _chance):
    force(admin, "INSERT INTO audit_event (at, actor, role, action, subjects, line, mac) "
                 "SELECT at, actor, role, action, subjects, line, mac FROM audit_event LIMIT 1",
          "INSERT INTO audit_leaf SELECT (SELECT max(position) + 1 FROM audit_leaf), "
          "max(id), sha256(''::bytea) FROM audit_event")
    return LINES + 1


def swap_texts(admin, _notary, chance):
    one, other = sorted(chance.sample(range(LINES), 2))
    force(admin, f"UPDATE audit_event a SET line = b.line, mac = b.mac, actor = b.actor, "
                 "at = b.at, subjects = b.subjects FROM audit_event b WHERE "
                 f"(a.id = {_event(one)} AND b.id = {_event(other)}) OR "
                 f"(b.id = {_event(one)} AND a.id = {_event(other)})")
    return one + 1


def swap_places(admin, _notary, chance):
    one, other = sorted(chance.sample(range(LINES), 2))
    force(admin, f"UPDATE audit_leaf SET position = -1 WHERE position = {one}",
          f"UPDATE audit_leaf SET position = {one} WHERE position = {other}",
          f"UPDATE audit_leaf SET position = {other} WHERE position = -1")
    return one + 1


def cut_the_tail(admin, _notary, chance):
    place = chance.randrange(1, LINES)
    force(admin, "DELETE FROM audit_event WHERE id IN (SELECT event_id FROM audit_leaf WHERE "
                 f"position >= {place}) OR id IN (SELECT event_id FROM audit_pending)",
          f"DELETE FROM audit_leaf WHERE position >= {place}", "DELETE FROM audit_pending")
    return place + 1


def cut_the_tail_with_its_states(admin, _notary, chance):
    size = LINES // BATCHES * chance.randrange(BATCHES)
    force(admin, f"DELETE FROM audit_event WHERE id IN (SELECT event_id FROM audit_leaf WHERE "
                 f"position >= {size})", f"DELETE FROM audit_leaf WHERE position >= {size}",
          f"DELETE FROM audit_head WHERE size > {size}")
    return size + 1


def empty_everything(admin, _notary, _chance):
    force(admin, "TRUNCATE audit_event, audit_leaf, audit_head, audit_pending")
    return 1


def edit_a_waiting_line(admin, _notary, _chance):
    force(admin, "UPDATE audit_event SET actor = 'x' WHERE id = "
                 "(SELECT max(event_id) FROM audit_pending)")


def delete_a_waiting_line(admin, _notary, _chance):
    force(admin, "DELETE FROM audit_event WHERE id = (SELECT max(event_id) FROM audit_pending)")
    return LINES + 1


def hide_a_waiting_line(admin, _notary, _chance):
    force(admin, "DELETE FROM audit_pending WHERE event_id = (SELECT max(event_id) "
                 "FROM audit_pending)")


def edit_a_leaf(admin, _notary, chance):
    place = chance.randrange(LINES)
    force(admin, f"UPDATE audit_leaf SET hash = sha256('x') WHERE position = {place}")
    return place + 1


def delete_a_state(admin, _notary, chance):
    size = LINES // BATCHES * chance.randrange(1, BATCHES + 1)
    force(admin, f"DELETE FROM audit_head WHERE size = {size}")
    return size - LINES // BATCHES + 1


def edit_a_state(admin, _notary, chance):
    size = LINES // BATCHES * chance.randrange(1, BATCHES + 1)
    change = chance.choice(["signed = replace(signed, 'root', 'toor')",
                            "signature = decode(repeat('00', 64), 'hex')", "signed = 'x'"])
    force(admin, f"UPDATE audit_head SET {change} WHERE size = {size}")
    return size - LINES // BATCHES + 1


def _lines(notary):
    return notary.file.read_bytes().splitlines(keepends=True)


def edit_a_checkpoint(_admin, notary, chance):
    lines = _lines(notary)
    place = chance.randrange(len(lines))
    line = bytearray(lines[place])
    at = chance.randrange(len(line) - 1)
    line[at] = chance.choice([byte for byte in b"0123456789abcdefXYZ{" if byte != line[at]])
    lines[place] = bytes(line)
    notary.file.write_bytes(b"".join(lines))


def delete_a_checkpoint(_admin, notary, chance):
    lines = _lines(notary)
    del lines[chance.randrange(len(lines))]
    notary.file.write_bytes(b"".join(lines))


def swap_checkpoints(_admin, notary, chance):
    lines = _lines(notary)
    one, other = chance.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]
    notary.file.write_bytes(b"".join(lines))


def repeat_a_checkpoint(_admin, notary, _chance):
    lines = _lines(notary)
    notary.file.write_bytes(b"".join([*lines, lines[-1]]))


def forge_everything(admin, notary, chance):
    """Rewrite a line, and sign all anew with a key of one's own, in both places."""
    edit_with_the_stolen_key(admin, notary, chance)
    forger = Notary(notary.file.parent / "forged", notary.file.parent / "forged")
    with admin.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        tree, leaves, kept = Frontier(), [], b""
        rows = connection.execute(select(AuditEvent.id, AuditEvent.mac, AuditEvent.line)
                                  .join(AuditLeaf, AuditLeaf.event_id == AuditEvent.id)
                                  .order_by(AuditLeaf.position)).all()
        for row in rows:
            leaves.append(leaf_hash(sealed_bytes(row.id, row.mac, row.line)))
            tree.append(leaves[-1])
        connection.execute(text("DELETE FROM audit_head"))
        signed = state_text(first=0, size=tree.size, root=tree.root(), leaves=leaves,
                            at=datetime.now(UTC))
        one = Checkpoint(signed, forger.sign(signed))
        connection.execute(AuditHead.__table__.insert().values(
            size=tree.size, signed=signed, signature=one.signature, kept=tree.kept()))
        kept = one.line()
    notary.file.write_bytes(kept)
    if chance.random() < 0.5:
        raw = forger.public_key()[0].public_bytes_raw()
        (notary.file.parent / "audit-public.key").write_bytes(b64encode(raw))


TAMPERINGS = (
    edit_text, edit_a_column, edit_with_the_stolen_key, delete_a_line, delete_a_line_and_its_leaf,
    delete_and_close_the_gap, insert_a_line, insert_a_line_and_its_leaf, swap_texts, swap_places,
    cut_the_tail, cut_the_tail_with_its_states, empty_everything, edit_a_waiting_line,
    delete_a_waiting_line, hide_a_waiting_line, edit_a_leaf, delete_a_state, edit_a_state,
    edit_a_checkpoint, delete_a_checkpoint, swap_checkpoints, repeat_a_checkpoint,
    forge_everything)
TABLES = ("audit_event", "audit_leaf", "audit_head", "audit_pending")


def test_every_tampering_is_found_and_the_first_line_named(admin, sealed, notary):
    """Tamper six times in each way, with other chances, and restore everything in between."""
    keep(admin)
    file, key = notary.file.read_bytes(), (notary.file.parent / "audit-public.key").read_bytes()
    for way in TAMPERINGS:
        for seed in range(6):
            expected = way(admin, notary, random.Random(seed))
            findings = check(sealed, notary).findings
            assert findings, (way.__name__, seed)
            if expected is not None:
                named = next(one.line for one in findings if one.line)
                assert named == expected, (way.__name__, seed, [str(one) for one in findings[:3]])
            put_back(admin)
            notary.file.write_bytes(file)
            (notary.file.parent / "audit-public.key").write_bytes(key)
    assert len(TAMPERINGS) * 6 >= 100 and check(sealed, notary).findings == ()


def keep(admin):
    with admin.begin() as connection:
        for table in TABLES:
            connection.execute(text(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}"))


def put_back(admin):
    with admin.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in TABLES:
            connection.execute(text(f"DELETE FROM {table}"))
            connection.execute(text(f"INSERT INTO {table} {_overriding(table)} "
                                    f"SELECT * FROM kept_{table}"))


def _overriding(table):
    return "OVERRIDING SYSTEM VALUE" if table == "audit_event" else ""


def test_the_sealer_keeps_up_with_a_thousand_lines_a_second(engine, notary):
    with Session(engine) as session:
        for _ in range(2_000):
            session.add(AuditEvent(at=datetime.now(UTC), actor="a", role="", action="x",
                                   subjects=[], line="{}", mac=b"0" * 16))
        session.commit()
    began = datetime.now(UTC)
    assert seal(engine, notary) == 2_000
    assert (datetime.now(UTC) - began).total_seconds() < 2
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(AuditLeaf)) == 2_000


# A restored backup.

def restore(admin):
    """Leave of the database what a backup after the first state held."""
    size = LINES // BATCHES
    force(admin, "DELETE FROM audit_head WHERE size > :size", size=size)
    force(admin, "DELETE FROM audit_event WHERE id IN (SELECT event_id FROM audit_leaf "
                 "WHERE position >= :size) OR id IN (SELECT event_id FROM audit_pending)",
          "DELETE FROM audit_leaf WHERE position >= :size", "DELETE FROM audit_pending", size=size)


def test_a_restore_is_told_and_no_cut_and_the_audit_goes_on(admin, sealed, notary):
    restore(admin)
    assert check(sealed, notary).findings
    mark_restore(sealed, notary)
    verdict = check(sealed, notary)
    assert verdict.findings == () and len(verdict.restores) == 1
    size = LINES // BATCHES
    assert f"{size + 1} to {LINES}" in verdict.restores[0]
    mark_restore(sealed, notary)
    write(sealed, 3, first=900)
    assert seal(sealed, notary) == 3
    verdict = check(sealed, notary)
    assert verdict.findings == () and len(verdict.restores) == 1


def test_a_mark_that_is_not_signed_hides_no_cut(admin, sealed, notary):
    restore(admin)
    forged = json.dumps({"at": "2026-01-01T00:00:00+00:00", "restored": LINES,
                         "size": LINES // BATCHES})
    notary.keep(Checkpoint(forged, b"\0" * 64))
    assert check(sealed, notary).findings and check(sealed, notary).restores == ()


def test_without_anything_lost_a_restore_leaves_no_mark(sealed, notary):
    before = notary.file.read_bytes()
    mark_restore(sealed, notary)
    assert notary.file.read_bytes() == before
