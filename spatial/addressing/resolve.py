"""From a text to the place it means: normalise, spot, anchor, descend, grade."""

from collections.abc import Iterable

from spatial.addressing.anchors import Anchor, deepest, from_forms, from_place, from_plate, narrow
from spatial.addressing.answer import Answer, Fault, Step
from spatial.addressing.attempt import Attempt, attempt
from spatial.addressing.characters import Text, normalise
from spatial.addressing.compose import finished
from spatial.addressing.gaps import (
    bridged,
    extended,
    prefixed,
    region,
    repaired,
    suggestions,
    zoned,
)
from spatial.addressing.habits import Habit
from spatial.addressing.habits import habit as habit_named
from spatial.addressing.noise import BOUNDARY, Findings, alone_person, without_noise
from spatial.addressing.numerals import readings
from spatial.addressing.outside import foreign_name
from spatial.addressing.reading import Reading, gap_after, read
from spatial.addressing.register import Register
from spatial.errors import AddressNotUnderstood

LONGEST = 200
_RANK = {"match": 0, "ambiguous": 1, "partial": 2, "none": 3}


def resolve(
    text: str, register: Register, *, habit: str = "default", within: str | None = None
) -> Answer:
    """Return what `register` says about an address as someone wrote or spoke it.

    `within` is the identifier of a place that the answer should lie in when several fit. Raises
    AddressNotUnderstood for an empty text and one of more than 200 characters; every other text
    has an answer, if only that there is none.
    """
    if not text.strip():
        raise AddressNotUnderstood("The address is empty: write a street, a compound or a name.")
    if len(text) > LONGEST:
        raise AddressNotUnderstood(
            f"The address has {len(text)} characters; {LONGEST} are the most that can be read.")
    plain, findings = without_noise(normalise(text))
    plain = _without_persons(plain, findings, register)
    custom = habit_named(habit)
    tried = []
    for number, reading in enumerate(_readings(plain, register, custom)):
        one = _within(_resolve(reading, register, custom, findings), within)
        one.cost += 0.3 * number
        if number and one.status == "match":
            one.flags.add("reread")
        tried.append(one)
        if one.status == "match" and one.cost < 0.3:
            break
    best = min(tried, key=lambda a: (_RANK[a.status], "clipped" in a.flags, a.cost))
    return finished(best, text, findings, register.version)


def _readings(plain: Text, register: Register, habit: Habit) -> Iterable[Reading]:
    """Yield the readings of a text one after the other, numbers in digits."""
    for text in readings(plain, register.names.breaks(plain.canonical)):
        yield read(text, index=register.names, habit=habit)


def _without_persons(plain: Text, findings: Findings, register: Register) -> Text:
    """Take out a comma segment that is nothing but a person's name."""
    if BOUNDARY not in plain.canonical:
        return plain
    edits, at = [], 0
    for segment in plain.canonical.split(BOUNDARY):
        person = alone_person(segment)
        named = [s for s in register.names.spot(segment) if s.forms[0].cost < 0.1]
        if person and not named:
            findings.keep("person", person)
            findings.remarks.append(person)
            edits.append((at, at + len(segment), ""))
        at += len(segment) + 1
    return plain.rewrite(edits)


def _resolve(reading: Reading, register: Register, habit: Habit, findings: Findings) -> Attempt:
    """Resolve one reading: the first way that leads anywhere, in order of trust."""
    foreign = foreign_name(reading)
    if foreign is not None:
        return Attempt("none", [], unmatched=[foreign], reading=reading,
                       faults=[Fault("division", "unknown_token", foreign, None, 1.0)],
                       steps=[Step("outside", foreign, None, "not in this register's area")])
    anchor = from_place(reading)
    if anchor is not None:
        direct = _from_place(anchor, reading, register, habit, findings)
        if direct is not None:
            return direct
    wrong = repaired(reading, register.names)
    for guess in wrong:
        narrow(guess, reading, register, findings.hints)
        tried = attempt(guess, reading, register, habit)
        if tried.status in {"match", "ambiguous"} or "clipped" not in guess.flags:
            if "clipped" not in guess.flags or _deep(tried):
                return tried
    if anchor is not None and not reading.plates and not _near(reading):
        return Attempt("none", [], candidates=list(anchor.nodes), reading=reading,
                       unmatched=[gap_after(reading, anchor.end)], flags={"gap"},
                       steps=[Step("gap", gap_after(reading, anchor.end), None,
                                   "a name the register does not know")])
    return _without_place(reading, register, habit)


