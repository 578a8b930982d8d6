"""What is wrong with a change of accounts: which field, which rule, in both languages."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from layers.text import Bilingual
from spatial.errors import RuleViolated

RULES = Path(__file__).parent.parent / "data" / "accounts" / "rules.json"


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule that a field breaks; its words stand in data/accounts/rules.json."""

    field: str
    rule: str

    @property
    def words(self) -> Bilingual:
        """Return what is wrong and what to do."""
        return rules()[self.rule]

    def __str__(self) -> str:
        return f"{self.field}: {self.words.en}"


@cache
def rules() -> dict[str, Bilingual]:
    """Return the words of every rule."""
    said = json.loads(RULES.read_text(encoding="utf-8"))
    return {name: Bilingual(**words) for name, words in said.items()}


def refuse(faults: Sequence[Fault]) -> None:
    """Raise RuleViolated with all faults, if there are any."""
    if faults:
        raise RuleViolated(" ".join(one.words.en for one in faults), faults)
