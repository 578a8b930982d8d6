"""The parts of an address that are no names: numbers with unit words, positions, relations."""

import json
import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from spatial.addressing.characters import DATA
from spatial.addressing.habits import Habit
from spatial.addressing.keys import room_key

#: Stands for each character of a registered name that was spotted.
MASK = "￼"
_HAN = "一-鿿"
_ATOM = (
    rf"[附之]?(?:(?<![楼栋幢号座])[甲乙丙丁戊])?(?:(?<![A-Z])[A-Z]{{1,2}}(?=\d))?\d+(?:[甲乙丙丁戊](?![{_HAN}]|$)|[甲乙丙丁戊]$|"
    rf"[甲乙丙丁戊](?=号|栋|幢|座|单元|楼|-|$)|[A-EG-Z](?![A-Z\d]))?"
    rf"|(?<![A-Z\d])[A-Z](?![A-Z])|[甲乙丙丁](?=单元|座|栋|号)"
)


@dataclass(frozen=True, slots=True)
class Element:
    """One number of an address with its unit word; `values` has several for a list or range."""

    values: tuple[str, ...]
    word: str
    start: int
    end: int
    segment: int = 0
    joined: bool = False  # tied to the element before by a dash or slash
    typo: str | None = None  # the unit word as miswritten
    listed: str = ""  # 、 or 至 stands before it

    @property
    def value(self) -> str:
        """Return the value, or the first of several."""
        return self.values[0]


@dataclass(slots=True)
class Scan:
    """What lies between the names of a text."""

    elements: list[Element] = field(default_factory=list)
    unknown: list[tuple[int, int]] = field(default_factory=list)
    relations: list[tuple[int, int]] = field(default_factory=list)
    segments: list[int] = field(default_factory=list)  # where each comma stands


@lru_cache(maxsize=1)
def words() -> dict[str, list[str]]:
    """Return the lists of relation words and fillers."""
    table: dict[str, list[str]] = json.loads((DATA / "words.json").read_text(encoding="utf-8"))
    return table


def _any(items: object) -> str:
    return "|".join(re.escape(w) for w in sorted(items, key=len, reverse=True))  # type: ignore[call-overload]


def _unit_word(word: str, habit: Habit) -> str:
    """Return the pattern of a unit word; a slip of one character stands before no Han word."""
    slip = len(word) == 1 and word in habit.misspelt
    never = habit.never_before.get(word[-1], "") if word[-2:] != "号楼" else ""
    beside = f"(?![{never}](?!楼))" if never else ""
    return re.escape(word) + (rf"(?=[^{_HAN}]|$)" if slip else beside)


@lru_cache(maxsize=16)
def _grammar(habit: Habit) -> re.Pattern[str]:
    shops, relations = _any(habit.shops), _any(words()["relations"])
    unit_words = "|".join(
        _unit_word(w, habit) for w in sorted((*habit.words, *habit.misspelt), key=len, reverse=True)
    )
    return re.compile(
        rf"(?P<mask>{MASK}+)"
        rf"|(?P<comma>,+)"
        rf"|(?P<metres>(?:往|向|以)?[东西南北]{{0,2}}(?:侧|边|面)?(?:方向|方)?约?\d+(?:多)?(?:米|公里|千米)(?:处|左右|远)?)"
        rf"|(?P<shop>(?:第?(?:{_ATOM})(?:号|#|-)?(?>{shops})(?!\d)|(?>{shops})-?第?(?:{_ATOM})(?:号|室)?))"
        rf"|(?P<code>(?<![A-Z])(?:[A-Z]{{6,}}|[A-Z]{{3,5}}\d*))"
        rf"|(?:负|地下|(?<![\dA-Z甲乙丙丁#{_HAN}])-)(?P<below>\d+)(?P<belowword>层|楼|F|室|号)?"
        rf"|第?(?P<atom>{_ATOM})(?: ?(?P<word>{unit_words}))?"
        rf"|(?P<side>[东西南北中前后新老])(?P<sideword>号楼|楼|栋|座|幢|单元)"
        rf"|(?P<position>{_any(habit.positions)}|(?<=[楼层室])[东中西南北](?![{_HAN}]))"
        rf"|(?P<stem>[甲乙丙丁戊](?=[^{_HAN}]|$))"
        rf"|(?P<beside>(?<=号楼)[下前后旁顶道](?:面|边|口)?)"
        rf"|(?P<relation>(?:{relations})(?!小区|花园|家园|社区|村|苑|街|路|里|大街|庄|屯))"
        rf"|(?P<list>[、]|至(?=\d)|(?<=楼)和(?=\d)|(?<=\d)和(?=\d)|~)"
        rf"|(?P<sep>[-/._#&+*: |]+)"
    )


def scan(rest: str, *, habit: Habit) -> Scan:
    """Return the elements, relations and unexplained words of a text whose names are masked."""
    out = Scan()
    at, joined, listed = 0, False, ""
    for match in _grammar(habit).finditer(rest):
        kind = str(match.lastgroup)
        if match.start() > at:
            _unknown(out, at, match.start())
            joined, listed = False, ""
        at = match.end()
        if kind == "sep":
            joined = any(c in "-/._#|:" for c in match.group())
            listed = "/" if match.group() == "/" else ""
        elif kind == "list":
            listed = match.group("list")
        else:
            _token(out, match, habit=habit, joined=joined, listed=listed)
            joined, listed = False, ""
    if at < len(rest):
        _unknown(out, at, len(rest))
    _turn_gates(rest, out)
    out.elements = _merge_rows(_merge_lists(_merge_annexes(out.elements)))
    out.unknown = [span for run in out.unknown if (span := _telling(rest, run))]
    return out


