"""Masks that cannot be undone: what lists show of a person instead of the person.

Beside a birth date and a known county the last four digits of an ID number are the whole
number, so only its first four stand unless an age band takes the birth date's place.
"""

import re
from datetime import date, datetime, timedelta, timezone

#: Under this age the band is one, so that no single year of a child shows.
CHILD = 14
_BAND = 5
_OLD = 90
_CHINA = timezone(timedelta(hours=8))
_BREAK = re.compile(r"([·•・‧∙˙．.\s-]+)")
REPORTER = "举报人***"


def name(text: str) -> str:
    """Mask a name: 张三 张*, 张小三 张*三, 欧阳小明 欧**明, 阿迪力·买买提 阿**·**提."""
    parts = _BREAK.split(text.strip())
    words, breaks = parts[::2], parts[1::2]
    if len(words) == 1:
        return _one_word(words[0])
    middle = ["*" * len(word) for word in words[1:-1]]
    last = words[-1]
    masked = [words[0][:1] + "*" * (len(words[0]) - 1), *middle,
              "*" * (len(last) - 1) + last[-1:] if len(last) > 1 else "*" * len(last)]
    return masked[0] + "".join(between + word
                               for between, word in zip(breaks, masked[1:], strict=True))


def _one_word(word: str) -> str:
    if len(word) < 2:
        return "*" * len(word)
    if len(word) == 2:
        return word[0] + "*"
    return word[0] + "*" * (len(word) - 2) + word[-1]


def phone(text: str) -> str:
    """Mask a phone number: 138****5678; of others than mobiles the last two digits stand."""
    digits = text.strip()
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}****{digits[-4:]}"
    return "*" * max(len(digits) - 2, 4) + digits[-2:] if len(digits) > 5 else "*" * 5


def id_number(text: str, *, beside_age_band: bool = False) -> str:
    """Mask an ID number: its first four digits; also its last four only beside an age band."""
    number = text.strip()
    if len(number) != 18:
        return number[:1] + "*" * max(len(number) - 1, 4)
    if beside_age_band:
        return number[:4] + "*" * 10 + number[-4:]
    return number[:4] + "*" * 14


def age_band(age: int) -> str:
    """Return the five-year band of an age in years: "0-13", "14", "15-19" … "90+"."""
    if age < CHILD:
        return f"0-{CHILD - 1}"
    if age >= _OLD:
        return f"{_OLD}+"
    first = max(age - age % _BAND, CHILD)
    last = age - age % _BAND + _BAND - 1
    return str(first) if first == last else f"{first}-{last}"


def birth_date(text: str, *, today: date | None = None) -> str:
    """Return the age band of a birth date (YYYY, YYYY-MM or YYYY-MM-DD), today in China."""
    today = today or datetime.now(_CHINA).date()
    year, month, day = (int(part) for part in (text.strip().split("-") + ["1", "1"])[:3])
    had_birthday = (today.month, today.day) >= (month, day)
    return age_band(max(0, today.year - year - (0 if had_birthday else 1)))


def reporter(_text: str) -> str:
    """Mask whoever reported something, whole."""
    return REPORTER
