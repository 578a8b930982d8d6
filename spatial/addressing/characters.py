"""Canonical characters: what is written, freed of how it was typed.

Every later step works on the canonical string, and every answer quotes the original, so each
canonical character keeps the span of the original it came from.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import opencc

DATA = Path(__file__).resolve().parents[2] / "data" / "lookup"

#: Characters that traditional-to-simplified tables change although they stand in simplified names.
KEPT = frozenset("乾于余")
ROMAN = {chr(0x2160 + n): str(n + 1) for n in range(12)} | {
    chr(0x2170 + n): str(n + 1) for n in range(12)
}
PUNCTUATION = {
    "，": ",", "；": ",", ";": ",", "。": ",", "！": ",", "!": ",", "\n": ",", "\r": ",",
    "\t": ",", "｡": ",", "﹐": ",", "︐": ",", "：": ":", "﹕": ":", "〔": "(", "〕": ")",
    "［": "(", "］": ")", "[": "(", "]": ")", "｛": "(", "｝": ")", "{": "(", "}": ")",
    "〈": "(", "〉": ")", "【": " ", "】": " ", "「": " ", "」": " ", "『": " ", "』": " ",
    "“": "", "”": "", '"': "", "'": "", "‘": "", "’": "", "《": "", "》": "",
    "•": "·", "・": "·", "‧": "·", "∙": "·", "˙": "·", "⋅": "·", "●": "·",
    "−": "-", "ー": "-", "─": "-", "━": "-", "﹣": "-", "_": "-", "＿": "-", "\\": "/", "∕": "/",
    "～": "~", "∼": "~", "〜": "~", "〇": "〇", "㙟": "㙟", "№": "#", "＃": "#", "♯": "#", "│": "/",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """A canonical string and, for each of its characters, the span of the original behind it."""

    original: str
    canonical: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original behind `canonical[start:end]`."""
        if start >= end:
            return (0, 0)
        return (self.starts[start], self.ends[end - 1])

    def quote(self, start: int, end: int) -> str:
        """Return the original wording of `canonical[start:end]`."""
        first, last = self.span(start, end)
        return self.original[first:last]

    def rewrite(self, edits: Sequence[tuple[int, int, str]]) -> "Text":
        """Return the text with the given (start, end, replacement), ascending and disjoint."""
        if not edits:
            return self
        parts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for start, end, new in edits:
            parts += (self.canonical[at:start], new)
            starts += self.starts[at:start]
            ends += self.ends[at:start]
            begin = self.starts[start] if start < len(self.starts) else len(self.original)
            finish = self.ends[end - 1] if end > start else begin
            starts += [begin] * len(new)
            ends += [finish] * len(new)
            at = end
        parts.append(self.canonical[at:])
        starts += self.starts[at:]
        ends += self.ends[at:]
        return Text(self.original, "".join(parts), tuple(starts), tuple(ends))

    def substitute(self, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str]) -> "Text":
        """Return the text with every match of `pattern` replaced by `new(match)`."""
        if pattern.search(self.canonical) is None:
            return self
        found = [(m.start(), m.end(), new(m)) for m in pattern.finditer(self.canonical)]
        return self.rewrite(
            [edit for edit in found if edit[2] != self.canonical[edit[0] : edit[1]]]
        )


def _han_range() -> list[str]:
    spans = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x2A6E0))
    return [chr(code) for first, last in spans for code in range(first, last)]


@lru_cache(maxsize=1)
def simplified() -> dict[str, str]:
    """Return the traditional-to-simplified table, one character to one, made once by OpenCC."""
    characters = _han_range()
    changed = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    table = {
        old: new
        for old, new in zip(characters, changed, strict=True)
        if old != new and len(new) == 1 and old not in KEPT
    }
    own: dict[str, str] = json.loads((DATA / "variants.json").read_text(encoding="utf-8"))
    return table | own


#: ㎡ and ⒀ become as many characters as this at most.
_LONGEST_FOLD = 5


@lru_cache(maxsize=65536)
def fold(character: str) -> str:
    """Return the canonical form of one character: none, one or several characters."""
    if character in ROMAN:
        return ROMAN[character]
    if character in PUNCTUATION:
        return PUNCTUATION[character]
    kind = unicodedata.category(character)
    if kind == "Pd":
        return "-"
    if kind in {"Cf", "Cc", "Cs", "Mn", "Me"}:
        return ""
    if kind.startswith("Z"):
        return " "
    table = simplified()
    plain = unicodedata.normalize("NFKC", character)
    if len(plain) > _LONGEST_FOLD:
        return character  # a whole blessing in one character says nothing of a place
    return "".join(table.get(c, PUNCTUATION.get(c, c)) for c in plain.upper())


@lru_cache(maxsize=16)
def normalise(original: str) -> Text:
    """Return `original` in canonical characters; lossless for what an address can say."""
    parts = [fold(character) for character in original]
    count = len(original)
    if "" not in parts and sum(map(len, parts)) == count:
        return Text(original, "".join(parts), tuple(range(count)), tuple(range(1, count + 1)))
    starts: list[int] = []
    ends: list[int] = []
    for at, folded in enumerate(parts):
        if folded:
            starts += [at] * len(folded)
            ends += [at + 1] * len(folded)
    return Text(original, "".join(parts), tuple(starts), tuple(ends))
