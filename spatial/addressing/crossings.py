"""Places along streets as texts say them: crossings, sections, kilometres."""

import re
from dataclasses import dataclass

from spatial.addressing.names import Spot
from spatial.addressing.reading import Reading

#: Stand for the characters of registered streets, alternating, so that neighbours stay apart.
_MARKS = "\ue001\ue002"
_X = f"(?:{'|'.join(f'(?<!{mark}){mark}++' for mark in _MARKS)})"
_UNKNOWN = r"[一-鿿]{1,6}?(?:大街|大道|胡同|[路街巷道])"
_LINK = r"(?:的?(?:和|与|跟|同|及|交|、|-|/|&|\+|~|,| ))"
_TO = r"(?:口|路口|交叉口)?(?:到|至|-|~)(?:与)?"
_CROSS = (r"(?:的?(?:十字路口|丁字路口|三岔路口|交叉路口|交叉口|交叉处|交汇处|交汇口|交会处|交会口|"
          r"相交处|交界处|交界口|交口|路口|街口|道口|巷口|口|拐角处?|转角处?|红绿灯))")
_END = r"(?:口|路口|交叉口)?(?:路段|之间的?路?段?|区间|段)"
_SECTION = re.compile(
    rf"(?P<main>{_X})[, (]?(?:从|由|自|的)?(?P<from>{_X}){_TO}(?P<to>{_X})(?:{_END})?"
    rf"|(?:从|由|自)?(?P<one>{_X}){_TO}(?P<other>{_X})(?:{_END})"
    rf"|(?:从|由|自)(?P<begin>{_X}){_TO}(?P<end>{_X})")
_CROSSING = re.compile(
    rf"(?P<one>{_X}){_LINK}?(?P<other>{_X})(?:相交|交)?{_CROSS}"
    rf"|(?P<first>{_X})(?:与|和|跟|交)(?P<second>{_X})(?:相交)?(?! ?[\d甲乙丙丁])")
_HALF = re.compile(
    rf"(?P<known>{_X})(?:与|和|跟|交|、|-)(?P<after>{_UNKNOWN}){_CROSS}"
    rf"|(?P<before>{_UNKNOWN})(?:与|和|跟|交|、|-)(?P<following>{_X}){_CROSS}")
_KILOMETRE = re.compile(
    rf"(?P<road>{_X})(?:线|段|上|的)?[, ]*(?:桩号)?"
    r"(?:K(?P<post>\d+)(?:\+(?P<plus>\d{1,3}))?(?!\d)"
    r"|第?(?P<km>\d+(?:\.\d+)?)(?:公里|千米|KM)(?:(?:\+|加|又)?(?P<rest>\d{1,3})(?:米|M))?)"
    r"(?:桩|处|左右|路段)*")


@dataclass(frozen=True, slots=True)
class Along:
    """A place along streets; `unknown` is the street that the register does not have."""

    placement: str
    streets: tuple[Spot, ...]
    start: int
    end: int
    metres: float = 0.0
    unknown: str = ""


def along(reading: Reading) -> Along | None:
    """Return the crossing, section or kilometre that a text names, or None."""
    marked = list(reading.text.canonical)
    spots = reading.streets
    for number, spot in enumerate(spots):
        marked[spot.start : spot.end] = _MARKS[number % 2] * (spot.end - spot.start)
    text = "".join(marked)
    by_start = {s.start: s for s in spots}

    def named(match: re.Match[str], *groups: str) -> tuple[Spot, ...]:
        return tuple(by_start[match.start(g)] for g in groups if match.group(g))

    if match := _KILOMETRE.search(text):
        return Along("kilometre", named(match, "road"), match.start(), match.end(), _far(match))
    if match := _SECTION.search(text):
        streets = named(match, "main", "from", "to", "one", "other", "begin", "end")
        return Along("section", streets, match.start(), match.end())
    if match := _CROSSING.search(text):
        streets = named(match, "one", "other", "first", "second")
        return Along("intersection", streets, match.start(), match.end())
    if match := _HALF.search(text):
        unknown = match.group("after") or match.group("before")
        return Along("intersection", named(match, "known", "following"), match.start(),
                     match.end(), unknown=unknown)
    return None


def _far(match: re.Match[str]) -> float:
    if match.group("post"):
        return float(match.group("post")) * 1000.0 + float(match.group("plus") or 0)
    return float(match.group("km")) * 1000.0 + float(match.group("rest") or 0)
