from typing import Any

import pytest
import shapely

from importers.base import Batch, Limits, Table
from importers.typed import Kept, batch, canonical, texts


def table(*names: str) -> Table:
    return Table("table", names, lambda table: iter(()))


def parsed(shapes: Any) -> Any:
    return shapely.from_wkt(shapes, on_invalid="ignore")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"),
        (18.5, "18.5"),
        (150502199001011234, "150502199001011234"),
        (True, "true"),
        (None, None),
        ("0012", "0012"),
        (["a", 1, None], "a;1;"),
        ({"zh": "楼"}, '{"zh": "楼"}'),
        ([[1]], "[[1]]"),
    ],
)
def test_values_become_canonical_text(value: Any, text: str | None) -> None:
    assert canonical(value) == text


def test_a_long_whole_number_in_floating_point_is_known_to_be_wrong() -> None:
    with pytest.raises(ValueError, match="150502199001011232"):
        canonical(150502199001011234.0)
    for number in (float("inf"), float("nan")):
        with pytest.raises(ValueError, match=str(number)):
            canonical(number)
    rejecting = table("a", "b")
    assert texts(rejecting, 7, [1, 1e300], careful=False) is None
    (issue,) = rejecting.issues
    assert (issue.line, issue.column, (issue.cells or ())[0]) == (7, "b", "1")


def test_broken_text_is_seen_when_looked_for() -> None:
    rejecting = table("a")
    assert texts(rejecting, 1, ["x\0"], careful=True) is None
    assert texts(rejecting, 2, ["中文"], careful=True) == ["中文"]
    assert [(issue.rule, issue.cells) for issue in rejecting.issues] == [("broken text", ("x�",))]


def test_bad_shapes_leave_the_batch_with_their_cells() -> None:
    rejecting = table("a")
    kept = Kept([["1"], ["2"], ["3"]], [1, 2, 3], ["POINT (1 2)", "POINT (x)", None])
    (found,) = batch(rejecting, kept, parsed, Limits())
    assert found == Batch({"a": ("1", "3")}, [1, 3], [shapely.to_wkb(shapely.Point(1, 2)), None])
    assert [(issue.line, issue.cells) for issue in rejecting.issues] == [(2, ("2",))]


def test_a_batch_of_nothing_is_none() -> None:
    assert list(batch(table("a"), Kept(), parsed, Limits())) == []
