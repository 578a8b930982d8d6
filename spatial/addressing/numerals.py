"""Numbers as written in Chinese, in digits; names and queries are converted alike.

A run of Chinese numerals that touches Arabic digits has two readings (六〇1 is 601, but
八一5-2-302 is 八一 and then 5), so a text can have several; the caller tries them in turn.
"""

import re
from collections.abc import Iterable

from spatial.addressing.characters import Text

PLAIN = dict(zip("零〇一二三四五六七八九", "00123456789", strict=True))
FORMAL = dict(zip("壹贰叁肆伍陆柒捌玖", "123456789", strict=True))
SPOKEN = {"幺": "1", "洞": "0", "拐": "7", "两": "2", "俩": "2"}
SCALE = {"十": 10, "拾": 10, "廿": 20, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
DIGITS = PLAIN | FORMAL | SPOKEN
#: What keeps numbers of two readings apart in a canonical text.
BREAK = "|"

_SURE = "零〇一二三四五六七八九十廿"
_RUN = re.compile("[零〇一二三四五六七八九十百千廿壹贰叁肆伍陆柒捌玖拾佰仟两俩幺洞拐]+")
_UNIT = re.compile("号|单元|单(?![位身间独据价])|舍|斋|排|栋|幢|座|楼|室|层|期|区|组|门|弄|户|梯|"
                   "房|院|#|-|/|F")
#: Characters that end a unit word: what follows is a number, however it is spoken.
_AFTER = frozenset("楼元栋幢座号层室门梯单弄舍斋排房户#-")
#: Characters that make words of 洞 and 拐: 桥洞, 往东拐.
_WORDED = frozenset("桥涵山防窑隧岩龙仙水东西南北左右口路街巷处往向头前后")
_SINGLES = re.compile(r"(?:(?<=\d )(\d) (\d) (\d)"
                      r"|(?<=[元门楼栋幢梯座])(\d) (\d) (\d)(?: (\d))?)(?! ?\d)")
_BAR = re.compile(r"(?<=\d)杠(?=\d)")
#: 东四10条 for 东四十条: the tens in digits behind a Chinese numeral.
_TENS = re.compile("(?<=[二三四五六七八九])10(?!\\d)")
_DASHED = re.compile(r"(?<=\d)一(?=\d)")


def read_number(run: str) -> str:
    """Return the digits of a run of Chinese numerals, as written or as spoken.

    五百零一 is 501, 五〇一 is 501, 十一零二 is 1102 (floor eleven, room two), 廿三 is 23.
    """
    if not any(c in SCALE for c in run):
        return "".join(DIGITS[c] for c in run)
    done: list[str] = []
    total, digit, floor = 0, "", 10**6
    for at, c in enumerate(run):
        scale = SCALE.get(c)
        if scale is None:
            joined = c in "零〇" and (floor >= 100) and total and not digit
            if joined:
                continue
            if digit or (c in "零〇") or floor <= 1:
                return "".join(done) + _value(total, digit, floor) + read_number(run[at:])
            digit = DIGITS[c]
        elif c == "廿":
            total, digit, floor = total + 20, "", 10
        elif scale >= floor:
            return "".join(done) + _value(total, digit, floor) + read_number(run[at:])
        else:
            total, digit, floor = total + int(digit or "1") * scale, "", scale
    return "".join(done) + _value(total, digit, floor, run)


def _value(total: int, digit: str, floor: int, run: str = "") -> str:
    """Close a positional number; 一百五 means 150 when nothing stands for the tens."""
    if not digit:
        return str(total)
    short = floor in {100, 1000} and len(run) > 1 and run[-2] not in "零〇"
    return str(total + int(digit) * (floor // 10 if short else 1))


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out of a run the characters that are numerals only in company."""
    while start < end and text[start] in "百千佰仟":
        start += 1
    if text.startswith(("字路", "字街"), end) and text[end - 1] in "十丁":
        end -= 1
    run = text[start:end]
    before = text[start - 1 : start]
    beside = (
        before.isdigit()
        or text[end : end + 1].isdigit()
        or _UNIT.match(text, end) is not None
        or before in {"-", "/", "#"}
    )
    if run and not any(c in _SURE for c in run) and not beside:
        short = len(run) < len("幺洞两")
        spoken = all(c in SPOKEN for c in run) and (
            len(run) == 1 or (short and before not in _AFTER))
        return (start, start) if spoken or len(run) == 1 else (start, end)
    return _trim_spoken(text, start, end)


def _trim_spoken(text: str, start: int, end: int) -> tuple[int, int]:
    """桥洞3号 keeps its 洞: a spoken numeral at an edge needs a numeral and no Han word there."""
    before = text[start - 1 : start]
    if start < end and text[start] in "洞拐" and "一" <= before <= "鿿":
        spoken = sum(c in SPOKEN for c in text[start:end])
        if spoken < 2 and before not in _AFTER and (
                before in _WORDED or (end - start == 1 and not _UNIT.match(text, end))):
            start += 1
    return start, end


def runs(text: str) -> list[tuple[int, int]]:
    """Return the spans of the Chinese numerals of a canonical text."""
    found = []
    for match in _RUN.finditer(text):
        start, end = _trim(text, match.start(), match.end())
        if start < end:
            found.append((start, end))
    return found


def _converted(text: Text, *, apart: bool, breaks: frozenset[int]) -> Text:
    """Convert every run; `apart` marks where Chinese and Arabic digits meet, `breaks` elsewhere."""
    source = text.canonical
    edits = []
    for start, end in runs(source):
        cuts = sorted(cut for cut in breaks if start < cut < end)
        pieces = [
            read_number(source[a:b]) for a, b in zip([start, *cuts], [*cuts, end], strict=True)
        ]
        new = BREAK.join(pieces)
        if apart or start in breaks:
            new = (BREAK if source[start - 1 : start].isdigit() else "") + new
        if apart or end in breaks:
            new += BREAK if source[end : end + 1].isdigit() else ""
        edits.append((start, end, new))
    return text.rewrite(edits).substitute(_BAR, lambda _: "-")


def to_digits(text: Text) -> Text:
    """Return the first reading of a text: every Chinese number in digits."""
    dashed = text.substitute(_DASHED, lambda _: "-")
    return _converted(dashed, apart=False, breaks=frozenset())


def readings(text: Text, breaks: Iterable[int] = ()) -> list[Text]:
    """Return the distinct readings of a text, likeliest first.

    `breaks` are positions where a registered name ends inside a run of numerals (八一二号楼
    after 八一).
    """
    first = to_digits(text)
    found = {first.canonical: first}
    dashed = text.substitute(_DASHED, lambda _: "-")
    others = [_converted(dashed, apart=True, breaks=frozenset())]
    cuts = frozenset(breaks)
    if cuts and dashed.canonical == text.canonical:
        others.append(_converted(text, apart=False, breaks=cuts))
    if dashed.canonical != text.canonical:
        others.append(_converted(text, apart=False, breaks=frozenset()))
    if _TENS.search(text.canonical):
        others.append(to_digits(text.substitute(_TENS, lambda _: "十")))
    others.append(first.substitute(_SINGLES, lambda m: "".join(m.groups(default=""))))
    for other in others:
        found.setdefault(other.canonical, other)
    return list(found.values())
