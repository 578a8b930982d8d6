"""What who sees aggregates only cannot learn from themes, figures and coverage by subtraction."""

from datetime import UTC, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from layers.access import Role
from layers.across.orders_adopt import adopt
from layers.across.orders_figures import WAYS, Asked, figures
from layers.across.theme_frames import Film, frames
from layers.across.theme_legend import legend
from layers.across.theme_spec import adapted, theme_called
from layers.across.themes import theme_map
from layers.caller import LEAST, MOST, Caller
from spatial.errors import Forbidden
from spatial.state import bump, remember
from tests.support.factories import (
    make_building,
    make_grid,
    make_incident,
    make_tree,
    make_unit,
    square,
)

ZONE = ZoneInfo("Asia/Shanghai")
ANALYST = Caller(name="fan", role=Role.ANALYST, low=LEAST, high=MOST)
OFFICER = Caller(name="li", role=Role.OFFICER, low=LEAST, high=MOST)
#: The middle of the month before: a full month, whatever day the test runs on.
LAST_MONTH = (datetime.now(ZONE).replace(day=1) - timedelta(days=15)).astimezone(UTC)
#: Disputes by grid: the third is small and alone so, the others are not.
DISPUTES = (23, 14, 4)


@pytest.fixture
def town(session):
    """Three grids of one community: disputes as above, and lamps that everyone may count."""
    _, _, community = make_tree(session)
    grids = []
    for n, times in enumerate(DISPUTES):
        grid = make_grid(session, community, name=f"第{n + 1}网格",
                         scope=community.low + n + 1, geometry=square(side=0.004))
        for m in range(times):
            make_incident(session, scope=grid.scope, service_code="dispute",
                          requested_at=LAST_MONTH + timedelta(minutes=m))
        for m in range(7 + n):
            make_incident(session, scope=grid.scope, service_code="street_lamp",
                          requested_at=LAST_MONTH + timedelta(minutes=m))
        make_unit(session, make_building(session, grid=grid))
        grids.append(grid)
    remember(session, "metric_srid", "4549")
    bump(session)
    session.flush()
    adopt(session, ZONE)
    return grids


def counts(session, *services, level="grid", **said):
    wanted = adapted(theme_called("incidents"), level=level, services=services, **said)
    found = theme_map(session, wanted, ANALYST)
    return dict(zip(found.areas.labels, found.figures.count.tolist(), strict=True))


def test_a_small_count_is_not_had_from_the_larger_area(session, town):
    """The community told alone would be 40 and its grids 25 and 15: the rest would be the third."""
    by_grid = counts(session, "dispute")
    assert by_grid == {"第1网格": 25, "第2网格": 15, "第3网格": 0}
    for level in ("community", "subdistrict"):
        assert sum(counts(session, "dispute", level=level).values()) == 40
    found = theme_map(session, adapted(theme_called("incidents"), services=("dispute",)), ANALYST)
    assert found.figures.residual == 0
    assert found.figures.suppressed.tolist() == [False, False, True]
    told = legend(found, language="en", zone=ZONE)
    assert not any("4" in note.split() for note in told["notes"])


def test_what_everyone_may_count_does_not_tell_the_rest(session, town):
    """Rounded together, 4 disputes with 7 to 9 lamps would show by how the sum is rounded."""
    lamps, both = counts(session, "street_lamp"), counts(session, "street_lamp", "dispute")
    disputes = counts(session, "dispute")
    assert lamps == {"第1网格": 7, "第2网格": 8, "第3网格": 9}
    assert both == {name: lamps[name] + disputes[name] for name in lamps}
    assert counts(session) == both


def test_sets_of_services_of_ones_own_making_are_refused(session, town):
    with pytest.raises(Forbidden, match="one by one"):
        counts(session, "dispute", "theft")
    assert counts(session, "theft") == dict.fromkeys(("第1网格", "第2网格", "第3网格"), 0)


def test_periods_that_differ_by_minutes_tell_the_same(session, town):
    """Else the minute at which a count jumps would be that of a single event."""
    ends = [LAST_MONTH + timedelta(minutes=m) for m in range(0, 24, 3)]
    since = LAST_MONTH - timedelta(days=2)
    told = [counts(session, "dispute", since=since, until=end) for end in ends]
    assert all(one == told[0] for one in told)
    with pytest.raises(Forbidden, match="by month"):
        frames(session, theme_called("incidents"), ANALYST, Film(count=3, unit="day"))
    film, _ = frames(session, theme_called("incidents"), ANALYST, Film(count=3))
    assert not any(one.incomplete for one in film)
    assert max(one.found.period.until for one in film) <= datetime.now(UTC)


def test_change_and_overdue_are_made_of_the_same_blocks(session, town):
    found = theme_map(session, adapted(theme_called("change"), services=("dispute",)), ANALYST)
    assert np.nan_to_num(found.figures.value).tolist()[2] == 0 and found.figures.suppressed[2]
    late = theme_map(session, adapted(theme_called("overdue"), services=("dispute",)), ANALYST)
    assert late.figures.count[2] == 0 and late.figures.suppressed[2]


@pytest.mark.parametrize("by", WAYS)
def test_figures_of_orders_hold_no_small_number_of_persons(session, town, by):
    """No sum or difference of rows of any grouping is the 4, nor the 41 that would give it."""
    told = figures(session, ANALYST, Asked(by=by, zone="Asia/Shanghai"), "en")
    lamps = 7 + 8 + 9
    rows = [*told["rows"], told["residual"]]
    assert sum(one["received"] for one in rows) == told["total"]["received"]
    assert told["total"]["received"] - lamps in (40, 45)
    known = {one["received"] for one in rows}
    differences = {abs(a - b) for a, b in combinations({*known, told["total"]["received"]}, 2)}
    assert 41 + lamps not in known and 4 not in known | differences


def test_figures_by_grid_and_themes_cannot_be_subtracted(session, town):
    told = figures(session, ANALYST, Asked(by="grid"), "en")
    by_grid = {one["label"]: one["received"] for one in told["rows"]}
    lamps, disputes = counts(session, "street_lamp"), counts(session, "dispute")
    assert {name: by_grid[name] - lamps[name] for name in lamps} == disputes


def test_figures_of_a_minute_tell_of_the_full_month(session, town):
    minute = Asked(by="service", since=LAST_MONTH, until=LAST_MONTH + timedelta(minutes=1))
    whole = figures(session, ANALYST, Asked(by="service"), "en")
    assert figures(session, ANALYST, minute, "en")["total"] == whole["total"]
    exact = figures(session, OFFICER, minute, "en")["total"]["received"]
    assert exact == 6
