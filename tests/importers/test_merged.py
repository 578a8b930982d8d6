from importers.merged import MergedCells


def test_a_value_merged_over_rows_holds_for_each_of_them() -> None:
    merged = MergedCells([((1, 0), (2, 0))], 0)
    rows = [["a", "b"], ["1", "x"], ["", "y"], ["", "z"]]
    assert [merged.fill(place, row) for place, row in enumerate(rows)] == [
        ["a", "b"],
        ["1", "x"],
        ["1", "y"],
        ["", "z"],
    ]


def test_cells_merged_within_a_row_stay_as_they_are() -> None:
    merged = MergedCells([((0, 0), (0, 1))], 0)
    assert merged.fill(0, ["a", ""]) == ["a", ""]


def test_columns_are_counted_from_the_first_in_use() -> None:
    merged = MergedCells([((0, 3), (1, 3))], 3)
    assert [list(merged.fill(0, ["a"])), list(merged.fill(1, [""]))] == [["a"], ["a"]]
