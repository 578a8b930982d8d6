"""The index of names, held in process: exact spotting, and the tables by which names are repaired.

Ten thousand names are few: an Aho-Corasick automaton over their canonical forms finds all of them
in one pass, a weighted selection keeps those that can stand together.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import ahocorasick

from spatial.addressing.characters import normalise
from spatial.addressing.forms import SHORTEST_BASE, Form, forms_of
from spatial.addressing.keys import canonical
from spatial.addressing.numerals import runs
from spatial.addressing.objects import Key, things
from spatial.addressing.register import DIVISIONS, NameEntry, Node
from spatial.addressing.sounds import loose_keys, sound_keys

_UNIT_AHEAD = re.compile(r"(?:号楼|栋|幢|座|单元|楼|层|室|#)")
_NUMBER_SIGN = re.compile(r"\d+号$")


@dataclass(frozen=True, slots=True)
class Spot:
    """A registered name seen at `start:end` of a canonical text, with all who bear it."""

    start: int
    end: int
    forms: tuple[Form, ...]

    @property
    def weight(self) -> float:
        """Return how much the sighting is worth: longer is more than the sum of its parts."""
        surest = min(form.cost for form in self.forms)
        return (self.end - self.start) ** 2 * (1.0 - surest)


class NameIndex:
    """Every name of a register, ready to be spotted, repaired and suggested."""

    def __init__(self, entries: Iterable[NameEntry]) -> None:
        """Index `entries`; the index never changes afterwards, a new register has a new one."""
        self.entries = tuple(entries)
        by_form: dict[str, list[Form]] = defaultdict(list)
        for entry in self.entries:
            for form in forms_of(entry):
                by_form[form.text].append(form)
        self.forms = {text: tuple(sorted(fs, key=_surest)) for text, fs in by_form.items()
                      if not _a_mere_base(text, fs)}  # fmt: skip
        self.nodes: dict[str, Node] = {e.node.ref: e.node for e in self.entries}
        self._automaton = _automaton(self.forms)
        self._raw = _automaton(_numeral_names(self.entries))

    def spot(self, text: str) -> list[Spot]:
        """Return the names in a canonical text that can stand together, in order."""
        if not len(self._automaton):
            return []
        found = []
        for last, form in self._automaton.iter(text):
            start, end = last - len(form) + 1, last + 1
            if not _cuts_number(text, start, end):
                found.append(Spot(start, end, self.forms[form]))
        return best_together(found)

    def bears(self, words: str) -> bool:
        """Tell whether words hold a registered name as it stands: they are no person's."""
        return any(s.forms[0].cost < 0.1 for s in self.spot(canonical(words)))

    def breaks(self, text: str) -> list[int]:
        """Return where names that end in a Chinese numeral end inside a run of numerals."""
        if not len(self._raw):
            return []
        inside = [(a, b) for a, b in runs(text) if b - a > 1]
        if not inside:
            return []
        ends = {last + 1 for last, _ in self._raw.iter(text)}
        return [end for end in ends if any(a < end < b for a, b in inside)]

    @cached_property
    def things(self) -> dict[Key, tuple[Node, ...]]:
        """Return lamp posts, manholes, stops and gates by where they stand and their number."""
        named = {text: [f.node for f in fs if f.kind in {"name", "alias", "former"}]
                 for text, fs in self.forms.items()}
        return things(self.entries, named)

    @cached_property
    def wildcards(self) -> dict[str, tuple[Form, ...]]:
        """Return the forms by their spelling with one character left open."""
        table: dict[str, list[Form]] = defaultdict(list)
        for text, forms in self.repairable.items():
            for at in range(len(text)):
                table[f"{text[:at]}?{text[at + 1 :]}"].extend(forms)
        return {key: tuple(forms) for key, forms in table.items()}

    @cached_property
    def sounds(self) -> dict[str, tuple[Form, ...]]:
        """Return the forms by how they sound."""
        return self._keyed(sound_keys)

    @cached_property
    def loose_sounds(self) -> dict[str, tuple[Form, ...]]:
        """Return the forms by how they sound to a careless ear."""
        return self._keyed(loose_keys)

    @cached_property
    def shortened(self) -> dict[str, tuple[Form, ...]]:
        """Return the forms by their spelling with one character left out."""
        table: dict[str, list[Form]] = defaultdict(list)
        for text, forms in self.repairable.items():
            for short in {text[:at] + text[at + 1 :] for at in range(len(text))}:
                table[short].extend(forms)
        return {key: tuple(forms) for key, forms in table.items()}

    @cached_property
    def shuffled(self) -> frozenset[str]:
        """Return the characters of each name that can be repaired, in no order of their own."""
        return frozenset("".join(sorted(text)) for text in self.repairable)

    @cached_property
    def spelling(self) -> tuple[frozenset[str], frozenset[int]]:
        """Return the characters of all names that can be repaired, and how long these are."""
        return frozenset("".join(self.repairable)), frozenset(map(len, self.repairable))

    def _keyed(self, keys_of: Callable[[str], Iterable[str]]) -> dict[str, tuple[Form, ...]]:
        table: dict[str, list[Form]] = defaultdict(list)
        for text, forms in self.repairable.items():
            for key in keys_of(text):
                table[key].extend(forms)
        return {key: tuple(forms) for key, forms in table.items()}

    @cached_property
    def repairable(self) -> dict[str, tuple[Form, ...]]:
        """Return the forms long enough to be known when one character is wrong."""
        kept = {}
        for text, forms in self.forms.items():
            own = tuple(
                f for f in forms if f.kind in {"name", "alias", "former", "suffixed", "short"}
            )
            if len(text) >= 3 and own and sum(c > "㐀" for c in text) >= 2:
                kept[text] = own
        return kept

    @cached_property
    def places(self) -> tuple[list[str], list[str]]:
        """Return the forms of all but divisions and streets, sorted, and sorted reversed."""
        own = [t for t, fs in self.forms.items() if any(_is_anchor(f) for f in fs)]
        return sorted(own), sorted(t[::-1] for t in own)

    def beginning(self, head: str) -> list[Form]:
        """Return the forms of places whose name begins with `head` and is longer."""
        return self._from(self.places[0], head, lambda t: t)

    def ending(self, tail: str) -> list[Form]:
        """Return the forms of places whose name ends with `tail` and is longer."""
        return self._from(self.places[1], tail[::-1], lambda t: t[::-1])

    def _from(self, keys: Sequence[str], head: str, back: object) -> list[Form]:
        out: list[Form] = []
        for key in keys[bisect_left(keys, head) :]:
            if not key.startswith(head) or len(out) > 60:
                break
            if key != head:
                forms = self.forms[back(key)]  # type: ignore[operator]
                out += [f for f in forms if _is_anchor(f) and f.kind in {"name", "alias", "former"}]
        return out


