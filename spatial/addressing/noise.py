"""What is in the text and not part of the address: phones, numbers of papers, dates, persons.

Each find is cut out, kept under its kind, and a comma left in its place: a boundary that numbers
of an address never cross.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from spatial.addressing.characters import DATA, Text

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("id_number", re.compile(r"(?<![\dA-Z])\d{17}[\dX](?![\dA-Z])")),
    ("credit_code", re.compile(r"(?<![\dA-Z])(?=[\dA-Z]*[A-Z])[\dA-HJ-NPQRTUWXY]{18}(?![\dA-Z])")),
    ("phone", re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")),
    ("phone", re.compile(r"(?<!\d)(?:\(0\d{2,3}\)|0\d{2,3}[- ])\d{7,8}(?!\d)")),
    ("phone", re.compile(r"(?:电话|手机|TEL|座机|联系方式)[:号码 ]*\d{7,12}(?!\d)")),
    ("date", re.compile(
        r"(?<!\d)(?:19|20)\d{2}(?:年\d{1,2}月(?:\d{1,2}[日号])?|([-/.])\d{1,2}\1\d{1,2})(?!\d)")),
    ("date", re.compile(
        r"(?<!\d)(?:19|20)\d{2}(?:年(?!\d)|(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?!\d))")),
    ("area", re.compile(
        r"(?:建筑面积|面积)?[: ]?(?<![\d-])\d+(?:\.\d+)?(?:平方米|平米|平|M2)(?!房)")),
    ("count", re.compile(r"(?:,| )?共?(?<![\d-])\d{1,2}(?:口人|人)(?![民家口一-鿿])")),
    ("time", re.compile(r"(?<!\d)[0-2]?\d:[0-5]\d(?::[0-5]\d)?")),
    ("code", re.compile(r"(?<![\dA-Z-])\d{12,20}(?![\dA-Z])")),
    ("id_number", re.compile(r"(?<![\dA-Z-])\d{15}(?![\dA-Z])")),
    ("postcode", re.compile(
        r"(?:邮编|邮政编码)[:号码 ]*\d{6}(?!\d)|(?:^|(?<=[, ]))\d{6}(?=[, ]|$)")),
    ("serial", re.compile(
        r"(?<![灯杆井盖栓桩站柜])(?:序号|编号|NO\.?)[: ]*[A-Z]*\d+"
        r"|^(?!\d{3,4},[\d一二三四五六七八九十]+(?:单元|[门栋幢]|号楼))[A-Z]{0,2}\d+(?=[,、\)])|^[A-Z]?\d{1,5}\.(?=\D)")),
)  # fmt: skip
_LABEL = re.compile(
    r"(?:详细地址|现居住地|户籍地址|户籍地|家庭住址|家庭地址|经营地址|注册地址|收货地址|联系地址|居住地址|"
    r"事发地点|报警地点|现住址|现住|地址|住址|住所|位置|地点|小区(?:名称?)?|房号|门牌号?|备注)[:]"
)
#: Fields of a form, each number behind its label: 楼号：3 单元：2 房号：501.
_FIELD_NUMBER = "([A-Z]?[\\d一二三四五六七八九十零〇百壹贰叁肆伍陆柒捌玖拾甲乙丙丁]++[A-Z]?)"
_FIELDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"(?:{label}){_FIELD_NUMBER}(?:{words})?(?![-/\d.])"), word)
    for label, words, word in (
        (r"(?:楼栋|楼|栋|幢|座)(?:(?:号|编号)[: ]*|[:] *)", "号楼|栋|幢|座|号|楼", "号楼"),
        (r"单元(?:号[: ]*|[:] *)", "号?单元|号", "单元"),
        (r"(?:楼层|层)(?:号[: ]*|数?[:] *)", "层|楼", "层"),
        (r"(?:房间|房|室|户|门牌)(?:号码?[: ]*|[:] *)", "号?室|号|房", "室")))
_ORPHAN = re.compile(
    r"(?:联系电话|联系方式|电话|手机号?码?|身份证号?码?|邮编|证件号码?)[: ]*(?=,|$)"
)
_PERSON = re.compile(
    r"(?:户主|业主|房主|房东|租户|租客|承租人|联系人|收件人|收货人|法人|法定代表人|负责人|姓名|报警人|"
    r"住户|当事人)(?:是|为|叫)?[: ]?([一-鿿·]{2,4}?)(?=[,\d:()\- ]|的|家|住|$)"
)
_CALLER = re.compile(
    r"(?:报警人|来电人|来电群众|当事人|市民|居民|群众|业主)(?:来电)?(?:称|说|反映|反馈|报称|报|诉)[:,]?")
_FIRST = re.compile(r"([一-鿿]{2,3}) +([一-鿿]{3,12})")
_CALLED = re.compile(r"(?:^|(?<=[, ]))([一-鿿]{1,3}(?:先生|女士|师傅|大爷|大妈|阿姨|经理|老师))")
_ALONE = re.compile(r"(?:^|(?<=[, ]))([一-鿿]{2,3}|[一-鿿]{2,5}·[一-鿿]{2,6})(?=[, ]|$)")
_SEX = re.compile(r"(?:^|(?<=[, ]))(男|女|[汉蒙回满]族?|身份证号?码?|本人|已婚|未婚)(?=[, :]|$)")
_BRACKET = re.compile(r"\(([^()]*)\)?|([^()]*)\)")
_ZONE = re.compile(
    r"(?:第?[\d一二三四五六七八九十]+|[A-Z]|[东西南北中])(?:期|区|组团|街区|苑|院|园|号楼|栋|幢|座|单元)?"
)
#: A stretch of the street in front of the bracket: (青年路至人民路).
_SECTION = re.compile(
    r"[^,()]{1,10}(?:街|道|路|巷|胡同)(?:口)?(?:至|到|-|~)"
    r"[^,()]{1,10}(?:街|道|路|巷|胡同)(?:口)?(?:路?段|之间)?"
)
#: Tells whether words hold a registered name.
Bears = Callable[[str], bool]
#: Left where something was cut out.
BOUNDARY = ","


@dataclass(slots=True)
class Findings:
    """What noise removal took out: by kind, plus remarks and bracketed hints, as canonical text."""

    extracted: dict[str, list[str]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)

    def keep(self, kind: str, value: str) -> None:
        """Note one find of `kind`."""
        values = self.extracted.setdefault(kind, [])
        if value and value not in values:
            values.append(value)


@lru_cache(maxsize=1)
def surnames() -> frozenset[str]:
    """Return the common surnames by which a name standing alone is known."""
    return frozenset((DATA / "surnames.txt").read_text(encoding="utf-8").split())


def _take(text: Text, kind: str, pattern: re.Pattern[str], found: Findings) -> Text:
    if pattern.search(text.canonical) is None:
        return text
    edits = []
    for match in pattern.finditer(text.canonical):
        value = text.quote(match.start(), match.end())
        found.keep(kind, re.sub(r"^[^\d+]*", "", value) if kind in {"phone", "postcode"} else value)
        edits.append((match.start(), match.end(), BOUNDARY))
    return text.rewrite(edits)


def _take_persons(text: Text, found: Findings, bears: Bears) -> Text:
    edits = []
    for match in _PERSON.finditer(text.canonical):
        if bears(match.group(1)) or not _named(match.group(1)):
            continue
        found.keep("person", match.group(1))
        found.remarks.append(text.quote(match.start(), match.end()))
        edits.append((match.start(), match.end(), BOUNDARY))
    text = _take_first(text.rewrite(edits), found, bears)
    for pattern in (_CALLED, _SEX):
        for match in pattern.finditer(text.canonical):
            found.remarks.append(match.group(0))
        text = text.substitute(pattern, lambda _: BOUNDARY)
    return text


def _take_first(text: Text, found: Findings, bears: Bears) -> Text:
    """Take out a person's name that a space parts from a registered name: 赵强 向阳小区3号楼."""
    match = _FIRST.match(text.canonical)
    if match is None or not _named(match[1]) or bears(match[1]) or not bears(match[2]):
        return text
    found.keep("person", match[1])
    found.remarks.append(match[1])
    return text.rewrite([(0, match.end(1), "")])


