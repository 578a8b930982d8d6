"""Numbered things outdoors: lamp posts, manholes, stops and gates, in whatever order said.

路灯012 of a street, its 12号路灯 and its 路灯杆12 are one; so are 北门 and 北大门 of a compound.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from spatial.addressing.characters import DATA
from spatial.addressing.keys import canonical
from spatial.addressing.register import NameEntry, Node

#: Where something stands (a place's identifier, or words), its kind, its number.
Key = tuple[str, str, str]
ANYWHERE = "*"
_NUMBER = r"[A-Z]{0,3}-?\d+"


@dataclass(frozen=True, slots=True)
class Said:
    """A thing as a text names it, at `start:end`."""

    kind: str
    number: str
    start: int
    end: int


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, str]:
    """Return the kind of thing by each word for it."""
    table: dict[str, list[str]] = json.loads((DATA / "objects.json").read_text(encoding="utf-8"))
    return {word: kind for kind, words in table.items() for word in words}


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    words = "|".join(sorted(kinds(), key=len, reverse=True))
    return re.compile(
        rf"(?<![A-Z\d-])(?P<before>{_NUMBER})(?:号|#)?(?:的)?(?P<word>{words})(?!\d)"
        rf"|(?P<first>{words})(?:编号|编码|号码)?[:# ]?第?(?P<after>{_NUMBER})(?![\dA-Z-])(?:号|#)?"
        r"|(?P<gate>[东西南北]{1,2}|正|侧|后)(?:大)?门(?:口)?(?!诊|市|面|[东西南北]?户)")


def said_in(text: str) -> Iterable[Said]:
    """Yield the numbered things and gates that a canonical text names."""
    for match in _pattern().finditer(text):
        if match.group("gate"):
            yield Said("gate", match.group("gate"), match.start(), match.end())
            continue
        word = match.group("word") or match.group("first")
        number = plain_number(match.group("before") or match.group("after"))
        yield Said(kinds()[word], number, match.start(), match.end())


def plain_number(number: str) -> str:
    """Return a number without leading zeros and dashes: 012 is 12, A-07 is A7."""
    letters, digits = re.fullmatch(r"([A-Z]*)-?(\d+)", number).groups()  # type: ignore[union-attr]
    return f"{letters}{int(digits)}"


def things(
    entries: Iterable[NameEntry], named: Mapping[str, Sequence[Node]]
) -> dict[Key, tuple[Node, ...]]:
    """Return the registered things by where they stand, kind and number.

    `named` are the places by the canonical names they bear, of which a thing's name begins.
    """
    found: dict[Key, list[Node]] = defaultdict(list)
    for entry in entries:
        if entry.node.level != "facility":
            continue
        text = canonical(entry.name)
        last = next((one for one in said_in(text) if one.end == len(text)), None)
        if last is None:
            continue
        stem = text[: last.start]
        above = [n.ref for n in named.get(stem, ())] or [stem]
        if entry.node.parent is not None and (last.kind == "gate" or not stem):
            above.append(entry.node.parent.ref)
        for where in {*above, ANYWHERE}:
            if where != ANYWHERE or last.kind != "gate":
                found[where, last.kind, last.number].append(entry.node)
    return {key: tuple(nodes) for key, nodes in found.items()}
