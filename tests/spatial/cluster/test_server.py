import multiprocessing
import os
import signal
import subprocess
import sys
import time

import psycopg2
import pytest

from spatial.cluster import Cluster
from spatial.cluster.folder import server_pid
from spatial.cluster.settings import CONFIDENTIAL
from spatial.errors import Unavailable
from tests.support.cluster import SETTINGS, short_folder

NOBODY = 65534


@pytest.fixture(scope="module")
def home():
    with short_folder() as folder:
        yield folder
        Cluster(folder).stop()


@pytest.fixture
def private(home):
    """A cluster made once for the tests of this file, running or not as the last one left it."""
    return Cluster(home, overrides=SETTINGS)


def ask(url, question):
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(question)
        rows = cursor.fetchall()
    connection.close()
    return rows


def test_a_new_home_becomes_a_ready_database(private):
    url = private.ensure()
    [(user, is_admin, zone)] = ask(
        url, "SELECT current_user, current_setting('is_superuser'), current_setting('timezone')"
    )
    assert (user, is_admin, zone) == ("doorplate", "off", "Asia/Shanghai")
    names = {name for (name,) in ask(url, "SELECT extname FROM pg_extension")}
    assert {"postgis", "pg_trgm", "btree_gist", "pgcrypto"} <= names


def test_chinese_has_trigrams(private):
    [(trigrams,)] = ask(private.ensure(), "SELECT show_trgm('阳光花园')")
    assert len(trigrams) == 5


def test_pages_are_checksummed_and_nothing_listens_on_the_network(private):
    found = dict(ask(private.ensure(), "SELECT name, setting FROM pg_settings"))
    assert (found["data_checksums"], found["listen_addresses"]) == ("on", "")


def test_the_log_never_holds_a_statement(private):
    url = private.ensure()
    found = dict(ask(url, "SELECT name, setting FROM pg_settings"))
    assert {name: found[name] for name in CONFIDENTIAL} == CONFIDENTIAL
    with pytest.raises(psycopg2.Error):
        ask(url, "SELECT 1 / 0, '张小三 150502199001011234'")
    logs = (private.data / "log").glob("*.log")
    assert not any("张小三" in log.read_text() for log in logs)


def test_a_second_start_finds_it_running(private):
    private.ensure()
    pid = private.status().pid
    assert private.start() is False
    assert private.status().pid == pid


def test_stopping_twice_is_no_error(private):
    private.ensure()
    assert private.stop() is True
    assert private.stop() is False
    assert private.status().running is False


def test_a_killed_server_comes_back_with_its_data(private):
    url = private.ensure()
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on; CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(private.status().pid, signal.SIGKILL)
    while private.status().running:
        time.sleep(0.01)
    assert private.start() is True
    connection.close()
    assert ask(url, "SELECT answer FROM kept") == [(42,)]


def test_a_reused_process_number_does_not_block_the_start(private):
    private.ensure()
    private.stop()
    sleeper = subprocess.Popen(["sleep", "60"], user=private.account.uid)
    stale = private.data / "postmaster.pid"
    stale.write_text(f"{sleeper.pid}\n{private.data}\n")
    os.chown(stale, private.account.uid, private.account.gid)
    try:
        assert private.status().running is False
        assert private.start() is True
    finally:
        sleeper.kill()
        sleeper.wait()


def test_the_last_to_leave_stops_a_leased_server(private):
    private.stop()
    with private.lease():
        with Cluster(private.home, overrides=SETTINGS).lease() as url:
            assert ask(url, "SELECT 1") == [(1,)]
        assert private.status().running
    assert not private.status().running


def test_a_server_started_to_stay_survives_leases(private):
    private.start()
    with private.lease():
        pass
    assert private.status().running


def test_two_programs_starting_at_once_share_one_server(private):
    private.stop()
    script = (
        "import sys; from pathlib import Path; from spatial.cluster import Cluster;"
        "c = Cluster(Path(sys.argv[1]), overrides={'fsync': 'off', 'full_page_writes': 'off',"
        "'synchronous_commit': 'off'}); c.ensure(); print(c.status().pid)"
    )
    command = [sys.executable, "-c", script, str(private.home)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    pids = {program.communicate()[0] for program in both}
    assert pids == {b"%d\n" % private.status().pid}


def test_a_server_that_would_lose_data_is_not_used(private):
    private.ensure()
    with pytest.raises(Unavailable, match="fsync = off"):
        Cluster(private.home).ensure()


def test_a_folder_of_another_version_is_refused_with_the_way_out(private):
    private.ensure()
    private.stop()
    version = private.data / "PG_VERSION"
    ours = version.read_text()
    version.write_text("12\n")
    try:
        with pytest.raises(Unavailable, match="made by PostgreSQL 12.*restore"):
            private.start()
    finally:
        version.write_text(ours)


def test_a_long_home_gets_a_short_socket(home):
    deep = home / ("deep-" * 30)
    assert len(str(Cluster(deep).socket)) < 85
    assert Cluster(home).socket == home / "socket"


def test_no_folder_means_nothing_runs(home):
    nowhere = Cluster(home / "nowhere")
    assert (nowhere.status().running, nowhere.stop()) == (False, False)
    assert not nowhere.home.exists()


def test_a_home_that_is_a_file_is_refused_with_the_remedy(home):
    file = home / "file"
    file.touch()
    with pytest.raises(Unavailable, match="DOORPLATE_HOME"):
        Cluster(file).ensure()
    assert Cluster(file).status().running is False


def test_a_folder_of_somebody_elses_files_is_left_alone(home):
    cluster = Cluster(home / "taken", overrides=SETTINGS)
    cluster.data.mkdir(parents=True)
    (cluster.data / "letter.txt").touch()
    with pytest.raises(Unavailable, match="Move it away"):
        cluster.ensure()
    assert list(cluster.data.iterdir()) == [cluster.data / "letter.txt"]


def test_a_dead_number_in_the_pid_file_is_no_server(tmp_path):
    (tmp_path / "postmaster.pid").write_text("4194303\n")
    assert server_pid(tmp_path) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another user")
def test_a_home_out_of_the_server_users_reach_is_refused_with_the_remedy(tmp_path):
    tmp_path.chmod(0o700)
    with pytest.raises(Unavailable, match=r"postgres, which cannot enter .*chmod"):
        Cluster(tmp_path / "home").ensure()


# Python 3.12 warns of forking beside other tests' threads; the child touches none of theirs.
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
def test_a_plain_user_runs_a_cluster_of_their_own():
    with short_folder() as folder:
        os.chown(folder, NOBODY, NOBODY)
        # A fork and no new program: the interpreter may lie where a plain user cannot go.
        child = multiprocessing.get_context("fork").Process(target=as_nobody, args=[folder])
        child.start()
        child.join(60)
        said = (folder / "said").read_text()
        assert said == f"postgresql://doorplate@/doorplate?host={folder}/home/socket&port=5432"
        assert (folder / "home").stat().st_mode & 0o777 == 0o700


def as_nobody(folder):
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    cluster = Cluster(folder / "home", overrides=SETTINGS)
    url = cluster.ensure()
    ask(url, "SELECT 1")
    assert cluster.stop()
    (folder / "said").write_text(url)
