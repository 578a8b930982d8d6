"""One reading of a text: the names it holds, sorted by what they name, and what lies between."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from spatial.addressing.characters import Text
from spatial.addressing.forms import Form
from spatial.addressing.habits import Habit
from spatial.addressing.names import NameIndex, Spot
from spatial.addressing.register import DIVISIONS
from spatial.addressing.tokens import MASK, Element, Scan, scan

_GROUPS = ("place", "street", "division")
_PLATE_WORDS = frozenset({"", "号", "号院", "院", "弄", "#"})
_ROAD = re.compile(r"(?:大街|大道|胡同|[路街巷道弄])$")
_HAN = re.compile("[一-鿿]")
#: Words by which talk is told from names.
TALK = re.compile(
    r"我|你|他|咱|在|要|有|请|报警|报案|这|那|是|喂|帮|麻烦|的|了|求助|救命|急救|着火|起火|漏水|"
    r"吵架|打架|投诉|反映|举报|咨询|送到|停电|停水|维修|谢谢|发生|快来|到|"
    r"外卖|快递|包裹|来电|称|反馈|居民|群众|业主|先生|女士|师傅|给|送|寄|查一下|找一下|叫|说|听|刚|急需|紧急|派人|派车|赶紧|速来|楼上|楼下"
)
#: A phase or zone stated right behind a name.
ZONE = re.compile(r"(?:第?\d+|(?<![A-Z])[A-Z]|[东西南北中])(?:期|区|组团|街区|苑|院|园|校区|村)"
                  r"|\d+号院")


@dataclass(slots=True)
class Plate:
    """A house number behind a street; `street` is None when the register has no such street."""

    street: Spot | None
    value: str
    elements: tuple[Element, ...]


@dataclass(slots=True)
class Reading:
    """A canonical text, its names by kind, its numbers, and what remains unexplained."""

    text: Text
    spots: list[Spot]
    scan: Scan
    places: list[Spot] = field(default_factory=list)
    streets: list[Spot] = field(default_factory=list)
    divisions: list[Spot] = field(default_factory=list)
    plates: list[Plate] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)

    def segment(self, at: int) -> int:
        """Return the number of the comma segment in which position `at` lies."""
        return sum(1 for comma in self.scan.segments if comma < at)

    def unknown_text(self) -> list[str]:
        """Return the unexplained runs as the text wrote them."""
        return [self.text.canonical[a:b] for a, b in self.scan.unknown]


def kind_of(form: Form) -> str:
    """Return the group a form belongs to: place, street or division."""
    level = form.node.level
    if level in DIVISIONS or level == "grid":
        return "division"
    return "street" if level == "street" else "place"


def _sorted(spot: Spot, *, numbered: bool = False) -> tuple[str, Spot]:
    """Return the group a sighting is used for, and the sighting with the forms of that group.

    With a number right behind it, what is short for a division and for a place is the place.
    """
    ranked = min(spot.forms, key=lambda f: (f.cost, _GROUPS.index(kind_of(f))))
    group = kind_of(ranked)
    if numbered and group == "division" and ranked.kind == "short" and any(
            kind_of(f) == "place" for f in spot.forms):
        group = "place"
    forms = tuple(f for f in spot.forms if kind_of(f) == group)
    return group, Spot(spot.start, spot.end, forms)


def read(text: Text, *, index: NameIndex, habit: Habit, without: Sequence[Spot] = ()) -> Reading:
    """Return the reading of a canonical text; `without` are sightings to leave out."""
    left_out = {(s.start, s.end) for s in without}
    spots = [s for s in index.spot(text.canonical)
             if (s.start, s.end) not in left_out and not _typed_in_digits(s, text)]
    rest = list(text.canonical)
    for spot in spots:
        rest[spot.start : spot.end] = MASK * (spot.end - spot.start)
    reading = Reading(text, spots, scan("".join(rest), habit=habit))
    weak = [s for s in spots if _doubtful(s, reading)]
    if weak:
        return read(text, index=index, habit=habit, without=[*without, *weak])
    for spot in spots:
        numbered = any(e.start == spot.end for e in reading.scan.elements)
        group, kept = _sorted(spot, numbered=numbered)
        {"place": reading.places, "street": reading.streets, "division": reading.divisions}[
            group
        ].append(kept)
    reading.elements = list(reading.scan.elements)
    _take_plates(reading)
    return reading


def _typed_in_digits(spot: Spot, text: Text) -> bool:
    """Tell whether 81 is a number of its own here: only 八一 is short for 八一小区."""
    short = spot.forms[0].text.isdigit()
    return short and any(c in "0123456789" for c in text.quote(spot.start, spot.end))


def _doubtful(spot: Spot, reading: Reading) -> bool:
    """Tell whether a division's short name is but a part of an unknown word (王建国)."""
    if min(f.cost for f in spot.forms) < 0.1 or _sorted(spot)[0] != "division":
        return False
    source = reading.text.canonical
    glued = [source[a:b] for a, b in reading.scan.unknown if b == spot.start or a == spot.end]
    if goes_on(reading, spot.end) or ZONE.match(reading.text.canonical, spot.end):
        return True
    return any(_HAN.search(words) and not TALK.search(words) for words in glued)


