import pytest
from sqlalchemy.orm import Session

from layers.across.checks import SQL, TOPOLOGY, TOTALS, Balance, Rule, balances, findings
from layers.across.counts import METRICS
from spatial.state import remember
from tests.support.factories import (
    SOUTH,
    WEST,
    make_building,
    make_grid,
    make_residency,
    make_resident,
    make_tree,
    make_unit,
    square,
)


@pytest.fixture(autouse=True)
def metres(session: Session) -> None:
    remember(session, "metric_srid", "4548")


def broken(session: Session, *rules: Rule) -> list[tuple[str, str]]:
    session.flush()
    return [(one.rule, one.identifier) for one in findings(session, rules)]


def test_a_registry_as_it_should_be_gives_no_finding(session: Session) -> None:
    _, _, community = make_tree(session)
    community.geometry = square(side=0.001)
    grid = make_grid(session, community, geometry=square(side=0.001))
    unit = make_unit(session, make_building(session, grid=grid))
    make_residency(session, make_resident(session), unit)

    assert broken(session, *TOTALS, *TOPOLOGY) == []
    assert all(line.holds for line in balances(session))


def test_every_measure_is_balanced_at_every_level_there_is(session: Session) -> None:
    make_grid(session)
    lines = list(balances(session))
    assert {line.metric for line in lines} == set(METRICS)
    assert [line.level for line in lines if line.metric == "units"] == [
        "district", "subdistrict", "community", "grid", "building", "unit"]


def test_a_table_that_loses_somebody_does_not_hold() -> None:
    assert Balance("units", "grid", 1, 5, 1, 6).holds
    assert not Balance("units", "grid", 1, 5, 0, 6).holds
    assert not Balance("units", "grid", 1, 7, -1, 6).holds


def test_overlapping_buildings_are_found_and_touching_walls_are_not(session: Session) -> None:
    first = make_building(session)
    make_building(session, geometry=square(WEST + 0.0003))
    assert broken(session, *TOPOLOGY) == []
    make_building(session, geometry=square(WEST - 0.0001, SOUTH - 0.0001, side=0.0002))
    assert broken(session, *TOPOLOGY) == [("overlapping_buildings", first.identifier)]


def test_a_unit_outside_its_building_is_found(session: Session) -> None:
    unit = make_unit(session, make_building(session), geometry=square(WEST - 0.0001, side=0.0001))
    assert broken(session, *TOPOLOGY) == [("units_outside", unit.identifier)]


def test_units_may_lie_above_each_other_but_not_in_each_other(session: Session) -> None:
    building = make_building(session)
    lower = make_unit(session, building)
    make_unit(session, building, base_m=3.0, top_m=6.0)
    assert broken(session, *TOPOLOGY) == []
    make_unit(session, building)
    assert broken(session, *TOPOLOGY) == [("overlapping_units", lower.identifier)]


def test_grids_that_leave_a_gap_are_found(session: Session) -> None:
    _, _, community = make_tree(session)
    community.geometry = square(side=0.001)
    make_grid(session, community, geometry=square(side=0.0005, height=0.001))
    assert broken(session, *TOPOLOGY) == [("grid_partition", community.identifier)]
    make_grid(session, community, geometry=square(WEST + 0.0005, side=0.0005, height=0.001))
    assert broken(session, *TOPOLOGY) == []


def test_a_person_who_lives_twice_is_found(session: Session) -> None:
    person, unit = make_resident(session), make_unit(session)
    make_residency(session, person, unit)
    make_residency(session, person, unit, state="reported")
    assert broken(session, *TOTALS) == []
    make_residency(session, person, make_unit(session))
    assert broken(session, *TOTALS) == [("double_residencies", person.identifier)]


def test_a_row_numbered_elsewhere_than_its_place_is_found(session: Session) -> None:
    building = make_building(session, grid=make_grid(session))
    unit = make_unit(session, building, scope=1)
    assert broken(session, *TOTALS) == [("stale_scopes", unit.identifier)]


@pytest.mark.parametrize("rule", [*TOTALS, *TOPOLOGY], ids=lambda rule: rule.name)
def test_every_rule_has_its_statement_and_says_how_to_mend(rule: Rule) -> None:
    text = (SQL / f"check_{rule.name}.sql").read_text(encoding="utf-8")
    assert text.startswith("-- Purpose: ")
    assert rule.remedy
