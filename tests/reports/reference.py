"""Writes the reference pages of docs/ from what the program declares.

Run it with `make docs`; tests/test_documented.py fails when a page is behind its declarations.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tests.reports import commands, errors, layers, ledgers, settings
from tests.reports.writing import DOCS

#: File in docs/ -> what writes it.
PAGES: Mapping[str, Callable[[], str]] = MappingProxyType({
    "ledgers.md": ledgers.text,
    "layers.md": layers.text,
    "commands.md": commands.text,
    "settings.md": settings.text,
    "errors.md": errors.text,
})


def main() -> None:
    """Write every page."""
    for name, text in PAGES.items():
        (DOCS / name).write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
