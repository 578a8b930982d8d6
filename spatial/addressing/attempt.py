"""One anchor and its numbers, tried against the tree."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from spatial.addressing.anchors import Anchor
from spatial.addressing.answer import Fault, Step
from spatial.addressing.descend import Outcome, descend, wanted
from spatial.addressing.habits import Habit
from spatial.addressing.keys import room_key
from spatial.addressing.reading import Reading
from spatial.addressing.register import DIVISIONS, Located, Node, Register
from spatial.addressing.rows import ranged, relevant
from spatial.addressing.tail import Assignment, assignments, shape
from spatial.addressing.tokens import Element

#: Readings this close to the most natural one may win by existing in the tree.
CLOSE = 0.3
#: With a single building below the anchor, that building may go unsaid.
CLOSE_ALONE = 0.55


@dataclass(slots=True)
class Attempt:
    """How far one anchor led: status, the places, and all that has to be said about it."""

    status: str
    nodes: list[Node]
    flags: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    anchor: Anchor | None = None
    elements: list[Element] = field(default_factory=list)
    assignment: Assignment | None = None
    candidates: list[Node] = field(default_factory=list)
    cost: float = 0.0
    steps: list[Step] = field(default_factory=list)
    reading: Reading | None = None
    beyond: str = ""  # outdoors: what the address says behind the street
    located: Located | None = None  # outdoors: where on them


def attempt(anchor: Anchor, reading: Reading, register: Register, habit: Habit) -> Attempt:
    """Return where the anchor and its elements lead."""
    out = _begun(anchor, reading)
    chosen = _chosen(out, anchor, register, habit)
    if chosen is None:
        if out.elements:
            out.status, out.unmatched = "partial", [_words(reading, out.elements[0])]
        _settle(out)
        return out
    assignment, outcome = chosen
    out.assignment, out.flags = assignment, out.flags | outcome.flags
    out.cost += assignment.cost
    _note(out, assignment, out.elements)
    if outcome.complete and any(len(e.values) > 1 for e in out.elements):
        _list(out, anchor, assignment, out.elements, register)
        return out
    out.nodes = outcome.nodes or list(anchor.nodes)
    out.flags |= _inferred(anchor, outcome)
    if not outcome.complete:
        out.status = "partial"
        _fail(out, assignment, outcome)
    else:
        _named_unit(out, register)
    _settle(out)
    return out


def _chosen(
    out: Attempt, anchor: Anchor, register: Register, habit: Habit
) -> tuple[Assignment, Outcome] | None:
    """Return the reading of the elements, as a range of rooms where no other leads to the end."""
    chosen = _best(anchor, out.elements, register, habit, out.steps) if out.elements else None
    if chosen is not None and chosen[1].complete:
        return chosen
    several = ranged(out.elements)
    again = _best(anchor, several, register, habit, out.steps) if several else None
    if again is None or not again[1].complete:
        return chosen
    out.elements = several
    return again


def _named_unit(out: Attempt, register: Register) -> None:
    """Take words right behind a building or storey for a unit that bears them: 亭子间."""
    reading = out.reading
    levels = {n.level for n in out.nodes}
    if reading is None or len(levels) != 1 or not levels & {"building", "entrance", "storey"}:
        return
    end = out.elements[-1].end
    run = next((u for u in reading.scan.unknown if u[0] == end), None)
    if run is None:
        return
    words = reading.text.canonical[run[0] : run[1]]
    buildings = [b for n in out.nodes for b in n.chain() if b.level == "building"]
    units = [u for u in register.children("unit", buildings, [room_key(words)])
             if all(n.level == "building" or u.lies_in(n.ref) or u.storey == n.key
                    for n in out.nodes)]  # fmt: skip
    if units:
        out.nodes = units
        reading.scan.unknown.remove(run)
        out.steps.append(Step("name", words, None, "a unit of that name"))


def _begun(anchor: Anchor, reading: Reading) -> Attempt:
    """Return an attempt that holds the anchor's own findings and the elements it may use."""
    elements, dropped = relevant(anchor, reading)
    out = Attempt("match", list(anchor.nodes), set(anchor.flags), list(anchor.faults))
    out.anchor, out.elements, out.cost, out.reading = anchor, elements, anchor.cost, reading
    home = reading.segment(anchor.start)
    if dropped:
        out.flags.add("repeated")
    if any(e not in elements for e in reading.elements if reading.segment(e.start) != home):
        out.flags.add("unexplained")
    return out


def ended(
    reading: Reading, status: str, step: str, why: str, *, unmatched: str = "",
    nodes: Sequence[Node] = (), candidates: Sequence[Node] = (),
) -> Attempt:  # fmt: skip
    """Return an attempt that ends before any number is looked at, and say why."""
    out = Attempt(status, list(nodes), candidates=list(candidates), reading=reading)
    out.unmatched = [unmatched] if unmatched else []
    out.steps = [Step(step, unmatched or reading.text.canonical, None, why)]
    return out