def _near(reading: Reading) -> bool:
    """Tell whether a subdistrict, community or group is named, at which an answer may end."""
    levels = {s.forms[0].node.level for s in reading.divisions if s.forms[0].cost < 0.1}
    return bool(levels & {"subdistrict", "community", "group"})


def _deep(tried: Attempt) -> bool:
    """Tell whether a clipped name is borne out by a building and something in it."""
    roles = {role for role, _ in tried.assignment.roles} if tried.assignment else set()
    return tried.status != "match" or ("building" in roles and len(roles) > 1)


def _from_place(
    anchor: Anchor, reading: Reading, register: Register, habit: Habit, findings: Findings
) -> Attempt | None:
    """Resolve by a place that the text names exactly; None when what follows is unknown."""
    narrow(anchor, reading, register, findings.hints)
    if prefixed(anchor, reading) or extended(anchor, reading):
        return None
    if gap_after(reading, anchor.end) or zoned(anchor, reading):
        bridge = bridged(anchor, reading, register)
        if bridge is None:
            return None
        reading = bridge
    return attempt(anchor, reading, register, habit)


def _without_place(reading: Reading, register: Register, habit: Habit) -> Attempt:
    """Resolve by a house number, a street or a division; an unknown name ends it there."""
    unknown = region(reading)
    plated = from_plate(reading, register)
    if plated is not None:
        anchor, missing = plated
        return _from_plate(anchor, missing, reading, register, habit)
    spot = deepest(reading.divisions)
    if reading.streets:
        street = reading.streets[-1]
        anchor = from_forms(street.forms, street.start, street.end)
    elif spot is not None:
        anchor = from_forms(spot.forms, spot.start, spot.end)
    else:
        return Attempt("none", [], reading=reading, candidates=suggestions(reading, register.names),
                       unmatched=reading.unknown_text()[:1], flags={"unknown"},
                       steps=[Step("spot", reading.text.canonical, None, "no registered name")])
    narrow(anchor, reading, register, ())
    anchor.flags.discard("support")
    if unknown and (reading.elements or len(unknown) >= 2):
        return _stopped_at(anchor, unknown, reading, register)
    return attempt(anchor, reading, register, habit)


def _stopped_at(anchor: Anchor, unknown: str, reading: Reading, register: Register) -> Attempt:
    """End at the division or street: the compound named below it does not exist."""
    near = anchor.nodes[0].level not in {"district", "city", "province"}
    return Attempt("partial" if near and len(anchor.nodes) == 1 else "none",
                   anchor.nodes[:1] if near else [], anchor=anchor, reading=reading,
                   unmatched=[unknown], candidates=suggestions(reading, register.names),
                   faults=[Fault("compound", "not_found(compound)", unknown, None, 0.5)],
                   steps=[Step("spot", unknown, None, "no registered name")])


def _from_plate(
    anchor: Anchor, missing: str | None, reading: Reading, register: Register, habit: Habit
) -> Attempt:
    """Resolve by a house number: the plate itself, or what lies in the place it belongs to."""
    narrow(anchor, reading, register, ())
    anchor.flags -= {"support", "contradicts"} if missing else {"support"}
    if missing is not None:
        anchor.flags.discard("contradicts")
        return Attempt("partial", anchor.nodes[:1], anchor=anchor, reading=reading,
                       unmatched=[missing], flags=set(),
                       faults=[Fault("plate", "not_found(plate)", missing, None, 0.5)],
                       steps=[Step("plate", missing, None, "no such number in the street")])
    unknown = region(reading)
    behind = any(e.start >= anchor.end for e in reading.elements)
    if unknown and behind and gap_after(reading, anchor.end):
        return _stopped_at(anchor, unknown, reading, register)
    plates = anchor.nodes
    if behind:
        anchor.nodes = [p.target for p in plates if p.target is not None] or plates
        tried = attempt(anchor, reading, register, habit)
        if tried.status == "partial" and tried.nodes and tried.nodes[0] in anchor.nodes:
            tried.nodes = plates[:1] if len(plates) == 1 else tried.nodes
        return tried
    return attempt(anchor, reading, register, habit)


def _within(tried: Attempt, within: str | None) -> Attempt:
    """Keep of several places those in the caller's area, when some are."""
    if within is None or tried.status != "ambiguous":
        return tried
    kept = [n for n in tried.candidates if n.lies_in(within)]
    if len(kept) == 1:
        tried.status, tried.nodes, tried.candidates = "match", kept, []
        tried.flags.discard("ambiguous")
        tried.flags.add("hinted")
    elif kept:
        tried.nodes = tried.candidates = kept
    return tried
