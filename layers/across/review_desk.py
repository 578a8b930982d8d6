"""The review queue for people at a page: what is asked, what each says, and when it is settled.

A question is an address text that no one place answers. What one person says of it is a vote;
when enough persons say the same, the text becomes an alias of the place. A vote can be withdrawn,
and with it what it settled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from layers.access import PERSON_READERS
from layers.across.lookup import key_of
from layers.across.places import find, place_json
from layers.across.register import register_of
from layers.across.review import ReviewItem, ReviewVote, refuse_decided
from layers.caller import Caller
from spatial.addressing import Answer, Node, resolve
from spatial.addressing.compose import differing_level
from spatial.addressing.register import DIVISIONS
from spatial.errors import Conflict, Forbidden, NotFound
from spatial.state import bump

#: Places to choose from: one key of the keyboard each.
MOST_CHOICES = 9
#: Questions that are numbered on the page; the rest follows as these are answered.
MOST_QUEUED = 500
#: The first half of the advisory lock on a question.
_LOCK = 7_301


@dataclass(frozen=True, slots=True)
class Choice:
    """One place that the text may mean; `differs` are the levels at which it differs."""

    place: dict[str, Any]
    differs: frozenset[str]
    votes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A text, what is asked of it, and what may be answered.

    `asks` is which (of several: `words` tell them apart), missing (`words` hold what the register
    lacks and the place above it), this (one uncertain place) or nothing.
    """

    item: ReviewItem
    answer: Answer
    asks: str
    words: tuple[str, ...]
    choices: tuple[Choice, ...]
    votes: tuple[ReviewVote, ...]


def reviewer(caller: Caller) -> Caller:
    """Return a caller who may answer: a person who may read addresses of persons."""
    if caller.role not in PERSON_READERS or caller.user_id is None:
        raise Forbidden("The review queue is for grid workers, officers, operators and stewards "
                        "who have signed in.")
    return caller


def queue(session: Session, caller: Caller) -> list[int]:
    """Return the open questions of the caller's area that they have not answered yet.

    Those that would settle most rows come first.
    """
    mine = select(ReviewVote.item_id).where(ReviewVote.by == caller.actor,
                                            ReviewVote.withdrawn.is_(None))
    found = (_visible(caller, select(ReviewItem.id))
             .where(ReviewItem.decided.is_(None), ReviewItem.id.not_in(mine))
             .order_by(ReviewItem.waiting.desc(), ReviewItem.id).limit(MOST_QUEUED))
    return list(session.scalars(found))


def _visible(caller: Caller, query: Select[Any]) -> Select[Any]:
    """Keep the questions whose answers all lie in the caller's area."""
    if caller.everywhere:
        return query
    return query.where(caller.within(ReviewItem.scope))


def asked(session: Session, caller: Caller, number: int) -> ReviewItem:
    """Return one question of the caller's area."""
    one: ReviewItem | None = session.scalar(
        _visible(caller, select(ReviewItem)).where(ReviewItem.id == number))
    if one is None:
        raise NotFound(f"There is no question {number} in your area.")
    return one


def question(
    session: Session, caller: Caller, number: int, *, elsewhere: str | None = None
) -> Question:
    """Return a question with the places that its text may mean as the register stands now.

    `elsewhere` is another address, which somebody thinks is meant.
    """
    item = asked(session, caller, number)
    register = register_of(session)
    answer = resolve(item.text[:200], register)
    nodes = _meant(resolve(elsewhere, register)) if elsewhere else []
    nodes = _unique([*nodes, *_meant(answer)])[:MOST_CHOICES]
    votes = standing(session, number)
    asks, words = _asks(answer, nodes)
    return Question(item, answer, asks, words, _choices(session, nodes, votes), tuple(votes))


def _meant(answer: Answer) -> list[Node]:
    """Return the places of an answer, and above an uncertain dwelling the building it is in."""
    found = [one.node for one in answer.candidates]
    if answer.node is not None:
        found = [answer.node, *found]
    if len(found) == 1 and found[0].level not in DIVISIONS:
        above = [n for n in found[0].chain() if n.level in {"building", "compound"}]
        found += reversed(above)
    return [n.target or n for n in found]


