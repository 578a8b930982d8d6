"""The second wall: what a transaction may see without, with, and after a signed scope."""

import threading
import time
from dataclasses import replace

import psycopg2
import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from layers.across.review import ReviewItem
from layers.households import Household
from layers.residents import Residency, Resident
from spatial import walls
from spatial.database import connect
from spatial.errors import Unavailable
from spatial.sealing import Vault
from spatial.walls import (
    NOBODY,
    SYSTEM,
    DatabaseRole,
    Scope,
    acting_as,
    enter,
    everywhere,
    token,
)
from tests.support.cluster import copy_database
from tests.support.factories import (
    make_building,
    make_household,
    make_residency,
    make_resident,
    make_unit,
)
from tests.support.sealed import KEY, vault
from tests.support.walls import system_engine

NEAR, FAR = 100, 900
HERE = Scope(low=1, high=500, who="officer:1")
APP = DatabaseRole.APP
ALL = (Resident, Residency, Household)
ROWS = "SELECT (SELECT count(*) FROM resident) + (SELECT count(*) FROM residency)"


@pytest.fixture(scope="module")
def url(cluster, template):
    """A registry with one family near and one far."""
    url = copy_database(cluster, "walls")
    engine = system_engine(url)
    with Session(engine) as session:
        for scope in (NEAR, FAR):
            home = make_unit(session, make_building(session, scope=scope))
            who = make_resident(session, make_household(session, home), scope=scope)
            make_residency(session, who, home)
        session.add(ReviewItem(text="和平路 8 号", match_class="C", status="many", candidates=[]))
        session.commit()
    engine.dispose()
    return url


@pytest.fixture
def pool(url):
    """The application's pool of two connections."""
    engine = connect(url, pool_size=2)
    yield sessionmaker(engine)
    engine.dispose()


def seen(session):
    return [session.scalar(select(func.count()).select_from(model)) for model in ALL]


def test_single_grids_are_held_apart_by_the_wall_itself(pool):
    """No select says which grids; between two of them lies one that is another's."""
    with pool() as session:
        for numbers, rows in (((NEAR, FAR), 2), ((NEAR,), 1), ((NEAR - 1, FAR + 1), 0), ((), 0)):
            enter(session, vault(), Scope(low=1, high=1000, numbers=numbers, who="worker:1"), APP)
            assert seen(session) == [rows] * 3
            assert session.scalar(text("SELECT count(*) FROM resident_history")) == 0


def test_without_a_scope_there_is_nobody(pool):
    with pool() as session:
        assert seen(session) == [0, 0, 0]
        assert session.scalar(select(func.count()).select_from(ReviewItem)) == 0


@pytest.mark.parametrize("role", [APP, DatabaseRole.NONE])
def test_a_scope_shows_its_own_area(pool, role):
    with pool() as session:
        enter(session, vault(), HERE, role)
        assert seen(session) == [1, 1, 1]
        assert session.scalars(select(Resident.scope)).all() == [NEAR]
        assert session.scalar(select(func.count()).select_from(ReviewItem)) == 0


def test_who_is_registered_here_and_lives_elsewhere_is_seen(pool, url):
    engine = system_engine(url)
    with Session(engine) as session, pool() as asked:
        far = session.scalars(select(Resident).where(Resident.scope == FAR)).one()
        near = session.scalars(select(Residency.unit_id).where(Residency.scope == NEAR)).one()
        tie = make_residency(session, far, kind="registered", scope=NEAR, unit_id=near)
        session.commit()
        enter(asked, vault(), HERE, APP)
        assert seen(asked) == [2, 2, 1]
        session.delete(tie)
        session.commit()
    engine.dispose()


