"""Names written wrong or cut short: what registered name may have been meant.

A homophone or a look-alike is a slip; any other character makes another name. A numeral, a letter
or a direction is never a slip (sounds.EXACT).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from spatial.addressing.forms import Form
from spatial.addressing.names import NameIndex
from spatial.addressing.sounds import DIGIT_SOUNDS, EXACT, loose, slip, syllable, syllables

_LATIN = re.compile("[A-Z]{4,}")
_SHORTEST, _LONGEST_LATIN = 3, 40
_MOST_SPANS = 250
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


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of a text that may misspell a name, and how its characters sound."""

    written: str
    sounds: Sequence[str]
    strange: int  # characters that stand in no name

    @property
    def heard(self) -> str:
        """Return how the whole of it sounds."""
        return "".join(self.sounds)


Found = Iterable[tuple[Form, str, float]]


def _wildcards(index: NameIndex, span: _Span) -> Found:
    written = span.written
    if span.strange > 1 or len(written) not in index.spelling[1]:
        return
    for at in range(len(written)):
        for form in index.wildcards.get(f"{written[:at]}?{written[at + 1 :]}", ()):
            found = _slips(written, form.text)
            if found:
                yield form, *found


def _sounding(index: NameIndex, span: _Span) -> Found:
    written = span.written
    for form in index.sounds.get(span.heard, ()):
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
        elif written.startswith(DIGIT_SOUNDS.get(sound, sound).upper(), at):
            at += len(DIGIT_SOUNDS.get(sound, sound))
        else:
            return False
    return at == len(written)


def _careless(index: NameIndex, span: _Span) -> Found:
    written = span.written
    for form in index.loose_sounds.get("".join(map(loose, span.sounds)), ()):
        same = len(form.text) == len(written) and form.text != written
        if same and not any(c in EXACT for pair in _differences(written, form.text) for c in pair):
            yield form, "sound", 0.45
    if span.strange:
        return
    for other, swapped in _respelt(index, written):
        for form in index.repairable.get(other, ()):
            if not swapped & EXACT:
                yield form, "order", 0.45


def _respelt(index: NameIndex, written: str) -> Iterable[tuple[str, frozenset[str]]]:
    """Yield spellings with a doubled character once, or with two swapped, and which these are."""
    doubles = [at for at, (a, b) in enumerate(pairwise(written)) if a == b]
    if len(written) - 1 in index.spelling[1]:
        for at in doubles:
            yield written[:at] + written[at + 1 :], frozenset()
    if "".join(sorted(written)) in index.shuffled:
        for at in range(len(written) - 1):
            swapped = written[:at] + written[at + 1] + written[at] + written[at + 2 :]
            if swapped != written:
                yield swapped, frozenset(written[at : at + 2])


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
    for a, b, span in _spans(index, text, start, end):
        for look in (_sounding, _wildcards, _careless):
            near = _nearest(f for f in look(index, span) if wanted(f[0]))
            if near:
                form, how, cost = near[0]
                forms = tuple({f.node.ref: f for f, _, _ in near}.values())
                wrong, right = _shown(span.written, form.text)
                return Repair(a, b, forms, how, wrong, right, cost)
    return None


def _spans(index: NameIndex, text: str, start: int, end: int) -> Iterable[tuple[int, int, _Span]]:
    """Yield the parts of a stretch that may be a name, the longest first.

    Of long talk the part before the numbers is looked at: names stand there. No part ends inside
    a word in Latin letters.
    """
    latin = _LATIN.search(text, start, end) is not None
    start = max(start, end - (_WINDOW_LATIN if latin else _WINDOW))
    longest = _LONGEST_LATIN if latin else max(index.spelling[1], default=0) + 1
    ends = [b for b in range(start + _SHORTEST, end + 1) if not _inside_word(text, b)]
    cuts = [(a, b) for b in ends for a in range(max(start, b - longest), b - _SHORTEST + 1)]
    cuts.sort(key=lambda s: (s[0] - s[1], -s[1]))
    sounds = [syllable(c) for c in text[start:end]]
    strange = [0]
    for c in text[start:end]:
        strange.append(strange[-1] + (c not in index.spelling[0]))
    for a, b in cuts[:_MOST_SPANS]:
        yield a, b, _Span(text[a:b], sounds[a - start : b - start],
                          strange[b - start] - strange[a - start])  # fmt: skip


def _inside_word(text: str, at: int) -> bool:
    return text[at - 1 : at + 1].isascii() and text[at - 1 : at + 1].isalpha() and at < len(text)


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
    """Return names one character away from `text`: to show, never to resolve to.

    One other character, one lost or one too many; of a long run its end is looked at, where names
    stand.
    """
    out: dict[str, Form] = {}
    for begin in range(max(0, len(text) - max(index.spelling[1], default=0) - 1), len(text)):
        for form in _one_away(index, text[begin:]):
            out.setdefault(form.node.ref, form)
        if out:
            break
    return list(out.values())[:limit]


def _one_away(index: NameIndex, text: str) -> Iterable[Form]:
    if len(text) < _SHORTEST - 1:
        return
    yield from index.shortened.get(text, ())
    for at in range(len(text)):
        yield from index.wildcards.get(f"{text[:at]}?{text[at + 1 :]}", ())
        yield from index.repairable.get(text[:at] + text[at + 1 :], ())
