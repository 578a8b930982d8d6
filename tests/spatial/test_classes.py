import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.classes import METHODS, around, classify, readable
from spatial.errors import InvalidInput

FREE = [name for name in METHODS if name != "fixed"]


def test_quantiles_are_those_of_the_values_made_readable():
    values = np.random.default_rng(1).gamma(3, 4, 500)
    found = classify(values, method="quantiles", k=5)
    exact = np.quantile(values, (0.2, 0.4, 0.6, 0.8))
    assert np.allclose(found.breaks[:-1], exact, atol=0.6)
    assert all(round(b, 1) == b for b in found.breaks[:-1])
    assert sum(found.counts(values)) == 500
    assert found.breaks[-1] == values.max()


def test_natural_breaks_are_the_best_of_all_partitions():
    values = np.array([1.0, 2, 2, 3, 10, 11, 12, 30, 31, 90])

    def spread(ends):
        parts = np.split(np.sort(values), ends)
        return sum(((part - part.mean()) ** 2).sum() for part in parts)
    best = min(((a, b, c) for a in range(1, 8) for b in range(a + 1, 9)
                for c in range(b + 1, 10)), key=spread)
    expected = np.diff([0, *best, len(values)])
    found = classify(values, method="natural", k=4)
    assert found.counts(values) == tuple(expected)


def test_many_zeros_are_a_class_of_their_own():
    values = [0] * 20 + [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    found = classify(values, k=5)
    assert found.zero and found.breaks[0] == 0
    assert found.counts(values)[0] == 20
    assert not classify([0, *range(1, 40)], k=5).zero


def test_intervals_are_open_below_and_closed_above():
    found = classify([1, 2, 3, 4], method="fixed", breaks=[2, 3])
    assert found.of([1, 2, 2.001, 3, 4, np.nan, np.inf]).tolist() == [0, 0, 1, 1, 2, -1, -1]


def test_fewer_values_than_classes_give_fewer_classes():
    found = classify([1, 1, 2, 2, 3], k=5)
    assert len(found.breaks) == 3
    assert min(found.counts([1, 1, 2, 2, 3])) > 0


def test_one_value_is_one_class_and_none_is_none():
    assert classify([7, 7, 7]).equal
    assert classify([0, 0]).equal
    assert classify([np.nan]).breaks == ()
    assert classify([np.nan]).of([1.0]).tolist() == [-1]


def test_frames_share_one_set_of_breaks():
    frames = np.vstack([np.arange(1, 11), np.arange(11, 21)]).astype(float)
    assert classify(frames).breaks == classify(frames.ravel()).breaks


@given(st.lists(st.floats(-1e6, 1e6, allow_nan=False) | st.just(float("nan")), max_size=60),
       st.sampled_from(FREE), st.integers(1, 7))
def test_every_value_falls_in_one_class_and_no_class_is_empty(values, method, k):
    found = classify(values, method=method, k=k)
    real = np.array([v for v in values if np.isfinite(v)])
    assert sum(found.counts(values)) == len(real)
    assert all(found.counts(values)) or not len(real)
    assert list(found.breaks) == sorted(set(found.breaks))
    for value, index in zip(real, found.of(real), strict=True):
        low, high = found.bounds()[index]
        assert low < value <= high or (index == 0 and low <= value <= high)


@given(st.lists(st.floats(0, 1e5), min_size=2, max_size=40), st.floats(0, 1e5))
def test_diverging_classes_have_the_reference_in_the_middle(values, reference):
    found = around(reference, values)
    assert sum(found.counts(values)) == len(values)
    middle = found.of([reference])[0]
    assert middle == len(found.breaks) // 2 and len(found.breaks) % 2
    for value, index in zip(values, found.of(values), strict=True):
        assert (index >= middle) if value >= reference else (index <= middle)


def test_deviations_are_counted_from_the_mean():
    values = np.random.default_rng(4).normal(50, 5, 90)
    expected = [values.mean() + n * values.std() for n in (-1.5, -0.5, 0.5, 1.5)]
    assert np.allclose(METHODS["deviations"](values, 5), expected)


@pytest.fixture(scope="module")
def mapclassify():
    return pytest.importorskip("mapclassify")


@pytest.mark.filterwarnings("ignore:Numba not installed:UserWarning")
@pytest.mark.parametrize(("method", "theirs"), [
    ("quantiles", "Quantiles"), ("natural", "FisherJenks"), ("equal", "EqualInterval"),
    ("box", "BoxPlot"), ("head_tail", "HeadTailBreaks")])
def test_breaks_before_rounding_are_mapclassifys(mapclassify, method, theirs):
    values = np.random.default_rng(4).gamma(2, 5, 90)
    said = {} if method in ("box", "head_tail") else {"k": 5}
    bins = getattr(mapclassify, theirs)(values, **said).bins
    ours = METHODS[method](values, 5)
    assert np.allclose(ours, bins[:len(ours)], atol=1e-9)


def test_readable_breaks_stay_apart():
    assert readable([3.14159, 6.28318], np.array([0.0, 10.0])) == (3.0, 6.0)
    assert readable([], np.array([1.0])) == ()


@pytest.mark.parametrize("said", [{"method": "max_p"}, {"k": 0}, {"k": 99},
                                  {"method": "fixed", "breaks": [3, 2]},
                                  {"method": "fixed"}])
def test_what_cannot_be_classes_is_refused(said):
    with pytest.raises(InvalidInput):
        classify([1, 2, 3], **said)
