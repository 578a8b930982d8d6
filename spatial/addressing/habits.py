"""How a city writes its addresses: unit words and what they may mean, as data.

A habit is one file of data/habits; `default` holds what every city shares, and another habit adds
to it. A new city is a new file.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from spatial.errors import NotFound

FOLDER = Path(__file__).resolve().parents[2] / "data" / "habits"
#: Costs by role: how unnatural it is to read a number with this word in that role.
Costs = Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Habit:
    """Unit words with their roles, and the words that stand before or without a number."""

    name: str
    words: Mapping[str, Costs]
    misspelt: Mapping[str, str]
    never_before: Mapping[str, str]  # characters that make another word of a unit word: 门 口
    shops: Mapping[str, str]
    positions: frozenset[str]
    pattern: re.Pattern[str]

    def costs(self, word: str) -> Costs:
        """Return the roles of a unit word with their costs; none for an unknown word."""
        return self.words.get(self.misspelt.get(word, word), {})


@lru_cache(maxsize=16)
def habit(name: str = "default") -> Habit:
    """Return the habit called `name`; raise NotFound when no file has it."""
    if not re.fullmatch(r"[a-z_]+", name) or not (FOLDER / f"{name}.json").exists():
        raise NotFound(f"There is no habit '{name}' among the files of data/habits.")
    own = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    base = own
    if name != "default":
        base = json.loads((FOLDER / "default.json").read_text(encoding="utf-8"))
    words: dict[str, Costs] = base["words"] | own.get("words", {})
    misspelt: dict[str, str] = base["misspelt"] | own.get("misspelt", {})
    never: dict[str, str] = base["never_before"] | own.get("never_before", {})
    shops: dict[str, str] = base["shops"] | own.get("shops", {})
    longest = sorted((*words, *misspelt), key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest)))
    positions = frozenset(base["positions"]) | frozenset(own.get("positions", ()))
    return Habit(name, words, misspelt, never, shops, positions, pattern)
