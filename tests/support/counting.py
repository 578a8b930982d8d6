"""How many statements a piece of code sends: a list sends a fixed number, whatever its length."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """Give a list that fills with the statements sent meanwhile; preparing one is not counted."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("PREPARE", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            sent.append(statement)

    session.flush()
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(connection, "before_cursor_execute", note)
