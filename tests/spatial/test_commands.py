import psycopg2
import pytest
from click.testing import CliRunner

from spatial.cluster import Cluster
from spatial.commands import db
from spatial.config import settings
from spatial.errors import Conflict
from spatial.program import Program
from tests.support.cluster import short_folder


@pytest.fixture(scope="module")
def home():
    with short_folder() as folder:
        yield folder / "home"
        Cluster(folder / "home").stop()


@pytest.fixture
def call(home):
    """Run `db …` in this file's home; gives the result, or raises what the command raised."""
    migrated = []

    def migrate(engine):
        migrated.append(engine.url.database)

    def call(*words, **environ):
        program = Program(settings({"DOORPLATE_HOME": str(home), **environ}), migrate)
        return CliRunner().invoke(db, words, obj=program, catch_exceptions=False)

    call.migrated = migrated
    return call


def test_the_url_is_all_of_stdout_and_opens_the_database(call):
    result = call("url")
    connection = psycopg2.connect(result.stdout.strip())
    connection.close()
    assert result.stdout.count("\n") == 1


def test_start_and_stop_talk_on_stderr_only(call):
    for verb in ("start", "start", "stop", "stop"):
        result = call(verb)
        assert (result.exit_code, result.stdout) == (0, "")
    assert "was not running" in result.stderr


def test_status_starts_nothing(call):
    call("stop")
    assert "running\tno" in call("status").stdout
    assert "running\tno" in call("status").stdout
    call("start")
    assert "running\tyes" in call("status").stdout


def test_migrate_reaches_the_private_database(call):
    assert call("migrate").exit_code == 0
    assert call.migrated == ["doorplate"]


def test_a_backup_without_a_name_lands_in_home_and_comes_back(call, home):
    connection = psycopg2.connect(call("url").stdout.strip())
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS alembic_version AS SELECT 1 AS v")
    connection.close()
    written = call("backup").stdout.strip()
    assert written.startswith(f"{home}/backups/doorplate-")
    assert call("restore", written, "--replace").exit_code == 0
    assert call.migrated == ["doorplate_restoring"]


@pytest.mark.parametrize("verb", ["start", "stop"])
def test_a_named_database_is_not_ours_to_start_or_stop(call, verb):
    with pytest.raises(Conflict, match="DOORPLATE_DATABASE_URL"):
        call(verb, DOORPLATE_DATABASE_URL="postgresql://u@nowhere.invalid/d")


def test_a_named_database_is_never_replaced(call, tmp_path):
    with pytest.raises(Conflict, match="private cluster"):
        call(
            "restore", str(tmp_path / "x"), "--replace",
            DOORPLATE_DATABASE_URL="postgresql://u@nowhere.invalid/d",
        )  # fmt: skip


def test_a_named_url_is_printed_as_libpq_takes_it(call):
    result = call("url", DOORPLATE_DATABASE_URL="postgresql+psycopg2://u@db/d")
    assert result.stdout == "postgresql://u@db/d\n"
