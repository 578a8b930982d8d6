"""Counts told to those who may not see persons: nothing small is found by subtraction."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from layers.access import Role
from layers.across.disclosure import LEAST, STEP, WHOLE, blocks, rounded_to_step
from layers.across.rollup import rollup_for
from tests.layers.across.test_rollup import caller
from tests.support.factories import make_building, make_grid, make_household, make_tree

#: Two subdistricts of three communities of four grids each: identifier, low, high.
SUBDISTRICTS = [(f"s{s}", s * 1000, s * 1000 + 999) for s in (1, 2)]
COMMUNITIES = [(f"c{s}{c}", s * 1000 + c * 100, s * 1000 + c * 100 + 99)
               for s in (1, 2) for c in (1, 2, 3)]
GRIDS = [(f"g{low}{g}", low + g, low + g) for _, low, _ in COMMUNITIES for g in (1, 2, 3, 4)]
AREAS = [*SUBDISTRICTS, *COMMUNITIES, *GRIDS]
COUNTS = st.dictionaries(
    st.sampled_from([low for _, low, _ in AREAS] + [0]),
    st.one_of(st.integers(0, 14), st.integers(0, 400)), max_size=40)


def truth(counted, low, high):
    return sum(count for number, count in counted.items() if low <= number <= high)


def children(area):
    """Return the areas directly below one."""
    inside = [one for one in AREAS if one != area and area[1] <= one[1] and one[2] <= area[2]]
    return [one for one in inside if not any(
        other != one and other[1] <= one[1] and one[2] <= other[2] for other in inside)]


def differences(told):
    """Yield what an attacker gets by taking any of its parts from any area."""
    for area in [(WHOLE, -(2**63), 2**63 - 1), *SUBDISTRICTS, *COMMUNITIES]:
        parts = children(area)
        for many in range(len(parts) + 1):
            for some in combinations(parts, many):
                yield told[area[0]] - sum(told[one[0]] for one in some), area, some


@given(COUNTS)
def test_no_subtraction_leaves_less_than_a_block(counted):
    told = blocks(counted, AREAS)
    for left, *_ in differences(told):
        assert left == 0 or left >= LEAST


@given(COUNTS)
def test_every_figure_is_a_multiple_and_additive(counted):
    told = blocks(counted, AREAS)
    assert all(value % STEP == 0 for value in told.values())
    for area in [*SUBDISTRICTS, *COMMUNITIES]:
        assert told[area[0]] >= sum(told[one[0]] for one in children(area))
    # What is lost by rounding is at most 2 a block, and less than LEAST in the end.
    most = len([1 for _ in AREAS]) * (STEP // 2 + 1) + LEAST
    assert abs(told[WHOLE] - sum(counted.values())) <= most


@given(COUNTS, st.sampled_from([low for _, low, _ in GRIDS]))
def test_one_household_more_changes_one_block_at_most(counted, where):
    """Who watches a household move in from one day to the next sees one block move, or none."""
    before = blocks(counted, AREAS)
    after = blocks({**counted, where: counted.get(where, 0) + 1}, AREAS)
    grids = [name for name, _, _ in GRIDS if before[name] != after[name]]
    assert len(grids) <= 1
    for name in grids:
        assert max(before[name], after[name]) >= LEAST


def test_the_attack_finds_households_where_each_table_is_rounded_by_itself():
    """The same attack on the usual way, so that it is known to be one."""
    counted = {1101: 41, 1102: 31, 1103: 4}
    naive = {name: rounded_to_step(truth(counted, low, high)) for name, low, high in AREAS}
    naive[WHOLE] = rounded_to_step(sum(counted.values()))
    found = {left for left, area, some in differences(naive) if 0 < left < LEAST and some}
    told = blocks(counted, AREAS)
    assert found and not [left for left, *_ in differences(told) if 0 < left < LEAST]


def test_a_differencing_attack_over_every_answer_recovers_no_household(session):
    """Ask as an analyst for every division and level, and subtract all that can be subtracted."""
    _, subdistrict, community = make_tree(session)
    for count in (43, 31, 1, 3):
        building = make_building(session, grid=make_grid(session, community))
        for _ in range(count):
            make_household(session, building)
    make_household(session, make_building(session, scope=community.scope))
    analyst, told = caller(Role.ANALYST), []
    for division in (None, subdistrict.identifier, community.identifier):
        for level in ("district", "subdistrict", "community", "grid"):
            table = rollup_for(analyst, session, metric="households", level=level,
                               division=division)
            assert sum(row.value for row in table.rows) + table.residual == table.total
            told += [table.total, table.residual, *(row.value for row in table.rows)]
    assert set(told) == {0, 30, 45, 75}
    recovered = [one for one in {a - b for a in told for b in told} if 0 < one < LEAST]
    assert recovered == []


def test_small_neighbours_are_told_together(session):
    """Ten households in three small grids are ten in the community and nothing in a grid."""
    _, _, community = make_tree(session)
    for count in (4, 5, 2):
        building = make_building(session, grid=make_grid(session, community))
        for _ in range(count):
            make_household(session, building)
    grids = rollup_for(caller(Role.ANALYST), session, metric="households", level="grid",
                       division=community.identifier)
    assert [row.suppressed for row in grids.rows] == [True] * 3
    assert (grids.residual, grids.total) == (10, 10)
