"""What the second wall is told of a caller: whose rows its transactions may hold."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from layers.access import PERSON_READERS
from layers.caller import Caller
from spatial.walls import NOBODY, WALL, DatabaseRole, Scope, enter

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from spatial.sealing import Vault


def reach_of(caller: Caller | None) -> Scope:
    """Return the scope of a caller; who may look up no person has none, whatever its area."""
    if caller is not None and caller.agency is not None:
        # No row of persons has this number; the words of its own orders know the agency.
        return Scope(low=-1, high=-1, who=f"{caller.role}:{caller.user_id or 0}:{caller.agency}")
    if caller is None or caller.role not in PERSON_READERS:
        return NOBODY
    who = f"{caller.role}:{'token' if caller.is_token else caller.user_id or 0}"
    return Scope(low=caller.low, high=caller.high, numbers=caller.numbers, who=who)


def bind(session: "Session", vault: "Vault", caller: Caller | None) -> None:
    """Hold this and every later transaction of `session` to the caller's reach."""
    enter(session, vault, reach_of(caller), DatabaseRole.APP)


@contextmanager
def writing_at(session: "Session", vault: "Vault", caller: Caller, scope: int) -> Iterator[None]:
    """Let one who takes a report write its words at `scope`, which they may not read back."""
    if WALL not in session.info or reach_of(caller) != NOBODY:
        yield
        return
    enter(session, vault, Scope(low=scope, high=scope, who="intake"), DatabaseRole.APP)
    yield
    session.flush()
    bind(session, vault, caller)
