"""Texts without a known compound: a house number, a street or a division, or none of them."""

from spatial.addressing.anchors import Anchor, deepest, from_forms, from_plate, narrow
from spatial.addressing.answer import Fault
from spatial.addressing.attempt import Attempt, attempt, ended
from spatial.addressing.gaps import region, street_repaired, suggestions
from spatial.addressing.habits import Habit
from spatial.addressing.reading import Reading, gap_after
from spatial.addressing.register import Register

_WIDE = frozenset({"district", "city", "province"})


def without_place(
    reading: Reading, register: Register, habit: Habit, *, rejected: str = ""
) -> Attempt:
    """Resolve by a house number, a street or a division; an unknown name ends it there.

    `rejected` is the name of a place that the text goes on from in words nobody knows.
    """
    slip = street_repaired(reading, register.names)
    plated = from_plate(reading, register)
    if plated is not None:
        plated[0].flags |= {"repaired"} if slip else set()
        plated[0].faults += [slip] if slip else []
        return _from_plate(*plated, reading, register, habit)
    spot = reading.streets[-1] if reading.streets else deepest(reading.divisions)
    if spot is None:
        out = ended(reading, "none", "spot", "no registered name",
                    candidates=suggestions(reading, register.names))  # fmt: skip
        out.unmatched = reading.unknown_text()[:1]
        return out
    anchor = from_forms(spot.forms, spot.start, spot.end)
    narrow(anchor, reading, register, ())
    anchor.flags.discard("support")
    unknown = region(reading) or rejected
    if unknown:
        return _stopped_at(anchor, unknown, reading, register)
    return attempt(anchor, reading, register, habit)


def _stopped_at(anchor: Anchor, unknown: str, reading: Reading, register: Register) -> Attempt:
    """End at the division or street: the compound named below it does not exist."""
    near = anchor.nodes[0].level not in _WIDE and len(anchor.nodes) == 1
    out = ended(reading, "partial" if near else "none", "spot", "no registered name",
                unmatched=unknown, nodes=anchor.nodes if near else (),
                candidates=suggestions(reading, register.names))  # fmt: skip
    out.anchor = anchor
    out.faults.append(Fault("compound", "not_found(compound)", unknown, None, 0.5))
    return out


def _from_plate(
    anchor: Anchor, missing: str | None, reading: Reading, register: Register, habit: Habit
) -> Attempt:
    """Resolve by a house number: the plate itself, or what lies in the place it belongs to."""
    if missing is not None:
        out = ended(reading, "partial", "plate", "no such number in the street",
                    unmatched=missing, nodes=anchor.nodes[:1])  # fmt: skip
        out.anchor = anchor
        out.faults.append(Fault("plate", "not_found(plate)", missing, None, 0.5))
        return out
    narrow(anchor, reading, register, ())
    anchor.flags.discard("support")
    behind = any(e.start >= anchor.end for e in reading.elements)
    unknown = region(reading)
    if unknown and behind and gap_after(reading, anchor.end):
        return _stopped_at(anchor, unknown, reading, register)
    plates = anchor.nodes
    if behind:
        anchor.nodes = [p.target for p in plates if p.target is not None] or plates
    tried = attempt(anchor, reading, register, habit)
    if behind and tried.status == "partial" and tried.nodes and tried.nodes[0] in anchor.nodes:
        tried.nodes = plates[:1] if len(plates) == 1 else tried.nodes
    return tried
