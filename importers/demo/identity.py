"""Numbers of persons and organizations that can belong to no one, with right check characters.

Resident ID numbers (GB 11643) bear county codes withdrawn before the first identity card was
issued (April 1984), and at least ten years before the birth of everyone born in 1994 or later.
Credit codes (GB 32100) bear the region of the district, which is assigned to no place. Phone
numbers begin with 1200, which no operator uses.
"""

import json
import random
from datetime import date
from functools import cache

from importers.demo.plan import DATA

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANIZATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_REGION = "999901"
_PHONE_PREFIX = "1200"


@cache
def withdrawn_counties() -> tuple[str, ...]:
    """Return the county codes that identity numbers of the demonstration bear."""
    data = json.loads((DATA / "demo" / "withdrawn_counties.json").read_text("utf-8"))
    return tuple(county["code"] for county in data["counties"])


def id_check(seventeen: str) -> str:
    """Return the check digit of an ID number's first 17 digits (GB 11643, MOD 11-2)."""
    total = sum(int(d) * w for d, w in zip(seventeen, _ID_WEIGHTS, strict=True))
    return _ID_CHECKS[total % 11]


def credit_check(seventeen: str) -> str:
    """Return the check character of a credit code's first 17 (GB 32100, MOD 31)."""
    values = (_CREDIT_ALPHABET.index(c) for c in seventeen)
    total = sum(v * w for v, w in zip(values, _CREDIT_WEIGHTS, strict=True))
    return _CREDIT_ALPHABET[(31 - total % 31) % 31]


def organization_check(eight: str) -> str:
    """Return the check character of an organization code's first 8 (GB 11714, MOD 11)."""
    values = (int(c) if c.isdigit() else ord(c) - 55 for c in eight)
    rest = 11 - sum(v * w for v, w in zip(values, _ORGANIZATION_WEIGHTS, strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


class Registrar:
    """Issues numbers, none twice."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._issued: set[str] = set()

    def id_number(self, born: date, *, male: bool) -> str:
        """Issue an ID number for a birth date and sex."""
        counties = withdrawn_counties()
        while True:
            order = self._rng.randrange(0, 499) * 2 + (1 if male else 2)
            county = counties[self._rng.randrange(len(counties))]
            body = f"{county}{born:%Y%m%d}{order:03d}"
            if body not in self._issued:
                self._issued.add(body)
                return body + id_check(body)

    def credit_code(self, category: str) -> str:
        """Issue a credit code: 91 a business, 92 self-employed, 12 a public institution."""
        while True:
            eight = "MA" + "".join(self._rng.choices(_CREDIT_ALPHABET, k=6))
            if eight not in self._issued:
                self._issued.add(eight)
                body = category + _REGION + eight + organization_check(eight)
                return body + credit_check(body)

    def phone(self) -> str:
        """Issue a mobile number."""
        while True:
            number = f"{_PHONE_PREFIX}{self._rng.randrange(10_000_000):07d}"
            if number not in self._issued:
                self._issued.add(number)
                return number
