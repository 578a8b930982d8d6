"""The named place that the numbers hang on, and what else in the text speaks for or against it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from spatial.addressing.answer import Fault
from spatial.addressing.forms import Form
from spatial.addressing.keys import plate_key
from spatial.addressing.names import NameIndex, Spot
from spatial.addressing.reading import Plate, Reading
from spatial.addressing.register import DEPTH, Node, Register

_NEAR = frozenset({"subdistrict", "community", "group", "grid"})
KIND_FAULT = {
    "alias": ("alias", 0.0),
    "former": ("former_name", 0.0),
    "retired": ("former_name", 0.1),
    "short": ("short_form", 0.03),
    "suffixed": ("short_form", 0.02),
    "zone": ("short_form", 0.05),
    "clipped": ("short_form", 0.1),
}


@dataclass(slots=True)
class Anchor:
    """The places a name may stand for, what it cost to take it so, and what supports it."""

    nodes: list[Node]
    start: int
    end: int
    forms: tuple[Form, ...] = ()
    flags: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    cost: float = 0.0

    @property
    def anchored(self) -> bool:
        """Tell whether the building is known already."""
        return bool(self.nodes) and all(n.level == "building" for n in self.nodes)


def _latest(reading: Reading) -> Spot:
    """Return the sighting that the numbers follow: the last one with an element behind it."""
    spots = [s for s in reading.places if s.forms[0].node.level != "organization"] or reading.places
    followed = [
        s
        for s in spots
        if any(
            e.start >= s.end and reading.segment(e.start) == reading.segment(s.start)
            for e in reading.elements
        )
    ]
    exact = [s for s in followed if s.forms[0].cost < 0.1] or followed
    return (exact or [max(spots, key=lambda s: (-s.forms[0].cost, s.end - s.start, s.start))])[-1]


def from_place(reading: Reading) -> Anchor | None:
    """Return the anchor made of the compounds, buildings or organizations named in the text."""
    if not reading.places:
        return None
    spot = _latest(reading)
    surest = spot.forms[0].cost
    forms = tuple(f for f in spot.forms if f.cost <= surest + 0.001)
    forms = tuple(f for f in forms if f.node.level != "organization") or forms
    anchor = from_forms(forms, spot.start, spot.end)
    if any(e.start >= spot.end for e in reading.elements):
        _past_gates(anchor)
    _weigh_other_places(anchor, reading, spot)
    return anchor


def points_on(anchor: Anchor, reading: Reading) -> bool:
    """Tell whether the place only says where a house number is: 阳光花园对面建设路12号."""
    source = reading.text.canonical
    return any(plate.street is not None and start >= anchor.end
               and not source[end : plate.street.start].strip(" ,的")
               for plate in reading.plates for start, end in reading.scan.relations)


def _past_gates(anchor: Anchor) -> None:
    """Numbers behind a gate go on from the compound that it belongs to."""
    if any(n.level == "facility" and n.parent is not None and n.label.endswith(("门", "门口"))
           for n in anchor.nodes):
        within = [n.parent if n.level == "facility" and n.parent else n for n in anchor.nodes]
        anchor.nodes = list({n.ref: n for n in within}.values())
        anchor.flags.add("relation")


def from_forms(forms: Sequence[Form], start: int, end: int) -> Anchor:
    """Return the anchor of those who bear a name; organizations stand for their place."""
    nodes: dict[str, Node] = {}
    for form in forms:
        node = form.node
        place = node.target if node.level == "organization" and node.target else node
        nodes.setdefault(place.ref, place)
    anchor = Anchor(list(nodes.values()), start, end, tuple(forms))
    kind = forms[0].kind
    if kind in KIND_FAULT:
        name, penalty = KIND_FAULT[kind]
        level = forms[0].node.level
        anchor.faults.append(Fault(level, name, forms[0].text, forms[0].written, penalty))
        if kind == "retired":
            anchor.flags.add("retired")
        elif kind not in {"alias", "former"}:
            anchor.flags.add("zone" if kind == "zone" else "short")
    anchor.cost = forms[0].cost
    return anchor


def _weigh_other_places(anchor: Anchor, reading: Reading, spot: Spot) -> None:
    """Another compound in the text supports the anchor when one lies in the other."""
    for other in reading.places:
        if other is spot or {f.node.ref for f in other.forms} & {n.ref for n in anchor.nodes}:
            continue
        nodes = [f.node.target or f.node for f in other.forms]
        related = [
            n for n in anchor.nodes if any(n.lies_in(o.ref) or o.lies_in(n.ref) for o in nodes)
        ]
        if related:
            anchor.nodes = related
            anchor.flags.add("support")
        elif other.forms[0].cost < 0.1 and other.forms[0].node.level != "organization":
            anchor.flags.add("contradicts")
            anchor.faults.append(
                Fault("compound", "contradicts", other.forms[0].written, None, 0.2)
            )


def narrow(anchor: Anchor, reading: Reading, register: Register, hints: Iterable[str]) -> None:
    """Let divisions, grids, streets, plates and brackets choose between the anchor's places."""
    for spot in reading.divisions:
        _narrow_division(anchor, [f.node for f in spot.forms])
    for plate in reading.plates:
        _narrow_plate(anchor, plate, register)
    for spot in reading.streets:
        kept = [n for n in anchor.nodes if any(n.lies_in(f.node.ref) for f in spot.forms)]
        if kept:
            anchor.nodes = kept
            anchor.flags.add("support")
    for hint in hints:
        _narrow_hint(anchor, register.names, hint)


