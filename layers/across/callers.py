"""Who is asking? From a session's cookie, a token or a user's name to a caller with an area.

An area is a division's code or identifier; its numbers are read from the division each time, so
that a renumbered tree needs no other change. A division that is gone leaves an empty area.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select, update
from sqlalchemy.orm import Session

from layers.access import Role
from layers.agencies import Agency
from layers.caller import LEAST, MOST, Caller
from layers.divisions import Division
from layers.grids import Grid
from layers.passwords import name_key, token_hash
from layers.users import EVERYWHERE, ApiToken, AppUser, Assignment, WebSession
from spatial.errors import InvalidInput
from spatial.history import valid
from spatial.prepared import ask, written

#: A session or token is noted as used at most this often, so that reading stays reading.
NOTED_EVERY = timedelta(seconds=60)
NOWHERE = (1, 0)


def caller_of_session(session: Session, secret: str, *, idle: timedelta,
                      longest: timedelta) -> Caller | None:
    """Return who is signed in by this secret, and note that the session is in use."""
    key = token_hash(secret)
    row = session.execute(
        _with_area(select(_is_old(WebSession.seen_at), AppUser, Assignment)
                   .select_from(WebSession).join(AppUser, AppUser.id == WebSession.user_id)
                   .join(Assignment, Assignment.id == WebSession.assignment_id), Assignment.area)
        .where(WebSession.token_hash == key, WebSession.stage.is_(None),
               AppUser.closed_at.is_(None), in_force(Assignment),
               WebSession.seen_at > func.now() - idle,
               WebSession.started_at > func.now() - longest)).first()
    if row is None:
        return None
    if row.is_old:
        session.execute(update(WebSession).where(WebSession.token_hash == key)
                        .values(seen_at=func.now()))
    return _caller_of_user(session, row)


def only_idle(session: Session, secret: str, *, longest: timedelta) -> bool:
    """Tell whether this session is merely unused for too long: not ended, revoked or over."""
    return session.scalar(
        select(WebSession.number).join(AppUser, AppUser.id == WebSession.user_id)
        .join(Assignment, Assignment.id == WebSession.assignment_id)
        .where(WebSession.token_hash == token_hash(secret), WebSession.stage.is_(None),
               AppUser.closed_at.is_(None), in_force(Assignment),
               WebSession.started_at > func.now() - longest)) is not None


def caller_of_token(session: Session, secret: str) -> Caller | None:
    """Return the caller a token stands for, and note its use."""
    token = next(iter(ask(session, "caller_of_token", sql=_token_prepared,
                          values=(token_hash(secret),))), None)
    if token is None:
        return None
    if token.is_old:
        session.execute(update(ApiToken).where(ApiToken.id == token.id)
                        .values(last_use=func.now()))
    low, high = _range(token.area, token.low, token.high)
    return Caller(name=token.name, role=Role(token.role), low=low, high=high, area=token.area,
                  is_token=True, unlimited=token.unlimited,
                  agency=_agency(session, token.role, token.area))


def _token_prepared() -> str:
    """Return the statement of a token by its hash ($1), with the numbers of its area."""
    return written(
        _with_area(select(ApiToken, _is_old(ApiToken.last_use)), ApiToken.area)
        .where(ApiToken.token_hash == literal_column("$1::bytea"), ApiToken.revoked_at.is_(None),
               ApiToken.expires_at > func.now()))


def caller_named(session: Session, name: str) -> Caller:
    """Return a user as a caller, for commands that act `--as` somebody."""
    row = session.execute(_assignments(name).limit(1)).first()
    if row is None:
        raise InvalidInput(f"There is no user {name!r} with a role in force; "
                           "`user list` shows who there is.")
    return _caller_of_user(session, row)


def first_assignment(session: Session, name: str) -> tuple[AppUser, Assignment] | None:
    """Return the user of this name and the assignment a sign-in begins with."""
    row = session.execute(_assignments(name).limit(1)).first()
    return (row.AppUser, row.Assignment) if row else None


def in_force(model: Any) -> ColumnElement[bool]:
    """Keep the assignments whose period covers now, approved where that is needed."""
    return and_(model.valid_from <= func.now(), model.revoked_at.is_(None),
                or_(~model.approval_needed, model.approved_at.is_not(None)),
                or_(model.valid_to.is_(None), model.valid_to > func.now()))


def area_range(session: Session, area: str) -> tuple[int, int]:
    """Return the numbers of an area given by code or identifier; `*` is everywhere."""
    row = session.execute(select(Division.low, Division.high).where(
        or_(Division.code == area, Division.identifier == area),
        valid(Division, func.now())).order_by(Division.low).limit(1)).first()
    return _range(area, *(row or (None, None)))


def _is_old(noted: Any) -> Any:
    return or_(noted.is_(None), noted < func.now() - NOTED_EVERY).label("is_old")


def _assignments(name: str) -> Any:
    return (_with_area(select(AppUser, Assignment)
                       .join(Assignment, Assignment.user_id == AppUser.id), Assignment.area)
            .where(AppUser.name_key == name_key(name), AppUser.closed_at.is_(None),
                   in_force(Assignment))
            .order_by(Assignment.id))


def _with_area(query: Any, area: Any) -> Any:
    """Add the numbers of the division that `area` names."""
    division = (select(Division.low, Division.high)
                .where(or_(Division.code == area, Division.identifier == area),
                       valid(Division, func.now()))
                .order_by(Division.low).limit(1).lateral("area_division"))
    return (query.outerjoin(division, area != EVERYWHERE)
            .add_columns(division.c.low, division.c.high))


def _caller_of_user(session: Session, row: Any) -> Caller:
    user, acts = row.AppUser, row.Assignment
    low, high = _range(acts.area, row.low, row.high)
    numbers = _grid_numbers(session, acts.grids, low, high) if acts.grids else None
    if numbers is not None:
        low, high = (numbers[0], numbers[-1]) if numbers else NOWHERE
    return Caller(name=user.name, role=Role(acts.role), low=low, high=high, area=acts.area,
                  numbers=numbers, assignment_id=acts.id, user_id=user.id,
                  demonstration=user.demonstration,
                  agency=_agency(session, acts.role, acts.area))


def _agency(session: Session, role: str, area: str) -> str | None:
    """Return the agency that a handler's area names, while there is one."""
    if role != Role.HANDLER:
        return None
    return session.scalar(select(Agency.identifier).where(
        Agency.identifier == area, valid(Agency, func.now())))


def _grid_numbers(session: Session, grids: list[str], low: int, high: int) -> tuple[int, ...]:
    """Return the numbers of grids that still lie in the area, in order."""
    return tuple(session.scalars(
        select(Grid.scope).where(Grid.identifier.in_(grids), Grid.scope.between(low, high),
                                 valid(Grid, func.now())).order_by(Grid.scope)))


def _range(area: str, low: int | None, high: int | None) -> tuple[int, int]:
    if area == EVERYWHERE:
        return LEAST, MOST
    return NOWHERE if low is None or high is None else (low, high)
