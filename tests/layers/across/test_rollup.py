from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from layers.access import Role
from layers.across.counts import METRICS
from layers.across.rollup import (
    EXACT,
    Rollup,
    levels,
    reach,
    rollup,
    rollup_for,
)
from layers.caller import LEAST, MOST, Caller
from spatial.errors import Forbidden, InvalidInput, NotFound
from spatial.history import Moment
from tests.support.counting import statements
from tests.support.factories import (
    make_building,
    make_compound,
    make_division,
    make_grid,
    make_household,
    make_incident,
    make_organization,
    make_residency,
    make_resident,
    make_tree,
    make_unit,
)

PLENTY = settings(max_examples=6, deadline=None,
                  suppress_health_check=[HealthCheck.function_scoped_fixture])


def caller(role: Role = Role.OFFICER, *, low: int = LEAST, high: int = MOST,
           area: str = "*") -> Caller:
    return Caller(name="someone", role=role, low=low, high=high, area=area)


def count(session: Session, metric: str, **said: Any) -> int:
    return rollup(session, metric, level="district", **said).total


def test_a_person_with_two_living_residencies_is_counted_once(session: Session) -> None:
    building = make_building(session, grid=make_grid(session))
    person = make_resident(session)
    reported = make_unit(session, building, designator="101")
    confirmed = make_unit(session, building, designator="102")
    make_residency(session, person, reported, state="reported")
    make_residency(session, person, confirmed)

    table = rollup(session, "residents_living", level="unit")

    assert [(r.identifier, r.value) for r in table.rows] == [(confirmed.identifier, 1)]


def test_measures_of_people_are_never_mixed(session: Session) -> None:
    building = make_building(session, grid=make_grid(session))
    home, other, empty = (make_unit(session, building) for _ in range(3))
    at_home, apart, floating, gone = (make_resident(session) for _ in range(4))
    for person, living, registered in ((at_home, home, home), (apart, home, other),
                                       (floating, other, None), (gone, None, empty)):
        if living:
            make_residency(session, person, living)
        if registered:
            make_residency(session, person, registered, kind="registered")

    assert {m: count(session, m) for m in METRICS if "regist" in m or m in (
        "residents_living", "floating")} == {
        "residents_registered": 3, "residents_living": 3, "floating": 1,
        "registered_elsewhere": 1, "vacant_registered": 1}


def test_a_disputed_residency_counts_for_nobody(session: Session) -> None:
    make_residency(session, make_resident(session), make_unit(session), state="disputed")
    assert count(session, "residents_living") == 0


def test_who_has_no_place_yet_stays_in_the_residual(session: Session) -> None:
    grid = make_grid(session)
    make_residency(session, make_resident(session), make_building(session, grid=grid))
    make_residency(session, make_resident(session), address="某处")

    table = rollup(session, "residents_living", level="grid")

    assert ([r.value for r in table.rows], table.residual, table.total) == ([1], 1, 2)


def test_the_only_district_owns_what_has_no_place_and_one_of_two_does_not(
        session: Session) -> None:
    district = make_tree(session)[0]
    make_residency(session, make_resident(session), address="某处")
    assert count(session, "residents_living", division=district) == 1

    make_division(session)
    assert count(session, "residents_living", division=district) == 0
    assert reach(session, district) == (district.low, district.high)


def test_an_organization_with_three_premises_is_one(session: Session) -> None:
    building = make_building(session, grid=make_grid(session))
    firm = make_organization(session, building)
    other = make_organization(session)
    for place in (make_unit(session, building), make_compound(session)):
        make_organization(session, place)
    assert count(session, "organizations") == 4
    assert firm.id != other.id


def test_a_grid_without_anything_is_still_a_row(session: Session) -> None:
    grid = make_grid(session)
    table = rollup(session, "units", level="grid")
    assert [(r.identifier, r.label, r.value) for r in table.rows] == [
        (grid.identifier, grid.name, 0)]


def test_units_are_named_with_their_building(session: Session) -> None:
    _, _, community = make_tree(session)
    building = make_building(session, make_compound(session, community))
    make_unit(session, building)
    assert [r.label for r in rollup(session, "units", level="unit").rows] == ["向阳小区8号楼501室"]


def test_totals_can_be_asked_for_a_day_of_the_past(session: Session) -> None:
    moved_out = datetime(2020, 1, 1, tzinfo=UTC)
    unit = make_unit(session)
    make_residency(session, make_resident(session), unit, valid_to=moved_out)

    assert count(session, "residents_living") == 0
    before = Moment(valid_at=datetime(2019, 1, 1, tzinfo=UTC))
    assert count(session, "residents_living", moment=before) == 1


