import numpy as np
import pytest
import shapely

from spatial.errors import InvalidInput
from spatial.hotspots import (
    FALSE_SHARE,
    Neighbours,
    false_discoveries,
    gi_star,
    local_moran,
    neighbours,
)
from spatial.statistics import standardised


def board(side=12, size=100.0):
    """Squares of `size` metres, row by row."""
    return np.array([shapely.box(x * size, y * size, (x + 1) * size, (y + 1) * size)
                     for y in range(side) for x in range(side)], dtype=object)


@pytest.fixture(scope="module")
def beside() -> Neighbours:
    return neighbours(board())


def dense(beside: Neighbours) -> np.ndarray:
    found = np.zeros((beside.n, beside.n))
    found[tuple(beside.pairs.T)] = 1
    return found


def test_neighbours_share_a_border_and_not_a_corner(beside):
    lists = beside.lists()
    assert sorted(lists[0]) == [1, 12]
    assert sorted(lists[13]) == [1, 12, 14, 25]


def test_borders_drawn_twice_still_touch_and_an_island_has_its_nearest():
    shapes = np.array([shapely.box(0, 0, 10, 10), shapely.box(10.3, 0, 20, 10),
                       shapely.box(90, 0, 99, 10)], dtype=object)
    found = neighbours(shapes)
    assert [sorted(near) for near in found.lists()] == [[1], [0], [1]]
    assert found.islands.tolist() == [False, False, True]
    assert neighbours(shapes[:1]).lists()[0].tolist() == []


def test_gi_star_is_the_formula_of_ord_and_getis(beside):
    x = np.random.default_rng(1).gamma(2, 3, beside.n)
    weights = dense(beside) + np.eye(beside.n)
    n, total, square = beside.n, weights.sum(1), (weights ** 2).sum(1)
    z = (weights @ x - x.mean() * total) / (
        x.std() * np.sqrt((n * square - total ** 2) / (n - 1)))
    assert np.allclose(gi_star(x, beside).value, z, atol=1e-9)


def test_local_moran_is_the_formula_on_standardised_rates(beside):
    generator = np.random.default_rng(2)
    heads = generator.integers(50, 500, beside.n)
    events = generator.poisson(heads * 0.05)
    z = standardised(events, heads)
    z = (z - z.mean()) / z.std()
    weights = dense(beside)
    expected = z * (weights @ z / weights.sum(1))
    assert np.allclose(local_moran(events, heads, beside).value, expected, atol=1e-9)


def test_both_statistics_are_esdas(beside):
    from esda import G_Local, Moran_Local
    from libpysal.graph import Graph

    generator = np.random.default_rng(8)
    heads = generator.integers(50, 500, beside.n)
    events = generator.poisson(heads * 0.05)
    graph = Graph.from_arrays(*beside.pairs.T, np.ones(len(beside.pairs)))
    gi = G_Local(events / heads, graph, transform="B", star=True, permutations=0)
    assert np.allclose(gi_star(events / heads, beside).value, gi.Zs, atol=1e-9)
    moran = Moran_Local(standardised(events, heads), graph, permutations=0)
    ours = local_moran(events, heads, beside)
    assert np.allclose(ours.value, moran.Is * beside.n / (beside.n - 1), atol=1e-9)


def test_p_is_two_sided_and_that_of_plain_permutation(beside):
    x = np.random.default_rng(3).gamma(2, 3, beside.n)
    found, lists = gi_star(x, beside), beside.lists()
    draws = np.random.default_rng(4)
    for i in (0, 40, 77):
        others = np.delete(x, i)
        sums = np.array([draws.choice(others, len(lists[i]), replace=False).sum()
                         for _ in range(4000)])
        seen = x[lists[i]].sum()
        p = min(1, 2 * (min((sums >= seen).sum(), (sums <= seen).sum()) + 1) / 4001)
        # One standard error of p near a half, from 999 draws and doubled, is 0.03.
        assert abs(found.p[i] - p) < 0.1


def test_a_world_of_chance_has_no_hot_spots(beside):
    flagged, uncorrected = 0, 0
    for seed in range(12):
        x = np.random.default_rng(seed).poisson(12, beside.n).astype(float)
        found = gi_star(x, beside, seed=seed)
        flagged += int((found.kind != 0).any())
        uncorrected += int((found.p < FALSE_SHARE).sum())
    assert flagged <= 2                      # of 12 worlds; 5 % of them are expected
    assert uncorrected > 12                  # uncorrected, every such world has some


def test_a_planted_core_is_found_by_both(beside):
    heads = np.full(beside.n, 400.0)
    risk = np.full(beside.n, 0.02)
    core = [r * 12 + c for r in (4, 5, 6) for c in (4, 5, 6)]
    risk[core] = 0.12
    events = np.random.default_rng(6).poisson(heads * risk).astype(float)
    hot = gi_star(events / heads, beside)
    assert (hot.kind[core] == 1).sum() >= 5 and not (hot.kind == -1).any()
    moran = local_moran(events, heads, beside)
    assert (moran.kind[core] == 1).sum() >= 5
    assert gi_star(events / heads, beside).p.tolist() == hot.p.tolist()


def test_false_discoveries_are_those_of_benjamini_and_hochberg():
    flagged, limit = false_discoveries([0.001, 0.02, 0.2, 0.03, 0.9])
    assert flagged.tolist() == [True, True, False, True, False] and limit == 0.03
    assert not false_discoveries([0.5, 0.06])[0].any()
    assert false_discoveries([])[1] == 0


def test_worlds_all_alike_have_nothing_and_small_ones_are_refused(beside):
    assert not gi_star(np.ones(beside.n), beside).kind.any()
    assert not local_moran(np.zeros(beside.n), np.ones(beside.n), beside).kind.any()
    with pytest.raises(InvalidInput, match="too few"):
        gi_star(np.arange(9.0), neighbours(board(3)))
    with pytest.raises(InvalidInput, match="must have a value"):
        gi_star(np.full(beside.n, np.nan), beside)
