"""Addresses in bulk: each text answered in a few flat columns, identical texts once."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from layers.across.kept_register import KeptRegister
from layers.across.register import register_of
from spatial.addressing import Answer, resolve, standard_address
from spatial.addressing.compose import differing_level
from spatial.errors import AddressNotUnderstood

#: The columns added to each row, in this order.
COLUMNS = ("ref", "standard_address", "status", "level", "match_class", "confidence", "faults",
           "unmatched", "candidates")
#: Distinct texts remembered; ledgers repeat themselves near by.
REMEMBERED = 50_000
#: Where no community holds the answer, in the counts.
NOWHERE = "-"


@dataclass(frozen=True, slots=True)
class Cleansed:
    """What a text is answered with, and what its file's report counts of it.

    `asks` is the one question that settles an uncertain text, `lacks` what the register lacks.
    """

    text: str
    columns: dict[str, Any]
    community: str = NOWHERE
    asks: str = ""
    lacks: str = ""


@dataclass(slots=True)
class Tally:
    """The report of a file: classes by community, what to ask first, what the register lacks."""

    rows: int = 0
    classes: Counter[tuple[str, str]] = field(default_factory=Counter)
    questions: Counter[tuple[str, str]] = field(default_factory=Counter)
    lacking: Counter[str] = field(default_factory=Counter)

    def add(self, one: Cleansed) -> None:
        """Count one row."""
        self.rows += 1
        grade = one.columns["match_class"]
        self.classes[grade, one.community] += 1
        if grade == "C":
            self.questions[one.text, one.asks] += 1
        if one.lacks:
            self.lacking[one.lacks] += 1

    def as_json(self, most: int | None = None) -> dict[str, Any]:
        """Return the report; of questions and lacks the `most` frequent, by default all."""
        totals: Counter[str] = Counter()
        for (grade, _), number in self.classes.items():
            totals[grade] += number
        return {
            "rows": self.rows, "classes": {grade: totals[grade] for grade in "ABCD"},
            "by_community": [{"match_class": grade, "community": community, "rows": number}
                             for (grade, community), number in sorted(self.classes.items())],
            "questions": [{"text": text, "asks": asks, "rows": number}
                          for (text, asks), number in self.questions.most_common(most)],
            "lacking": [{"lacks": lacks, "rows": number}
                        for lacks, number in self.lacking.most_common(most)]}

    @classmethod
    def of(cls, said: dict[str, Any]) -> "Tally":
        """Return the tally that `as_json` has written."""
        return cls(
            rows=said["rows"],
            classes=Counter({(o["match_class"], o["community"]): o["rows"]
                             for o in said["by_community"]}),
            questions=Counter({(o["text"], o["asks"]): o["rows"] for o in said["questions"]}),
            lacking=Counter({o["lacks"]: o["rows"] for o in said["lacking"]}))


def cleansed(session: Session, texts: Iterable[str | None]) -> Iterator[Cleansed]:
    """Yield for each text its columns and what a report counts of it."""
    register = KeptRegister(register_of(session))
    known: dict[str, Cleansed] = {}
    for text in texts:
        key = (text or "").strip()
        if key not in known:
            if len(known) >= REMEMBERED:
                known.clear()
            known[key] = _cleansed(key, register)
        yield known[key]


def _cleansed(text: str, register: Any) -> Cleansed:
    try:
        answer = resolve(text, register)
    except AddressNotUnderstood as error:
        nothing = dict.fromkeys(COLUMNS)
        return Cleansed(text, {**nothing, "status": "none", "match_class": "D", "confidence": 0.0,
                               "faults": str(error)})
    return Cleansed(text, _flat(answer), _community(answer), _asks(answer), _lacks(answer))


def _community(answer: Answer) -> str:
    chain = answer.path or (answer.candidates[0].node.chain() if answer.candidates else ())
    return next((n.label for n in chain if n.level == "community"), NOWHERE)


def _asks(answer: Answer) -> str:
    """Return the question in one line: the labels that tell the candidates apart."""
    nodes = [c.node for c in answer.candidates]
    level = differing_level(nodes) if len(nodes) > 1 else None
    labels = [n.label for node in nodes for n in node.chain() if n.level == level]
    if labels:
        return "还是".join(dict.fromkeys(labels)) + "？"
    return f"{standard_address(answer.node, divisions=False)}？" if answer.node else ""


def _lacks(answer: Answer) -> str:
    """Return what of a partial address the register lacks: 阳光花园 4号楼 不存在."""
    if answer.status != "partial" or answer.node is None or not answer.unmatched:
        return ""
    return f"{standard_address(answer.node, divisions=False)} {answer.unmatched[0]} 不存在"


def _flat(answer: Answer) -> dict[str, Any]:
    faults = "; ".join(f"{one.element}: {one.fault}" for one in answer.faults)
    found = [{"ref": one.node.ref, "address": standard_address(one.node),
              "differs_by": one.differs_by} for one in answer.candidates]
    return {
        "ref": answer.ref,
        "standard_address": standard_address(answer.node) if answer.node else None,
        "status": answer.status, "level": answer.level,
        "match_class": answer.match_class, "confidence": answer.confidence,
        "faults": faults or None,
        "unmatched": "; ".join(map(str, answer.unmatched)) or None,
        "candidates": json.dumps(found, ensure_ascii=False) if found else None,
    }
