"""The answer to an address, with the fields of the specification and what led to it."""

from dataclasses import dataclass, field, replace
from typing import Any

from spatial.addressing.offsets import Move
from spatial.addressing.register import Located, Node


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which the text differs from the register."""

    element: str
    fault: str
    from_: str | None = None
    to: str | None = None
    penalty: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the fault as the API shows it."""
        return {
            "element": self.element,
            "fault": self.fault,
            "from": self.from_,
            "to": self.to,
            "penalty": self.penalty,
        }


@dataclass(frozen=True, slots=True)
class Parsed:
    """One part of the text and what it was taken for; `span` counts in the original text."""

    text: str
    role: str
    span: tuple[int, int]
    value: str | None = None
    matched: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the part as the API shows it."""
        out: dict[str, Any] = {"text": self.text, "role": self.role, "span": list(self.span)}
        if self.value is not None:
            out["value"] = self.value
        if self.matched is not None:
            out["matched"] = self.matched
        return out


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of several places the text may mean, and what tells it from the others."""

    node: Node
    differs_by: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the explanation: what was tried, what it saw, how it ended."""

    step: str
    saw: str
    cost: float | None = None
    result: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the step as the API shows it."""
        return {"step": self.step, "saw": self.saw, "cost": self.cost, "result": self.result}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the register says about a text."""

    query: str
    canonical: str
    status: str = "none"
    node: Node | None = None
    match_class: str = "D"
    confidence: float = 0.0
    parsed: tuple[Parsed, ...] = ()
    faults: tuple[Fault, ...] = ()
    unmatched: tuple[str, ...] = ()
    relation: str | None = None
    remarks: tuple[str, ...] = ()
    extracted: dict[str, list[str]] = field(default_factory=dict)
    candidates: tuple[Candidate, ...] = ()
    explain: tuple[Step, ...] = ()
    flags: frozenset[str] = frozenset()
    registry_version: str = ""
    located: Located | None = None  # a point along streets
    beyond: str = ""                # what its address says behind the street: 与人民路交叉口
    moves: tuple[Move, ...] = ()    # what relation words do to the point

    @property
    def level(self) -> str | None:
        """Return the level of the answer on the precision ladder."""
        return self.node.level if self.node else None

    @property
    def ref(self) -> str | None:
        """Return the public identifier of the answer."""
        return self.node.ref if self.node else None

    @property
    def precision_m(self) -> float | None:
        """Return None: the caller knows the place's size and fills this in."""
        return None

    @property
    def path(self) -> tuple[Node, ...]:
        """Return the places the answer lies in, the largest first, itself last."""
        return self.node.chain() if self.node else ()

    def with_confidence(self, confidence: float) -> "Answer":
        """Return the answer with its confidence."""
        return replace(self, confidence=confidence)
