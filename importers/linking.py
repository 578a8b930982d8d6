"""Addresses given as text -> places: A and B link by themselves, the rest goes to review.

Identical texts are resolved once. What the clerk decided before is taken first, so that the
same text is never asked twice.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extras import execute_values
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from layers.across.register import register_of
from layers.across.review import ReviewItem, decided
from spatial.addressing import Answer, resolve
from spatial.errors import AddressNotUnderstood
from spatial.statements import raw_cursor, run, table

Progress = Callable[[str, int, int | None], None]
#: Tables with an address in words, and the levels of place their rows may hang on.
LINKED = {
    "residency": ("unit", "building"),
    "premises": ("unit", "building", "compound"),
    "incident": ("unit", "building", "compound"),
}
CERTAIN = frozenset("AB")


@dataclass(slots=True)
class Linked:
    """How many rows found their place, and how many wait for a clerk."""

    linked: int = 0
    queued: int = 0


def link_addresses(session: Session, progress: Progress) -> Linked:
    """Resolve every address text that has no place yet and was not asked before."""
    result = Linked()
    waiting: Counter[str] = Counter()
    for name, levels in LINKED.items():
        waiting.update(dict(run(session, _waiting(name, levels)).fetchall()))
    found: dict[str, str] = decided(session, list(waiting))
    for number, (text, rows) in enumerate(sorted(waiting.items())):
        place = found.get(text) or _certain(session, text, rows, result)
        if place is not None:
            found[text] = place
        progress("addresses", number + 1, len(waiting))
    if found:
        _keep(session, found)
        result.linked = sum(_link(session, name, levels) for name, levels in LINKED.items())
    return result


def _certain(session: Session, text: str, rows: int, result: Linked) -> str | None:
    """Return the place that a text means beyond doubt; queue it otherwise, unless outside."""
    try:
        answer = resolve(text, register_of(session))
    except AddressNotUnderstood:
        return None
    if answer.match_class in CERTAIN and answer.ref:
        return answer.ref
    if answer.status != "none":
        _queue(session, text, rows, answer)
        result.queued += rows
    return None


def _queue(session: Session, text: str, rows: int, answer: Answer) -> None:
    kept = [{"ref": one.node.ref, "level": one.node.level, "differs_by": one.differs_by}
            for one in answer.candidates]
    values = {"text": text, "match_class": answer.match_class, "status": answer.status,
              "candidates": kept, "unmatched": [str(one) for one in answer.unmatched],
              "waiting": rows}
    session.execute(insert(ReviewItem).values(values).on_conflict_do_update(
        index_elements=["text"], set_={"waiting": rows}))


def _keep(session: Session, found: dict[str, str]) -> None:
    """Lay the answers beside the rows, so that one statement a table links them all."""
    run(session, sql.SQL("CREATE TEMPORARY TABLE IF NOT EXISTS found_place (text text, ref text) "
                         "ON COMMIT DROP"))
    execute_values(raw_cursor(session), "INSERT INTO found_place VALUES %s", list(found.items()),
                   page_size=5000)
    run(session, sql.SQL("ANALYZE found_place"))


def _link(session: Session, name: str, levels: tuple[str, ...]) -> int:
    """Hang the rows of a table on their places; levels that its rows know no column for stay."""
    return sum(run(session, sql.SQL(
        "UPDATE {0} t SET {1} = p.id FROM found_place f JOIN {2} p ON p.identifier = f.ref "
        "WHERE t.address = f.text AND {3}").format(
            table(name), sql.Identifier(f"{level}_id"), table(level), _unplaced(levels))
    ).rowcount for level in levels)


def _unplaced(levels: tuple[str, ...]) -> sql.Composable:
    return sql.SQL(" AND ").join(sql.SQL("t.{} IS NULL").format(sql.Identifier(f"{level}_id"))
                                 for level in levels)


def _waiting(name: str, levels: tuple[str, ...]) -> sql.Composable:
    return sql.SQL("SELECT address, count(*) FROM {} t WHERE address IS NOT NULL AND {} "
                   "AND (valid_to IS NULL OR valid_to > now()) GROUP BY 1").format(
                       table(name), _unplaced(levels))