@pytest.mark.parametrize("forged", [
    f"{{(,)}}.9999999999.system.{'0' * 64}", "{(,)}.9999999999.system.", "....", "a.b.c.d",
    "x", "{(,)}.1.2.3.4.5", "{(,)}.9999999999.system", "'", "\u4e00" * 50, "\u4e00" * 65,
    f"{{(,)}}.1e400.x.{'f' * 64}", "f" * 64, "." + "f" * 64, f"{{[3,1]}}.x.x.{'f' * 64}"])
def test_a_forged_scope_shows_nobody(pool, forged):
    with pool() as session:
        session.execute(text("SELECT set_config('doorplate.scope', :said, true)"),
                        {"said": forged})
        assert seen(session) == [0, 0, 0]


def test_a_widened_range_breaks_the_signature(pool):
    said = token(vault(), HERE).replace("{[1,500]}", "{(,)}", 1)
    assert said.startswith("{(,)}.")
    with pool() as session:
        session.execute(text("SELECT set_config('doorplate.scope', :said, true)"), {"said": said})
        assert seen(session) == [0, 0, 0]


def test_another_key_signs_nothing(pool):
    other = Vault({KEY: b"k" * 32}, KEY, b"j" * 32)
    with pool() as session:
        enter(session, other, SYSTEM, APP)
        assert seen(session) == [0, 0, 0]


def test_a_scope_ends_after_its_minute(pool):
    with pool() as session:
        said = token(vault(), SYSTEM, now=time.time() - SYSTEM.seconds - 1)
        session.execute(text("SELECT set_config('doorplate.scope', :said, true)"), {"said": said})
        assert seen(session) == [0, 0, 0]
        enter(session, vault(), replace(HERE, seconds=1), APP)
        assert seen(session) == [1, 1, 1]
        time.sleep(2.1)
        assert seen(session) == [0, 0, 0]


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_the_next_of_the_pool_inherits_nothing(pool, end):
    for _ in range(3):
        with pool() as session:
            enter(session, vault(), SYSTEM, APP)
            assert seen(session) == [2, 2, 2]
            getattr(session, end)()
        with pool() as session:
            assert seen(session) == [0, 0, 0]
            assert session.scalar(text("SELECT current_user = session_user"))


def test_a_scope_holds_over_the_commits_of_its_own_session(pool):
    with pool() as session:
        enter(session, vault(), HERE, APP)
        for _ in range(3):
            assert seen(session) == [1, 1, 1]
            session.commit()


def test_a_cancelled_statement_leaves_no_scope_behind(pool):
    for _ in range(3):
        with pool() as session, pytest.raises(DBAPIError):
            enter(session, vault(), SYSTEM, APP)
            session.execute(text("SET LOCAL statement_timeout = 20"))
            session.execute(text("SELECT pg_sleep(5)"))
        with pool() as session:
            assert seen(session) == [0, 0, 0]


def test_a_killed_connection_leaves_no_scope_behind(pool, cluster):
    for _ in range(2):
        with pool() as session, pytest.raises(DBAPIError):
            enter(session, vault(), SYSTEM, APP)
            pid = session.scalar(text("SELECT pg_backend_pid()"))
            killer = psycopg2.connect(cluster.admin_url())
            with killer, killer.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
            killer.close()
            time.sleep(0.1)
            session.execute(text("SELECT 1"))
        for _ in range(2):
            with pool() as session:
                assert seen(session) == [0, 0, 0]