def _is_anchor(form: Form) -> bool:
    return form.node.level not in DIVISIONS and form.node.level not in {"street", "grid"}


def _a_mere_base(text: str, forms: Sequence[Form]) -> bool:
    """Tell whether two characters are the base of one zone alone: too little to go by."""
    return len(text) == SHORTEST_BASE and len({f.node.ref for f in forms}) < 2 and (
        all(f.kind == "zone" for f in forms))  # fmt: skip


def _surest(form: Form) -> float:
    return form.cost


def _automaton(words: Iterable[str]) -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for word in words:
        automaton.add_word(word, word)
    if len(automaton):
        automaton.make_automaton()
    return automaton


def _numeral_names(entries: Iterable[NameEntry]) -> set[str]:
    """Return the names that end in a Chinese numeral, in characters not yet made digits."""
    out = set()
    for entry in entries:
        for name in (entry.name, *entry.aliases, *entry.former):
            plain = normalise(name).canonical
            for said in (plain, plain.removesuffix("小区")):
                found = runs(said)
                if found and found[-1][1] == len(said):
                    out.add(said)
    return out


def _cuts_number(text: str, start: int, end: int) -> bool:
    """Tell whether a name at `start:end` would take a part of a number, or of its unit word."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if text[start].isdigit() and (before.isdigit() or before == "-"):
        return True
    last = text[end - 1]
    if last.isdigit():
        return after.isdigit() or _UNIT_AHEAD.match(text, end) is not None
    if last.isascii() and last.isalpha() and after.isascii() and after.isalpha():
        return True
    return after == "楼" and _NUMBER_SIGN.search(text, start, end) is not None


def best_together(spots: Sequence[Spot]) -> list[Spot]:
    """Return the disjoint sightings of the greatest total weight (weighted interval selection)."""
    ordered = sorted(set(spots), key=lambda s: (s.end, s.start))
    ends = [s.end for s in ordered]
    best: list[tuple[float, int, bool]] = [(0.0, 0, False)]
    for at, spot in enumerate(ordered):
        before = _last_before(ends, spot.start)
        taken = best[before][0] + spot.weight
        best.append((taken, before, True) if taken > best[at][0] else (best[at][0], at, False))
    out, at = [], len(ordered)
    while at > 0:
        _, before, used = best[at]
        if used:
            out.append(ordered[at - 1])
        at = before
    return out[::-1]


def _last_before(ends: Sequence[int], start: int) -> int:
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high) // 2
        if ends[middle] <= start:
            low = middle + 1
        else:
            high = middle
    return low
