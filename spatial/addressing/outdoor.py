"""Texts about places outdoors: resolved by where streets meet, or by what stands beside them."""

from collections.abc import Iterable, Sequence
from itertools import product

from spatial.addressing.anchors import Anchor, from_forms
from spatial.addressing.answer import Fault
from spatial.addressing.attempt import Attempt
from spatial.addressing.crossings import Along, along
from spatial.addressing.names import Spot
from spatial.addressing.objects import ANYWHERE, Said, said_in
from spatial.addressing.reading import Reading
from spatial.addressing.register import Located, Node, Register

#: A number this long tells a thing from all others without its street.
_TELLING = 4
_FILLERS = " 的上里,"


def outdoor(reading: Reading, register: Register) -> Attempt | None:
    """Return the crossing, section, kilometre or thing outdoors that a text means, or None."""
    thing = _thing(reading, register)
    if thing is not None:
        return thing
    found = along(reading)
    if found is None or _elsewhere(reading, found.start, found.end):
        return None
    return _along(found, reading, register)


def _elsewhere(reading: Reading, start: int, end: int) -> bool:
    """Tell whether a place of its own is named beside the streets: it is more exact than they."""
    return any(s.forms[0].cost < 0.1 and (s.end <= start or s.start >= end)
               for s in reading.places)


def _thing(reading: Reading, register: Register) -> Attempt | None:
    text = reading.text.canonical
    for said in said_in(text):
        if any(s.start < said.end and said.start < s.end for s in reading.spots):
            continue
        stem = _stem(reading, said)
        found = list(_registered(register, stem, said))
        if found:
            return _standing(found, stem, said, reading)
        if stem is not None and said.kind != "gate":
            return _missing(stem, said, reading)
    return None


def _stem(reading: Reading, said: Said) -> Spot | None:
    """Return the street or place named directly in front of a thing."""
    text = reading.text.canonical
    for spot in reversed(reading.spots):
        if spot.end <= said.start and not text[spot.end : said.start].strip(_FILLERS):
            return spot
    return None


def _registered(register: Register, stem: Spot | None, said: Said) -> Iterable[Node]:
    things = register.names.things
    if stem is None:
        telling = len(said.number) >= _TELLING
        return things.get((ANYWHERE, said.kind, said.number), ()) if telling else ()
    refs = {(f.node.target or f.node).ref for f in stem.forms}
    found = [n for ref in refs for n in things.get((ref, said.kind, said.number), ())]
    return {n.ref: n for n in found}.values()


def _standing(
    found: Sequence[Node], stem: Spot | None, said: Said, reading: Reading
) -> Attempt:
    start = stem.start if stem else said.start
    anchor = from_forms(stem.forms, start, said.end) if stem else Anchor([], start, said.end)
    out = _attempt(anchor, reading, list(found))
    if len(found) > 1:
        few = len(found) <= 10
        out.status, out.candidates = "ambiguous" if few else "none", list(found[:10])
        out.flags.add("ambiguous")
    _rest(out, reading)
    return out


def _missing(stem: Spot, said: Said, reading: Reading) -> Attempt:
    """End at the street or place: no such thing is registered there."""
    anchor = from_forms(stem.forms, stem.start, said.end)
    nodes = anchor.nodes
    out = _attempt(anchor, reading, nodes[:1] if len(nodes) == 1 else [])
    out.status = "partial" if out.nodes else "none"
    words = reading.text.quote(said.start, said.end)
    out.unmatched = [words]
    out.faults.append(Fault("facility", "not_found(facility)", words, None, 0.5))
    return out


def _attempt(anchor: Anchor, reading: Reading, nodes: list[Node]) -> Attempt:
    """Return an attempt that has explained what lies within the anchor."""
    out = Attempt("match", nodes, set(anchor.flags), list(anchor.faults))
    out.anchor, out.cost, out.reading = anchor, anchor.cost, reading
    scan = reading.scan

    def beyond(span: tuple[int, int]) -> bool:
        return span[1] <= anchor.start or span[0] >= anchor.end

    scan.unknown = [u for u in scan.unknown if beyond(u)]
    scan.relations = [r for r in scan.relations if beyond(r)]
    reading.plates = [p for p in reading.plates
                      if beyond((p.elements[0].start, p.elements[-1].end))]
    reading.elements = [e for e in reading.elements if beyond((e.start, e.end))]
    return out


def _rest(out: Attempt, reading: Reading) -> None:
    """Numbers that are left over name something that is not there."""
    end = out.anchor.end if out.anchor else 0
    numbered = [e for plate in reading.plates for e in plate.elements]
    left = [e for e in reading.elements if e.start >= end and e.word]
    left += [e for e in numbered if e.start >= end]
    if left and out.status == "match":
        words = reading.text.quote(left[0].start, left[-1].end)
        out.status, out.unmatched = "partial", [words]
        out.faults.append(Fault("building", "not_found(building)", words, None, 0.5))


def _along(found: Along, reading: Reading, register: Register) -> Attempt:
    anchors = [from_forms(s.forms, found.start, found.end) for s in found.streets]
    whole = anchors[0]
    for other in anchors[1:]:
        whole.flags |= other.flags
        whole.faults += other.faults
        whole.cost = max(whole.cost, other.cost)
    out = _attempt(whole, reading, whole.nodes[:1])
    if found.unknown:
        return _unplaced(out, found.unknown, reading)
    placed = list(_places(found, [a.nodes for a in anchors], register))
    placed = _in_divisions(placed, reading)
    if not placed:
        return _unplaced(out, reading.text.quote(found.start, found.end), reading)
    out.nodes = [streets[0] for streets, _ in placed]
    if len({n.ref for n in out.nodes}) > 1:
        out.status, out.candidates = "ambiguous", out.nodes[:10]
        out.flags.add("ambiguous")
    else:
        out.nodes, out.located = out.nodes[:1], placed[0][1]
        out.beyond = _beyond(found, [n.label for n in placed[0][0]])
        if found.placement == "section" and len(found.streets) == 2:
            out.flags.add("only_one")
    _rest(out, reading)
    return out


def _beyond(found: Along, names: Sequence[str]) -> str:
    """Return what a standard address says behind the name of the street."""
    if found.placement == "intersection":
        return f"与{names[1]}交叉口"
    if found.placement == "section":
        return f"{names[1]}至{names[2]}段"
    return f"{found.metres / 1000:g}公里处"


def _unplaced(out: Attempt, words: str, reading: Reading) -> Attempt:
    """Both streets may be known, and yet there is no such point: end at the first."""
    out.status, out.unmatched = "partial", [words]
    out.faults.append(Fault("street", "not_found(placement)", words, None, 0.5))
    return out


Placed = tuple[tuple[Node, ...], Located]


def _places(
    found: Along, choices: Sequence[Sequence[Node]], register: Register
) -> Iterable[Placed]:
    """Yield the streets and the point for every way of taking the names that has one."""
    for streets in product(*choices):
        ways: list[tuple[Node, ...]] = [streets]
        if found.placement == "section" and len(streets) == 2:
            ways = [(third, *streets) for third in register.joining(*streets)]
        for way in ways:
            located = register.located(found.placement, way, found.metres)
            if located is not None:
                yield way, located


def _in_divisions(placed: list[Placed], reading: Reading) -> list[Placed]:
    """Keep what lies in the divisions that the text names, when it tells anything apart."""
    for spot in reading.divisions:
        refs = {f.node.ref for f in spot.forms}
        kept = [p for p in placed if any(n.lies_in(r) for n in p[0] for r in refs)]
        placed = kept or placed
    return placed
