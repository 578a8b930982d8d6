"""The life of an order as a log: what happened, in order; state and deadlines follow from it.

Nothing here touches a database: `replay` turns entries into a State, and the same entries give
the same state always. An order has one owner from its first moment on (首接负责): who passes it
on stays in the line behind, so that a return (退单) finds its way back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from spatial.errors import Conflict, InvalidInput
from spatial.working_time import WorkCalendar, seconds, written

#: The intake desk, which owns what nobody else does.
DESK = "desk"
ACTIVE = frozenset({"open", "accepted", "in_progress", "paused", "done"})
_MOVING = frozenset({"open", "accepted", "in_progress"})
_AT_WORK = frozenset({"accepted", "in_progress"})
ALL = frozenset({*ACTIVE, "closed", "rejected"})
#: What may be said of an order in which state.
ALLOWED: Mapping[str, frozenset[str]] = {
    "accepted": frozenset({"open"}), "returned": _MOVING, "passed": _MOVING, "shared": ACTIVE,
    "merged": ACTIVE, "extended": _MOVING, "urged": ACTIVE, "paused": _AT_WORK,
    "resumed": frozenset({"paused"}), "on_site": _AT_WORK, "done": _AT_WORK,
    "checked": frozenset({"done"}), "closed": frozenset({"done"}), "rated": frozenset({"closed"}),
    "reopened": frozenset({"closed", "rejected"}), "rejected": frozenset({"open", "accepted"}),
    "retyped": _MOVING, "noted": ALL, "photo": ALL,
}
REASONED = frozenset({"returned", "extended", "paused", "rejected", "reopened"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the log; `said` holds what the kind needs, never a person's words."""

    kind: str
    at: datetime
    by: str
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How an order stands after its log so far."""

    received_at: datetime
    service_code: str
    owner: str = DESK
    behind: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()
    status: str = "open"
    on_site_minutes: int | None = None
    calendar: str = "always"
    needs_check: bool = True
    clock_from: datetime
    finish: str | None = None
    granted_s: float = 0.0
    stopped_s: float = 0.0
    paused_at: datetime | None = None
    accepted_at: datetime | None = None
    on_site_at: datetime | None = None
    done_at: datetime | None = None
    done_by: str | None = None
    closed_at: datetime | None = None
    checked: bool | None = None
    rating: str | None = None
    merged_into: str | None = None
    urged: int = 0
    reopened: int = 0
    last_at: datetime

    def on_site_due(self) -> datetime | None:
        """Return until when somebody must be on the spot; this clock never stops."""
        if self.on_site_minutes is None:
            return None
        return self.clock_from + timedelta(minutes=self.on_site_minutes)

    def finish_due(self, calendars: Mapping[str, WorkCalendar]) -> datetime | None:
        """Return until when all must be done; None while the clock stands still."""
        if self.paused_at is not None:
            return None
        return calendars[self.calendar].add(self.clock_from, self.granted_s + self.stopped_s)


Calendars = Mapping[str, WorkCalendar]


def replay(entries: Iterable[Entry], calendars: Calendars) -> State:
    """Return the state that a whole log leads to; raise Conflict where it cannot have been."""
    state: State | None = None
    for entry in entries:
        state = follow(state, entry, calendars)
    if state is None:
        raise InvalidInput("A log begins with what was received.")
    return state


def follow(state: State | None, entry: Entry, calendars: Calendars) -> State:
    """Return the state after one more entry."""
    if state is None:
        if entry.kind != "received":
            raise Conflict("An order begins with being received.")
        return _received(entry, calendars)
    _check(state, entry)
    after: State = _STEPS[entry.kind](state, entry, calendars)
    return replace(after, last_at=max(state.last_at, entry.at))


def _check(state: State, entry: Entry) -> None:
    allowed = ALLOWED.get(entry.kind)
    if allowed is None:
        raise InvalidInput(f"{entry.kind[:20]!r} is no step of an order; there are: "
                           f"{', '.join(ALLOWED)}.")
    if entry.said.get("outside") and state.status in ACTIVE:
        return
    if state.status not in allowed:
        raise Conflict(f"An order that is {state.status} cannot be {entry.kind}; it can when it is "
                       f"{' or '.join(sorted(allowed))}.")
    if entry.kind in REASONED and not entry.said.get("reason"):
        raise InvalidInput(f"{entry.kind} needs a reason.")
    if entry.at < state.last_at:
        raise Conflict("An entry cannot lie before the one that it follows.")


def _received(entry: Entry, calendars: Calendars) -> State:
    owner = str(entry.said.get("owner") or DESK)
    return _clocked(State(received_at=entry.at, service_code="", owner=owner, behind=(DESK,),
                          clock_from=entry.at, last_at=entry.at), entry, calendars)


def _clocked(state: State, entry: Entry, calendars: Calendars) -> State:
    """Take the clocks that an entry brings; a deadline of another system is kept as it is."""
    said = entry.said
    calendar = str(said.get("calendar") or "always")
    finish: str | None = None
    if said.get("due_at"):
        calendar = "always"
        due = datetime.fromisoformat(said["due_at"])
        granted = max(0.0, (due - state.clock_from).total_seconds())
    else:
        finish = str(said.get("finish") or "3d")
        granted = seconds(finish, calendars[calendar], state.clock_from)
    return replace(state, service_code=str(said["service_code"]), calendar=calendar,
                   finish=finish, on_site_minutes=said.get("on_site_minutes"), granted_s=granted,
                   needs_check=bool(said.get("needs_check", True)))


def _accepted(state: State, entry: Entry, _: Calendars) -> State:
    return replace(state, status="accepted", accepted_at=state.accepted_at or entry.at)


def _returned(state: State, _entry: Entry, _: Calendars) -> State:
    *rest, back = state.behind or (DESK,)
    return replace(state, status="open", owner=back, behind=tuple(rest))


def _passed(state: State, entry: Entry, _: Calendars) -> State:
    to = _unit(entry)
    if to == state.owner:
        raise Conflict("The order is with this unit already.")
    return replace(state, status="open", owner=to, behind=(*state.behind, state.owner),
                   helpers=tuple(one for one in state.helpers if one != to))


def _shared(state: State, entry: Entry, _: Calendars) -> State:
    to = _unit(entry)
    if to == state.owner or to in state.helpers:
        raise Conflict("This unit has a part in the order already.")
    return replace(state, helpers=(*state.helpers, to))


def _unit(entry: Entry) -> str:
    to = str(entry.said.get("to") or "")
    if not to:
        raise InvalidInput(f"{entry.kind} needs `to`: the unit that takes the order or a part.")
    return to


def _merged(state: State, entry: Entry, _: Calendars) -> State:
    into = str(entry.said.get("into") or "")
    if not into:
        raise InvalidInput("merged needs `into`: the order that goes on.")
    return replace(_close(state, entry), merged_into=into)


def _extended(state: State, entry: Entry, calendars: Calendars) -> State:
    """Give an order more time; another system's `due_at` is its deadline as it says, once more."""
    if entry.said.get("due_at"):
        due = datetime.fromisoformat(entry.said["due_at"])
        granted = (due - state.clock_from).total_seconds() - state.stopped_s
        return replace(state, calendar="always", finish=None, granted_s=max(0.0, granted))
    by_time = written(str(entry.said.get("by_time") or ""))
    if "/" in by_time:
        raise InvalidInput("by_time is one allowance of time, such as 3d.")
    more = seconds(by_time, calendars[state.calendar], entry.at)
    return replace(state, granted_s=state.granted_s + more)


