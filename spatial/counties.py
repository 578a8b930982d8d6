"""County codes of GB/T 2260, in force and withdrawn: what the first six digits of a number mean."""

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from stdnum import numdb

FILE = Path(__file__).parent.parent / "data" / "counties" / "counties.json"


class County(NamedTuple):
    """A county, city or province code; `withdrawn` is the year, or None while in force.

    The year is 0 where only the fact is known.
    """

    name: str
    withdrawn: int | None = None


@cache
def _lists() -> dict[str, dict[str, Any]]:
    body: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return body


@cache
def county(code: str) -> County | None:
    """Return what a six-digit code means or meant, None if it never was one.

    What our own list does not know, from before 1980, python-stdnum's may.
    """
    if code in _lists()["current"]:
        return County(_lists()["current"][code])
    if code in _lists()["withdrawn"]:
        name, year = _lists()["withdrawn"][code]
        return County(name, year or 0)
    if code.endswith("00"):
        return None
    known = {key: value for _, found in numdb.get("cn/loc").info(code)
             for key, value in found.items()}
    if "county" not in known:
        return None
    last = known["county"].split(",")[-1]
    year, _, name = last.partition("]")
    end = year.rpartition("-")[2] if name else ""
    return County(name or last, int(end) if end.isdecimal() else 0)


@cache
def province(code: str) -> str | None:
    """Return the province that a code of two or more digits begins with."""
    name: str | None = _lists()["current"].get(code[:2] + "0000")
    return name


def current_names() -> list[tuple[str, str]]:
    """Return code and name of everything in force."""
    return list(_lists()["current"].items())