def _narrow_division(anchor: Anchor, divisions: Sequence[Node]) -> None:
    kept = [n for n in anchor.nodes if any((n.target or n).lies_in(d.ref) for d in divisions)]
    level = divisions[0].level
    if kept:
        anchor.nodes = kept
        if level in _NEAR:
            anchor.flags.add("support")
    elif not any(n.ref == d.ref or d.lies_in(n.ref) or _runs_through(n, d)
                 for n in anchor.nodes for d in divisions):
        anchor.flags.add("contradicts")
        anchor.faults.append(
            Fault(
                level,
                f"contradicts({level})",
                divisions[0].label,
                _named(anchor.nodes[0], level),
                0.2,
            )
        )


def _runs_through(node: Node, division: Node) -> bool:
    """Tell whether a street may run through a division: streets belong to what is above it."""
    if node.level == "plate" and node.target is None and node.parent is not None:
        return _runs_through(node.parent, division)
    return node.level == "street" and (node.parent is None or division.lies_in(node.parent.ref))


def _named(node: Node, level: str) -> str | None:
    return next((n.label for n in node.chain() if n.level == level), None)


def _narrow_plate(anchor: Anchor, plate: Plate, register: Register) -> None:
    if plate.street is None:
        return
    streets = [f.node for f in plate.street.forms]
    found = register.children("plate", streets, [plate_key(plate.value)])
    if not found:
        anchor.flags.add("contradicts")
        anchor.faults.append(Fault("plate", "not_found(plate)", plate.value, None, 0.2))
        return
    targets = [p.target for p in found if p.target is not None]
    kept = [n for n in anchor.nodes
            if any(n.lies_in(t.ref) or t.lies_in(n.ref) for t in targets)
            or any(n.lies_in(p.ref) for p in found)]  # fmt: skip
    if kept:
        anchor.nodes = kept
        anchor.flags.add("support")
    elif targets:
        anchor.flags.add("contradicts")
        anchor.faults.append(Fault("plate", "contradicts(plate)", plate.value, None, 0.2))


def _narrow_hint(anchor: Anchor, index: NameIndex, hint: str) -> None:
    if len(anchor.nodes) < 2:
        return
    named = [f.node for spot in index.spot(hint) for f in spot.forms]
    kept = [n for n in anchor.nodes if any(n.lies_in(d.ref) for d in named)]
    if kept and len(kept) < len(anchor.nodes):
        anchor.nodes = kept
        anchor.flags.add("hinted")


def from_plate(reading: Reading, register: Register) -> tuple[Anchor, str | None] | None:
    """Return the anchor of a house number, and the number itself when only its base exists."""
    for plate in reading.plates:
        if plate.street is None:
            continue
        spot = plate.street
        streets = [f.node for f in spot.forms]
        key = plate_key(plate.value)
        end = plate.elements[-1].end
        found = register.children("plate", streets, [key])
        if found:
            anchor = from_forms(spot.forms, spot.start, end)
            anchor.nodes = found
            return anchor, None
        stem = re.split("[-附之]", key)[0].rstrip("甲乙丙丁")
        base = register.children("plate", streets, [stem]) if stem != key else []
        return Anchor(base or streets, spot.start, end, spot.forms), plate.value
    return None


def deepest(spots: Sequence[Spot]) -> Spot | None:
    """Return the sighting of the deepest division named."""
    ranked = [s for s in spots if s.forms]
    return max(ranked, key=lambda s: (DEPTH[s.forms[0].node.level], s.start), default=None)
