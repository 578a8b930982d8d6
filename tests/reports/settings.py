"""The page of settings, from spatial.config."""

from pathlib import Path

from spatial.config import Setting, declared
from tests.reports.writing import code, page, table

HEAD = """# Settings

Environment variables, read when a command starts; an empty one means its default. There is no
settings file. Made from the declarations in `spatial/config.py` (`make docs`).
"""
KINDS = {bool: "yes or no", int: "whole number", float: "number", str: "text"}


def text() -> str:
    """Return the page."""
    return page(HEAD.splitlines(), table(
        ("variable", "default", "kind", "meaning"),
        ((code(one.name), code(one.default) or "*empty*", _kind(one), one.help)
         for one in declared())))


def _kind(one: Setting) -> str:
    kind = "path" if isinstance(one.default, Path) else KINDS[type(one.default)]
    if one.floor is None and one.ceiling is None:
        return kind
    low = "" if one.floor is None else f"{one.floor:g}"
    high = "" if one.ceiling is None else f"{one.ceiling:g}"
    return f"{kind}, {low}–{high}"
