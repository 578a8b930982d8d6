"""Is the text about another place altogether? Asked first: such an answer is none, not near."""

import re
from collections.abc import Sequence
from functools import lru_cache

import ahocorasick

from spatial.addressing.characters import DATA
from spatial.addressing.keys import canonical
from spatial.addressing.reading import Reading

_SUFFIX = re.compile(
    r"(?:壮族|回族|维吾尔|特别)?(?:自治区|行政区)$|(?:.{1,3}族)*自治[州县旗]$|地区$|[省市盟县区旗]$"
)
#: Names of counties that are also plain words for a part of any town.
_PLAIN = frozenset(
    [
        "东区",
        "西区",
        "南区",
        "北区",
        "城区",
        "郊区",
        "矿区",
        "新区",
        "中区",
        "市中区",
        "城中区",
        "新城区",
        "城关区",
        "高新区",
        "开发区",
        "桥东区",
        "桥西区",
        "路南区",
        "路北区",
        "河东区",
        "河西区",
        "城东区",
        "城西区",
        "城北区",
        "江北区",
    ]
)
_UNKNOWN = re.compile(r"^[一-鿿]{2,5}?(?:自治县|县|旗|镇|乡|苏木)")
_NO_TOWN = re.compile(r"(?:小镇|古镇|城镇|乡村|乡里|旗舰|国旗|水乡|梦乡|故乡|同乡|市镇)")


@lru_cache(maxsize=1)
def _automaton() -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    found: dict[str, str] = {}
    for line in (DATA / "divisions.tsv").read_text(encoding="utf-8").splitlines():
        level, name = line.split("\t")
        full = canonical(name)
        if full not in _PLAIN:
            found[full] = "full"
        short = _SUFFIX.sub("", full)
        if len(short) >= 2 and level != "district":
            found.setdefault(short, "short")
        elif len(short) >= 2:
            found.setdefault(short, "county")
    for form, kind in found.items():
        automaton.add_word(form, (form, kind))
    automaton.make_automaton()
    return automaton


def _hits(reading: Reading) -> list[tuple[int, int, str]]:
    """Return the foreign names that no registered name explains better, longest at each place."""
    text = reading.text.canonical
    own = reading.spots
    found: dict[int, tuple[int, int, str]] = {}
    for last, (form, kind) in _automaton().iter(text):
        start, end = last - len(form) + 1, last + 1
        met = [s for s in own if s.start < end and start < s.end]
        inside = kind == "full" and all(
            s.start >= start and s.end < end and min(f.cost for f in s.forms) >= 0.1 for s in met
        )
        if met and not inside:
            continue
        if start not in found or found[start][1] < end:
            found[start] = (start, end, kind)
    return sorted(found.values())


def foreign_name(reading: Reading) -> str | None:
    """Return the name in the text that lies outside the register's area, or None."""
    text = reading.text.canonical
    hits = _hits(reading)
    heads = _heads(reading, hits)
    for start, end, kind in hits:
        if kind == "full" and (start in heads or text[start:end].endswith(("省", "自治区"))):
            return text[start:end]
        followed = any(other[0] == end for other in hits)
        if kind in {"short", "county"} and start in heads and followed:
            return text[start:end]
        if kind == "short" and start in heads and any(p.start == end for p in reading.places):
            return text[start:end]
    return _unknown_county(reading)


def _heads(reading: Reading, hits: Sequence[tuple[int, int, str]]) -> set[int]:
    """Return where an administrative name may stand: at a beginning, behind another."""
    text = reading.text.canonical
    heads = {0} | {c + 1 for c in reading.scan.segments} | {s.end for s in reading.divisions}
    if text.startswith("中国"):
        heads.add(2)
    chained = set(heads)
    for start, end, _ in hits:
        if start in chained:
            chained.add(end)
    return chained


def _unknown_county(reading: Reading) -> str | None:
    """Return an unknown 县, 旗, 镇 or 乡 at the head of the text, before any name or number."""
    text = reading.text.canonical
    for start, end in reading.scan.unknown:
        head = text[:start].strip(", ")
        before = not head or any(s.end == start for s in reading.divisions)
        match = _UNKNOWN.match(text[start:end])
        if before and match and not _NO_TOWN.search(text[start : start + match.end() + 1]):
            beyond = text[start + match.end() : start + match.end() + 1]
            if beyond not in set("政府路街道中小医院东西南北派粮供"):
                return match.group(0)
    return None
