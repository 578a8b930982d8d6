"""`db rotate-keys`: everything is sealed anew, in use, and a killed run goes on."""

import pytest
from click.testing import CliRunner
from sqlalchemy import LargeBinary, func, select
from sqlalchemy.orm import Session

from app import metadata, migrate
from layers.across import rotation
from layers.across.rotation import left, sealed_columns
from layers.key_commands import db
from layers.residents import Resident
from spatial.config import settings
from spatial.errors import Conflict
from spatial.history import history_of
from spatial.program import Program
from spatial.sealing import Vault
from tests.support.factories import make_resident
from tests.support.walls import system_engine

#: Bytes that are no sealed values: hashes, marks, keys of indexes, pictures, states.
PLAIN = {"content_hash", "id_number_key", "phone_key", "token_hash", "name_hash", "code_hash",
         "state_hash", "password_hash", "mac", "hash", "signature", "kept", "image", "marks"}


@pytest.fixture
def home(fresh_url, tmp_path, monkeypatch):
    """Five persons with a phone, the first also changed once; chunks of two."""
    monkeypatch.setattr(rotation, "CHUNK", 2)
    environ = {"DOORPLATE_HOME": str(tmp_path), "DOORPLATE_DATABASE_URL": fresh_url}
    program, keys = Program(settings(environ), migrate), Vault.open(tmp_path)
    engine = system_engine(fresh_url, keys)
    with Session(engine) as session:
        people = [make_resident(session, name=f"张{n}") for n in "一二三四五"]
        for number, one in enumerate(people):
            one.phone = keys.seal("resident", "phone", one.identifier, f"1380000000{number}")
        session.commit()
        people[0].name = "李一"
        session.commit()
        yield program, session, keys
    engine.dispose()


def run(program, *words):
    return CliRunner().invoke(db, ("rotate-keys", *words), obj=program, catch_exceptions=False)


def phones(session, keys):
    session.expire_all()
    return sorted(keys.unseal("resident", "phone", one.identifier, one.phone)
                  for one in session.scalars(select(Resident)))


def versions(session):
    return session.scalar(select(func.count()).select_from(history_of(Resident.__table__)))


def test_every_value_of_every_version_gets_the_new_key(home, tmp_path):
    program, session, old = home
    before = versions(session)
    session.commit()
    assert "6 values" in run(program).stderr
    new = Vault.open(tmp_path)
    assert new.current != old.current and left(session, new.current) == 0
    assert len(phones(session, new)) == 5 and versions(session) == before


def test_a_process_that_runs_on_reads_the_new_key_by_itself(home):
    program, session, old = home
    run(program)
    assert phones(session, old)[0] == "13800000000"


def test_a_killed_run_goes_on_with_the_same_key(home, tmp_path, monkeypatch):
    program, session, _ = home

    def die(*_):
        raise KeyboardInterrupt
    with monkeypatch.context() as once:
        once.setattr("tqdm.tqdm.update", die)
        CliRunner().invoke(db, ("rotate-keys",), obj=program)
    begun = Vault.open(tmp_path).current
    run(program)
    assert Vault.open(tmp_path).current == begun and left(session, begun) == 0


def test_an_old_key_is_forgotten_when_nothing_names_it(home, tmp_path):
    program, session, old = home
    with pytest.raises(Conflict, match="in use"):
        run(program, "--forget", old.current)
    run(program)
    assert run(program, "--forget", old.current).exit_code == 0
    assert set(Vault.open(tmp_path).fingerprints()) == {Vault.open(tmp_path).current}
    program.engine().dispose()
    assert oct((tmp_path / "keys.json").stat().st_mode & 0o777) == "0o400"


def test_every_sealed_column_is_rotated():
    """Bytes that this test does not know are sealed, or must be named in PLAIN."""
    metadata()
    found = {(table.name, column.name) for table in metadata().sorted_tables
             for column in table.columns if isinstance(column.type, LargeBinary)
             and column.name not in PLAIN}
    assert found == {(one.table, one.column) for one in sealed_columns()}
