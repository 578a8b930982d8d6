"""Who acts on the registry, and in which transaction: dry, or for good."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getuser

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from spatial.sealing import Vault
from spatial.walls import SYSTEM, DatabaseRole, enter, install


def clerk_name() -> str:
    """Return who sits at the command line, as the journal knows them."""
    try:
        return getuser()[:80]
    except (KeyError, OSError):      # a number without a name, as in a container
        return f"user {os.getuid()}"


@contextmanager
def acting(engine: Engine, vault: Vault, *, apply: bool) -> Iterator[Session]:
    """Give a session that acts for the registry; in a dry run all it does is undone."""
    with engine.begin() as connection:
        install(connection, vault)
    if apply:
        with Session(engine, expire_on_commit=False) as session:
            enter(session, vault, SYSTEM, DatabaseRole.IMPORT)
            yield session
        return
    with engine.connect() as connection:
        outer = connection.begin()
        try:
            with Session(connection, join_transaction_mode="create_savepoint",
                         expire_on_commit=False) as session:
                enter(session, vault, SYSTEM, DatabaseRole.IMPORT)
                yield session
        finally:
            outer.rollback()
