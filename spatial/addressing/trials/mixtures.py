"""Addresses put together from what the specification lists, part by part, in every combination.

Where `writings` holds whole manners of writing, here each part is drawn by itself: how much of the
area is said, what joins name and numbers, which unit words, which numerals, what is around it.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spatial.addressing.trials.writings import Parts, spoken

_RADIO = str.maketrans("0123456789", "洞幺两三四五六拐八九")
_HAN = str.maketrans("0123456789", "零一二三四五六七八九")
_FORMAL = str.maketrans("0123456789", "零壹贰叁肆伍陆柒捌玖")
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_FLOOR_AND_DOOR = 2
Numerals = Callable[[str], str]

_BUILDING_WORDS = ("号楼", "号楼", "栋", "幢", "#", "#楼", "号")
_ENTRANCE_WORDS = ("单元", "单元", "门", "号单元", "单", "梯")
_ROOM_WORDS = ("室", "", "", "号", "户", "房")
_DASHES = ("-", "-", "－", "—", "–", "/", ".", " ", "、", "_", "杠")
_BEFORE = ("", "", "", "地址：", "住址:", "【", "我在", "我家住", "你好我住在", "请送到",
           "报警人称", "王建国 13812345678 ", "户主：李强，", "0012,张伟,男,", "028000 ",
           "联系人刘洋：")
_AFTER = ("", "", "", "。", "，有人打架", "，水管漏水了", "（出租）", "(租户张三)", " 13912345678",
          "，联系电话：0475-8234567", "，谢谢", " 王女士", "家里没人")


def _tens(number: str) -> str:
    """Return a room number as said by floors: 1102 is 十一零二."""
    if len(number) != _FLOOR_AND_DOOR * 2 or number[0] == "0" or not number.isdigit():
        return number.translate(_HAN)
    return spoken(number[:2]) + number[2:].translate(_HAN)


def _positional(number: str) -> str:
    """Return a number with its places said: 501 is 五百零一."""
    if not number.isdigit() or len(number) != 3 or number[0] == "0":  # noqa: PLR2004
        return number.translate(_HAN)
    hundreds, tens, ones = tuple(number.translate(_HAN))
    if number[1:] == "00":
        return f"{hundreds}百"
    if number[1] == "0":
        return f"{hundreds}百零{ones}"
    return f"{hundreds}百{tens}十" + (ones if number[2] != "0" else "")


@dataclass(frozen=True, slots=True)
class Mixture:
    """One way to say the numbers, and the words around."""

    text: str
    what: str
    entrance: bool  # whether the entrance was said


def _script(rng: random.Random, *, dirty: bool) -> tuple[str, Numerals, Numerals]:
    """Draw how numbers are written: (name, for small numbers, for rooms)."""
    plain: tuple[str, Numerals, Numerals] = ("digits", str, str)
    if not dirty:
        return plain
    return rng.choice([
        plain, plain, ("wide", lambda n: n.translate(_WIDE), lambda n: n.translate(_WIDE)),
        ("Han", spoken, lambda n: n.translate(_HAN)),
        ("radio", lambda n: n.translate(_RADIO), lambda n: n.translate(_RADIO)),
        ("floors", spoken, _tens), ("places", spoken, _positional),
        ("formal", lambda n: n.translate(_FORMAL), lambda n: n.translate(_FORMAL)),
        ("zeros", lambda n: n.zfill(2), lambda n: n.zfill(4)),
    ])  # fmt: skip


def _numbers(parts: Parts, rng: random.Random, *, dirty: bool, building: Sequence[str],
             ) -> tuple[str, str, bool]:  # fmt: skip
    script, small, room = _script(rng, dirty=dirty)
    said = not parts.e or not dirty or rng.random() < 0.9
    entrance = parts.e if said else ""
    if script in {"digits", "wide"} and rng.random() < 0.4:
        dash = rng.choice(_DASHES if dirty else _DASHES[:3])
        row = dash.join(small(n) for n in (parts.b, entrance, parts.r) if n)
        joint = " " if dash == " " else ""
        return joint + row, f"{script}, {dash!r}", said
    word = rng.choice(building if dirty else building[:4])
    out = small(parts.b) + word
    if entrance:
        out += small(entrance) + rng.choice(_ENTRANCE_WORDS if dirty else _ENTRANCE_WORDS[:2])
    if dirty and script == "digits" and parts.r[:-2].isdigit() and rng.random() < 0.15:
        floor = int(parts.r[:-2])
        style = rng.random()
        if style < 0.5:
            return f"{out}{floor}层{parts.r}室", "storey and room", said
        return f"{out}{floor}楼{int(parts.r[-2:])}号", "storey and door", said
    ending = rng.choice(_ROOM_WORDS if dirty else _ROOM_WORDS[:3])
    return f"{out}{room(parts.r)}{ending}", f"{script}, {word}", said


def mixture(parts: Parts, rng: random.Random, *, dirty: bool,
            building: Sequence[str] = _BUILDING_WORDS) -> Mixture:  # fmt: skip
    """Return one text for an address; `building` are the words its city uses for a building."""
    numbers, what, said = _numbers(parts, rng, dirty=dirty, building=building)
    area = rng.choice(["", "", parts.community, parts.area + parts.community, parts.area])
    joint = rng.choice(["", "", "", " ", "，"]) if dirty else ""
    text = f"{area}{parts.c}{joint}{numbers}"
    if dirty:
        before, after = rng.choice(_BEFORE), rng.choice(_AFTER)
        text = f"{before}{text}{'】' if before == '【' else ''}{after}"
        what += f"; {before}…{after}" if before or after else ""
    return Mixture(text, what, said)
