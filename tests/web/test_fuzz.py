"""The API at random from its own description: no fault, no status that is not described."""

import pytest

from tests.fuzzing import fuzzer


@pytest.mark.parametrize("cases", [500])
def test_no_case_is_a_fault_or_undescribed(fresh_url, cases):
    """`make fuzz` sends many more of them."""
    with fuzzer(fresh_url) as one:
        one.run(cases)
    assert one.faults == {} and one.sent >= cases / 2
