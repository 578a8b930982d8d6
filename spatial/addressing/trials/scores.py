"""How good the answers to labelled cases are: right, pure, never a false door, calibrated."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spatial.addressing.answer import Answer
from spatial.addressing.trials.cases import Case

DOORS = frozenset({"unit", "building"})
BINS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """A case with its answer, and whether that is right."""

    case: Case
    answer: Answer
    right: bool

    @property
    def linked(self) -> bool:
        """Tell whether a bulk run would link it by itself."""
        return self.answer.match_class in {"A", "B"} and self.answer.ref is not None

    @property
    def false_door(self) -> bool:
        """Tell whether a bulk run would link it to a unit or building that is not meant."""
        return self.linked and not self.right and self.answer.level in DOORS


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of a run."""

    cases: int
    right: int
    false_doors: int
    purity: dict[str, tuple[int, int]]
    taken: tuple[int, int]
    ece: float
    by_kind: dict[str, tuple[int, int]]


def judge(case: Case, answer: Answer) -> Judged:
    """Judge one answer by the truth of its case."""
    if case.status == "offered":
        nodes = [*(c.node for c in answer.candidates), *([answer.node] if answer.node else [])]
        return Judged(case, answer, any(n.lies_in(ref) for n in nodes for ref in case.refs))
    if answer.status == "ambiguous":
        given = frozenset(c.node.ref for c in answer.candidates)
        return Judged(case, answer, case.status == "ambiguous" and given == case.refs)
    if case.status == "match":
        right = answer.status == "match" and answer.ref in case.refs
    elif case.status == "partial":
        right = answer.status == "partial" and answer.ref in case.refs
    else:
        right = answer.status == case.status
    return Judged(case, answer, right)


def reliability(judged: Iterable[Judged]) -> list[tuple[float, float, int]]:
    """Return for each tenth of confidence: the mean told, the share right, how many."""
    bins: dict[int, list[Judged]] = defaultdict(list)
    for one in judged:
        bins[min(BINS - 1, int(one.answer.confidence * BINS))].append(one)
    return [(sum(o.answer.confidence for o in own) / len(own),
             sum(o.right for o in own) / len(own), len(own)) for _, own in sorted(bins.items())]


def score(judged: Sequence[Judged]) -> Score:
    """Return the figures of a run."""
    purity = {grade: _share([o for o in judged if o.answer.match_class == grade])
              for grade in "ABCD"}
    resolvable = [o for o in judged if o.case.status == "match"]
    total = max(1, len(judged))
    ece = sum(abs(told - true) * n / total for told, true, n in reliability(judged))
    kinds = Counter(o.case.kind for o in judged)
    return Score(
        cases=len(judged), right=sum(o.right for o in judged),
        false_doors=sum(o.false_door for o in judged), purity=purity,
        taken=(sum(o.linked for o in resolvable), len(resolvable)), ece=round(ece, 4),
        by_kind={k: _share([o for o in judged if o.case.kind == k]) for k in sorted(kinds)})


def _share(judged: Sequence[Judged]) -> tuple[int, int]:
    return sum(o.right for o in judged), len(judged)
