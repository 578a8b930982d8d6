"""The throw-away cluster of a test run: made in a short path, gone afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from psycopg2 import sql

from spatial.cluster import Cluster
from spatial.cluster.settings import OWNER, THROWAWAY

SETTINGS = {**THROWAWAY, "shared_buffers": "128MB", "max_wal_size": "1GB"}


@contextmanager
def short_folder() -> Iterator[Path]:
    """Give a new folder that PostgreSQL's user can reach, unlike pytest's `tmp_path`."""
    folder = Path(tempfile.mkdtemp(prefix="dp-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def throwaway_cluster() -> Iterator[Cluster]:
    """Give a running cluster that is fast, unsafe and ours alone."""
    with short_folder() as home:
        cluster = Cluster(home, overrides=SETTINGS)
        cluster.ensure()
        try:
            yield cluster
        finally:
            cluster.stop()


def copy_database(cluster: Cluster, name: str, *, template: str = OWNER) -> str:
    """Make the database `name` as a copy of `template`, replacing an older one; return its URL.

    Nobody may be connected to the template: dispose its engine first.
    """
    connection = psycopg2.connect(cluster.admin_url())
    connection.autocommit = True
    ours, model, owner = (sql.Identifier(word) for word in (name, template, OWNER))
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(ours))
        cursor.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(ours, model, owner)
        )
    connection.close()
    return cluster.url(database=name)