def goes_on(reading: Reading, end: int) -> bool:
    """Tell whether a short name goes on with 里 or the like, which alone would be a filler."""
    following = reading.text.canonical[end : end + 1]
    return following in set("里内家处") and bool(following) and not any(
        s.start == end for s in reading.spots)  # fmt: skip


def _take_plates(reading: Reading) -> None:
    """Take the house numbers out of the elements: a number directly behind a street."""
    ends: list[tuple[int, Spot | None]] = [(s.end, s) for s in reading.streets]
    source = reading.text.canonical
    ends += [(b, None) for a, b in reading.scan.unknown if b - a > 1 and _ROAD.search(source[a:b])]
    for end, street in ends:
        at = next((i for i, e in enumerate(reading.elements) if 0 <= e.start - end <= 1), None)
        if at is None or source[end : reading.elements[at].start].strip(" "):
            continue
        used = _plate_elements(reading.elements[at:])
        if used:
            value = "-".join(e.value for e in used) + ("弄" if used[-1].word == "弄" else "")
            reading.plates.append(Plate(street, value, tuple(used)))
            reading.elements = [e for e in reading.elements if e not in used]
    _take_lane(reading)


def _take_lane(reading: Reading) -> None:
    """A number with 弄 stays with its street; the rest of the row are building and room."""
    for plate in reading.plates:
        if plate.value.isdigit() and reading.text.canonical[plate.elements[-1].end :][:1] == "弄":
            plate.value += "弄"
            end = plate.elements[-1].end
            reading.scan.unknown = [
                u
                for u in (((a + 1, b) if a == end else (a, b)) for a, b in reading.scan.unknown)
                if u[0] < u[1]
            ]


def _plate_elements(elements: Sequence[Element]) -> list[Element]:
    """Return the elements at the head of a row that make up the house number."""
    first = elements[0]
    if first.word not in _PLATE_WORDS or len(first.values) > 1:
        return []
    row = [first]
    for element in elements[1:]:
        if not element.joined or element.start - row[-1].end > 1:
            break
        row.append(element)
    if first.word:
        return [first]
    if len(row) == 2 and (row[1].word == "号" or (not row[1].word and len(row[1].value) <= 2)):
        return row
    return [first]


def adjacent_before(reading: Reading, at: int) -> str:
    """Return the unexplained Han run that ends exactly at `at`, or nothing."""
    source = reading.text.canonical
    for start, end in reading.scan.unknown:
        between = source[end:at]
        fillers = len(between) <= 2 and all("一" <= c <= "鿿" for c in between)
        named = any(s.start < at and end < s.end for s in reading.spots)
        if end <= at and fillers and not named and _HAN.search(source[start:end]):
            return source[start:at]
    return ""


def adjacent_after(reading: Reading, at: int) -> str:
    """Return the unexplained Han run that begins exactly at `at`, or nothing."""
    source = reading.text.canonical
    for start, end in reading.scan.unknown:
        if start == at and _HAN.search(source[start:end]):
            return source[start:end]
    return ""


def gap_after(reading: Reading, at: int) -> str:
    """Return the unexplained Han run that begins exactly at `at` with numbers behind it."""
    source = reading.text.canonical
    for start, end in reading.scan.unknown:
        behind = any(e.start >= end and e.segment == reading.segment(at) for e in reading.elements)
        if start == at and _HAN.search(source[start:end]) and behind:
            return source[start:end]
    return ""
