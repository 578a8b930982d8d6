"""Text -> typed values, column by column; what cannot be read is a problem with a remedy.

Civil dates count in the registry's zone; partial ones (2019, 2019-05) keep their precision.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Boolean, Column, DateTime, Float, Integer, SmallInteger, String
from sqlalchemy.dialects.postgresql import ARRAY

from importers.columns import each
from layers.base import Field
from layers.codelists import codelist
from spatial import codes as checks
from spatial.cells import unguarded
from spatial.errors import InvalidInput
from spatial.working_time import written

LIST_BREAK = re.compile(r"[;；、]")
UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f"
                    r"\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
NOTHING = frozenset({"", "-", "—", "无", "null", "none", "n/a", "nan", "\\n"})
LONGEST_NOTHING = max(map(len, NOTHING))
YES = frozenset({"true", "yes", "1", "是", "有", "y", "t"})
NO = frozenset({"false", "no", "0", "否", "无", "n", "f"})
DATE = re.compile(
    r"(\d{4})(?:[-/.年]?(\d{1,2})?(?:[-/.月]?(\d{1,2})?日?)?)?月?"
    r"(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?")
#: A day as a spreadsheet counts it, from 1899-12-30 on: 1927 to 2064.
SERIAL = re.compile(r"[1-5]\d{4}")
FIRST_DAY = datetime(1899, 12, 30)
CHINESE_DATE = re.compile(r"[〇○零一二三四五六七八九]{4}年(?:([一二三四五六七八九十]+)月"
                          r"(?:([一二三四五六七八九十廿卅]+)[日号]?)?)?")
CHINESE = str.maketrans("〇○零一二三四五六七八九", "000123456789")
#: The kind of identity document whose number has a check digit; of none said, it is meant.
RESIDENT = "resident_id"
#: A phone number among other words: mobile, or with its area code; never part of a longer number.
PHONE = re.compile(r"(?<![\dA-Za-z])(?:1\d{2}[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]?[2-8]\d{6,7})"
                   r"(?![\dXx])")
LONGEST_TEXT = 10_000
#: Texts that indexes and reviews hold whole; a longer one is a mistake of columns.
LONGEST: Mapping[str, int] = MappingProxyType({"name": 200, "former_name": 200, "address": 500})
LONGEST_PART, MOST_PARTS = 200, 100
#: Somewhere it is tomorrow already.
AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value cannot be taken, and what to do about it."""

    rule: str
    remedy: str


class Unfit(ValueError):
    """A value that cannot be read; carries its Problem."""

    def __init__(self, rule: str, remedy: str) -> None:
        super().__init__(remedy)
        self.problem = Problem(rule, remedy)


Reader = Callable[[str], Any]


def clean(value: str | None) -> str | None:
    """Return text without what cannot be seen, None for what means nothing."""
    if not value:
        return None
    if value.isalnum() and len(value) > LONGEST_NOTHING:
        return value
    # What is printable holds no mark that UNSEEN looks for.
    text = unguarded((value if value.isprintable() else UNSEEN.sub("", value)).strip())
    return None if len(text) <= LONGEST_NOTHING and text.casefold() in NOTHING else text


def reader_for(column: Column[Any], field: Field, *, zone: str,
               codes: Mapping[str, str | None] | None = None) -> Reader:
    """Return the function that reads one value of `column`; it raises Unfit."""
    if field.codelist:
        return _coded(field.codelist, codes or {})
    if field.check:
        return CHECKED[field.check]
    if isinstance(column.type, ARRAY):
        return _parts
    if isinstance(column.type, DateTime):
        return lambda text: instant(text, zone)
    if isinstance(column.type, (Integer, SmallInteger)):
        bits = 15 if isinstance(column.type, SmallInteger) else 31
        return lambda text: _bounded(_whole(text, bits), field)
    if isinstance(column.type, Float):
        return lambda text: _bounded(_number(text), field)
    if isinstance(column.type, Boolean):
        return _truth
    most = column.type.length if isinstance(column.type, String) else None
    return lambda text: short(text, most or LONGEST.get(column.name, LONGEST_TEXT))


def read_column(values: Sequence[str | None], read: Reader,
                ) -> tuple[list[Any], dict[int, Problem]]:
    """Read a whole column; returns the values (None where unfit) and problems by row."""
    problems: dict[int, Problem] = {}

    def made(text: str | None) -> Any:
        try:
            return None if text is None else read(text)
        except Unfit as error:
            return error.problem

    out = each(made, values)
    if Problem in set(map(type, out)):
        for row, one in enumerate(out):
            if isinstance(one, Problem):
                problems[row], out[row] = one, None
    return out, problems


@lru_cache(maxsize=50_000)
def civil(text: str, zone: str) -> tuple[datetime, str]:
    """Return the instant a civil date begins, and its precision: year, month, day or instant."""
    match = DATE.fullmatch(_western(text.strip()))
    if not match:
        raise Unfit("date", "write a date as 2019, 2019-05, 2019-05-31 or 2019-05-31 14:30")
    year, month, day, hour, minute, second, part, offset = match.groups()
    precision = "instant" if hour else "day" if day else "month" if month else "year"
    try:
        moment = datetime(int(year), int(month or 1), int(day or 1), int(hour or 0),
                          int(minute or 0), int(second or 0),
                          int((part or "0")[:6].ljust(6, "0")), tzinfo=ZoneInfo(zone))
        if offset:
            stamp = moment.replace(tzinfo=None).isoformat()
            moment = datetime.fromisoformat(stamp + offset.replace("Z", "+00:00"))
    except ValueError:
        raise Unfit("date", "there is no such day or hour; check month, day and time") from None
    return moment, precision