def _named(words: str) -> bool:
    """Tell whether words can be a person's name: by the surname, or by the dot of a long one."""
    return words[:1] in surnames() or words[:2] in surnames() or "·" in words


def alone_person(segment: str) -> str | None:
    """Return the person a segment consists of (王建国), judged by the surname, or None."""
    match = _ALONE.fullmatch(segment)
    name = match.group(1) if match else ""
    return name if name and _named(name) else None


def _take_brackets(text: Text, found: Findings) -> Text:
    """Cut brackets out as hints; (二期) or (A区) is part of the name before it and stays."""
    edits = []
    for match in _BRACKET.finditer(text.canonical):
        inner = (match.group(1) or match.group(2) or "").strip()
        if _SECTION.fullmatch(inner) and match.group(1) is not None:
            edits += [(match.start(), match.start() + 1, ""), (match.end() - 1, match.end(), "")]
        elif match.group(2) is not None and match.start() == 0 and len(inner) > 6:
            edits.append((match.end() - 1, match.end(), ""))
        elif _ZONE.fullmatch(inner) and not inner.isdigit() and match.end() < len(text.canonical):
            start = match.start() + text.canonical[match.start()].count("(")
            edits += [(match.start(), start, ""), (match.end() - 1, match.end(), "")]
        else:
            found.hints.append(inner)
            edits.append((match.start(), match.end(), BOUNDARY if inner else ""))
    return text.rewrite(edits)


