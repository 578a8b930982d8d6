"""One import at a time, and what the database refuses said plainly.

Two imports of one source would each believe a row to be new, and a killed one may still be at
work in the server: the next waits until it is really gone.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg2
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from spatial.errors import InvalidInput, Unavailable

Progress = Callable[[str, int, int | None], None]
#: The number of our advisory lock: "doorplate import" in a bigint.
LOCK = 0x64706C_696D70
PATIENCE = "30min"
#: SQLSTATE classes of a server that is gone, full, stopping or too busy.
AWAY = ("08", "40", "53", "55", "57", "58")
#: Classes of a value that a table cannot take.
UNFIT = ("22", "23", "54", "XX")


@contextmanager
def alone(engine: Engine, progress: Progress) -> Iterator[None]:
    """Keep every other import out; raise Unavailable when one goes on for too long.

    What goes wrong in the database inside becomes an error of the house, without its values.
    """
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            _lock(connection, progress)
            try:
                yield
            finally:
                _unlock(connection)
    except (DBAPIError, psycopg2.Error) as error:
        raise _plain(error) from None


def _lock(connection: Connection, progress: Progress) -> None:
    if connection.scalar(_TRY, {"lock": LOCK}):
        return
    progress("waiting for another import", 0, None)
    connection.execute(text(f"SET lock_timeout = '{PATIENCE}'"))
    try:
        connection.execute(_WAIT, {"lock": LOCK})
    except DBAPIError as error:
        if _state(error) == "55P03":
            raise Unavailable(f"another import has been running for over {PATIENCE}; try again "
                              "when it has ended") from None
        raise
    connection.execute(text("RESET lock_timeout"))


def _unlock(connection: Connection) -> None:
    try:
        connection.execute(_RELEASE, {"lock": LOCK})
    except (DBAPIError, psycopg2.Error):
        connection.invalidate()         # gone with its session


def _state(error: Exception) -> str:
    inner = error.orig if isinstance(error, DBAPIError) else error
    return getattr(inner, "pgcode", None) or ""


def _plain(error: Exception) -> Exception:
    """Return the error without what the database quotes: values of persons are among it."""
    state = _state(error)
    inner = error.orig if isinstance(error, DBAPIError) else error
    lost = isinstance(inner, psycopg2.OperationalError | psycopg2.InterfaceError)
    if state.startswith(UNFIT):
        return InvalidInput(f"the database cannot take a value of this file ({state}, "
                            f"{type(inner).__name__}); look for a very long or strange one")
    if state.startswith(AWAY) or (lost and not state):
        return Unavailable("the database broke off; import the same again, and it resumes where "
                           f"it stood ({state or 'connection lost'})")
    return error


_TRY = text("SELECT pg_try_advisory_lock(:lock)")
_WAIT = text("SELECT pg_advisory_lock(:lock)")
_RELEASE = text("SELECT pg_advisory_unlock(:lock)")
