"""One throw-away cluster a run, one migrated template, one rolled-back transaction a test."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from layers import passwords
from layers.across.kept import forget
from spatial.cluster import Cluster
from tests.support.cluster import copy_database, throwaway_cluster

ROOT = Path(__file__).parent
#: What hashes passwords outside the tests.
real_hasher = passwords._hasher
# A machine that does other things beside is no reason for a property to fail.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


def pytest_configure() -> None:
    """Forget the operator's settings: no test may reach a database that somebody uses."""
    for name in [name for name in os.environ if name.startswith("DOORPLATE_")]:
        del os.environ[name]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what shares a costly fixture on one worker: a file, or the demonstration's folder.

    First of all such hooks, for xdist reads the mark in its own.
    """
    items.sort(key=_is_quick)
    for item in items:
        folder = item.path.parent
        group = folder if folder.name == "demo" else item.path
        item.add_marker(pytest.mark.xdist_group(group.relative_to(ROOT).as_posix()))


def _is_quick(item: pytest.Item) -> bool:
    """Whether a test may wait: what takes longest goes first, so that no worker is left alone."""
    return not item.get_closest_marker("browser") and item.path.parent.name != "demo"


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Hash passwords with the least work there is: what they are kept as has tests of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", cache(
            lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))
        yield


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A private cluster, fast and unsafe, gone after the run."""
    with throwaway_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """The URL of the migrated, empty database that others are copied from."""
    from app import migrate
    from spatial.database import connect

    engine = connect(cluster.url())
    migrate(engine)
    engine.dispose()
    return cluster.url()


@pytest.fixture(scope="session")
def engine(cluster: Cluster, template: str) -> Iterator[Engine]:
    """An engine on a database that stays empty: tests here roll back."""
    from tests.support.walls import system_engine

    engine = system_engine(copy_database(cluster, "rolled_back"))
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session whose commits are savepoints of a transaction that is rolled back."""
    with engine.connect() as connection:
        transaction = connection.begin()
        forget()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        transaction.rollback()


@pytest.fixture
def fresh_url(cluster: Cluster, template: str) -> str:
    """The URL of a database of the test's own, for what commits or connects more than once."""
    return copy_database(cluster, "fresh")
