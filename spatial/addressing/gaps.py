"""Words between, before and behind the names: part of another name, a slip, or mere talk."""

import re
from dataclasses import replace

from spatial.addressing.anchors import Anchor, from_forms
from spatial.addressing.answer import Fault
from spatial.addressing.forms import Form
from spatial.addressing.keys import building_key, canonical
from spatial.addressing.names import NameIndex, Spot
from spatial.addressing.reading import (
    TALK,
    ZONE,
    Reading,
    adjacent_after,
    adjacent_before,
    gap_after,
    goes_on,
)
from spatial.addressing.register import Node, Register
from spatial.addressing.repair import Repair, clipped, misspelt, neighbours
from spatial.addressing.tokens import Element

#: Unknown stretches looked through for a misspelt name; a text of more of them is no address.
MOST_STRETCHES = 4
#: A longer unknown run in front of a name is talk; a shorter one makes it another name.
_LONGEST_PREFIX = 8
_CLAIM = re.compile(r"(?:街道|社区|村|街|路|大街|大道|巷|区|县|市|镇|旗|办事处|居委会|号)$")
_COMMON_END = re.compile(
    r"(?:小区|花园|家园|花苑|大院|家属院|家属楼|公寓|新村|新区|大厦|广场|[东西南北中]区|[东西南北]苑|住宅楼?)$"
)
#: Names that hold a number: 花木路88弄, 铁路二号院.
_NUMBERED_NAME = re.compile(r"\d+(?:弄|号院)")
_GENERIC = re.compile(r"^(?:小区|园区|院里|院内)$")


def prefixed(anchor: Anchor, reading: Reading) -> bool:
    """Judge an unknown word glued to the front of the name; True when it makes another name."""
    before = adjacent_before(reading, anchor.start)
    if not before:
        return False
    if TALK.search(before):
        return False
    if _CLAIM.search(before):
        anchor.flags.add("claimed")
        anchor.faults.append(Fault("division", "unknown_token", before, None, 0.2))
        return False
    if len(before) <= _LONGEST_PREFIX:
        return True
    anchor.flags.add("prefixed")
    return False


def broken(anchor: Anchor, reading: Reading) -> bool:
    """Tell whether the first bare number behind the name runs on into unknown words (和平一校)."""
    behind = [e for e in reading.elements if e.start >= anchor.end]
    if len(behind) < 2 or behind[0].word or zoned(anchor, reading):
        return False
    after = adjacent_after(reading, behind[0].end)
    return bool(after) and not TALK.search(after)


def extended(anchor: Anchor, reading: Reading, register: Register) -> bool:
    """Judge an unknown word glued to the end of the name; True when it makes another name."""
    after = adjacent_after(reading, anchor.end)
    if after and labelled(anchor, reading, after, register):
        return False
    if anchor.flags & {"short", "zone"} and goes_on(reading, anchor.end):
        return True
    if not after or gap_after(reading, anchor.end):
        return False
    if anchor.flags & {"short", "zone"} and not TALK.match(after):
        return True
    anchor.flags.add("unexplained" if TALK.search(after) or len(after) > 3 else "prefixed")
    return False


def labelled(anchor: Anchor, reading: Reading, words: str, register: Register) -> bool:
    """Read words right behind a compound's name as the label of a building: 会所, 幼儿园."""
    held = [n for n in anchor.nodes if n.level in {"compound", "community", "group"}]
    if not held or not register.children("building", held, [building_key(words)]):
        return False
    end = anchor.end + len(words)
    built = Element((words,), "号楼", anchor.end, end, reading.segment(anchor.end))
    reading.elements = sorted([built, *reading.elements], key=lambda e: e.start)
    _explain(reading, anchor.end, end)
    return True


def zoned(anchor: Anchor, reading: Reading) -> bool:
    """Tell whether a phase or zone is stated right behind the name (世纪城C区)."""
    return ZONE.match(reading.text.canonical, anchor.end) is not None


