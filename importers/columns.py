"""Work on whole columns: what stands in one over and over is worked out once."""

from collections.abc import Callable, Sequence
from typing import Any

#: A column says the same over and over when each value stands in it so often, on average.
SELDOM = 3


def each(make: Callable[[Any], Any], column: Sequence[Any]) -> list[Any]:
    """Return what is made of each value; what a column says over and over is made once."""
    different = set(column)
    if len(different) * SELDOM > len(column):
        return list(map(make, column))
    made = {one: make(one) for one in different}
    return [made[one] for one in column]
