"""What the tags of OpenStreetMap say, in the words of our ledgers.

Tags are written by hand and by many: every value is taken as a hint, read where it can be
read, and reported where it cannot.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Tags = Mapping[str, str]

_LANGUAGE = re.compile(r"(old_|alt_|official_|short_)?name:[a-z]{2,3}([-_][A-Za-z]+)*$")
_ALIASES = ("alt_name", "short_name", "official_name", "loc_name", "reg_name", "int_name")
_FORMER = ("old_name", "was:name")
_LENGTH = re.compile(
    r"""~?\s*(?P<number>-?\d+(?:[.,]\d+)?)\s*
        (?P<unit>m|metres?|meters?|米|ft|feet|foot|'|′)?
        (?:\s*(?P<inches>\d+(?:\.\d+)?)\s*(?:"|″|in))?$""",
    re.VERBOSE | re.IGNORECASE,
)
_FEET = frozenset({"ft", "feet", "foot", "'", "′"})
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_YEAR = re.compile(r"\b(1\d{3}|20\d{2})\b")
_BLOCK = re.compile(r"(?P<number>[0-9A-Za-z甲乙丙丁]{1,6})\s*(号楼|栋|幢|座|#楼|#)$")
_DOOR = re.compile(r"(?P<number>[0-9A-Za-z一二三四五六七八九十]{1,4})\s*单元$")
_FLOOR_REMARK = re.compile(
    r"\s*,\s*(.*\b(floors?|krs|stock|étage|level|katutaso|pohjakerros|sisäpiha).*)$",
    re.IGNORECASE,
)
_LIST_BREAK = re.compile(r";|,(?=\s*\d)")
_KINDS = ("自治区", "特别行政区", "自治州", "县级市", "村民小组", "街道", "苏木", "社区", "嘎查",
          "省", "盟", "区", "县", "旗", "镇", "乡", "村")  # fmt: skip
_LEVELS = {"3": "province", "4": "province", "5": "city", "6": "district", "7": "district",
           "8": "subdistrict", "9": "community", "10": "community", "11": "group"}  # fmt: skip
RANKS = ("province", "city", "district", "subdistrict", "community", "group")

_FUNCTIONS = {
    "residential": "apartments house residential detached semidetached_house terrace dormitory "
                   "bungalow cabin farm static_caravan ger hut block",
    "commercial": "commercial retail supermarket kiosk hotel shop warehouse_store marketplace",
    "office": "office",
    "school": "school university college kindergarten",
    "hospital": "hospital clinic",
    "public": "public civic government church cathedral chapel mosque temple shrine synagogue "
              "museum library train_station fire_station townhall railway transportation "
              "sports_hall sports_centre stadium pavilion religious",
    "industrial": "industrial warehouse manufacture factory hangar utility service barn stable",
    "garage": "garage garages parking carport",
}  # fmt: skip
_FUNCTION_OF = {word: name for name, words in _FUNCTIONS.items() for word in words.split()}

_COMPOUNDS = {
    ("amenity", "school university college kindergarten"): "campus",
    ("amenity", "hospital clinic"): "hospital",
    ("amenity", "marketplace"): "market",
    ("landuse", "residential"): "estate",
    ("landuse", "commercial"): "office_park",
    ("landuse", "retail"): "market",
    ("landuse", "industrial military religious education institutional civil"): "other",
    ("place", "village hamlet"): "village",
}
_GROUNDS = {
    ("natural", "water"): "water",
    ("landuse", "basin reservoir pond"): "water",
    ("leisure", "park garden"): "park",
    ("leisure", "pitch track stadium"): "sports",
    ("landuse", "grass forest meadow orchard vineyard cemetery village_green "
                "recreation_ground flowerbed"): "green",
    ("natural", "wood scrub grassland heath"): "green",
}  # fmt: skip
_CLASSES = {
    "main": "motorway trunk primary",
    "road": "secondary tertiary",
    "back": "unclassified residential living_street pedestrian road",
    "lane": "service footway path steps track cycleway bridleway",
}
_CLASS_OF = {word: name for name, words in _CLASSES.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class Names:
    """A name, the others in use, and those no longer; lists joined by `;`."""

    name: str | None
    aliases: str | None
    former: str | None


def names(tags: Tags) -> Names:
    """Read the names: `name` first, then Chinese, then any; the other languages are aliases."""
    spoken = {key: tags[key] for key in sorted(tags) if _LANGUAGE.match(key)}
    current = [value for key, value in spoken.items() if not key.startswith("old_")]
    name = tags.get("name") or tags.get("name:zh") or next(iter(current), None)
    others = [tags[key] for key in _ALIASES if key in tags] + current
    former = [tags[key] for key in _FORMER if key in tags]
    former += [value for key, value in spoken.items() if key.startswith("old_")]
    return Names(name, _joined(others, {name}), _joined(former, {name}))


def metres(text: str) -> float | None:
    """Read a height, `12`, `12,5 m`, `40'` or `12'6"`; of several the greatest."""
    found = []
    for part in text.split(";"):
        match = _LENGTH.match(part.strip())
        if match is None:
            return None
        number = float(match["number"].replace(",", "."))
        if (match["unit"] or "").lower() in _FEET:
            number = 0.3048 * (number + float(match["inches"] or 0) / 12)
        found.append(round(number, 2))
    return max(found) if 0 < max(found) <= 1000 else None


def storeys(text: str) -> int | None:
    """Read a count of storeys: of several the greatest, a half one is one with doors."""
    numbers = [abs(float(number.replace(",", "."))) for number in _NUMBER.findall(text)]
    count = math.ceil(max(numbers)) if numbers else None
    return count if count is not None and count <= 200 else None


def year(text: str) -> int | None:
    """Read the year something was built."""
    found = _YEAR.search(text)
    return int(found[1]) if found else None


def function(tags: Tags) -> str | None:
    """Read what a building is for; None where the tags only say that it is one."""
    value = tags.get("building", "yes")
    for word in (value, tags.get("amenity", ""), tags.get("building:use", "")):
        if word in _FUNCTION_OF:
            return _FUNCTION_OF[word]
    if any(key in tags for key in ("shop", "tourism")):
        return "commercial"
    return "office" if "office" in tags else (None if value in ("yes", "part") else "other")


def block_number(tags: Tags) -> str | None:
    """Read a building's number in its compound from a name like 3号楼 or a reference."""
    match = _BLOCK.match(tags.get("name", ""))
    return match["number"] if match else tags.get("ref")


def door_number(tags: Tags) -> str | None:
    """Read an entrance's number from a reference or from a name like 3单元."""
    match = _DOOR.match(tags.get("name", ""))
    return match["number"] if match else tags.get("ref") or tags.get("addr:unit")


def house_numbers(text: str) -> list[str]:
    """Split a list of house numbers; ranges stay whole, remarks on floors go."""
    plain = _FLOOR_REMARK.sub("", text)
    return [number for part in _LIST_BREAK.split(plain) if (number := " ".join(part.split()))]


def compound_kind(tags: Tags) -> str | None:
    """Tell the kind of compound, if it is one; a building is none."""
    return None if "building" in tags else _looked_up(tags, _COMPOUNDS)


def ground_kind(tags: Tags) -> str | None:
    """Tell the kind of ground, if it is one; a building is none."""
    kind = None if "building" in tags else _looked_up(tags, _GROUNDS)
    if kind == "water" and tags.get("water") in ("river", "canal", "stream"):
        return "river"
    return kind


def street_class(tags: Tags) -> str | None:
    """Tell the class of a street; None for what is no street (yet)."""
    return _CLASS_OF.get(tags.get("highway", "").removesuffix("_link"))


def division_level(tags: Tags) -> str | None:
    """Translate `admin_level`; a country (2) is above our tree."""
    return _LEVELS.get(tags.get("admin_level", ""))


def division_kind(name: str) -> str | None:
    """Read the kind of division off a Chinese name's end."""
    return next((kind for kind in _KINDS if name.endswith(kind)), None)


def _looked_up(tags: Tags, table: Mapping[tuple[str, str], str]) -> str | None:
    for (key, values), kind in table.items():
        if tags.get(key, " ") in values.split():
            return kind
    return None


def _joined(values: Iterable[str], without: set[str | None]) -> str | None:
    parts = (part.strip() for value in values for part in value.split(";"))
    return ";".join(dict.fromkeys(part for part in parts if part and part not in without)) or None
