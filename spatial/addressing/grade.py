"""Match classes and confidence: how sure an answer is, by what had to be done to reach it."""

import json
from collections.abc import Iterable
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


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = json.loads(
        (DATA / "confidence.json").read_text(encoding="utf-8")
    )
    return table


def confidence(status: str, grade: str, flags: Iterable[str]) -> float:
    """Return the probability that a person holding the register would give the same answer.

    A table by class and flag; a calibrated fit on labelled cases is to take its place.
    """
    table = _table()
    row = table.get(status if status != "match" else grade, {})
    value = row.get("base", 0.5)
    for flag in sorted(set(flags)):
        value = min(value, row.get(flag, 1.0))
    return value