def test_a_thousand_pooled_sessions_side_by_side_leak_no_row(url):
    engine = connect(url, pool_size=4)
    make = sessionmaker(engine)
    kinds = ((SYSTEM, 4), (HERE, 2), (NOBODY, 0), (None, 0))
    wrong = []

    def ask(offset):
        for number in range(250):
            scope, expected = kinds[(number + offset) % 4]
            with make() as session:
                if scope is not None:
                    enter(session, vault(), scope, APP)
                found = session.scalar(text(ROWS))
                if found != expected:
                    wrong.append((scope, found))
                (session.commit, session.rollback, session.close)[number % 3]()

    threads = [threading.Thread(target=ask, args=(offset,)) for offset in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert wrong == []


def test_the_application_cannot_read_the_key_nor_write_it(pool):
    for statement in ("SELECT key FROM wall_key", "DELETE FROM wall_key",
                      "ALTER TABLE resident NO FORCE ROW LEVEL SECURITY",
                      "DROP POLICY wall ON resident", "DELETE FROM resident",
                      "DELETE FROM audit_event", "UPDATE audit_event SET actor = 'x'",
                      "SELECT description FROM incident", "SELECT address FROM incident_history",
                      "CREATE TABLE mine (id int)", "SET SESSION AUTHORIZATION postgres"):
        with pool() as session, pytest.raises(DBAPIError, match="permission denied|must be owner"):
            enter(session, vault(), HERE, APP)
            session.execute(text(statement))


def test_who_logs_in_as_the_application_cannot_become_the_owner(url):
    engine = connect(walls.login_url(url))
    for role in ("doorplate", "postgres", "doorplate_import", "doorplate_audit_sealer"):
        with engine.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text(f"SET ROLE {role}"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT session_user")).scalar() == APP
        assert connection.execute(text(ROWS)).scalar() == 0
    engine.dispose()


def test_a_login_with_a_password_stays_what_it_is():
    url = "postgresql://anna:secret@db.example/doorplate"
    assert walls.login_url(url) == url
    assert walls.login_url("postgresql://anna@/x?host=/nowhere").startswith("postgresql://anna@")


def test_tiles_see_no_table_of_persons_at_all(pool):
    for table in ("resident", "residency", "household", "resident_history", "review_item",
                  "app_user", "audit_event", "wall_key", "staff", "import_job"):
        with pool() as session, pytest.raises(DBAPIError, match="permission denied"):
            enter(session, vault(), SYSTEM, APP)
            with acting_as(session, DatabaseRole.TILES):
                session.execute(text(f"SELECT 1 FROM {table}"))


def test_after_a_tile_the_request_is_itself_again(pool):
    with pool() as session:
        enter(session, vault(), HERE, APP)
        with acting_as(session, DatabaseRole.TILES):
            assert session.scalar(text("SELECT current_user")) == DatabaseRole.TILES
        assert session.scalar(text("SELECT current_user")) == APP
        assert seen(session) == [1, 1, 1]
        with pytest.raises(KeyError), acting_as(session, DatabaseRole.TILES):
            raise KeyError
        assert seen(session) == [1, 1, 1]


def test_counts_look_over_the_wall_and_come_back(pool):
    with pool() as session:
        enter(session, vault(), NOBODY, APP)
        with everywhere(session):
            assert seen(session) == [2, 2, 2]
        assert seen(session) == [0, 0, 0]
        with pytest.raises(KeyError), everywhere(session):
            raise KeyError
        assert seen(session) == [0, 0, 0]


def test_the_import_may_write_only_what_its_scope_holds(pool):
    with pool() as session:
        enter(session, vault(), HERE, DatabaseRole.IMPORT)
        assert session.execute(update(Household).values(kind="x")).rowcount == 1
        with pytest.raises(DBAPIError, match="row-level security"):
            session.execute(update(Household).values(scope=FAR))


def test_the_owner_is_bound_and_the_administrator_is_not(url, cluster):
    for who, rows in ((url, 0), (cluster.admin_url(database="walls"), 4)):
        connection = psycopg2.connect(who)
        with connection, connection.cursor() as cursor:
            cursor.execute(ROWS)
            assert cursor.fetchone() == (rows,)
        connection.close()


def test_another_key_file_is_refused_by_the_database(url):
    with pytest.raises(Unavailable, match="put back its own key file"):
        system_engine(url, Vault({KEY: b"k" * 32}, KEY, b"j" * 32))


def test_the_roles_that_are_there_leave_nothing_to_say(url):
    engine = connect(url)
    assert walls.weaknesses(engine) == []
    engine.dispose()