def _take_fields(text: Text) -> Text:
    """Write each number of a form with its unit word, as an address does: 楼号：3 is 3号楼.

    One field alone is no form: 房号：3-2-501 and 门牌号12 stay as they are.
    """
    found = sorted((m.start(), m.end(), m[1] + word)
                   for pattern, word in _FIELDS for m in pattern.finditer(text.canonical))
    others = re.search("号楼|单元|[栋幢]", text.canonical)
    return text.rewrite(found) if len(found) > 1 or (found and others) else text


_SPACED = re.compile(r"\s+")
_DIGITLIKE = frozenset("0123456789一二三四五六七八九十零〇百壹贰叁肆伍陆柒捌玖拾甲乙丙丁")


def _tight(text: Text) -> Text:
    """Drop spaces but where they keep two numbers or two Latin words apart."""

    def gap(match: re.Match[str]) -> str:
        before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
        latin = before.isascii() and after.isascii() and before.isalnum() and after.isalnum()
        return " " if latin or (before in _DIGITLIKE and after in _DIGITLIKE) else ""

    text = text.substitute(_SPACED, gap)
    return text.substitute(re.compile("(?<=[一-鿿])·|·(?=[一-鿿])"), lambda _: "")


_OCR_O = re.compile(r"(?<=\d)[OＯ](?=\d|$|[^A-Z\d])|(?<=\d)O(?=O\d)")
_OCR_I = re.compile(r"(?<=\d)[IL|](?=\d)|(?:(?<=单元)|(?<=\d-)|(?<=\d/))[IL](?=\d{2}(?!\d))")
#: A small l (or |) is no letter of a room, as a capital L may be.
_OCR_SMALL = re.compile(r"(?<=\d\d)[L|](?![A-Z\d])|(?<![A-Z\d])[L|](?=单元|号楼)")


def without_noise(text: Text, bears: Bears = lambda _: False) -> tuple[Text, Findings]:
    """Return the text freed of what is no address, and what that was.

    `bears` tells whether words hold a registered name: such words name no person.
    """
    found = Findings()
    for kind, pattern in _PATTERNS:
        text = _take(text, kind, pattern, found)
    text = _take_fields(text)
    text = text.substitute(_LABEL, lambda _: BOUNDARY)
    text = text.substitute(_ORPHAN, lambda _: BOUNDARY)
    text = text.substitute(_CALLER, lambda _: BOUNDARY)
    text = _take_persons(text, found, bears)
    text = _take_brackets(text, found)
    text = _tight(text)
    text = text.substitute(_OCR_O, lambda _: "0")
    text = text.substitute(_OCR_I, lambda _: "1")
    small = [(m.start(), m.end(), "1") for m in _OCR_SMALL.finditer(text.canonical)
             if text.quote(m.start(), m.end()) in {"l", "|"}]
    text = text.rewrite(small)
    return text, found
