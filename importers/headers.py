"""Header rows: where they stand, and names that can be relied on."""

from collections.abc import Sequence
from pathlib import Path

from importers.base import Limits, shown, unreadable

ROWS_SEARCHED = 30
# Marks that spreadsheets and web pages leave in names and nobody sees.
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u00ad\0"))


def find_header(rows: Sequence[Sequence[str | None]]) -> int:
    """Find the header among the first rows: the first that is not a title.

    A title row fills fewer than half as many cells as the fullest row, as a heading, a date
    line or a merged cell above a ledger does. Of two cells it fills the first; a header that
    fills the second alone stands above an unnamed column of row numbers.
    """
    filled = [[bool(cell and cell.strip()) for cell in row] for row in rows[:ROWS_SEARCHED]]
    fullest = max(map(sum, filled), default=0)
    for index, cells in enumerate(filled):
        title = sum(cells) * 2 < fullest or (fullest == 2 and sum(cells) == 1 and cells[0])
        if not title:
            return index
    return 0


def clean_header(cells: Sequence[str | None]) -> tuple[tuple[str, ...], list[str]]:
    """Clean the names; returns them with remarks on what was changed.

    Spaces, line breaks and invisible marks go; an empty name becomes `column 3`, the second
    `name` becomes `name (2)`.
    """
    names: list[str] = []
    remarks: list[str] = []
    for place, cell in enumerate(cells, 1):
        name = " ".join((cell or "").translate(_INVISIBLE).split())
        if not name:
            name = f"column {place}"
            remarks.append(f"the header of column {place} is empty: it is called '{name}'")
        elif name in names:
            remarks.append(f"the header '{shown(name)}' stands twice: column {place} is "
                           f"called '{shown(_free(name, names))}'")  # fmt: skip
        names.append(_free(name, names))
    return tuple(names), remarks


def used_width(rows: Sequence[Sequence[str | None]]) -> int:
    """Count the columns in use: those before the last that any of the rows fills."""
    return max((place for row in rows for place, cell in enumerate(row, 1) if cell), default=1)


def check_width(path: Path, width: int, limits: Limits) -> None:
    """Refuse a table of absurdly many columns."""
    if width > limits.columns:
        wrong = f"{width:,} columns are more than the {limits.columns:,} allowed"
        raise unreadable(path, wrong, "Check the delimiter, or take out columns.")


def _free(name: str, taken: Sequence[str]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"
