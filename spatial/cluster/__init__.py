"""The private PostGIS cluster, which serves when no database is named.

`Cluster(home).ensure()` gives the URL of a ready database; `database_url(settings)` chooses
between it and the one the operator named. See docs/decisions/embedded-cluster.md.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from spatial.cluster.server import Cluster, Status
from spatial.cluster.urls import libpq_url
from spatial.config import Settings

__all__ = ["Cluster", "Status", "database_url", "leased_database", "libpq_url", "private_cluster"]


def private_cluster(settings: Settings) -> Cluster:
    """Return the private cluster of `settings`; nothing is started."""
    return Cluster(settings.home, binaries=settings.postgres_bin, zone=settings.zone)


def database_url(settings: Settings) -> str:
    """Return the libpq URL of the named database, else of the private one, started if needed."""
    if settings.database_url:
        return libpq_url(settings.database_url)
    return private_cluster(settings).ensure()


@contextmanager
def leased_database(settings: Settings) -> Iterator[str]:
    """Give the database's URL; on leaving, stop a private server that was started for it.

    For programs that serve for long: the last of several to leave stops it.
    """
    if settings.database_url:
        yield libpq_url(settings.database_url)
        return
    with private_cluster(settings).lease() as url:
        yield url
