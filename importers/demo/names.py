"""Names of people: surnames by their frequency, given names by sex and the time of birth."""

import json
import random
from functools import cache
from itertools import accumulate
from typing import Any

from importers.demo.plan import DATA

_DOT = "\u00b7"
_MONGOLIAN = 0.045
_UYGHUR = 0.004
_RARE = 0.0004


@cache
def _surnames() -> tuple[tuple[str, ...], tuple[int, ...]]:
    data = json.loads((DATA / "names" / "surnames.json").read_text("utf-8"))["surnames"]
    return tuple(n for n, _ in data), tuple(accumulate(f for _, f in data))


@cache
def _given() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / "names" / "given_names.json").read_text("utf-8"))
    return found


def surname(rng: random.Random) -> str:
    """Draw a surname as often as it is borne."""
    names, weights = _surnames()
    return rng.choices(names, cum_weights=weights)[0]


def people_of(rng: random.Random) -> str:
    """Draw the tradition a household names its members in."""
    dice = rng.random()
    if dice < _UYGHUR:
        return "uyghur"
    return "mongolian" if dice < _UYGHUR + _MONGOLIAN else "han"


def full_name(rng: random.Random, people: str, family: str, *, male: bool, year: int) -> str:
    """Draw a name in a tradition; `family` is the surname, the clan or the father's name."""
    sex = "male" if male else "female"
    if people == "han":
        return family + given_name(rng, male=male, year=year)
    name = str(rng.choice(_given()[people][sex]))
    if people == "uyghur":
        return f"{name}{_DOT}{family}"
    return f"{family}{_DOT}{name}" if family else name


def family_name(rng: random.Random, people: str) -> str:
    """Draw what the members of a household share in their names."""
    if people == "uyghur":
        return str(rng.choice(_given()["uyghur"]["male"]))
    if people == "mongolian":
        return str(rng.choice(_given()["mongolian"]["clans"])) if rng.random() < 0.35 else ""
    return surname(rng)


def given_name(rng: random.Random, *, male: bool, year: int) -> str:
    """Draw a given name of one or two characters as parents chose them in `year`."""
    era = next(e for e in _given()["eras"] if year <= e["until"])
    letters: str = era["male" if male else "female"]
    first = rng.choice(letters)
    if rng.random() < _RARE:
        first = str(rng.choice(_given()["rare"]))
    if rng.random() < era["single"]:
        return first
    return first + rng.choice(letters)
