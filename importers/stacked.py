"""Headers over two rows: a merged cell above, and below it what each of its columns is called."""

from collections import Counter
from collections.abc import Iterable, Sequence

Corner = tuple[int, int]
Cells = Sequence[str | None]


def find_stacked(top: Sequence[Cells], above: int, ranges: Iterable[tuple[Corner, Corner]],
                 first_column: int) -> tuple[int, list[str]]:
    """Return the last row of the header, and its names, given the row that looks like it.

    The row of headings may have been taken for a title, as it fills few cells.
    """
    every = list(ranges)
    for row in (above, above - 1):
        names = stacked_header(top, row, every, first_column) if row >= 0 else None
        if names:
            return row + 1, names
    return above, [cell or "" for cell in top[above]]


def stacked_header(top: Sequence[Cells], row: int, ranges: Iterable[tuple[Corner, Corner]],
                   first_column: int) -> list[str] | None:
    """Return the names of a header that begins in `row` and ends in the next; None for any other.

    It is one where cells of that row are merged across columns and the next row names each of
    these; a cell merged downwards names its column alone. A name that stands below two headings
    is led by its heading: `户籍地址 楼栋`.
    """
    if row + 1 >= len(top):
        return None
    wide: dict[int, str] = {}
    for (begin, left), (end, right) in ranges:
        if begin == row and right > left and end == row:
            heading = _cell(top[row], left - first_column)
            wide.update(dict.fromkeys(range(left - first_column, right - first_column + 1),
                                      heading))
    if not wide or not all(_cell(top[row + 1], column) for column in wide):
        return None
    width = max(len(top[row]), len(top[row + 1]))
    names = [_cell(top[row + 1], column) if column in wide else
             _cell(top[row], column) or _cell(top[row + 1], column) for column in range(width)]
    often = Counter(names)
    return [f"{wide[column]} {name}".strip() if column in wide and often[name] > 1 else name
            for column, name in enumerate(names)]


def _cell(cells: Cells, column: int) -> str:
    return " ".join((cells[column] or "").split()) if 0 <= column < len(cells) else ""
