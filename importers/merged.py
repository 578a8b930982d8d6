"""Merged cells of a ledger: what is written once holds for all the rows it spans."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

Corner = tuple[int, int]


class MergedCells:
    """Fills the cells below the first of a merged range, row by row from the top.

    A household number merged beside its members stands in the file once, at the first. Ranges
    within one row are left alone: they span columns, and mean the first.
    """

    def __init__(self, ranges: Iterable[tuple[Corner, Corner]], first_column: int) -> None:
        self._starting: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._open: dict[int, tuple[int, Any]] = {}
        for (top, left), (bottom, _) in ranges:
            if bottom > top:
                self._starting[top].append((left - first_column, bottom))

    def fill(self, row: int, cells: Sequence[Any]) -> Sequence[Any]:
        """Fill a row, counted from 0; rows must come in order."""
        if not self._open and row not in self._starting:
            return cells
        filled = list(cells)
        for column, (bottom, value) in list(self._open.items()):
            if row > bottom:
                del self._open[column]
            elif column < len(filled) and filled[column] == "":
                filled[column] = value
        for column, bottom in self._starting.pop(row, ()):
            if 0 <= column < len(cells):
                self._open[column] = (bottom, cells[column])
        return filled