def bridged(anchor: Anchor, reading: Reading, register: Register) -> Reading | None:
    """Read what stands between name and numbers as a zone or label of buildings, or give up."""
    source = reading.text.canonical
    zone = ZONE.match(source, anchor.end)
    gap = zone.group(0) if zone else gap_after(reading, anchor.end)
    if not (zone or anchor.flags & {"short", "zone"}) and _GENERIC.match(gap):
        anchor.flags.add("unexplained")
        return reading
    first = next((e for e in reading.elements if e.start >= anchor.end + len(gap)), None)
    if first is None:
        return None
    whole = building_key(source[anchor.end : first.end])
    lettered = re.match("([A-Z])区", gap) if zone else None
    both = [(lettered[1] + building_key(first.value), [first])] if lettered else []
    for key, used in ((whole, [first]), *both, (building_key(gap), [])):
        if register.children("building", anchor.nodes, [key]):
            built = Element(
                (key,), "号楼", anchor.end, first.end if used else anchor.end + len(gap)
            )
            inside = [e for e in reading.elements if built.start <= e.start < built.end]
            reading.elements = [built, *(e for e in reading.elements if e not in inside)]
            reading.elements.sort(key=lambda e: e.start)
            _explain(reading, anchor.end, anchor.end + len(gap))
            anchor.flags |= {"zone"} if lettered and key == both[0][0] else set()
            return reading
    return None


def unzoned(anchor: Anchor, reading: Reading, register: Register) -> None:
    """Read 世纪城A3 as house 3 of 世纪城A区, where no house is called A3."""
    first = next((e for e in reading.elements if e.start == anchor.end), None)
    said = re.fullmatch(r"([A-Z])(\d+)", first.value) if first else None
    if first is None or said is None or "zone" not in anchor.flags:
        return
    zone = re.compile(rf"{said[1]}(?:期|区|组团|街区|苑|院|园)$")
    kept = [n for n in anchor.nodes if zone.search(canonical(n.label))]
    if kept and not register.children("building", anchor.nodes, [first.value]):
        anchor.nodes = kept
        plain = replace(first, values=(said[2],), start=first.start + 1)
        reading.elements = [plain if e is first else e for e in reading.elements]


def _explain(reading: Reading, start: int, end: int) -> None:
    """Take a stretch out of what is unexplained."""
    reading.scan.unknown = [u for u in reading.scan.unknown if u[1] <= start or u[0] >= end]


def _stretches(reading: Reading) -> list[tuple[int, int]]:
    """Return the stretches that may hold a misspelt name: unknown runs and places they touch."""
    source = reading.text.canonical
    out = []
    for start, end in reading.scan.unknown:
        if (
            re.search(r"(?:大街|大道|胡同|[路街巷道])$", source[start:end])
            and end - start < 6
            and any(p.street is None and p.elements[0].start - end <= 1 for p in reading.plates)
            and not _NUMBERED_NAME.match(source, end)
        ):
            continue
        first, last = start, end
        for spot in reading.places:
            if spot.start == end:
                last = spot.end
        first, last = _with_numbers(reading, *_with_fillers(reading, first, last))
        first = _with_short(reading, first)
        if match := ZONE.match(source, last) or _NUMBERED_NAME.match(source, last):
            last = match.end()
        if last - first >= 2:
            out.append((first, last))
    return out


def _with_short(reading: Reading, start: int) -> int:
    """Take in the short names right before: 长山 and 热电 of 长山热电广福利区."""
    for spot in reversed(reading.spots):
        if spot.end == start and (spot in reading.places or spot.forms[0].cost >= 0.1):
            start = spot.start
    return start


def _with_numbers(reading: Reading, start: int, end: int) -> tuple[int, int]:
    """Take in bare numbers that stand inside a name: 205所家属院, 机床1厂宿舍."""
    for element in reading.elements:
        if element.end == start and element.word in {"", "社", "院"}:
            start = element.start
            start = next((a for a, b in reading.scan.unknown if b == start), start)
        if element.start == end and not element.word:
            end = next((b for a, b in reading.scan.unknown if a == element.end), end)
    return start, end


def _with_fillers(reading: Reading, start: int, end: int) -> tuple[int, int]:
    """Take back what was cut off as filler: 红其里 is a name with its 里."""
    source = reading.text.canonical
    taken = [(s.start, s.end) for s in reading.spots]
    taken += [(e.start, e.end) for e in reading.elements] + list(reading.scan.relations)

    def free(at: int) -> bool:
        inside = any(a <= at < b for a, b in taken)
        return 0 <= at < len(source) and "一" <= source[at] <= "鿿" and not inside

    for _ in range(2):
        end += free(end)
        start -= free(start - 1)
    return start, end


