"""The page of errors, from the error tree and the table of statuses."""

import re
from collections.abc import Iterator
from importlib import import_module
from inspect import getdoc
from pathlib import Path

from spatial import errors
from spatial.errors import RegistryError
from tests.reports.writing import code, page, table
from web.errors import TITLES, status_of

ROOT = Path(__file__).parents[2]
FLOORS = ("spatial", "layers", "importers", "web")
HEAD = """# Errors

Every error that the registry raises on purpose. Over HTTP it is a problem document (RFC 9457,
`application/problem+json`, with `title`, `title_zh`, `status`, `detail`, `detail_zh`) or, for a
browser, a page; on the command line one line in both languages and exit code 1. The
indented ones are kinds of the one above. Anything else is a fault of the program: 500, noted in the
log. Made from `spatial/errors.py` and `web/errors.py` (`make docs`).
"""


def text() -> str:
    """Return the page."""
    return page(HEAD.splitlines(), table(
        ("error", "HTTP", "title", "标题", "raised when"),
        (_row(*one) for one in tree()), right="1"))


def tree() -> Iterator[tuple[int, type[RegistryError]]]:
    """Yield every error with its depth, kinds after what they are kinds of."""
    for name in _declaring():
        import_module(name)
    yield from _below(RegistryError, 0)


def _below(one: type[RegistryError], depth: int) -> Iterator[tuple[int, type[RegistryError]]]:
    yield depth, one
    for kind in sorted(one.__subclasses__(), key=_order):
        yield from _below(kind, depth + 1)


def _order(one: type[RegistryError]) -> tuple[int, str]:
    """Order as spatial/errors.py does, then by name."""
    known = list(vars(errors))
    return (known.index(one.__name__) if one.__name__ in known else len(known), one.__name__)


def _declaring() -> Iterator[str]:
    """Yield the modules that declare errors, found by their text: importing all takes seconds."""
    bases = "|".join(name for name, value in vars(errors).items()
                     if isinstance(value, type) and issubclass(value, RegistryError))
    kind = re.compile(rf"^class \w+\((?:{bases})\):", re.MULTILINE)
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            if kind.search(path.read_text(encoding="utf-8")):
                yield ".".join(path.relative_to(ROOT).with_suffix("").parts)


def _row(depth: int, one: type[RegistryError]) -> tuple[object, ...]:
    said = (getdoc(one) or "").replace("\n", " ")
    error = one.__new__(one)
    return ("&emsp;" * depth + code(one.__name__), status_of(error), one.title,
            TITLES.get(one.title, ""), said)