def _turn_gates(rest: str, out: Scan) -> None:
    """东门 with no number before it is a gate, not a door on the east side."""
    while out.elements and out.elements[0].word == "position" and (
        out.elements[0].value in words()["relations"]
    ):
        gate = out.elements.pop(0)
        out.relations.append((gate.start, gate.end))
    out.relations.sort()


@lru_cache(maxsize=1)
def _filling() -> tuple[re.Pattern[str], re.Pattern[str]]:
    fillers = _any(words()["fillers"])
    return re.compile(f"^(?:{fillers})+"), re.compile(f"(?:{fillers})+$")


def _telling(rest: str, run: tuple[int, int]) -> tuple[int, int] | None:
    """Return the part of an unexplained run that says something, or None."""
    text = rest[run[0] : run[1]]
    head, tail = _filling()
    if match := head.match(text):
        if match.end() == len(text):
            return None
        text = text[match.end() :] if match.end() > 1 else text
    start = run[1] - len(text)
    if (match := tail.search(text)) and match.end() - match.start() != 2:
        text = text[: match.start()]
    return (start, start + len(text)) if text.strip() else None


def _merge_annexes(elements: list[Element]) -> list[Element]:
    """Make one number of 12号附1号; it is neither 12号 nor 12-1号."""
    out: list[Element] = []
    for element in elements:
        annexed = element.value.startswith(("附", "之"))
        if annexed and out and out[-1].word in {"号", "", "号楼", "#"}:
            last = out[-1]
            values = (last.value + element.value,)
            out[-1] = replace(last, values=values, word=last.word or element.word, end=element.end)
        else:
            out.append(element)
    return out


def _unknown(out: Scan, start: int, end: int) -> None:
    if out.unknown and out.unknown[-1][1] == start:
        out.unknown[-1] = (out.unknown[-1][0], end)
    else:
        out.unknown.append((start, end))


def _token(out: Scan, match: re.Match[str], *, habit: Habit, joined: bool, listed: str) -> None:
    """Turn one match of the grammar into an element, a relation or a boundary."""
    start, end, segment = match.start(), match.end(), len(out.segments)
    made = _element(match, habit)
    if made is not None:
        value, word, typo = made
        out.elements.append(Element((value,), word, start, end, segment, joined, typo, listed))
    elif match.group("comma"):
        out.segments.append(start)
    elif match.group("relation") or match.group("metres") or match.group("beside"):
        out.relations.append((start, end))
    elif match.group("code"):
        _unknown(out, start, end)
    elif match.group("stem"):
        _attach(out, match.group(), start, end)


def _element(match: re.Match[str], habit: Habit) -> tuple[str, str, str | None] | None:
    """Return (value, word, typo) of a match that is an element."""
    if match.group("atom"):
        written = match.group("word") or ""
        word = habit.misspelt.get(written, written)
        return match.group("atom"), word, written if word != written else None
    if match.group("shop"):
        return room_key(match.group("shop")), "shop", None
    if match.group("below"):
        return "-" + match.group("below"), match.group("belowword") or "below", None
    if match.group("side"):
        return match.group("side"), match.group("sideword"), None
    if match.group("position"):
        return match.group("position"), "position", None
    return None


def _attach(out: Scan, stem: str, start: int, end: int) -> None:
    """Give 甲 to the number before it (3号楼甲), or keep it as unexplained."""
    if out.elements and out.elements[-1].end == start:
        last = out.elements[-1]
        values = tuple(v + stem for v in last.values)
        out.elements[-1] = replace(last, values=values, end=end)
    else:
        _unknown(out, start, end)


def _merge_lists(elements: list[Element]) -> list[Element]:
    """Make one element of 1、2号楼 and of 501、502室; 3、2、501 stays three elements."""
    out: list[Element] = []
    for element in elements:
        last = out[-1] if out else None
        if last and _alike(last, element):
            values = (*last.values, *_between(last, element), element.value)
            word = element.word or last.word
            out[-1] = replace(last, values=values, word=word, end=element.end)
        else:
            out.append(element)
    return out


def _merge_rows(elements: list[Element]) -> list[Element]:
    """Make one row of 5-9、5-8: each number behind 、 is another value of one before it."""
    at = next((i for i, e in enumerate(elements) if e.listed == "、" and i), 0)
    later = elements[at:]
    before = elements[at - len(later) : at] if at and len(later) <= at else []
    dashed = all(e.joined for e in (*before[1:], *later[1:])) and len(later) > 1
    if not (before and dashed) or any(a.word != b.word for a, b in zip(before, later, strict=True)):
        return elements
    rows = [replace(a, values=(*a.values, *b.values)) for a, b in zip(before, later, strict=True)]
    rows[-1] = replace(rows[-1], end=later[-1].end)
    return [*elements[: at - len(later)], *rows]


def _alike(one: Element, other: Element) -> bool:
    if not other.listed or not (one.value.isdigit() and other.value.isdigit()):
        return False
    if other.listed == "/":  # 3/2/501 is a row; only two whole rooms are a list
        return len(one.value) == len(other.value) >= 3 and not one.word
    words_fit = one.word in {"", other.word} or (not other.word and bool(one.word))
    long = len(one.value) >= 3 and len(other.value) >= 3
    return words_fit and (bool(other.word) or bool(one.word) or long) and (
        len(one.value) == len(other.value) or not long)  # fmt: skip


def _between(one: Element, other: Element) -> tuple[str, ...]:
    """Return what lies between the ends of a range (3至6号楼); at most twenty numbers."""
    first, last = int(one.values[-1]), int(other.value)
    if other.listed in {"、", "和", "/"} or not 1 < last - first <= 20:
        return ()
    return tuple(str(n) for n in range(first + 1, last))