def repaired(reading: Reading, index: NameIndex) -> list[Anchor]:
    """Return anchors from names that the text misspells, or cuts short, likeliest first."""
    source = reading.text.canonical
    out: list[Anchor | None] = []
    for start, end in _stretches(reading)[:MOST_STRETCHES]:
        found = misspelt(index, source, start, end, _is_place)
        if found is not None and not _exact_inside(found, reading):
            out.append(_anchor(found, reading, "repaired"))
    if out or reading.places:
        return [anchor for anchor in out if anchor is not None]
    for start, end in _stretches(reading):
        if (any(e.end == start for e in reading.elements) or _COMMON_END.match(source, start, end)
                or ZONE.fullmatch(source, start, end)):
            continue
        if any(e.start >= end and e.start - end <= 1 for e in reading.elements):
            found = clipped(index, source, start, end)
            if found is not None:
                out.append(_anchor(found, reading, "clipped"))
    return [anchor for anchor in out if anchor is not None]


def _exact_inside(found: Repair, reading: Reading) -> bool:
    """Tell whether the repair would change a name that the register has as it stands."""
    return any(s.start >= found.start and s.end <= found.end and s.end - s.start >= 4
               and s.forms[0].cost < 0.1 for s in reading.places)  # fmt: skip


def _is_place(form: Form) -> bool:
    return form.node.level not in {"street", "grid", "district", "city", "province"}


def street_repaired(reading: Reading, index: NameIndex) -> Fault | None:
    """Give a house number behind a misspelt street its street; return the slip, if it is one."""
    source = reading.text.canonical
    for plate in reading.plates:
        begin = plate.elements[0].start
        run = next((u for u in reading.scan.unknown if 0 <= begin - u[1] <= 1), None)
        if plate.street is not None or run is None:
            continue
        found = misspelt(index, source, *run, lambda form: form.node.level == "street")
        if found is not None and found.end == run[1] and found.start == run[0]:
            plate.street = Spot(found.start, found.end, found.forms)
            _explain(reading, *run)
            return Fault("street", f"misspelt({found.how})", found.wrong, found.right,
                         round(found.cost * 0.15, 3))
    return None


def _anchor(found: Repair, reading: Reading, flag: str) -> Anchor | None:
    """Return the anchor of a repair; what the repair read is no longer unexplained."""
    anchor = from_forms(found.forms, found.start, found.end)
    anchor.flags.add(flag)
    level = found.forms[0].node.level
    fault = f"misspelt({found.how})" if flag == "repaired" else f"clipped({found.how})"
    anchor.faults.append(Fault(level, fault, found.wrong, found.right, round(found.cost * 0.15, 3)))
    anchor.cost += found.cost
    before = reading.text.canonical[: found.start]
    glued = [u for u in reading.scan.unknown if u[0] < found.start <= u[1]]
    if glued and before and not TALK.search(before[glued[0][0] :]):
        return None
    return anchor


def region(reading: Reading) -> str:
    """Return the first unexplained run that may be a name: one character with numbers behind."""
    source = reading.text.canonical
    for start, end in reading.scan.unknown:
        run = source[start:end]
        numbered = any(e.start >= end for e in reading.elements)
        if not numbered and any(e.word and e.end <= start for e in reading.elements):
            continue  # behind the numbers people go on to talk
        if TALK.search(run):
            run = TALK.sub("", run) if len(TALK.sub("", run)) > 1 else ""
        if re.search("[一-鿿A-Z]" if numbered else "[一-鿿A-Z]{2}", run):
            return source[start:end]
    return ""


def suggestions(reading: Reading, index: NameIndex) -> list[Node]:
    """Return places with names near the unknown ones: shown beside none, never linked."""
    out: dict[str, Node] = {}
    source = reading.text.canonical
    stretches = [source[a:b] for a, b in _stretches(reading)[:MOST_STRETCHES]]
    for run in dict.fromkeys([*stretches, *reading.unknown_text()[:MOST_STRETCHES]]):
        for form in neighbours(index, run):
            out.setdefault(form.node.ref, form.node)
    return list(out.values())[:5]
