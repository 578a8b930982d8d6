"""The forms a registered name may take: as written, shortened, with or without its kind word."""

import re
from dataclasses import dataclass

from spatial.addressing.keys import canonical, group_key
from spatial.addressing.register import NameEntry, Node

#: What a form is worth when several places answer to it; lower is surer.
KIND_COST = {
    "name": 0.0,
    "alias": 0.0,
    "former": 0.02,
    "retired": 0.04,
    "office": 0.02,
    "short": 0.1,
    "suffixed": 0.05,
    "zone": 0.2,
    "clipped": 0.3,
}
#: A name is cut from its zone down to this; one so short only where several zones share it.
SHORTEST_BASE = 2
#: A phase, zone or yard at the end of a compound's name.
ZONE = re.compile(
    r"(?:第?\d+|[A-Z]|[东西南北中前后上下新老])(?:期|区|组团|街区|苑|院|园|小区|校区|村|坊|街坊)$"
)
_ROADS = {"G": "国道", "S": "省道", "X": "县道", "Y": "乡道"}
_HIGHWAY = re.compile(r"(?P<n1>\d{2,4})(?P<w1>[国省县乡]道)线?"
                      r"|(?P<w2>[国省县乡]道)(?P<n2>\d{2,4})线?"
                      r"|(?P<letter>[GSXY])(?P<n3>\d{1,4})(?:线|[国省县乡]道)?")
_STOP = re.compile(r"(?:公交车站|公交站点|公交站台|公交站|公共汽车站)$")
_STOPS = ("公交站", "公交车站", "公交站点", "公交站台", "公交站牌")
_OFFICE = re.compile(r"(?:居民委员会|社区居委会|居委会|村民委员会|村委会|街道办事处|办事处)$")
_STREET = (("大街", "街"), ("大道", "道"), ("路", "大路"), ("街", "大街"))
_DIVISION = {
    "province": re.compile(r"(?:壮族|回族|维吾尔)?自治区$|省$|市$"),
    "city": re.compile(r"(?:.族)*自治州$|地区$|市$|盟$"),
    "district": re.compile(r"(?:.{1,3}族)*自治县$|自治旗$|市$|区$|县$|旗$"),
    "subdistrict": re.compile(r"街道$|地区$|镇$|乡$|苏木$"),
    "community": re.compile(r"社区$|嘎查$|村$"),
}


@dataclass(frozen=True, slots=True)
class Form:
    """One canonical spelling of one place."""

    text: str
    node: Node
    kind: str
    written: str

    @property
    def cost(self) -> float:
        """Return how far the form is from the name itself."""
        return KIND_COST[self.kind]


def _short(name: str, level: str) -> list[tuple[str, str]]:
    """Return (form, kind) for the shortened forms of one canonical name."""
    if level in _DIVISION:
        return _short_division(name, level)
    if level == "street":
        short = [(name[: -len(old)] + new, "short") for old, new in _STREET if name.endswith(old)]
        return short + _highway(name)
    if level == "facility" and (match := _STOP.search(name)):
        return [(name[: match.start()] + end, "office") for end in _STOPS if end != match.group()]
    return _short_compound(name) if level == "compound" else []


def _highway(name: str) -> list[tuple[str, str]]:
    """Return the ways to write a numbered road: 304国道, 国道304线, G304."""
    match = _HIGHWAY.fullmatch(name)
    if match is None:
        return []
    number = match.group("n1") or match.group("n2") or match.group("n3")
    word = match.group("w1") or match.group("w2") or _ROADS[match.group("letter")]
    letter = next(key for key, own in _ROADS.items() if own == word)
    ways = (f"{number}{word}", f"{word}{number}", f"{word}{number}线", f"{number}线",
            f"{letter}{number}", f"{letter}{number}线", f"{letter}{number}{word}",
            f"{word}{letter}{number}", f"{word}{letter}{number}线")
    return [(way, "office") for way in ways if way != name]


def _short_division(name: str, level: str) -> list[tuple[str, str]]:
    """Return the office of a division, and its name without the word for its kind."""
    out: list[tuple[str, str]] = []
    office = _OFFICE.sub("", name)
    if office != name:
        bare = level == "community" and office[-1] not in "区村查"
        name = office + "社区" if bare else office
        out.append((name, "office"))
    elif level == "community" and name.endswith("社区"):
        out += [(name + "居委会", "office"), (name[:-2] + "居委会", "office")]
    elif level == "community" and name.endswith("村"):
        out.append((name + "委会", "office"))
    elif level == "subdistrict" and name.endswith("街道"):
        out += [(base + end, "office") for base, end in (
            (name, "办事处"), (name[:-2], "办事处"), (name[:-2], "街道办"))]  # fmt: skip
    if level != "community" or name.endswith("社区") or (
            name.endswith("嘎查") and len(name) > len("西花嘎查")):
        out.append((_DIVISION[level].sub("", name), "short"))
    return out


def _short_compound(name: str) -> list[tuple[str, str]]:
    out: list[tuple[str, str]] = []
    plain = re.sub(r"(?:住宅小区|生活小区|小区|住宅区)$", "", name)
    if plain != name and not re.search(r"(?:[^\d]\d+|^\d|^[东西南北中])$", plain):
        out += [(plain, "short")]
    if plain == name and not name.endswith(("区", "市场", "医院", "学校", "大厦", "村")):
        out.append((name + "小区", "suffixed"))
    base = ZONE.sub("", name)
    counted = re.match(r"第?[\dA-Z]", name[len(base) :])
    if base != name and len(base) >= SHORTEST_BASE and (counted or len(base) > SHORTEST_BASE):
        out.append((base, "zone"))
    return out


def forms_of(entry: NameEntry) -> list[Form]:
    """Return every form of a named place; names first, then what is derived from them."""
    node = entry.node
    if node.level == "group" and group_key(entry.name).isdigit():
        return []  # every village has a second group: it is found below its village
    written = [
        (entry.name, "name"),
        *((a, "alias") for a in entry.aliases),
        *((f, "former") for f in entry.former),
        *((r, "retired") for r in entry.retired),
    ]
    found: dict[str, Form] = {}
    for name, kind in written:
        text = canonical(name)
        if text:
            found.setdefault(text, Form(text, node, kind, name))
    for name, kind in written:
        if not name or kind == "retired":
            continue
        for short, short_kind in _short(canonical(name), node.level):
            if len(short) >= 2:
                found.setdefault(short, Form(short, node, short_kind, name))
    return list(found.values())
