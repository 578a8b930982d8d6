"""Exports of ours read in again: each row belongs to the source that it names itself."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from importers.base import Batch, Table

#: The columns that every export of ours begins with.
MARKS = frozenset({"identifier", "source_id", "source"})
SOURCE = "source"


def by_source(table: Table) -> list[tuple[str | None, Table]]:
    """Return the sources that the rows of an export name, each with its part of the table.

    Any other table is returned whole, as of no source of its own.
    """
    if not set(table.columns) >= MARKS:
        return [(None, table)]
    named = dict.fromkeys(_named(one) for batch in table.batches()
                          for one in batch.columns[SOURCE])
    if len(named) < 2:
        return [(next(iter(named), None), table)]
    return [(one, replace(table, read=_Part(table, one), rows=None, issues=[],
                          skipped=Counter())) for one in named]


def _named(source: str | None) -> str | None:
    return (source or "").strip() or None


class _Part:
    """Reads the rows of one source; what the reader refused is told with the first."""

    def __init__(self, whole: Table, source: str | None) -> None:
        self._whole, self._source = whole, source

    def __call__(self, table: Table) -> Iterator[Batch]:
        """Yield the batches of the whole table without the rows of others."""
        for batch in self._whole.batches():
            rows = [row for row, one in enumerate(batch.columns[SOURCE])
                    if _named(one) == self._source]
            if rows:
                yield _chosen(batch, rows)
        table.issues.extend(issue for issue in self._whole.issues if self._is_mine(issue.cells))

    def _is_mine(self, cells: Sequence[str | None] | None) -> bool:
        at = self._whole.columns.index(SOURCE)
        return _named(cells[at] if cells and at < len(cells) else None) == self._source


def _chosen(batch: Batch, rows: Sequence[int]) -> Batch:
    columns = {name: [cells[row] for row in rows] for name, cells in batch.columns.items()}
    shapes = None if batch.geometry is None else [batch.geometry[row] for row in rows]
    return Batch(columns, [batch.lines[row] for row in rows], shapes)
