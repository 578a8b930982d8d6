"""The ways in which people write one address, by the specification's table of forms."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_HAN = str.maketrans("0123456789", "零一二三四五六七八九")
_CIRCLE = str.maketrans("0123456789", "〇一二三四五六七八九")
_BANK = str.maketrans("0123456789", "零壹贰叁肆伍陆柒捌玖")
_WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")
_TRADITIONAL = str.maketrans("园号楼单东区华龙兴门来国学电业农铁",
                             "園號樓單東區華龍興門來國學電業農鐵")


@dataclass(frozen=True, slots=True)
class Parts:
    """What an address is made of; `area` are the divisions above, `e` is empty without entrance."""

    area: str
    community: str
    c: str
    b: str
    e: str
    r: str

    @property
    def tail(self) -> str:
        """Return entrance and room as the standard address writes them."""
        return f"{self.e}单元{self.r}" if self.e else self.r

    def row(self, between: str) -> str:
        """Return the numbers in a row."""
        return between.join(n for n in (self.b, self.e, self.r) if n)


def spoken(number: str) -> str:
    """Return a number as it is counted aloud: 21 is 二十一; longer ones digit by digit."""
    if not number.isdigit() or len(number) > 2:
        return number.translate(_HAN)
    tens, ones = divmod(int(number), 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{tens}十".translate(_HAN)
    return head + (str(ones).translate(_HAN) if ones or not tens else "")


Writing = Callable[[Parts], str]
#: Normal texts: a clerk's hand.
CLEAN: Mapping[str, Writing] = {
    "in full": lambda p: f"{p.area}{p.community}{p.c}{p.b}号楼{p.tail}室",
    "from the compound": lambda p: f"{p.c}{p.b}号楼{p.tail}室",
    "no 室": lambda p: f"{p.c}{p.b}号楼{p.tail}",
    "with community": lambda p: f"{p.community}{p.c}{p.b}号楼{p.tail}室",
    "栋": lambda p: f"{p.c}{p.b}栋{p.tail}室",
    "幢": lambda p: f"{p.c}{p.b}幢{p.tail}室",
    "dashes": lambda p: f"{p.c}{p.row('-')}",
    "slashes": lambda p: f"{p.c}{p.row('/')}",
    "spaces between": lambda p: f"{p.c} {p.b}号楼 {p.tail}",
    "comma": lambda p: f"{p.community}，{p.c}{p.b}号楼{p.tail}室",
}
#: Dirty texts: ledgers, messages, talk.
DIRTY: Mapping[str, Writing] = {
    "wide": lambda p: f"{p.c}{p.row('-')}".translate(_WIDE),
    "dots": lambda p: f"{p.c}{p.row('.')}",
    "bare row": lambda p: f"{p.c} {p.row(' ')}",
    "hash": lambda p: f"{p.c}{p.b}#{'-'.join(n for n in (p.e, p.r) if n)}",
    "号楼 and dash": lambda p: f"{p.c}{p.b}号楼{'-'.join(n for n in (p.e, p.r) if n)}",
    "门": lambda p: f"{p.c}{p.b}栋{p.e}门{p.r}" if p.e else f"{p.c}{p.b}栋{p.r}",
    "long dashes": lambda p: f"{p.c}{p.row('—')}",
    "杠": lambda p: f"{p.c}{p.row('杠')}",
    "zeros": lambda p: f"{p.c}{p.b.zfill(2)}号楼{p.tail}",
    "spoken": lambda p: f"{p.c}{spoken(p.b)}号楼{spoken(p.e)}单元{p.r.translate(_HAN)}" if p.e
              else f"{p.c}{spoken(p.b)}号楼{p.r.translate(_HAN)}",
    "circles": lambda p: f"{p.c}{p.b}号楼{p.tail.translate(_CIRCLE)}室",
    "banker's numerals": lambda p: f"{p.c}{p.b.translate(_BANK)}号楼{p.tail}室",
    "traditional": lambda p: f"{p.c}{p.b}号楼{p.tail}室".translate(_TRADITIONAL),
    "phone and person": lambda p: f"王建国 13812345678 {p.c}{p.b}号楼{p.tail}室",
    "label": lambda p: f"住址：{p.community}{p.c}{p.b}号楼{p.tail}室，联系电话：13912345678",
    "talk": lambda p: f"你好我家在{p.c}{p.b}号楼{p.tail}，楼上漏水了",
    "word slip": lambda p: f"{p.c}{p.b}号搂{p.e}单无{p.r}" if p.e else f"{p.c}{p.b}号搂{p.r}室",
    "order": lambda p: f"{p.b}号楼{p.tail}室，{p.c}",
    "repeated": lambda p: f"{p.c}{p.c}{p.b}号楼{p.tail}室",
    "brackets": lambda p: f"{p.c}（{p.community}）{p.b}号楼{p.tail}室",
    "remark": lambda p: f"{p.c}{p.b}号楼{p.tail}室（租户）",
    "postcode": lambda p: f"028000 {p.area}{p.c}{p.b}号楼{p.tail}室",
}


def draw(rng: random.Random, *, dirty: bool) -> tuple[str, Writing]:
    """Return one way of writing, and what it is called."""
    return rng.choice(list((DIRTY if dirty else CLEAN).items()))
