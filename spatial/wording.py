"""Chinese words for what the house says in English: errors, remedies, titles.

`data/words/errors.json` pairs sentences; {} stands for what a sentence tells of this case. In the
Chinese one {0}, {1} … set it in another order.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent.parent / "data" / "words" / "errors.json"
#: A longer message is a list of things; it stays as it is.
LONGEST = 1_500
GAP = "{}"
#: What fills a gap never reaches into the next of several sentences.
_FILLING = r"((?:(?!; ).)*?)"


def in_chinese(message: str) -> str | None:
    """Return a message in Chinese; of several joined by a semicolon, each. None if unknown."""
    if len(message) > LONGEST:
        return None
    whole = _translated(message) or _of_a_file(message)
    if whole is not None or "; " not in message:
        return whole
    parts = [_translated(part) for part in message.split("; ")]
    return "；".join(part for part in parts if part) if all(parts) else None


def in_both(message: str) -> str:
    """Return a message with its Chinese behind it, where there is one."""
    chinese = in_chinese(message)
    return f"{message} {chinese}" if chinese else message


@cache
def words() -> Mapping[str, str]:
    """Return all pairs of sentences, English to Chinese."""
    found: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def _translated(message: str) -> str | None:
    if message in words():
        return words()[message]
    for form, chinese in _forms():
        if found := form.fullmatch(message):
            return chinese.format(*found.groups())
    return None


def _of_a_file(message: str) -> str | None:
    """Return what is wrong with a file and what to do, told as "name: what. Remedy."."""
    for stop in re.finditer(r"\. (?=\S)", message):
        name, _, wrong = message[:stop.start()].partition(": ")
        if remedy := _translated(message[stop.end():]):
            return f"{name}：{_translated(wrong) or wrong}。{remedy}"
    return None


@cache
def _forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the sentences with gaps, those that say most of their own first."""
    gaping = sorted((one for one in words() if GAP in one), reverse=True,
                    key=lambda one: len(one.replace(GAP, "")))
    forms = (_FILLING.join(map(re.escape, one.split(GAP))) for one in gaping)
    return tuple((re.compile(form, re.DOTALL), words()[one])
                 for form, one in zip(forms, gaping, strict=True))