def _paused(state: State, entry: Entry, _: Calendars) -> State:
    return replace(state, status="paused", paused_at=entry.at)


def _resumed(state: State, entry: Entry, calendars: Calendars) -> State:
    assert state.paused_at is not None
    stopped = calendars[state.calendar].between(state.paused_at, entry.at)
    return replace(state, paused_at=None, stopped_s=state.stopped_s + stopped,
                   status="in_progress" if state.on_site_at else "accepted")


def _on_site(state: State, entry: Entry, _: Calendars) -> State:
    return replace(state, status="in_progress", on_site_at=state.on_site_at or entry.at)


def _done(state: State, entry: Entry, _: Calendars) -> State:
    return replace(state, status="done", done_at=entry.at, done_by=entry.by, checked=None)


def _checked(state: State, entry: Entry, _: Calendars) -> State:
    if entry.by == state.done_by:
        raise Conflict("Whoever did the work does not check it; somebody else must.")
    if entry.said.get("ok"):
        return replace(state, checked=True)
    if not entry.said.get("reason"):
        raise InvalidInput("A check that does not pass needs a reason.")
    return replace(state, checked=False, status="in_progress", done_at=None, done_by=None)


def _closed(state: State, entry: Entry, _: Calendars) -> State:
    if state.needs_check and not state.checked and not entry.said.get("outside"):
        raise Conflict("This kind of order is checked on the spot before it is closed.")
    return _close(state, entry)


def _close(state: State, entry: Entry) -> State:
    return replace(state, status="closed", closed_at=entry.at, paused_at=None,
                   done_at=state.done_at or entry.at, done_by=state.done_by or entry.by)


def _rejected(state: State, entry: Entry, _: Calendars) -> State:
    return replace(state, status="rejected", closed_at=entry.at)


def _rated(state: State, entry: Entry, _: Calendars) -> State:
    return replace(state, rating=str(entry.said.get("rating") or ""))


def _reopened(state: State, entry: Entry, calendars: Calendars) -> State:
    if state.merged_into:
        raise Conflict("A merged order lives on in the other one; reopen that.")
    granted = state.granted_s if state.finish is None else seconds(
        state.finish, calendars[state.calendar], entry.at)
    return replace(state, status="open", clock_from=entry.at, stopped_s=0.0, accepted_at=None,
                   granted_s=granted, on_site_at=None, done_at=None, done_by=None, closed_at=None,
                   checked=None, rating=None, reopened=state.reopened + 1)


def _urged(state: State, _entry: Entry, _: Calendars) -> State:
    return replace(state, urged=state.urged + 1)


def _same(state: State, _entry: Entry, _: Calendars) -> State:
    return state


_STEPS: Mapping[str, Any] = {
    "accepted": _accepted, "returned": _returned, "passed": _passed, "shared": _shared,
    "merged": _merged, "extended": _extended, "urged": _urged, "paused": _paused,
    "resumed": _resumed, "on_site": _on_site, "done": _done, "checked": _checked,
    "closed": _closed, "rated": _rated, "reopened": _reopened, "rejected": _rejected,
    "retyped": _clocked, "noted": _same, "photo": _same,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One rise of an order: which clock, how long after it, to which level."""

    clock: str
    minutes: int
    to: str


def rises(state: State, due: datetime | None, steps: Sequence[Step]) -> dict[str, datetime]:
    """Return when the order reaches each level, if nothing more happens; met clocks raise none."""
    ends = state.done_at or state.closed_at
    met = {"on_site": state.on_site_at or ends, "finish": ends}
    dues = {"on_site": state.on_site_due(), "finish": due}
    found: dict[str, datetime] = {}
    for step in steps:
        limit = dues[step.clock]
        if limit is None:
            continue
        at, done = limit + timedelta(minutes=step.minutes), met[step.clock]
        if done is None or done > at:
            found[step.to] = min(at, found.get(step.to, at))
    return found
