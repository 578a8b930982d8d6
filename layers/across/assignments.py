"""Who may act as what, where and until when: granted, approved, revoked, switched.

The rules that must hold whatever a program does are constraints of the table; here they get
words. At the machine (`by` without a user) everything may be granted; on the page an admin grants
lower roles within the own area, never to themselves, and some roles wait for a second person.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from layers.access import GRANTABLE, Role
from layers.across.callers import NOWHERE, area_range, in_force
from layers.caller import Caller
from layers.divisions import Division
from layers.faults import Fault, refuse
from layers.grids import Grid
from layers.users import AppUser, Assignment, WebSession
from spatial.errors import NotFound
from spatial.history import valid

#: What the table's constraints mean to the one who fills a form.
CONSTRAINTS = {
    "assignment_duties_apart_excl": Fault("role", "duties"),
    "assignment_not_for_oneself_check": Fault("role", "self"),
    "assignment_not_approved_by_oneself_check": Fault("approve", "self"),
    "assignment_two_persons_check": Fault("approve", "two_persons"),
    "assignment_period_check": Fault("until", "period"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be granted; `grids` are codes or identifiers, none means the whole area."""

    role: Role
    area: str
    grids: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


def at_machine(by: Caller) -> bool:
    """Tell whether someone acts by command, whom the system has let in."""
    return by.user_id is None and not by.is_token


def grant(session: Session, by: Caller, user: AppUser, wish: Wish, *,
          approval_roles: frozenset[Role] = frozenset()) -> Assignment:
    """Grant a role, or propose it where a second person must approve; raise RuleViolated."""
    refuse(faults(session, by, wish, user))
    found, _missing = _grids(session, wish)
    one = Assignment(
        user_id=user.id, role=wish.role, area=wish.area, grids=sorted(found),
        valid_to=wish.until, granted_by=by.name, granted_by_id=by.user_id,
        approval_needed=not at_machine(by) and wish.role in approval_roles)
    if wish.since is not None:
        one.valid_from = wish.since
    with _in_words(session):
        session.add(one)
        session.flush()
    return one


def faults(session: Session, by: Caller, wish: Wish, user: AppUser | None = None) -> list[Fault]:
    """Return what rules out granting this; the separation of duties is the table's to tell."""
    found = [*_about_role(by, wish, user), *_about_place(session, by, wish)]
    now = datetime.now(UTC)
    if wish.until is not None and wish.until <= max(now, wish.since or now):
        found.append(Fault("until", "period"))
    if user is not None and user.closed_at is not None:
        found.append(Fault("role", "closed"))
    if user is not None and not found and _held(session, user, wish):
        found.append(Fault("role", "same"))
    return found


def approve(session: Session, by: Caller, number: int) -> Assignment:
    """Approve what another admin has granted to a third person."""
    one = _settled_by(session, by, number)
    if one.revoked_at is not None or one.approved_at is not None or not one.approval_needed:
        refuse([Fault("approve", "settled")])
    with _in_words(session):
        one.approved_by, one.approved_by_id = by.name, by.user_id
        one.approved_at = datetime.now(UTC)
        session.flush()
    return one


def revoke(session: Session, by: Caller, number: int) -> Assignment:
    """End an assignment, or refuse a proposed one; sessions that act in it end at once."""
    one = _settled_by(session, by, number)
    if one.revoked_at is not None:
        refuse([Fault("revoke", "settled")])
    if one.user_id == by.user_id:
        refuse([Fault("revoke", "self")])
    one.revoked_by, one.revoked_at = by.name, datetime.now(UTC)
    session.execute(delete(WebSession).where(WebSession.assignment_id == one.id))
    session.flush()
    return one


def acting(session: Session, user_id: int) -> Sequence[Assignment]:
    """Return what a user may act as now, the oldest first."""
    return session.scalars(select(Assignment).where(
        Assignment.user_id == user_id, in_force(Assignment)).order_by(Assignment.id)).all()


def covers(session: Session, by: Caller, area: str) -> bool:
    """Tell whether an area lies within the caller's."""
    if by.everywhere:
        return True
    low, high = area_range(session, area)
    return by.holds(low, high)


def whose(session: Session, number: int) -> int:
    """Return the number of the user an assignment belongs to."""
    return session.scalar(select(Assignment.user_id).where(Assignment.id == number)) or 0


def area_names(session: Session, areas: Iterable[str]) -> dict[str, str]:
    """Return the names of the divisions that areas stand for; `*` and what is gone have none."""
    wanted = set(areas)
    rows = session.execute(select(Division.code, Division.identifier, Division.name).where(
        or_(Division.code.in_(wanted), Division.identifier.in_(wanted)),
        valid(Division, func.now())))
    return {word: row.name for row in rows for word in (row.code, row.identifier)
            if word in wanted}


def _settled_by(session: Session, by: Caller, number: int) -> Assignment:
    """Return an assignment that this caller may decide on, locked."""
    one = session.get(Assignment, number, with_for_update=True, populate_existing=True)
    if one is None or not covers(session, by, one.area) or (
            not at_machine(by) and one.role not in GRANTABLE):
        raise NotFound(f"There is no assignment {number} in your hands.")
    return one


def _about_role(by: Caller, wish: Wish, user: AppUser | None) -> Iterator[Fault]:
    if at_machine(by):
        return
    if user is not None and user.id == by.user_id:
        yield Fault("role", "self")
    elif wish.role not in GRANTABLE or by.role is not Role.ADMIN:
        yield Fault("role", "role")


def _about_place(session: Session, by: Caller, wish: Wish) -> Iterator[Fault]:
    span = area_range(session, wish.area)
    if span == NOWHERE or not covers(session, by, wish.area):
        yield Fault("area", "area")
    elif _grids(session, wish)[1]:
        yield Fault("grids", "grids")


def _grids(session: Session, wish: Wish) -> tuple[set[str], set[str]]:
    """Return the identifiers of the grids wished for, and the words that name none."""
    if not wish.grids:
        return set(), set()
    low, high = area_range(session, wish.area)
    rows = session.execute(select(Grid.identifier, Grid.code).where(
        or_(Grid.identifier.in_(wish.grids), Grid.code.in_(wish.grids)),
        Grid.scope.between(low, high), valid(Grid, func.now()))).all()
    named = {word for row in rows for word in (row.identifier, row.code)}
    return {row.identifier for row in rows}, set(wish.grids) - named


def _held(session: Session, user: AppUser, wish: Wish) -> bool:
    """Tell whether the user has this role here already, now or from the wished day on."""
    same = session.scalars(select(Assignment).where(
        Assignment.user_id == user.id, Assignment.role == wish.role,
        Assignment.area == wish.area, Assignment.revoked_at.is_(None),
        or_(Assignment.valid_to.is_(None), Assignment.valid_to > (wish.since or func.now()))))
    grids = sorted(_grids(session, wish)[0])
    return any(one.grids == grids for one in same)


@contextmanager
def _in_words(session: Session) -> Iterator[None]:
    """Tell the breach of a constraint as the rule behind it."""
    try:
        with session.begin_nested():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        if name not in CONSTRAINTS:
            raise
        refuse([CONSTRAINTS[name]])
