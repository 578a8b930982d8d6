import psycopg2
import pytest

from spatial.backup import back_up, restore_named, restore_private
from spatial.cluster import Cluster
from spatial.errors import Conflict, InvalidInput, RegistryError
from tests.support.cluster import SETTINGS, copy_database, short_folder


@pytest.fixture(scope="module")
def private():
    """A cluster of this file's own: a restore exchanges its whole database."""
    with short_folder() as folder:
        cluster = Cluster(folder / "home", overrides=SETTINGS)
        cluster.ensure()
        yield cluster
        cluster.stop()


def run(url, statement):
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def fill(cluster, name):
    run(
        cluster.url(),
        "DROP TABLE IF EXISTS alembic_version, place; CREATE TABLE alembic_version AS SELECT 1 v;"
        f"CREATE TABLE place AS SELECT '{name}' AS name, ST_Point(122.2, 43.6, 4326) AS at",
    )


def names(cluster):
    return [name for (name,) in run(cluster.url(), "SELECT name FROM place")]


def nothing(url):
    """Migrate nothing: the newest schema is in the backup already."""


@pytest.fixture
def dump(private, tmp_path):
    fill(private, "阳光花园")
    file = tmp_path / "a.dump"
    back_up(private.admin_url(database="doorplate"), file)
    return file


def test_what_was_backed_up_comes_back(private, dump):
    fill(private, "changed since")
    restore_private(private, dump, migrate=nothing, replace=True)
    assert names(private) == ["阳光花园"]
    databases = run(private.url(), "SELECT datname FROM pg_database ORDER BY 1")
    assert databases == [("doorplate",), ("postgres",), ("template0",), ("template1",)]


def test_the_registrys_own_schema_comes_back(cluster, template, tmp_path):
    file = tmp_path / "schema.dump"
    back_up(cluster.admin_url(database="doorplate"), file)
    copy_database(cluster, "came_back", template="template0")
    restore_named(cluster.admin_url(database="came_back"), file, migrate=nothing)
    question = "SELECT tgname, count(*) FROM pg_trigger WHERE NOT tgisinternal GROUP BY 1"
    there = sorted(run(cluster.url(database="came_back"), question))
    assert there == sorted(run(template, question)) != []


def test_a_backup_is_for_its_owners_eyes(dump):
    assert dump.stat().st_mode & 0o777 == 0o600


def test_a_backup_file_is_not_replaced_unasked(private, dump):
    before = dump.read_bytes()
    with pytest.raises(Conflict, match="--replace"):
        back_up(private.url(), dump)
    assert dump.read_bytes() == before


def test_a_database_in_use_is_not_replaced_unasked(private, dump):
    fill(private, "kept")
    with pytest.raises(Conflict, match="not empty"):
        restore_private(private, dump, migrate=nothing)
    assert names(private) == ["kept"]


def test_a_restore_that_fails_changes_nothing(private, dump):
    fill(private, "kept")

    def fail(url):
        raise Conflict("This backup is newer than the program.")

    with pytest.raises(Conflict, match="newer"):
        restore_private(private, dump, migrate=fail, replace=True)
    assert names(private) == ["kept"]


def test_a_cut_off_backup_is_refused(private, dump):
    fill(private, "kept")
    whole = dump.read_bytes()
    for length in (0, 3, len(whole) // 2):
        dump.write_bytes(whole[:length])
        with pytest.raises(RegistryError):
            restore_private(private, dump, migrate=nothing, replace=True)
    assert names(private) == ["kept"]


def test_another_programs_backup_is_refused(private, tmp_path):
    run(private.url(), "DROP TABLE IF EXISTS alembic_version")
    with pytest.raises(InvalidInput, match="another program"):
        back_up(private.url(), tmp_path / "b.dump")
    assert list(tmp_path.iterdir()) == []


def test_no_file_no_folder_and_no_backup_are_told_apart(private, tmp_path):
    with pytest.raises(InvalidInput, match="no folder"):
        back_up(private.url(), tmp_path / "nowhere" / "b.dump")
    with pytest.raises(InvalidInput, match="no file"):
        restore_private(private, tmp_path / "b.dump", migrate=nothing)
    (tmp_path / "text.dump").write_text("not a dump")
    with pytest.raises(InvalidInput, match="no backup"):
        restore_private(private, tmp_path / "text.dump", migrate=nothing)


def test_a_named_database_is_filled_when_it_is_empty(private, dump):
    url = copy_database(private, "elsewhere", template="template0")
    restore_named(private.admin_url(database="elsewhere"), dump, migrate=nothing)
    assert run(url, "SELECT count(*) FROM pg_tables WHERE tablename = 'place'") == [(1,)]
    with pytest.raises(Conflict, match="not empty"):
        restore_named(url, dump, migrate=nothing)
