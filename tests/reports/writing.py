"""Markdown: tables and lines of pages that a run writes."""

from collections.abc import Iterable, Sequence
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, right: str = "") -> list[str]:
    """Return a table, the columns numbered in `right` aligned right; nothing without rows."""
    body = [_row(row) for row in rows]
    if not body:
        return []
    rule = ["---:" if str(place) in right else "---" for place in range(len(heads))]
    return ["", _row(heads), _row(rule), *body, ""]


def page(*parts: Iterable[str]) -> str:
    """Join lines to a page, with no two empty lines in a row and one line end at the end."""
    lines: list[str] = []
    for line in (line for part in parts for line in part):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).rstrip("\n") + "\n"


def code(text: object) -> str:
    """Return a word of the program as such; nothing for nothing."""
    return f"`{text}`" if text not in (None, "") else ""


def codes(words: Iterable[object]) -> str:
    """Return words of the program, separated by commas."""
    return ", ".join(code(word) for word in words)


def anchor(heading: str) -> str:
    """Return the fragment by which a heading of one word is linked."""
    return "#" + heading.casefold().replace(" ", "-")


def _row(cells: Iterable[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", r"\|").replace("\n", " ")
                             for cell in cells) + " |"
