"""Names as they are being typed: characters, pinyin, initials and every mixture of them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from spatial.addressing.characters import normalise
from spatial.addressing.keys import canonical
from spatial.addressing.names import NameIndex
from spatial.addressing.register import Node
from spatial.addressing.sounds import DIGIT_SOUNDS, syllables

#: How a name answers to what is typed, best first.
EXACT, PREFIX, PINYIN, PINYIN_PREFIX, INITIALS, INFIX, TYPO = range(7)
_INITIAL = re.compile("zh|ch|sh|[a-z]")


@dataclass(frozen=True, slots=True)
class Typed:
    """One spelling of one name: its characters and how each sounds."""

    characters: str
    sounds: tuple[str, ...]
    node: Node
    written: str
    own: bool          # the present name itself, no alias or former name


@dataclass(frozen=True, slots=True)
class Hit:
    """A name that answers to what is typed, and how well."""

    rank: int
    typed: Typed


def _sounds(characters: str) -> tuple[str, ...]:
    return tuple(DIGIT_SOUNDS.get(c, s.replace("v", "u")) if len(c) == 1 else s
                 for c, s in zip(characters, syllables(characters), strict=False))  # fmt: skip


class TypingIndex:
    """All names by the first character or letter that may begin them."""

    def __init__(self, index: NameIndex) -> None:
        """Take in the names and aliases of `index`, as written and in canonical digits."""
        self.index = index
        self.all: list[Typed] = []
        self.first: dict[str, list[Typed]] = defaultdict(list)
        for entry in index.entries:
            node = entry.node
            for name in (entry.name, *entry.aliases, *entry.former):
                plain = re.sub(r"[ ()·]", "", normalise(name).canonical)
                for spelling in {plain, canonical(name)} - {""}:
                    self._add(Typed(spelling, _sounds(spelling), node, name, name == entry.name))

    def _add(self, typed: Typed) -> None:
        self.all.append(typed)
        self.first[typed.characters[0]].append(typed)
        if typed.sounds and typed.sounds[0][:1] != typed.characters[0]:
            self.first[typed.sounds[0][:1]].append(typed)

    def find(self, text: str, *, limit: int = 50) -> list[Hit]:
        """Return the names that answer to `text`, best first, one a place."""
        for query in dict.fromkeys((_query(text), canonical(text).lower())):
            hits = self._beginning(query)
            if hits:
                break
        if len(hits) < limit and len(query) >= 2:
            hits += self._inside(query)
        best: dict[str, Hit] = {}
        for hit in sorted(hits, key=_order):
            best.setdefault(hit.typed.node.ref, hit)
        if len(best) < 3:
            for hit in self._misspelt(canonical(text)):
                best.setdefault(hit.typed.node.ref, hit)
        return sorted(best.values(), key=_order)[:limit]

    def _beginning(self, query: str) -> list[Hit]:
        found = []
        for typed in self.first.get(query[:1], ()) if query else ():
            rank = match(query, typed)
            if rank is not None:
                found.append(Hit(rank, typed))
        return found

    def _inside(self, query: str) -> list[Hit]:
        if query.isascii():
            return []
        return [Hit(INFIX, t) for t in self.all if query in t.characters.lower()]

    def _misspelt(self, text: str) -> Iterable[Hit]:
        from spatial.addressing.repair import misspelt

        found = misspelt(self.index, text, 0, len(text)) if len(text) >= 3 else None
        for form in found.forms if found else ():
            yield Hit(TYPO, Typed(form.text, (), form.node, form.written, own=True))


def _query(text: str) -> str:
    """Return what was typed: no spaces, small letters, u for ü and v."""
    plain = re.sub(r"[ ()·']", "", normalise(text.replace("ü", "u").replace("Ü", "u")).canonical)
    return plain.lower().replace("v", "u")


def _order(hit: Hit) -> tuple[int, bool, int, str]:
    return (hit.rank, not hit.typed.own, len(hit.typed.characters), hit.typed.characters)


def match(query: str, typed: Typed) -> int | None:
    """Return how `typed` answers to the whole of `query`, or None."""
    name = typed.characters.lower()
    if name.startswith(query):
        return EXACT if name == query else PREFIX
    if query.isascii() and query.isdigit():
        return None
    return _mixed(query, name, typed.sounds)


@lru_cache(maxsize=65536)
def _mixed(query: str, name: str, sounds: Sequence[str]) -> int | None:
    """Match characters, whole syllables and initials in any mixture, from the first on."""
    best: int | None = None
    states = [(0, False)]
    for character, sound in zip(name, sounds, strict=False):
        following: set[tuple[int, bool]] = set()
        for at, short in states:
            if at == len(query):
                continue
            if query[at] == character:
                following.add((at + 1, short))
            if sound[:1].isalpha() and query[at].isascii() and query[at].isalpha():
                following |= _heard(query, at, sound, short)
        states = list(following)
        done = [short for at, short in states if at == len(query)]
        if done:
            whole = character == name[-1] and len(sounds) <= len(name) and sound == sounds[-1]
            rank = INITIALS if all(done) else PINYIN if whole and len(query) > 3 else PINYIN_PREFIX
            best = rank if best is None else min(best, rank)
        if not states:
            break
    return best


def _heard(query: str, at: int, sound: str, short: bool) -> set[tuple[int, bool]]:
    """Return where the query stands after one syllable: whole, begun at its end, or initial."""
    out: set[tuple[int, bool]] = set()
    if query.startswith(sound, at):
        out.add((at + len(sound), short))
    rest = query[at:]
    if len(rest) > 1 and sound.startswith(rest):
        out.add((len(query), short))
    first = _INITIAL.match(sound)
    for initial in {first.group(0), sound[0]} if first else ():
        if query.startswith(initial, at):
            out.add((at + len(initial), True))
    return out
