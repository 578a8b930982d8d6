import pytest

from tests.spatial.addressing.towns import TOWNS
from tests.spatial.addressing.written_cases import all_written, answered, known, register


@pytest.mark.parametrize("town", sorted({case.town for case in all_written()}))
def test_only_known_cases_of_a_town_fail(town: str) -> None:
    own = [case for case in all_written() if case.town == town]

    failed = {case.name for case in own if not case.right(answered(case))}

    assert failed <= known()


def test_no_written_case_links_to_a_false_door() -> None:
    assert [case.text for case in all_written() if case.false_door(answered(case))] == []


@pytest.mark.parametrize("town", sorted(TOWNS))
def test_every_place_that_a_written_case_means_exists(town: str) -> None:
    own = [case for case in all_written() if case.town == town]

    assert {ref for case in own for ref in case.refs} <= set(register(town).nodes)


def test_every_known_failure_is_a_case_and_fails() -> None:
    failed = {case.name for case in all_written() if not case.right(answered(case))}

    assert known() <= failed
