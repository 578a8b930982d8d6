"""Keys of numbered places: the form in which the register stores them and a query asks for them.

12号, 12-1号 and 12号附1号 are three different things; 甲3号楼, 3号楼甲 and 3甲 are one.
"""

import re
from functools import lru_cache

from spatial.addressing.characters import normalise
from spatial.addressing.habits import habit
from spatial.addressing.numerals import to_digits

_STEM = "甲乙丙丁戊己"
_ZEROS = re.compile(r"(?<![\d.])0+(?=\d)")
_BEFORE = re.compile(rf"^([{_STEM}])(?:字)?(\d.*)$")
_INSIDE = re.compile(rf"^(\d+)([{_STEM}])(?:字)?(.+)$")
_BUILDING = re.compile(r"(?:号楼|号栋|号幢|栋楼|#楼|号座|栋|幢|座|楼|号院|号|#)$")
_BUILDING_INNER = re.compile(
    r"(?<=[\dA-Z])(?:号楼|号栋|号幢|栋|幢|座|楼|号|#)(?=[甲乙丙丁戊己附之-]|[A-Z\d])"
)
_ENTRANCE = re.compile(r"^第?(.*?)(?:号|个|#)?(?:单元门?|门洞|门|梯|单)$")
_ROOM = re.compile(r"(?:号)?(?:室|户|房间|房|屋|号)$")
_PLATE = re.compile(r"(?:号院|号楼|号|院)(?=$|[甲乙丙丁戊己附之-])|#$")
_GROUP = re.compile(r"^第|(?:村民小组|居民小组|居民组|村民组|生产队|小组|小队|组|队|社)$")
_STOREY = re.compile(r"(?:层楼|楼层|层|楼|F)$")
_BELOW = re.compile(r"^(?:负|地下|B|-)(?=\d)")


@lru_cache(maxsize=65536)
def canonical(text: str) -> str:
    """Return `text` in canonical characters and digits, without spaces and brackets."""
    folded = to_digits(normalise(text)).canonical
    return re.sub(r"[ ()·|]", "", folded)


def settled(text: str) -> str:
    """Return the form by which a whole text is known again: nothing that tells is lost."""
    return " ".join(normalise(text).canonical.split())


def _tidy(text: str) -> str:
    text = _ZEROS.sub("", text.strip("-/,. "))
    if match := _BEFORE.match(text):
        text = match.group(2) + match.group(1)
    elif match := _INSIDE.match(text):
        rest = match.group(3)
        text = match.group(1) + (
            rest + match.group(2) if rest[0] not in "附之-" else match.group(2) + rest
        )
    return text


@lru_cache(maxsize=65536)
def building_key(text: str) -> str:
    """Return the key of a building's number or label: 03号楼 is 3, 甲3号楼 is 3甲, A座 is A."""
    text = canonical(text)
    plain = _BUILDING.sub("", text)
    if not re.search(r"[\dA-Z甲乙丙丁东西南北中前后]$", plain):
        plain = text
    return _tidy(_BUILDING_INNER.sub("", plain) if plain != text or plain[-1:].isalnum() else plain)


@lru_cache(maxsize=65536)
def entrance_key(text: str) -> str:
    """Return the key of an entrance's number: 二单元, 2门 and 2 are 2; 东单元 is 东."""
    text = canonical(text)
    match = _ENTRANCE.match(text)
    return _tidy(match.group(1) if match and match.group(1) else text)


@lru_cache(maxsize=65536)
def group_key(text: str) -> str:
    """Return the key of a villagers' group: 第二村民小组, 二组 and 2 are 2; 前艾里 stays."""
    text = canonical(text)
    return _tidy(_GROUP.sub("", text)) or text


@lru_cache(maxsize=65536)
def storey_key(text: str) -> str:
    """Return the key of a storey's label or index: 5层, 5F are 5; 负一层, B1 are -1."""
    text = _STOREY.sub("", canonical(text))
    text = re.sub(r"^第", "", text)
    text = _BELOW.sub("-", text)
    text = re.sub(r"\.0$", "", text)
    return ("-" + _tidy(text[1:])) if text.startswith("-") else _tidy(text) or canonical(text)


@lru_cache(maxsize=8)
def _shop_words() -> tuple[re.Pattern[str], dict[str, str]]:
    shops = dict(habit().shops)
    longest = "|".join(sorted(shops, key=len, reverse=True))
    return re.compile(f"^({longest})|({longest})$"), shops


@lru_cache(maxsize=65536)
def room_key(text: str) -> str:
    """Return the key of a unit's designator: 0501室 is 501, 3号门市 is 门市3, 负101 is -101."""
    text = canonical(text)
    pattern, shops = _shop_words()
    if match := pattern.search(text):
        rest = text[: match.start()] + text[match.end() :]
        word = shops[match.group(0)]
        return word + _tidy(_ROOM.sub("", re.sub("^第", "", rest)).strip("-"))
    plain = _ROOM.sub("", text) if re.search(r"\d[A-Z]?(?:号)?\D+$", text) else text
    below = _BELOW.match(plain)
    if below and below.group(0) != "B":
        return "-" + _tidy(plain[below.end() :])
    return _tidy(plain)


@lru_cache(maxsize=65536)
def plate_key(text: str) -> str:
    """Return the key of a house number: 128号甲 and 甲128号 are 128甲; 12号附1号 is 12附1."""
    text = canonical(text)
    text = re.sub(r"附(\d+)号?$", r"附\1", text)
    return _tidy(_PLATE.sub("", text))