@PLENTY
@given(data=st.data())
def test_totals_balance_at_every_level_whatever_the_tree(session: Session, data: Any) -> None:
    with session.begin_nested() as savepoint:
        homes = _homes(session, data)
        for _ in range(data.draw(st.integers(0, 8))):
            person = make_resident(session)
            for kind in ("living", "registered"):
                for home in data.draw(st.lists(st.sampled_from(homes), max_size=2)):
                    make_residency(session, person, home, kind=kind)
            make_household(session, data.draw(st.sampled_from(homes)))
            make_incident(session, data.draw(st.sampled_from(homes)))
        for metric in METRICS:
            tables = [rollup(session, metric, level=level) for level in levels()]
            assert len({table.total for table in tables}) == 1
            assert all(_balanced(table) for table in tables)
        savepoint.rollback()


def _homes(session: Session, data: Any) -> list[Any]:
    """Make places at every depth of a tree: in a grid, in a community only, and nowhere."""
    homes: list[Any] = [None]
    for _ in range(data.draw(st.integers(1, 2))):
        _, _, community = make_tree(session)
        for _ in range(data.draw(st.integers(0, 2))):
            building = make_building(session, grid=make_grid(session, community))
            homes += [building, make_unit(session, building)]
        homes.append(make_building(session, scope=community.scope))
    return homes


def _balanced(table: Rollup) -> bool:
    return table.residual >= 0 and sum(r.value for r in table.rows) + table.residual == table.total


def test_who_may_not_see_persons_gets_rounded_counts_of_fixed_areas(session: Session) -> None:
    building = make_building(session, grid=make_grid(session))
    for _ in range(13):
        make_residency(session, make_resident(session), building)
    analyst = caller(Role.ANALYST)

    table = rollup_for(analyst, session, metric="residents_living", level="grid", division=None)
    assert ([r.value for r in table.rows], table.rounded) == ([15], True)
    for level in ("unit", "building"):
        with pytest.raises(Forbidden):
            rollup_for(analyst, session, metric="residents_living", level=level, division=None)


@pytest.mark.parametrize("role", sorted(EXACT))
def test_roles_that_see_persons_get_exact_counts(session: Session, role: Role) -> None:
    make_residency(session, make_resident(session), make_building(session))
    table = rollup_for(caller(role), session, metric="residents_living", level="building",
                       division=None)
    assert (table.total, table.rounded) == (1, False)


def test_a_planner_gets_exact_households_and_rounded_persons(session: Session) -> None:
    planner, building = caller(Role.PLANNER), make_building(session)
    make_household(session, building)
    make_residency(session, make_resident(session), building)
    households, residents = (rollup_for(planner, session, metric=m, level="district",
                                        division=None) for m in ("households",
                                                                 "residents_living"))
    assert (households.total, residents.total) == (1, 0)


def test_another_area_is_as_unknown_as_one_that_does_not_exist(session: Session) -> None:
    mine, theirs = make_tree(session)[0], make_division(session, code="150599")
    officer = caller(low=mine.low or 0, high=mine.high or 0, area=mine.identifier)
    with pytest.raises(NotFound):
        rollup_for(officer, session, metric="units", level="grid", division=theirs.code)
    with pytest.raises(NotFound):
        rollup_for(officer, session, metric="units", level="grid", division="nowhere")
    assert rollup_for(officer, session, metric="units", level="grid", division=None).total == 0


@pytest.mark.parametrize(("metric", "level"), [("souls", "grid"), ("units", "street")])
def test_unknown_metrics_and_levels_are_named(session: Session, metric: str, level: str) -> None:
    with pytest.raises(InvalidInput, match="is one of"):
        rollup(session, metric, level=level)


@pytest.mark.parametrize("times", [1, 5])
def test_a_rollup_takes_a_fixed_number_of_statements(session: Session, times: int) -> None:
    for _ in range(times):
        make_unit(session, make_building(session, grid=make_grid(session)))
    with statements(session) as sent:
        rollup(session, "units", level="grid")
    assert len(sent) == 2


@pytest.mark.parametrize("role", [Role.DISPLAY_WALL, Role.STEWARD, Role.ANALYST, Role.PLANNER])
def test_totals_do_not_tell_which_dwelling_has_an_incident(session: Session, role: Role) -> None:
    make_incident(session, make_unit(session))
    with pytest.raises(Forbidden):
        rollup_for(caller(role), session, metric="incidents", level="unit", division=None)
