"""Which JavaScript modules a page will need: told in its head, so that none waits for another."""

import posixpath
import re
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
_NAMED = re.compile(r"""\b(?:from|import)\s*['"]([./][^'"]+\.mjs)['"]""")


@cache
def modules(entry: str) -> tuple[str, ...]:
    """Return the addresses of a module and of all it imports, as they are found: itself first."""
    found, ahead = dict.fromkeys([entry]), [entry]
    for address in ahead:
        text = (STATIC / address.removeprefix("/static/")).read_text(encoding="utf-8")
        for name in _NAMED.findall(text):
            one = posixpath.normpath(posixpath.join(posixpath.dirname(address), name))
            if one not in found and _exists(one):
                found[one] = None
                ahead.append(one)
    return tuple(found)


def _exists(address: str) -> bool:
    return (STATIC / address.removeprefix("/static/")).is_file()