def _best(
    anchor: Anchor, elements: Sequence[Element], register: Register, habit: Habit, steps: list[Step]
) -> tuple[Assignment, Outcome] | None:
    """Return the cheapest close reading that the tree confirms, else the most natural one."""
    shapes = tuple(shape(e.value, e.word, e.joined) for e in elements)
    options = assignments(shapes, habit=habit.name, anchored=anchor.anchored)
    first: tuple[Assignment, Outcome] | None = None
    for option in options:
        if option.cost > options[0].cost + CLOSE:
            break
        outcome = descend(anchor.nodes, wanted(option, elements), register)
        steps.append(_step(option, elements, outcome))
        if outcome.complete:
            return option, outcome
        first = first or (option, outcome)
    if first and first[1].failed == "building" and not anchor.anchored:
        return _alone(anchor, elements, options, register) or first
    return first


def _alone(
    anchor: Anchor, elements: Sequence[Element], options: Sequence[Assignment], register: Register
) -> tuple[Assignment, Outcome] | None:
    """Try the readings that leave the building out, when the anchor has but one building."""
    if len(register.children("building", anchor.nodes, None)) != 1:
        return None
    for option in options:
        if option.get("building") is None and option.cost <= options[0].cost + CLOSE_ALONE:
            outcome = descend(anchor.nodes, wanted(option, elements), register)
            if outcome.complete:
                return option, outcome
    return None


def _step(option: Assignment, elements: Sequence[Element], outcome: Outcome) -> Step:
    saw = ", ".join(
        f"{role} {'-'.join(elements[i].value for i in at)}" for role, at in option.roles
    )
    end = "found" if outcome.complete else f"no such {outcome.failed}"
    return Step("descend", saw, option.cost, end)


def _words(reading: Reading, element: Element) -> str:
    return reading.text.quote(element.start, element.end)


def _note(out: Attempt, assignment: Assignment, elements: Sequence[Element]) -> None:
    """Record the slips in unit words, the order, and the levels that were inferred."""
    for element in elements:
        if element.typo:
            out.flags.add("typo")
            out.faults.append(
                Fault(element.word, "misspelt(word)", element.typo, element.word, 0.02)
            )
    if assignment.inverted or (out.anchor and any(e.end <= out.anchor.start for e in elements)):
        out.flags.add("order")
        out.faults.append(Fault("text", "order", None, None, 0.02))
    for level in ("entrance", "building", "compound"):
        if f"inferred_{level}" in out.flags:
            out.faults.append(Fault(level, "inferred(level)", None, level, 0.03))
    for flag in ("contradicts_storey", "contradicts_position"):
        if flag in out.flags:
            level = flag.removeprefix("contradicts_")
            out.faults.append(Fault(level, f"contradicts({level})", None, None, 0.2))


def _fail(out: Attempt, assignment: Assignment, outcome: Outcome) -> None:
    """Name the element that does not exist."""
    role = outcome.failed or "room"
    at = assignment.get(role) or assignment.get("shop" if role == "room" else role)
    reading = out.reading
    if at and reading:
        text = reading.text.quote(out.elements[at[0]].start, out.elements[at[-1]].end)
        out.unmatched.append(text)
        out.faults.append(Fault(role, f"not_found({role})", text, None, 0.5))
    else:
        out.faults.append(Fault(role, f"missing({role})", None, None, 0.5))
        out.unmatched += [_words(reading, e) for e in out.elements[:1]] if reading else []


def _inferred(anchor: Anchor, outcome: Outcome) -> set[str]:
    """Return what the tree alone told: which of several, or a compound between that is unsaid."""
    flags = set()
    if len(anchor.nodes) > 1 and outcome.complete and len(outcome.nodes) == 1:
        flags.add("only_one")
    areas = all(n.level in DIVISIONS for n in anchor.nodes)
    if areas and any(n.level == "compound" for found in outcome.nodes for n in found.chain()):
        flags.add("inferred_compound")
    return flags


def _list(
    out: Attempt, anchor: Anchor, assignment: Assignment, elements: Sequence[Element],
    register: Register,
) -> None:  # fmt: skip
    """Answer a list or range with one place each."""
    nodes: dict[str, Node] = {}
    for pick in range(max(len(e.values) for e in elements)):
        outcome = descend(anchor.nodes, wanted(assignment, elements, pick), register)
        nodes |= {n.ref: n for n in outcome.nodes if outcome.complete}
    out.nodes, out.flags = list(nodes.values()), out.flags | {"list"}
    _settle(out)


def _settle(out: Attempt) -> None:
    """Decide between one place, several, and too many."""
    current = {(n.ref): n for n in out.nodes}
    out.nodes = list(current.values())
    if len(out.nodes) <= 1:
        out.status = out.status if out.nodes else "none"
        return
    if out.status == "match" and len(out.nodes) <= 10:
        out.status, out.candidates = "ambiguous", out.nodes
        out.flags.add("ambiguous")
        return
    common = common_ancestor(out.nodes)
    out.candidates = out.nodes[:10]
    if out.status == "partial" and common is None and len(out.nodes) <= 10:
        out.status = "none"
    out.nodes = [common] if common else []
    out.status = "partial" if common else "none"


def common_ancestor(nodes: Sequence[Node]) -> Node | None:
    """Return the deepest place in which all of `nodes` lie, or None."""
    chains = [n.chain() for n in nodes]
    found = None
    for row in zip(*chains, strict=False):
        if len({n.ref for n in row}) > 1:
            break
        found = row[0]
    return found


def with_flags(anchor: Anchor, *flags: str) -> Anchor:
    """Return the anchor with further flags."""
    return replace(anchor, flags=anchor.flags | set(flags))
