"""A canary: a hundred ID numbers go through the registry, which is killed; no file tells one.

Data files, WAL, logs, temporary files and the backup are read as bytes. A number written plainly
is found in them, so that the search is known to find.
"""

import gzip
import os
import signal
import time

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import metadata
from layers.access import Role
from layers.across.persons import PersonReader
from spatial.backup import back_up
from spatial.cluster import Cluster
from spatial.cluster.folder import server_pid
from spatial.config import Settings
from spatial.database import connect
from spatial.migrations import upgrade
from spatial.sealing import Vault
from tests.layers.across.test_persons import caller, number
from tests.support.cluster import short_folder
from tests.support.factories import make_building, make_residency, make_resident, make_tree
from tests.support.walls import system_engine

IDS = [number(f"1523011990{month:02}{day:02}{900 + day}") for month in range(1, 5)
       for day in range(1, 26)]
#: 18 digits that look like no number of these, written plainly.
CONTROL = "999903199003071234"
LIMITS = Settings(limit_ids_a_minute=30, limit_ids_a_day=500)


@pytest.fixture(scope="module")
def home():
    """The folder of a registry that was filled, used, asked wrongly, killed and backed up."""
    with short_folder() as folder:
        cluster = Cluster(folder, overrides={"checkpoint_timeout": "30s"})
        cluster.ensure()
        try:
            use(cluster, folder)
            os.kill(server_pid(cluster.data), signal.SIGKILL)
            while cluster.status().running:
                time.sleep(0.01)
            cluster.ensure()
            back_up(cluster.admin_url(database="doorplate"), folder / "a.dump")
            yield folder
        finally:
            cluster.stop()


def use(cluster, folder):
    plain, keys = connect(cluster.url()), Vault.open(folder)
    upgrade(plain, metadata())
    plain.dispose()
    engine = system_engine(cluster.url(), keys)
    with Session(engine) as session:
        *_, community = make_tree(session)
        building = make_building(session, scope=community.scope)
        for one in IDS:
            person = make_resident(session, scope=building.scope, id_number_key=keys.blind(
                "id_number", one))
            person.id_number = keys.seal("resident", "id_number", person.identifier, one)
            make_residency(session, person, building)
        make_resident(session, name=CONTROL)
        session.commit()
        ask(session, keys)
    with pytest.raises(Exception, match="syntax|does not exist"), engine.begin() as connection:
        connection.execute(text("SELECT nothing FROM nowhere WHERE id = :id"), {"id": IDS[0]})
    with pytest.raises(Exception, match="invalid|range"), engine.begin() as connection:
        connection.execute(text("SELECT CAST(:id AS date)"), {"id": IDS[1]})
    engine.dispose()


def ask(session, keys):
    """Look twenty of them up, as two users, and one with a case that is none."""
    for who in ("wang", "li"):
        for one in IDS[:10]:
            assert PersonReader(session, keys, caller(Role.OFFICER, name=who),
                                purpose="verification", case=None, settings=LIMITS
                                ).by_id_number(one).items
    session.commit()
    session.execute(text("SET LOCAL work_mem = '64kB'"))
    session.execute(text("SELECT a.* FROM resident a, resident b ORDER BY a.name, b.name"))
    session.commit()


def hits(folder, numbers):
    """Return the files that hold a number: as text, as UTF-16, or packed."""
    wanted = [form for one in numbers for form in (one.encode(), one.encode("utf-16-le"))]
    found = set()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            raw = path.read_bytes()
            if path.suffix == ".gz":
                raw = gzip.decompress(raw)
            if any(one in raw for one in wanted):
                found.add(str(path.relative_to(folder)))
    return found


def test_a_hundred_numbers_stand_in_no_file(home):
    assert len(set(IDS)) == 100
    assert hits(home, IDS) == set()


def test_a_number_written_plainly_is_found(home):
    found = hits(home, [CONTROL])
    assert any("/base/" in one for one in found) and any("pg_wal" in one for one in found)


def test_the_backup_unpacked_tells_none_either(home):
    import subprocess

    from spatial.cluster.binaries import find_binaries
    said = subprocess.run([find_binaries("").program("pg_restore"), "-f", "-",
                           str(home / "a.dump")], capture_output=True, check=True).stdout
    assert not [one for one in IDS if one.encode() in said] and CONTROL.encode() in said
