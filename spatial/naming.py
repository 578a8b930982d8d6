"""Search keys of persons' and organizations' names: folded, as they sound, by initials.

A name is kept as it is written; these keys only find it. Dots of every kind, a space or nothing
are one; traditional and simplified characters are one; a surname is read as a surname (单 shan,
仇 qiu), from a table that comes before the dictionary. Transliterated names (阿卜杜, 阿不都) meet
in their pinyin without tones.
"""

import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from spatial.addressing.characters import fold as fold_character
from spatial.addressing.sounds import all_readings, syllable, syllables
from spatial.counties import current_names

DATA = Path(__file__).parent.parent / "data" / "names"
#: What stands between the parts of a name.
DOT = "·"
_DOTS = re.compile(r"[·.\s-]+")
_BRACKETED = re.compile(r"\(([^()]*)\)")
_REGION_ENDS = re.compile(r"(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|省|市|地区|盟)$")
_LONGEST_SURNAME = 4
_OTHER_READINGS = 12


@dataclass(frozen=True)
class NameKeys:
    """The keys of a person's name.

    `fold` finds it exactly, `variant_fold` with variant surnames as one, `pinyin` (letters only,
    no tones, v for ü) as it sounds, `initials` by first letters; `parts` lie between its dots.
    """

    fold: str
    pinyin: str
    initials: str
    variant_fold: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class OrganizationKeys:
    """The keys of an organization's name.

    `fold` leaves out region and legal form (通辽市华联超市有限公司 is 华联超市); `full` has all.
    """

    fold: str
    pinyin: str
    initials: str
    full: str


def fold_name(name: str) -> str:
    """Return the folded name: simplified, lower case, without dots, spaces and signs."""
    return "".join(_letters(character) for character in name)


def keys(name: str, *, pinyin: str | None = None) -> NameKeys:
    """Return the keys of a person's name; `pinyin` is how the person writes it, if known."""
    parts = tuple(part for part in map(fold_name, _DOTS.split(_dotted(name))) if part)
    folded = "".join(parts)
    sounds = _sounds(parts)
    said = "".join(letter for letter in (pinyin or "").replace("ü", "v").lower()
                   if letter.isalpha()) or "".join(sounds)
    initials = "".join(sound[:1] for sound in sounds)
    surname = surname_of(folded) if len(parts) == 1 else ""
    variant = "".join(_variants().get(character, character) for character in surname)
    return NameKeys(folded, said, initials, variant + folded[len(surname):], parts)


def surname_of(folded: str) -> str:
    """Return the surname that a folded Chinese name begins with, empty where none is known."""
    table = surnames()
    for length in range(min(_LONGEST_SURNAME, len(folded) - 1), 0, -1):
        if folded[:length] in table:
            return folded[:length]
    return ""


def other_pinyin(name: str) -> tuple[str, ...]:
    """Return how else a name may be read, likelier first: keys of a second class."""
    found = keys(name)
    sounds = list(_sounds(found.parts))
    surname = surname_of(found.fold) if len(found.parts) == 1 else ""
    readings = []
    if surname and surnames()[surname][1]:
        readings.append("".join([*surnames()[surname][1], *sounds[len(surname):]]))
    if len(sounds) == len(found.fold):
        for index, character in enumerate(found.fold):
            readings += ["".join([*sounds[:index], other, *sounds[index + 1:]])
                         for other in sorted(all_readings(character))]
    unique = dict.fromkeys(reading.replace("ü", "v") for reading in readings)
    return tuple(reading for reading in unique if reading != found.pinyin)[:_OTHER_READINGS]


@lru_cache(maxsize=50_000)
def organization_keys(name: str) -> OrganizationKeys:
    """Return the keys of an organization's name; digits and letters always stay."""
    plain = "".join(fold_character(character) for character in name).lower()
    full = fold_name(plain)
    core = fold_name(_BRACKETED.sub(_telling, plain))
    core = _without_legal_form(_without_region(core)) or full
    sounds = syllables(core)
    return OrganizationKeys(core, "".join(sounds), "".join(sound[:1] for sound in sounds), full)


@cache
def surnames() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return each surname's reading as a surname, and another one if there is one."""
    lines = (DATA / "surnames_pinyin.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    return {row[0]: (tuple(row[1].split()), tuple(row[2].split())) for row in rows}


@lru_cache(maxsize=65_536)
def _letters(character: str) -> str:
    folded = fold_character(character)
    return "".join(sign for sign in folded.lower() if sign.isalnum() or sign == "〇")


def _dotted(name: str) -> str:
    """Return the name with every kind of dot and space as one of two."""
    return "".join(map(fold_character, name.strip()))


def _sounds(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Return one sound a character, a run of Latin letters as one."""
    if len(parts) == 1:
        surname = surname_of(parts[0])
        if surname:
            return surnames()[surname][0] + _spelled(parts[0][len(surname):])
    return tuple(sound for part in parts for sound in _spelled(part))


def _spelled(text: str) -> tuple[str, ...]:
    readings = _words()["given_readings"]
    return tuple(run if run.isascii() else readings.get(run) or syllable(run)
                 for run in re.findall(r"[a-z0-9]+|[^a-z0-9]", text))


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = json.loads((DATA / "name_words.json").read_text(encoding="utf-8"))
    return words


@cache
def _variants() -> dict[str, str]:
    """Return the first of each group of surnames that are written one for the other."""
    return {character: group[0] for group in _words()["surname_variants"] for character in group}


@cache
def _regions() -> dict[str, int]:
    """Return names a firm's may begin with, and how much must follow: more after short ones."""
    names: dict[str, int] = {}
    for code, name in current_names():
        short = _REGION_ENDS.sub("", name)
        if code.endswith("00") and len(short) > 1:
            names[fold_name(short)] = 4
        if len(name) > 2 and name not in {"市辖区", "自治区直辖县级行政区划"}:
            names[fold_name(name)] = 2
    return names


def _telling(match: re.Match[str]) -> str:
    """Return what brackets add: nothing if it is a region or a legal form."""
    inner = fold_name(match[1])
    return "" if inner in _regions() or inner in _words()["legal_suffixes"] else match[1]


def _without_region(name: str) -> str:
    regions = _regions()
    for length in range(min(12, len(name)), 1, -1):
        least = regions.get(name[:length])
        if least is not None and len(_without_legal_form(name[length:])) >= least:
            return _without_region(name[length:])
    return name


def _without_legal_form(name: str) -> str:
    for ending in sorted(_words()["legal_suffixes"], key=len, reverse=True):
        if name.endswith(ending):
            return _without_legal_form(name[:-len(ending)])
    return name
