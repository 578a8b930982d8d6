"""The finished answer: what was read, what is left over, class and confidence."""

import re
from collections.abc import Sequence

from spatial.addressing.answer import Answer, Candidate, Fault, Parsed, Step
from spatial.addressing.attempt import Attempt
from spatial.addressing.forms import Form
from spatial.addressing.grade import confidence, match_class
from spatial.addressing.noise import Findings, alone_person
from spatial.addressing.offsets import Move, moves
from spatial.addressing.reading import Reading
from spatial.addressing.register import DIVISIONS, Node


def own_label(node: Node) -> str:
    """Return a place's label as its address says it: a unit's bare number gets its 室."""
    if node.level == "unit" and re.search(r"\d[A-Z]?$", node.label):
        return node.label if re.match(r"[一-鿿]", node.label) else f"{node.label}室"
    return node.label


def standard_address(node: Node, *, divisions: bool = True) -> str:
    """Return the address of a place as the register says it, from the largest division down."""
    parts = [own_label(n) for n in node.chain() if divisions or n.level not in DIVISIONS]
    return "".join(parts) or own_label(node)


def differing_level(nodes: Sequence[Node]) -> str | None:
    """Return the highest level at which the candidates differ: what to ask the caller."""
    levels: dict[str, set[str]] = {}
    for node in nodes:
        for step in node.chain():
            levels.setdefault(step.level, set()).add(step.label)
    return next((level for level, labels in levels.items() if len(labels) > 1), None)


def finished(tried: Attempt, query: str, findings: Findings, version: str) -> Answer:
    """Return the answer that an attempt amounts to."""
    _leftovers(tried, findings)
    grade = match_class(tried.status, tried.flags)
    node = tried.nodes[0] if tried.nodes and tried.status in {"match", "partial"} else None
    differs = differing_level(tried.candidates) if len(tried.candidates) > 1 else None
    text = tried.reading.text.canonical if tried.reading else query
    relation = _relation(tried)
    canonical = standard_address(node, divisions=node.level in DIVISIONS) if node else text
    steps = (
        Step("read", text, None, ", ".join(_spotted(tried.reading))),
        *tried.steps,
        Step("grade", ", ".join(sorted(tried.flags)), tried.cost, grade),
    )
    return Answer(
        query=query, canonical=canonical, status=tried.status, node=node, match_class=grade,
        confidence=confidence(tried.status, grade, tried.flags), parsed=_parsed(tried),
        faults=tuple(tried.faults), unmatched=tuple(u for u in tried.unmatched if u),
        relation=relation, remarks=tuple(findings.remarks), extracted=findings.extracted,
        candidates=tuple(Candidate(n, differs) for n in tried.candidates), explain=steps,
        flags=frozenset(tried.flags),
        registry_version=version, located=tried.located, beyond=tried.beyond,
        moves=_moves(tried))  # fmt: skip


def decided(query: str, node: Node, version: str) -> Answer:
    """Return the answer to a text whose meaning people have settled: a registered alias."""
    return Answer(
        query=query, canonical=standard_address(node, divisions=node.level in DIVISIONS),
        status="match", node=node, match_class="A", confidence=confidence("match", "A", ()),
        parsed=(Parsed(query, node.level, (0, len(query)), matched=standard_address(node)),),
        faults=(Fault(node.level, "alias", query, standard_address(node), 0.0),),
        explain=(Step("decided", query, None, "settled in the review queue"),),
        registry_version=version)  # fmt: skip


def _moves(tried: Attempt) -> tuple[Move, ...]:
    reading = tried.reading
    if reading is None or not reading.scan.relations:
        return ()
    first = tried.anchor.start if tried.anchor else 0
    return moves("".join(reading.text.canonical[a:b] for a, b in reading.scan.relations
                         if a >= first))  # fmt: skip


def _spotted(reading: Reading | None) -> list[str]:
    if reading is None:
        return []
    return [f"{s.forms[0].node.level} {s.forms[0].written}" for s in reading.spots]


def _relation(tried: Attempt) -> str | None:
    reading = tried.reading
    if reading is None or not reading.scan.relations:
        return None
    start, end = reading.scan.relations[0][0], reading.scan.relations[-1][1]
    return reading.text.quote(start, end)


def _leftovers(tried: Attempt, findings: Findings) -> None:
    """Weigh what remains: relations, unexplained words, bracketed hints."""
    reading = tried.reading
    if reading is None:
        return
    if reading.scan.relations and tried.status in {"match", "ambiguous"}:
        tried.flags.add("relation")
        tried.faults.append(Fault("text", "relation", _relation(tried), None, 0.1))
    anchor = tried.anchor
    for start, end in reading.scan.unknown:
        if anchor and anchor.start < end and start < anchor.end:
            continue
        words = reading.text.quote(start, end)
        if alone_person(words):
            findings.keep("person", words)
            findings.remarks.append(words)
            continue
        findings.remarks.append(words)
        if tried.status != "none" and re.search(r"\w", words):
            tried.flags.add("unexplained")
            tried.faults.append(Fault("text", "unknown_token", words, None, 0.02))
    findings.remarks.extend(hint for hint in findings.hints if hint)


def _parsed(tried: Attempt) -> tuple[Parsed, ...]:
    """Return the parts of the text and their roles, in the order of the text."""
    reading, anchor = tried.reading, tried.anchor
    if reading is None:
        return ()
    out = []
    for spot in reading.spots:
        inside = anchor and anchor.start <= spot.start and spot.end <= anchor.end
        if not (inside and anchor and anchor.forms):
            out.append(_part(reading, spot.start, spot.end, spot.forms[0]))
    if anchor and anchor.forms:
        own = [p.elements[0].start for p in reading.plates
               if anchor.start <= p.elements[0].start and p.elements[-1].end <= anchor.end]
        out.append(_part(reading, anchor.start, min(own, default=anchor.end), anchor.forms[0]))
    for plate in reading.plates:
        first, last = plate.elements[0].start, plate.elements[-1].end
        span = reading.text.span(first, last)
        out.append(Parsed(reading.text.quote(first, last), "plate", span, plate.value))
    out += _parsed_elements(tried, reading)
    return tuple(sorted(out, key=lambda p: p.span))


def _part(reading: Reading, start: int, end: int, form: Form) -> Parsed:
    text = reading.text
    return Parsed(text.quote(start, end), form.node.level, text.span(start, end),
                  matched=form.written)  # fmt: skip


def _parsed_elements(tried: Attempt, reading: Reading) -> list[Parsed]:
    roles = dict.fromkeys(range(len(tried.elements)), "number")
    for role, at in tried.assignment.roles if tried.assignment else ():
        roles |= dict.fromkeys(at, "room" if role == "shop" else role)
    return [Parsed(reading.text.quote(e.start, e.end), roles[i],
                   reading.text.span(e.start, e.end), "、".join(e.values))
            for i, e in enumerate(tried.elements)]  # fmt: skip