def _unique(nodes: Sequence[Node]) -> list[Node]:
    return list({node.ref: node for node in nodes}.values())


def _asks(answer: Answer, nodes: Sequence[Node]) -> tuple[str, tuple[str, ...]]:
    """Return the one question that settles it."""
    if answer.status == "ambiguous":
        level = differing_level([c.node for c in answer.candidates])
        labels = [step.label for c in answer.candidates for step in c.node.chain()
                  if step.level == level]
        return "which", tuple(dict.fromkeys(labels))
    if answer.status == "partial" and answer.node is not None:
        return "missing", ("、".join(answer.unmatched), answer.node.label)
    return ("this", (nodes[0].label,)) if nodes else ("nothing", ())


def _choices(
    session: Session, nodes: Sequence[Node], votes: Sequence[ReviewVote]
) -> tuple[Choice, ...]:
    found = {p["identifier"]: p for p in place_json(session, [key_of(n) for n in nodes])}
    places = [found[n.ref] for n in nodes if n.ref in found]
    labels: dict[str, set[str]] = {}
    for place in places:
        for step in place["chain"]:
            labels.setdefault(step["level"], set()).add(step["label"])
    told = frozenset(level for level, said in labels.items() if len(said) > 1)
    return tuple(Choice(place, told, tuple(v.by for v in votes if v.place == place["identifier"]))
                 for place in places)


def standing(session: Session, number: int) -> list[ReviewVote]:
    """Return the votes on a question that were not withdrawn, the oldest first."""
    return list(session.scalars(select(ReviewVote).where(
        ReviewVote.item_id == number, ReviewVote.withdrawn.is_(None)).order_by(ReviewVote.id)))


def vote(
    session: Session, caller: Caller, number: int, place: str | None, *, persons: int
) -> bool:
    """Say what a question means (None: the register has no such place); tell if that settles it.

    It is settled when `persons` different people say the same. Raises Conflict when it was
    decided in the meantime, NotFound for a place that does not exist.
    """
    one = asked(session, reviewer(caller), number)
    # Two who answer at the same moment are taken one after the other.
    session.execute(select(func.pg_advisory_xact_lock(_LOCK, number)))
    session.refresh(one)
    refuse_decided(one)
    if place is not None:
        find(session, place)
    _withdraw_own(session, caller, number)
    session.add(ReviewVote(item_id=number, place=place, by=caller.actor))
    session.flush()
    agreed = list(dict.fromkeys(v.by for v in standing(session, number) if v.place == place))
    if len(agreed) < persons:
        return False
    one.choice, one.decided, one.decided_by = place, func.now(), ", ".join(agreed)[:80]
    session.flush()
    bump(session)
    return True


def withdraw(session: Session, caller: Caller, number: int) -> None:
    """Take the caller's own vote back; what it settled is open again."""
    one = asked(session, reviewer(caller), number)
    if not _withdraw_own(session, caller, number):
        raise Conflict(f"You have said nothing of question {number} that could be taken back.")
    if one.decided is not None:
        one.choice = one.decided = one.decided_by = None
        session.flush()
        bump(session)


def _withdraw_own(session: Session, caller: Caller, number: int) -> bool:
    own = [v for v in standing(session, number) if v.by == caller.actor]
    for said in own:
        said.withdrawn = func.now()
    session.flush()
    return bool(own)


def counts(session: Session, caller: Caller) -> dict[str, int]:
    """Return how many questions are open, wait for a second person, and were settled."""
    voted = select(ReviewVote.item_id).where(ReviewVote.withdrawn.is_(None))
    wanted: Any = select(
        func.count().filter(ReviewItem.decided.is_(None)),
        func.count().filter(ReviewItem.decided.is_(None), ReviewItem.id.in_(voted)),
        func.count().filter(ReviewItem.decided.is_not(None)))
    row: Any = session.execute(_visible(caller, wanted)).one()
    return {"open": row[0], "second": row[1], "settled": row[2]}
