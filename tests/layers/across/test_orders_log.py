"""The life of an order: one owner always, deadlines that follow from the log and nothing else."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.across.orders_clocks import DATA, first_level, steps
from layers.across.orders_log import ALLOWED, DESK, Entry, Step, follow, replay, rises
from layers.codelists import codelist
from spatial.errors import Conflict, InvalidInput, RegistryError
from spatial.working_time import WorkCalendar
from tests.spatial.test_working_time import HOURS, ZONE

KNOWN = {"always": WorkCalendar(ZONE), "working": WorkCalendar(ZONE, HOURS)}
MORNING = datetime(2026, 9, 7, 9, 0, tzinfo=ZONE)
CLOCKS = {"service_code": "water_leak", "on_site_minutes": 30, "finish": "3d",
          "calendar": "working", "owner": "j1", "needs_check": True}
SAID = {"passed": {"to": "j2"}, "shared": {"to": "j3"}, "merged": {"into": "i9"},
        "extended": {"by_time": "1d"}, "checked": {"ok": True}, "rated": {"rating": "fair"},
        "retyped": {**CLOCKS, "finish": "48h", "calendar": "always"}}


def entry(kind, minutes=0, by="li", **said):
    return Entry(kind=kind, at=MORNING + timedelta(minutes=minutes), by=by, said=said)


def log(*kinds, **first):
    """Return a log of these kinds, a minute apart; whoever checks is not who did it."""
    entries = [entry("received", **CLOCKS | first)]
    for number, kind in enumerate(kinds, start=1):
        said = {"reason": "x", **SAID.get(kind, {})}
        entries.append(entry(kind, number, by="wu" if kind == "checked" else "li", **said))
    return entries


def after(*kinds, **first):
    return replay(log(*kinds, **first), KNOWN)


@given(st.lists(st.tuples(st.sampled_from(sorted(ALLOWED)), st.integers(0, 3000)), max_size=25))
def test_the_same_log_gives_the_same_order_and_one_owner(wishes):
    """Whatever is tried: what is refused changes nothing, and what is kept can be told again."""
    kept, minutes = log(), 0
    state = replay(kept, KNOWN)
    for kind, later in wishes:
        minutes += later
        new = entry(kind, minutes, by="wu" if kind == "checked" else "li", reason="x",
                    **SAID.get(kind, {}))
        try:
            state = follow(state, new, KNOWN)
        except RegistryError:
            continue
        kept.append(new)
        assert state.owner and state.owner not in state.helpers
    again = replay(kept, KNOWN)
    assert again == state
    assert again.finish_due(KNOWN) == state.finish_due(KNOWN)
    assert (again.closed_at is None) == (again.status not in ("closed", "rejected"))


@given(st.integers(1, 20_000), st.integers(1, 20_000))
def test_a_pause_moves_the_deadline_by_its_working_time(before, length):
    due = after().finish_due(KNOWN)
    entries = [*log("accepted"), entry("paused", before + 1, reason="x"),
               entry("resumed", before + 1 + length)]
    moved = replay(entries, KNOWN).finish_due(KNOWN)
    stopped = KNOWN["working"].between(entries[2].at, entries[3].at)
    assert KNOWN["working"].between(due, moved) == stopped


def test_an_order_is_never_without_an_owner():
    assert after().owner == "j1"
    assert after("passed").owner == "j2"
    assert after("passed", "returned").owner == "j1"
    assert after("passed", "returned", "returned").owner == DESK
    assert after("passed", "returned", "returned", "returned").owner == DESK
    assert after(owner="").owner == DESK


def test_while_it_stands_still_there_is_no_deadline():
    assert after("accepted", "paused").finish_due(KNOWN) is None


def test_an_extension_adds_its_days():
    day = KNOWN["working"].day_seconds
    due, later = after().finish_due(KNOWN), after("extended").finish_due(KNOWN)
    assert KNOWN["working"].between(due, later) == day


def test_it_is_checked_by_somebody_else_before_it_is_closed():
    with pytest.raises(Conflict, match="checked on the spot"):
        after("accepted", "done", "closed")
    done = log("accepted", "done")
    with pytest.raises(Conflict, match="somebody else"):
        replay([*done, entry("checked", 3, by="li", ok=True)], KNOWN)
    assert after("accepted", "done", "checked", "closed").status == "closed"
    failed = replay([*done, entry("checked", 3, by="wu", reason="still leaks")], KNOWN)
    assert (failed.status, failed.done_at) == ("in_progress", None)


def test_reopened_it_has_its_whole_time_again():
    again = after("accepted", "done", "checked", "closed", "reopened")
    assert again.finish_due(KNOWN) == KNOWN["working"].add(
        MORNING + timedelta(minutes=5), 3 * KNOWN["working"].day_seconds)
    assert again.reopened == 1


def test_a_deadline_of_another_system_stays_as_it_is():
    due = "2026-09-12T03:00:00+08:00"
    assert after(due_at=due).finish_due(KNOWN) == datetime.fromisoformat(due)


@pytest.mark.parametrize(("kinds", "wrong"), [
    (("done",), "cannot be done"), (("accepted", "accepted"), "cannot be accepted"),
    (("accepted", "merged", "reopened"), "merged order"), (("rated",), "cannot be rated"),
])
def test_what_cannot_be_is_refused_and_says_why(kinds, wrong):
    with pytest.raises(Conflict, match=wrong):
        after(*kinds)


def test_a_step_that_needs_a_reason_or_a_unit_says_so():
    for kind in ("paused", "extended", "returned", "rejected"):
        with pytest.raises((InvalidInput, Conflict), match="reason|cannot"):
            replay([*log("accepted"), entry(kind, 2)], KNOWN)
    with pytest.raises(InvalidInput, match="needs `to`"):
        replay([*log(), entry("passed", 2)], KNOWN)
    with pytest.raises(InvalidInput, match="no step"):
        replay([*log(), entry("deleted", 2)], KNOWN)


def test_an_order_rises_when_its_clocks_run_out_and_not_when_they_were_met():
    data = (Step("on_site", 0, "community"), Step("finish", 0, "subdistrict"),
            Step("finish", 60, "district"))
    open_ = after()
    due = open_.finish_due(KNOWN)
    assert rises(open_, due, data) == {
        "community": MORNING + timedelta(minutes=30), "subdistrict": due,
        "district": due + timedelta(minutes=60)}
    assert "community" not in rises(after("accepted", "on_site"), due, data)
    assert not rises(after("accepted", "on_site", "done"), due, data)


def test_the_data_of_orders_fit_each_other():
    levels = codelist("post_level").codes
    assert first_level() in levels and all(step.to in levels for step in steps())
    assert all(step.clock in ("on_site", "finish") for step in steps())
    assert set(codelist("order_step").codes) == {"received", *ALLOWED}
    assert (DATA / "hours.json").exists() and ZoneInfo("Asia/Shanghai") == ZONE
