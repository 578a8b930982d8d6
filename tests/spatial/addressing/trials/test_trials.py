from functools import lru_cache

import pytest

from spatial.addressing import resolve
from spatial.addressing.grade import told
from spatial.addressing.trials import (
    Case,
    Judged,
    cases,
    fitted,
    judge,
    reliability,
    score,
    steps,
)
from tests.spatial.addressing.memory import MemoryRegister, town


@lru_cache(maxsize=1)
def register() -> MemoryRegister:
    return town()


@lru_cache(maxsize=2)
def judged(seed: int = 5) -> tuple[Judged, ...]:
    return tuple(judge(case, resolve(case.text, register()))
                 for case in cases(register(), 1200, seed=seed))


def test_the_same_seed_makes_the_same_cases() -> None:
    first, again, other = (list(cases(register(), 60, seed=seed)) for seed in (1, 1, 2))

    assert first == again != other
    assert len(first) == 60


def test_every_truth_is_a_place_of_the_register() -> None:
    known = set(register().nodes)

    for case in cases(register(), 400, seed=3):
        assert case.refs <= known
        assert bool(case.refs) == (case.status != "none")


def test_an_empty_register_makes_no_cases() -> None:
    assert list(cases(MemoryRegister(), 10, seed=1)) == []


def test_no_case_of_the_town_links_to_a_false_door() -> None:
    figures = score(judged())

    assert figures.false_doors == 0
    assert figures.right / figures.cases >= 0.98
    for grade, least in (("A", 0.999), ("B", 0.99)):
        right, number = figures.purity[grade]
        assert right >= least * number


def test_confidence_keeps_its_word() -> None:
    assert score(judged()).ece <= 0.03
    assert sum(n for _, _, n in reliability(judged())) == 1200


def test_isotonic_regression_pools_what_rises() -> None:
    sample = [(0.0, True)] * 90 + [(0.0, False)] * 10 + [(0.1, True)] * 99 + [(0.1, False)]
    sample += [(0.3, True)] * 20 + [(0.3, False)] * 20

    blocks = fitted(sample)

    assert [(start, size) for start, _, size in blocks] == [(0.0, 200), (0.3, 40)]
    assert [round(share, 2) for _, share, _ in blocks] == [0.94, 0.5]


def test_a_step_function_answers_from_each_weight_on() -> None:
    table = {"B": steps([(0.0, 0.999, 10), (0.1, 0.98, 10), (0.3, 0.5, 4)], most=0.97)}

    assert table["B"] == [(0.0, 0.97), (0.3, 0.5)]
    assert [told(table, "B", amiss) for amiss in (0.0, 0.29, 0.3, 9.0)] == [0.97, 0.97, 0.5, 0.5]
    assert told(table, "A", 0.0) == 0.5


@pytest.mark.parametrize(("status", "refs", "right"), [
    ("match", {"C1/3/2/501"}, True), ("match", {"C1/3/2/502"}, False), ("none", set(), False),
    ("partial", {"C1/3/2/501"}, False),
])
def test_an_answer_is_judged_by_status_and_place(
    status: str, refs: set[str], right: bool
) -> None:
    text = "阳光花园3号楼2单元501"

    one = judge(Case(text, "any", status, frozenset(refs)), resolve(text, register()))

    assert one.right is right
    assert one.false_door is not right
