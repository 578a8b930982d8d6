"""Names written wrong or cut short: what registered name may have been meant.

A homophone or a look-alike is a slip; any other character makes another name. A numeral, a letter
or a direction is never a slip (sounds.EXACT).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from spatial.addressing.forms import Form
from spatial.addressing.names import NameIndex
from spatial.addressing.sounds import EXACT, loose, slip, sound_key, syllables

_LATIN = re.compile("[A-Z]{4,}")
_SHORTEST, _LONGEST = 3, 14
_WINDOW, _WINDOW_LATIN = 26, 48
#: A clipped name must leave few names to choose from.
MOST_CLIPPED = 3


@dataclass(frozen=True, slots=True)
class Repair:
    """A stretch of the text read as another name."""

    start: int
    end: int
    forms: tuple[Form, ...]
    how: str  # homophone, glyph, sound, pinyin, order, prefix, tail
    wrong: str
    right: str
    cost: float


def _differences(written: str, name: str) -> list[tuple[str, str]]:
    return [(a, b) for a, b in zip(written, name, strict=True) if a != b]


def _slips(written: str, name: str) -> tuple[str, float] | None:
    """Return how `written` may stand for `name` and what that costs, or None."""
    if len(written) != len(name) or written == name:
        return None
    different = _differences(written, name)
    kinds = {slip(a, b) for a, b in different}
    if None in kinds or len(different) > max(1, len(name) // 2):
        return None
    if kinds == {"homophone"}:
        return "homophone", 0.2 + 0.1 * (len(different) - 1)
    return ("glyph", 0.3) if len(different) == 1 else None


def _wildcards(index: NameIndex, written: str) -> Iterable[tuple[Form, str, float]]:
    for at in range(len(written)):
        for form in index.wildcards.get(f"{written[:at]}?{written[at + 1 :]}", ()):
            found = _slips(written, form.text)
            if found:
                yield form, *found


def _sounding(index: NameIndex, written: str) -> Iterable[tuple[Form, str, float]]:
    for form in index.sounds.get(sound_key(written), ()):
        found = _slips(written, form.text)
        if found:
            yield form, *found
        elif _LATIN.search(written) and _spelt(written, form.text):
            yield form, "pinyin", 0.35


def _spelt(written: str, name: str) -> bool:
    """Tell whether `written` is `name` with some characters in pinyin, the others as they are."""
    at = 0
    for character, sound in zip(name, syllables(name), strict=False):
        if written.startswith(character, at):
            at += 1
        elif written.startswith(sound.upper(), at):
            at += len(sound)
        else:
            return False
    return at == len(written)


def _careless(index: NameIndex, written: str) -> Iterable[tuple[Form, str, float]]:
    for form in index.loose_sounds.get(loose(sound_key(written)), ()):
        same = len(form.text) == len(written) and form.text != written
        if same and not any(c in EXACT for pair in _differences(written, form.text) for c in pair):
            yield form, "sound", 0.45
    for at in range(len(written) - 1):
        swapped = written[:at] + written[at + 1] + written[at] + written[at + 2 :]
        doubled = written[:at] + written[at + 1 :] if written[at] == written[at + 1] else ""
        for other in {swapped, doubled} - {written, ""}:
            for form in index.repairable.get(other, ()):
                if other != swapped or not set(written[at : at + 2]) & EXACT:
                    yield form, "order", 0.45


def _nearest(found: Iterable[tuple[Form, str, float]]) -> list[tuple[Form, str, float]]:
    """Return the finds of the least cost; empty when two different names are as near."""
    ranked = sorted(found, key=lambda f: f[2] + f[0].cost)
    if not ranked:
        return []
    least = ranked[0][2] + ranked[0][0].cost
    near = [f for f in ranked if f[2] + f[0].cost <= least + 0.05]
    if len({f[0].text for f in near}) > 1:
        return []
    return near


def misspelt(
    index: NameIndex, text: str, start: int, end: int,
    wanted: Callable[[Form], bool] = lambda _: True,
) -> Repair | None:
    """Return the `wanted` name that a part of `text[start:end]` misspells, the longest first."""
    # Of long talk the part before the numbers is looked at: names stand there.
    start = max(start, end - (_WINDOW_LATIN if _LATIN.search(text, start, end) else _WINDOW))
    spans = [
        (a, b)
        for a in range(start, end)
        for b in range(a + _SHORTEST, end + 1)
        if b - a <= (40 if _LATIN.search(text, a, b) else _LONGEST)
    ]
    spans.sort(key=lambda s: (s[0] - s[1], -s[1]))
    for a, b in spans[:400]:
        written = text[a:b]
        for look in (_sounding, _wildcards, _careless):
            near = _nearest(f for f in look(index, written) if wanted(f[0]))
            if near:
                form, how, cost = near[0]
                forms = tuple({f.node.ref: f for f, _, _ in near}.values())
                wrong, right = _shown(written, form.text)
                return Repair(a, b, forms, how, wrong, right, cost)
    return None


def _shown(written: str, name: str) -> tuple[str, str]:
    if len(written) != len(name):
        return written, name
    different = _differences(written, name)
    return "".join(a for a, _ in different), "".join(b for _, b in different)


def clipped(index: NameIndex, text: str, start: int, end: int) -> Repair | None:
    """Return the few names of which `text[start:end]` is the beginning or the end."""
    part = text[start:end]
    if len(part) < 2:
        return None
    for how, forms in (("prefix", index.beginning(part)), ("tail", index.ending(part))):
        nodes = {f.node.ref: f for f in forms}
        if 0 < len(nodes) <= MOST_CLIPPED:
            return Repair(start, end, tuple(nodes.values()), how, part, forms[0].text, 0.4)
    return None


def neighbours(index: NameIndex, text: str, *, limit: int = 5) -> list[Form]:
    """Return names that differ from `text` by any one character: to show, never to resolve to."""
    out: dict[str, Form] = {}
    for at in range(len(text)):
        for form in index.wildcards.get(f"{text[:at]}?{text[at + 1 :]}", ()):
            out.setdefault(form.node.ref, form)
    return list(out.values())[:limit]
