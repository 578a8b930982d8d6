"""Addresses given as text -> places: A and B link by themselves, the rest goes to review.

Identical texts are resolved once. What the clerk decided before is taken first, so that the
same text is never asked twice.
"""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extras import execute_values
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from layers.across.kept_register import KeptRegister
from layers.across.register import register_of
from layers.across.review import ReviewItem, decided, scope_of
from spatial.addressing import Answer, Candidate, Node, resolve
from spatial.errors import AddressNotUnderstood
from spatial.statements import raw_cursor, run, table

Progress = Callable[[str, int, int | None], None]
#: The levels that some row with an address in words can hang on.
EVERY = frozenset({"unit", "building", "compound"})
#: Tables with an address in words, and the levels of place their rows may hang on.
LINKED = {
    "residency": ("unit", "building"),
    "premises": ("unit", "building", "compound"),
    "incident": ("unit", "building", "compound"),
}
#: Whose rows are nowhere while they hang on none of these; an incident has its own point.
MUST_HANG = frozenset({"residency", "premises"})
CERTAIN = frozenset("AB")
#: Parts of a building that no row hangs on: their building is what is known.
WITHIN = frozenset({"entrance", "storey"})


@dataclass(slots=True)
class Linked:
    """How many rows found their place, and how many wait for a clerk."""

    linked: int = 0
    queued: int = 0


@dataclass(slots=True)
class Waiting:
    """One text without a place: the rows that bear it, and the levels that all of them can take."""

    rows: int = 0
    levels: frozenset[str] = EVERY
    must_hang: bool = False


def link_addresses(session: Session, progress: Progress,
                   jobs: Collection[int] | None = None) -> Linked:
    """Resolve the address texts that have no place yet.

    With `jobs` only those that these imports brought, for all others the places are what they
    were when they were asked; what clerks decided meanwhile is always linked.
    """
    result = Linked()
    waiting = _texts(session, jobs)
    found: dict[str, str] = decided(session, list(waiting))
    register = KeptRegister(register_of(session))
    for number, text in enumerate(sorted(waiting)):
        place = found.get(text) or _certain(session, text, waiting[text], result, register)
        if place is not None:
            found[text] = place
        progress("addresses", number + 1, len(waiting))
    if found:
        _keep(session, found)
        result.linked = sum(_link(session, name, levels) for name, levels in LINKED.items())
        run(session, _ANSWERED)
    return result


def _texts(session: Session, jobs: Collection[int] | None) -> dict[str, Waiting]:
    found: dict[str, Waiting] = defaultdict(Waiting)
    for name, levels in LINKED.items():
        for text, rows in run(session, _waiting(name, levels),
                              {"jobs": None if jobs is None else list(jobs)}).fetchall():
            found[text].rows += rows
            if name in MUST_HANG:
                found[text].levels &= frozenset(levels)
                found[text].must_hang = True
    return found


def _certain(session: Session, text: str, waiting: Waiting, result: Linked,
             register: KeptRegister) -> str | None:
    """Return the place that a text means beyond doubt; queue it otherwise, unless outside."""
    try:
        answer = resolve(text, register)
    except AddressNotUnderstood:
        answer = Answer(text, text)
    node = answer.node
    while node is not None and node.level in WITHIN:
        node = node.parent
    if answer.match_class in CERTAIN and node is not None and node.level in waiting.levels:
        return node.ref
    if not any(step.step == "outside" for step in answer.explain) and not (
            answer.match_class in CERTAIN and not waiting.must_hang):
        _queue(session, text, waiting.rows, answer)
        result.queued += waiting.rows
    return None


def _queue(session: Session, text: str, rows: int, answer: Answer) -> None:
    """Ask a clerk; an answer that is sure but too coarse for these rows is a part of one."""
    coarse = answer.match_class in CERTAIN
    nodes = [Candidate(answer.node)] if coarse and answer.node else answer.candidates
    kept = [{"ref": one.node.ref, "level": one.node.level, "differs_by": one.differs_by}
            for one in nodes]
    values = {"text": text, "match_class": "D" if coarse else answer.match_class,
              "status": "partial" if coarse else answer.status,
              "candidates": kept, "unmatched": [str(one) for one in answer.unmatched],
              "waiting": rows, "scope": scope_of(session, _meant(answer))}
    session.execute(insert(ReviewItem).values(values).on_conflict_do_update(
        index_elements=["text"], set_={"waiting": rows, "scope": values["scope"]}))


def _meant(answer: Answer) -> list[Node]:
    found = [one.node for one in answer.candidates]
    return found + ([answer.node] if answer.node else [])


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
    return sql.SQL(
        "SELECT address, count(*) FROM {} t WHERE address IS NOT NULL AND {} "
        "AND (valid_to IS NULL OR valid_to > now()) GROUP BY 1 HAVING %(jobs)s::bigint[] IS NULL "
        "OR bool_or(import_id = ANY(%(jobs)s)) OR EXISTS (SELECT FROM review_item i "
        "WHERE i.text = address AND i.choice IS NOT NULL)").format(
            table(name), _unplaced(levels))


#: Questions that the register answers by now.
_ANSWERED = sql.SQL("DELETE FROM review_item i USING found_place f WHERE i.text = f.text "
                    "AND i.decided IS NULL")
