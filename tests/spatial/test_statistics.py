import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from spatial.errors import InvalidInput
from spatial.statistics import (
    empirical_bayes,
    people_weighted,
    poisson_interval,
    rates,
    standardised,
    suppressed,
    unreliable,
)


def world(n=200, seed=5):
    """Areas whose risk differs beyond chance."""
    generator = np.random.default_rng(seed)
    heads = generator.integers(20, 600, n).astype(float)
    return generator.poisson(heads * generator.gamma(2, 0.01, n)).astype(float), heads


def test_a_rate_is_events_per_head_and_year():
    found = rates([3, 0, 2], [300, 100, 0], years=0.5, per=1000)
    assert found[:2].tolist() == [20.0, 0.0]
    assert np.isnan(found[2])


def test_smoothing_is_marshalls_formula():
    events, heads = world()
    mean = events.sum() / heads.sum()
    own = events / heads
    variance = max(0, (heads * (own - mean) ** 2).sum() / heads.sum() - mean / heads.mean())
    weight = variance / (variance + mean / heads)
    found = empirical_bayes(events, heads)
    assert np.allclose(found.rates, weight * own + (1 - weight) * mean, atol=1e-12, rtol=0)
    assert np.allclose(found.weights, weight, atol=1e-12, rtol=0)


def test_smoothing_agrees_with_esda():
    from esda.smoothing import Empirical_Bayes, assuncao_rate

    events, heads = world(seed=9)
    theirs = Empirical_Bayes(events, heads).r.ravel()
    assert np.allclose(empirical_bayes(events, heads).rates, theirs, atol=1e-9, rtol=0)
    assert np.allclose(standardised(events, heads), assuncao_rate(events, heads), atol=1e-9)


def test_nobody_home_is_no_rate_and_counts_for_nothing():
    events, heads = world()
    with_empty = empirical_bayes(np.append(events, 4), np.append(heads, 0))
    assert np.isnan(with_empty.rates[-1])
    assert np.array_equal(with_empty.rates[:-1], empirical_bayes(events, heads).rates)
    assert np.isnan(empirical_bayes([1, 2], [0, 0]).rates).all()


def test_worlds_without_events_or_with_one_area_have_a_mean():
    assert empirical_bayes([0, 0], [10, 20]).rates.tolist() == [0, 0]
    assert standardised([0, 0], [10, 20]).tolist() == [0, 0]
    alone = empirical_bayes([5], [100])
    assert alone.rates.tolist() == [0.05] and alone.variance == 0


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 5000)), min_size=1, max_size=40))
def test_a_smoothed_rate_lies_between_its_own_and_the_mean(areas):
    events, heads = (np.array(column, dtype=float) for column in zip(*areas, strict=True))
    found, own = empirical_bayes(events, heads), rates(events, heads)
    lived = heads > 0
    low, high = np.minimum(own, found.mean)[lived], np.maximum(own, found.mean)[lived]
    assert ((found.rates[lived] >= low - 1e-9) & (found.rates[lived] <= high + 1e-9)).all()


def test_an_interval_holds_the_exact_tails():
    low, high = poisson_interval([0, 7, 100])
    assert low[0] == 0
    assert np.allclose(poisson.sf([6, 99], low[1:]), 0.025)
    assert np.allclose(poisson.cdf([0, 7, 100], high), 0.025)


def test_few_expected_or_few_seen_are_unreliable():
    events, heads = [10, 2, 10, 9], [1000, 900, 100, 0]
    assert unreliable(events, heads).tolist() == [False, True, True, False]


def test_a_lone_withheld_count_takes_another_with_it():
    groups = np.array(["a", "a", "a", "b", "b", "c"])
    held = suppressed([3, 20, 9, 2, 4, 1], groups)
    assert held.tolist() == [True, False, True, True, True, True]


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from("abc")), min_size=1, max_size=30))
def test_no_withheld_count_is_found_by_subtraction(areas):
    events = np.array([count for count, _ in areas], dtype=float)
    groups = np.array([group for _, group in areas])
    held = suppressed(events, groups)
    assert held[(events > 0) & (events < 5)].all()
    for group in set(groups):
        own = groups == group
        assert held[own].sum() != 1 or own.sum() == 1


def test_the_worst_tenth_is_weighted_by_people():
    assert people_weighted([1, 2, 3], [1, 1, 8], 0.5) == 3
    assert people_weighted([1, 2, np.inf], [5, 5, 1], 0.5) == 2
    assert np.isnan(people_weighted([1], [0], 0.5))


@pytest.mark.parametrize(("counts", "heads"), [([-1], [2]), ([1, 2], [1]), ([np.inf], [1])])
def test_impossible_numbers_are_refused(counts, heads):
    with pytest.raises(InvalidInput):
        empirical_bayes(counts, heads)
    with pytest.raises(InvalidInput):
        rates([1], [1], years=0)
