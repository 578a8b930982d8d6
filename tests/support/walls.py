"""Engines that see over the wall, as a command's does, with the keys of the tests."""

from sqlalchemy import Connection, Engine

from spatial.database import connect
from spatial.sealing import Vault
from spatial.walls import SYSTEM, install, stand, token
from tests.support.sealed import vault


def system_engine(url: str, keys: Vault | None = None) -> Engine:
    """Return an engine whose transactions see every row, on a database that knows the keys."""
    engine = connect(url)
    with engine.begin() as connection:
        install(connection, keys or vault())
    return stand(engine, keys or vault())


def see_all(connection: Connection, keys: Vault | None = None) -> None:
    """Take back what a request entered on a connection that a test shares with it."""
    connection.exec_driver_sql("SELECT doorplate_enter('none', %s)",
                               (token(keys or vault(), SYSTEM),))
