"""Fonts for print, from the page's own: the slices that a text needs, made into plain TTF once.

The pages ship Noto Sans SC as a hundred slices of a variable font; matplotlib reads neither woff2
nor variable weights. Each slice is made into a static file when first needed and kept in the
registry's home; nothing is asked of the system's fonts.
"""

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import mkstemp

from spatial.errors import Unavailable

WEIGHTS = {"regular": 400, "bold": 600}
_SLICE = re.compile(r"url\(\./files/([\w-]+)\.woff2\).*?unicode-range:\s*([^;]+);", re.DOTALL)


def families(text: str, *, libraries: Path, home: Path, weight: str = "regular") -> list[str]:
    """Return the names by which matplotlib finds every slice that `text` needs."""
    from matplotlib import font_manager

    found = []
    for name in slices(text, libraries):
        family = f"Doorplate {name} {weight}"
        if not any(one.name == family for one in font_manager.fontManager.ttflist):
            font_manager.fontManager.addfont(_made(name, family, libraries, home, weight))
        found.append(family)
    return [*found, "DejaVu Sans"]


def slices(text: str, libraries: Path) -> list[str]:
    """Return the slices that hold a character of `text`, Latin first."""
    points = {ord(character) for character in text} | set(range(0x20, 0x7F))
    return [name for name, ranges in _ranges(libraries)[::-1]
            if any(first <= point <= last for point in points for first, last in ranges)]


@cache
def _ranges(libraries: Path) -> tuple[tuple[str, tuple[tuple[int, int], ...]], ...]:
    path = libraries / "noto-sans-sc" / "index.css"
    if not path.is_file():
        raise Unavailable(f"{path} is missing; `make setup` fetches the browser libraries.")
    return tuple((name, tuple(_pairs(ranges)))
                 for name, ranges in _SLICE.findall(path.read_text(encoding="utf-8")))


def _pairs(ranges: str) -> Iterator[tuple[int, int]]:
    for part in ranges.split(","):
        first, _, last = part.strip().upper().removeprefix("U+").partition("-")
        yield int(first, 16), int(last or first, 16)


def _made(name: str, family: str, libraries: Path, home: Path, weight: str) -> Path:
    """Return the TTF of a slice at one weight, made now where it is not there yet."""
    folder = home / "fonts"
    path = folder / f"{name}-{WEIGHTS[weight]}.ttf"
    if path.is_file():
        return path
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    font = TTFont(libraries / "noto-sans-sc" / "files" / f"{name}.woff2")
    font = instantiateVariableFont(font, {"wght": WEIGHTS[weight]})
    for key in (1, 4, 16):
        font["name"].setName(family, key, 3, 1, 0x409)
    font["name"].setName(family.replace(" ", ""), 6, 3, 1, 0x409)
    font.flavor = None
    folder.mkdir(parents=True, exist_ok=True)
    handle, unfinished = mkstemp(dir=folder)
    with os.fdopen(handle, "wb") as out:
        font.save(out)
    os.replace(unfinished, path)
    return path