def _western(text: str) -> str:
    """Return a date in digits with dashes: a spreadsheet's number of days, 一九六五年三月."""
    if SERIAL.fullmatch(text):
        return (FIRST_DAY + timedelta(days=int(text))).date().isoformat()
    if re.fullmatch(r"\d{8}", text):
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    if written := CHINESE_DATE.fullmatch(text):
        parts = [_below_100(part) for part in written.groups() if part]
        return "-".join([text[:4].translate(CHINESE), *parts])
    return text.removesuffix("出生").removesuffix("生")


def _below_100(text: str) -> str:
    """Read a Chinese number of a month or day: 三, 十二, 廿一, 三十; two digits."""
    tens, ten, ones = text.replace("廿", "二十").replace("卅", "三十").partition("十")
    if not ten:
        return "0" + tens.translate(CHINESE)
    return (tens.translate(CHINESE) or "1") + (ones.translate(CHINESE) or "0")


def instant(text: str, zone: str) -> datetime:
    """Return the instant that a date or a date and time means."""
    return civil(text, zone)[0]


def _date(text: str) -> str:
    moment, precision = civil(text, "UTC")
    if moment > datetime.now(UTC) + AHEAD:
        raise Unfit("date", "it lies in the future; check the year")
    return moment.date().isoformat()[:{"year": 4, "month": 7}.get(precision, 10)]


def _duration(text: str) -> str:
    try:
        return written(text)
    except InvalidInput as error:
        raise Unfit("duration", str(error)) from None


def phones_in(text: str) -> list[str]:
    """Return the phone numbers that stand among other words, in order."""
    return [one for one in PHONE.findall(text) if checks.check_phone(one).valid]


def _phone(text: str) -> str:
    """Read a phone number; of several in a cell, or one among words, the first."""
    report = checks.check_phone(text)
    found = [] if report.valid else phones_in(text)
    if found and not re.search(r"\d", PHONE.sub("", text)):
        report = checks.check_phone(found[0])
    return _said(report, "phone")


def _said(report: checks.CodeReport, rule: str) -> str:
    if not report.valid:
        said = "; ".join(str(problem) for problem in report.problems)
        raise Unfit(rule, said or "it breaks the rules of its standard")
    return str(report.normalized)


def _id_number(text: str) -> str:
    """Read an ID number; a mark before it says "text" to a spreadsheet, and stays behind."""
    return _said(checks.check_id_number(text.lstrip("'’`")), "id_number")


def read_documents(values: Sequence[str | None], kinds: Sequence[str | None],
                   ) -> tuple[list[Any], dict[int, Problem]]:
    """Read a column of numbers, each by the kind of document that its row says it is."""
    foreign = [kind not in (None, RESIDENT) for kind in kinds]
    numbers, problems = read_column(
        [None if other else text for text, other in zip(values, foreign, strict=True)], _id_number)
    others, wrong = read_column(
        [text if other else None for text, other in zip(values, foreign, strict=True)],
        lambda text: _said(checks.check_document(text.lstrip("'’`")), "id_number"))
    return [one or other for one, other in zip(numbers, others, strict=True)], problems | wrong


CHECKED: Mapping[str, Reader] = {
    "date": _date,
    "id_number": _id_number,
    "credit_code": lambda text: _said(checks.check_credit_code(text), "credit_code"),
    "phone": _phone,
    "duration": _duration,
}


def _coded(name: str, own: Mapping[str, str | None]) -> Reader:
    known = codelist(name)

    @lru_cache(maxsize=2_000)
    def read(text: str) -> str | None:
        said = own.get(text, text)
        if said is None:
            return None
        found = known.find(said)
        if found is None:
            some = ", ".join(f"{code} {word.zh}" for code, word in list(known.codes.items())[:12])
            raise Unfit("code", f"it is no word of the code list {name}: {some}")
        return found
    return read


def _whole(text: str, bits: int) -> int:
    number = _number(text)
    if number != int(number):
        raise Unfit("number", "a whole number is wanted")
    if abs(number) >= 2**bits:
        raise Unfit("range", f"it must be below {2**bits:,}")
    return int(number)


def _number(text: str) -> float:
    try:
        number = float(text.replace(",", "").replace("_", "?").rstrip("米m㎡层 "))
    except ValueError:
        raise Unfit("number", "a number is wanted") from None
    if not math.isfinite(number):
        raise Unfit("number", "a finite number is wanted")
    return number


def _bounded(number: float, field: Field) -> float:
    low, high = field.minimum, field.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        raise Unfit("range", f"it must lie between {low:g} and {high:g}" if None not in (low, high)
                    else f"it must be at least {low}" if low is not None else f"at most {high}")
    return number


def _truth(text: str) -> bool:
    word = text.casefold()
    if word not in YES | NO:
        raise Unfit("boolean", "write yes or no, 是 or 否")
    return word in YES


def short(text: str, most: int) -> str:
    """Return a text that is not longer than `most` characters."""
    if len(text) > most:
        raise Unfit("length", f"it has {len(text):,} characters; {most:,} fit")
    return text


def several(read: Reader) -> Reader:
    """Return the reader of a cell that may hold several values; what it says twice counts once."""
    return lambda value: list(dict.fromkeys(map(read, _parts(value)))) or None


def _parts(text: str) -> list[str]:
    parts = [part.strip() for part in LIST_BREAK.split(text) if part.strip()]
    if len(parts) > MOST_PARTS:
        raise Unfit("length", f"it lists {len(parts):,}; {MOST_PARTS} fit")
    return [short(part, LONGEST_PART) for part in parts]
