"""Which numbers of a text belong to the place it names, and in which rows they stand."""

from collections.abc import Sequence
from dataclasses import replace

from spatial.addressing.anchors import Anchor
from spatial.addressing.keys import building_key
from spatial.addressing.reading import Reading
from spatial.addressing.tokens import Element

#: A number of so many digits is a room, with nothing said of it.
ROOM_DIGITS = 3
_SPOKEN = frozenset(["单元", "门", "号楼", "栋", "幢", "楼", "层"])


def relevant(anchor: Anchor, reading: Reading) -> tuple[list[Element], bool]:
    """Return the elements that belong to the anchor, and whether others were left aside.

    Numbers of another comma segment are no part of the address, but for a segment with unit words
    and a dashed row right behind; bare numbers before the name count when none follow it.
    """
    home = reading.segment(anchor.start)
    here = [e for e in reading.elements if e.segment == home]
    after = [e for e in here if e.start >= anchor.end]
    before = [e for e in here if e.end <= anchor.start]
    worded = [e for e in before if e.word and e.word != "组"]
    kept = [*worded, *after] if after else before
    others = [e for e in reading.elements if e.segment != home]
    nearest = [e for e in others if e.segment == home + 1]
    dashed = not after and len(nearest) > 1 and _a_row(nearest, reading)
    spoken = {e.segment for e in others if e.word}
    kept += [e for e in others if e.segment in spoken or (dashed and e in nearest)]
    kept = _trimmed(kept + _said_apart(kept, others, reading))
    return kept, len(kept) < len(here)


def _said_apart(
    kept: Sequence[Element], others: Sequence[Element], reading: Reading
) -> list[Element]:
    """Return the room that commas set apart from the spoken parts beside it: 三门，四零二."""
    if any(len(e.value) >= ROOM_DIGITS for e in kept):
        return []
    for at, step in ((-1, 1), (0, -1)):
        beside = [e for e in others if kept and e.segment == kept[at].segment + step]
        if kept and kept[at].word in _SPOKEN and len(beside) == 1 and _alone(beside[0], reading):
            return beside
    return []


def _alone(element: Element, reading: Reading) -> bool:
    """Tell whether a bare room number is all that stands between two commas."""
    commas = [-1, *reading.scan.segments, len(reading.text.canonical)]
    begin, end = commas[element.segment] + 1, commas[element.segment + 1]
    said = reading.text.canonical[begin:end].strip()
    return not element.word and len(element.value) >= ROOM_DIGITS and said == element.value


def _a_row(elements: Sequence[Element], reading: Reading) -> bool:
    """Tell whether numbers stand in one row, with nothing but their separators before them."""
    source = reading.text.canonical
    ends = [reading.scan.segments[elements[0].segment - 1] + 1, *(e.end for e in elements[:-1])]
    return not any(source[end : e.start].strip(" ,-/._#、")
                   for end, e in zip(ends, elements, strict=True))


def _trimmed(elements: list[Element]) -> list[Element]:
    """Drop repetitions: 3号楼3号楼2单元, or the whole row written twice."""
    out: list[Element] = []
    for element in elements:
        # A bare 号 or 楼 may be the building first and the room or storey later: 1号2梯1楼1号.
        before = out[-1:] if element.word in {"号", "#", "楼"} else out
        if not any(e.word == element.word and e.word
                   and building_key(e.value) == building_key(element.value) for e in before):
            out.append(element)
    half = len(out) // 2
    first, second = out[:half], out[half:]
    if half >= 2 and [e.value for e in first] == [e.value for e in second]:
        # 4号楼1单元4楼1号 repeats its numbers and no element: one half must be without words.
        if not any(e.word for e in first):
            return second
        if not any(e.word for e in second):
            return first
    return out


def ranged(elements: Sequence[Element]) -> list[Element]:
    """Read 1804-1806 as the rooms of one floor from the first to the last, else nothing."""
    first, last = elements[-2:] if len(elements) > 1 else (None, None)
    if first is None or last is None or first.word or not last.joined or not (
            first.value.isdigit() and last.value.isdigit()):
        return []
    floor = first.value[:-2]
    numbers = range(int(first.value), int(last.value) + 1)
    if len(first.value) < ROOM_DIGITS or last.value[:-2] != floor or len(numbers) < 2:  # noqa: PLR2004
        return []
    rooms = tuple(map(str, numbers))
    return [*elements[:-2], replace(first, values=rooms, word=last.word, end=last.end)]
