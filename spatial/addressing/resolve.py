"""From a text to the place it means: normalise, spot, anchor, descend, grade."""

from collections.abc import Iterable

from spatial.addressing.anchors import Anchor, from_place, narrow, points_on
from spatial.addressing.answer import Answer, Fault
from spatial.addressing.attempt import Attempt, attempt, ended
from spatial.addressing.characters import Text, normalise
from spatial.addressing.compose import decided, finished
from spatial.addressing.gaps import bridged, broken, extended, prefixed, repaired, unzoned, zoned
from spatial.addressing.habits import Habit
from spatial.addressing.habits import habit as habit_named
from spatial.addressing.keys import settled
from spatial.addressing.noise import BOUNDARY, Findings, alone_person, without_noise
from spatial.addressing.numerals import readings
from spatial.addressing.outdoor import outdoor
from spatial.addressing.outside import foreign_name
from spatial.addressing.reading import Reading, gap_after, read
from spatial.addressing.register import Register
from spatial.addressing.routes import without_place
from spatial.errors import AddressNotUnderstood

LONGEST = 200
_RANK = {"match": 0, "ambiguous": 1, "partial": 2, "none": 3}


def resolve(
    text: str, register: Register, *, habit: str | None = None, within: str | None = None
) -> Answer:
    """Return what `register` says about an address as someone wrote or spoke it.

    `habit` names the manner in which the city writes, by default the register's own. `within` is
    the identifier of a place that the answer should lie in when several fit. Raises
    AddressNotUnderstood for an empty text and one of more than 200 characters; every other text
    has an answer, if only that there is none.
    """
    if not text.strip():
        raise AddressNotUnderstood("The address is empty: write a street, a compound or a name.")
    if len(text) > LONGEST:
        raise AddressNotUnderstood(
            f"The address has {len(text)} characters; {LONGEST} are the most that can be read."
        )
    known = register.chosen(settled(text))
    if known is not None and (within is None or known.lies_in(within)):
        return decided(text, known, register.version)
    plain, findings = without_noise(normalise(text), register.names.bears)
    plain = _without_persons(plain, findings, register)
    custom = habit_named(habit or register.habit)
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
        if person and not register.names.bears(segment):
            findings.keep("person", person)
            findings.remarks.append(person)
            edits.append((at, at + len(segment), ""))
        at += len(segment) + 1
    return plain.rewrite(edits)


def _resolve(reading: Reading, register: Register, habit: Habit, findings: Findings) -> Attempt:
    """Resolve one reading: the first way that leads anywhere, in order of trust."""
    foreign = foreign_name(reading)
    if foreign is not None:
        out = ended(reading, "none", "outside", "not in this register's area", unmatched=foreign)
        out.faults.append(Fault("division", "unknown_token", foreign, None, 1.0))
        return out
    beside = outdoor(reading, register)
    if beside is not None:
        return beside
    anchor = from_place(reading)
    if anchor is not None and points_on(anchor, reading):
        anchor = None
    if anchor is not None:
        direct = _from_place(anchor, reading, register, habit, findings)
        if direct is not None:
            return direct
    guessed = _from_repairs(reading, register, habit, findings)
    if guessed is not None:
        return guessed
    if anchor is not None and not reading.plates and not _near(reading):
        gap = gap_after(reading, anchor.end)
        why = "the name goes on with words the register does not know"
        return ended(reading, "none", "gap", why, unmatched=gap, candidates=anchor.nodes)
    rejected = reading.text.canonical[anchor.start : anchor.end] if anchor else ""
    return without_place(reading, register, habit, rejected=rejected)


def _from_repairs(
    reading: Reading, register: Register, habit: Habit, findings: Findings
) -> Attempt | None:
    """Resolve by a name that the text misspells, or cuts short and bears out by its numbers."""
    for guess in repaired(reading, register.names):
        narrow(guess, reading, register, findings.hints)
        tried = attempt(guess, reading, register, habit)
        if "clipped" not in guess.flags or _deep(tried):
            return tried
    return None


def _near(reading: Reading) -> bool:
    """Tell whether a subdistrict, community or group is named, at which an answer may end."""
    levels = {s.forms[0].node.level for s in reading.divisions if s.forms[0].cost < 0.1}
    return bool(levels & {"subdistrict", "community", "group"})


def _deep(tried: Attempt) -> bool:
    """Tell whether a clipped name is borne out by a building and something in it."""
    roles = {role for role, _ in tried.assignment.roles} if tried.assignment else set()
    borne_out = "building" in roles and len(roles) > 1
    return tried.status == "ambiguous" or (tried.status == "match" and borne_out)


def _from_place(
    anchor: Anchor, reading: Reading, register: Register, habit: Habit, findings: Findings
) -> Attempt | None:
    """Resolve by a place that the text names exactly; None when what follows is unknown."""
    narrow(anchor, reading, register, findings.hints)
    if prefixed(anchor, reading) or extended(anchor, reading, register):
        return None
    if broken(anchor, reading):
        return None
    if gap_after(reading, anchor.end) or zoned(anchor, reading):
        bridge = bridged(anchor, reading, register)
        if bridge is None:
            return None
        reading = bridge
    unzoned(anchor, reading, register)
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
