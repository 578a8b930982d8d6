"""Match classes and confidence: how sure an answer is, by what had to be done to reach it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from spatial.addressing.characters import DATA

#: What makes an answer uncertain: never linked in bulk.
UNCERTAIN = frozenset(
    {
        "contradicts",
        "contradicts_storey",
        "contradicts_position",
        "relation",
        "ambiguous",
        "clipped",
        "prefixed",
        "claimed",
        "list",
        "dropped",
        "retired",
    }
)
#: What keeps an answer certain, though not literal.
FREE = frozenset(
    {
        "zone",
        "short",
        "inferred_entrance",
        "inferred_building",
        "inferred_compound",
        "order",
        "typo",
        "unexplained",
        "repeated",
        "hinted",
        "reread",
        "only_one",
    }
)


def match_class(status: str, flags: Iterable[str]) -> str:
    """Return A (identical), B (certain, not literal), C (uncertain) or D (partial or none).

    A repaired or clipped name is B only with independent support: a subdistrict, community,
    street or plate in the text that agrees.
    """
    flags = set(flags)
    if status in {"partial", "none"}:
        return "D"
    if status == "ambiguous":
        return "C"
    supported = "support" in flags
    if flags & (UNCERTAIN - {"clipped"}) or (flags & {"repaired", "clipped"} and not supported):
        return "C"
    if flags & {"repaired", "clipped"} or flags & FREE:
        return "B"
    return "A"


@dataclass(frozen=True, slots=True)
class Table:
    """What each flag weighs, and for each class the probability from a weight on."""

    penalties: Mapping[str, float]
    steps: Mapping[str, Sequence[Sequence[float]]]


@lru_cache(maxsize=1)
def table() -> Table:
    """Return the table that `lookup calibrate` fits."""
    own = json.loads((DATA / "confidence.json").read_text(encoding="utf-8"))
    return Table(own["penalties"], own["steps"])


def kind(status: str, grade: str) -> str:
    """Return the row of the table: the class of a match, else the status."""
    return grade if status == "match" else status


def penalty(flags: Iterable[str]) -> float:
    """Return what all flags of an answer weigh together."""
    weights = table().penalties
    return round(sum(weights.get(flag, 0.0) for flag in set(flags)), 3)


def confidence(status: str, grade: str, flags: Iterable[str]) -> float:
    """Return the probability that a person holding the register would give the same answer.

    A step function of what is amiss, one a class, fitted by isotonic regression.
    """
    return told(table().steps, kind(status, grade), penalty(flags))


def told(steps: Mapping[str, Sequence[Sequence[float]]], row: str, amiss: float) -> float:
    """Return the probability that a table of steps gives for a weight."""
    rows = steps.get(row) or [(0.0, 0.5)]
    return next((share for start, share in reversed(rows) if start <= amiss), rows[0][1])
