"""What is called otherwise in each district: places, people, numbers."""

import random
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import product

from importers.demo.identity import credit_check, id_check, withdrawn_counties
from importers.demo.names import given_name, surname
from importers.demo.plan import DATA

HOME, HOME_CODE = "青禾", "999901"
_FIRST = "云锦瑞嘉宏景润沐澜芸晴岚翠碧朗泓沁曦霁"
_SECOND = "禾麓浦汀畔屿棠芷陌渚岭津洲泽溪湾坪川"
_CITIES = (HOME, "云麓", "锦浦")
_DISTRICTS_A_CITY = 99


def district_code(number: int) -> str:
    """Return the code of a district; 9999, 9998 and so on are assigned to no city."""
    city, place = divmod(number, _DISTRICTS_A_CITY)
    return f"{9999 - city}{place + 1:02}"


def city_of(number: int) -> tuple[str, str]:
    """Return the code and the name of the city that a district lies in."""
    city = number // _DISTRICTS_A_CITY
    return f"{9999 - city}00", f"{_CITIES[city]}市"


@cache
def words() -> tuple[str, ...]:
    """Return two characters for each district, which stand in no name of a real division."""
    real = (DATA / "lookup" / "divisions.tsv").read_text(encoding="utf-8")
    found = [one for pair in product(_FIRST, _SECOND)
             if (one := "".join(pair)) not in real and one not in _CITIES]
    random.Random("districts").shuffle(found)
    return (HOME, *found)


def renamer(names: Iterable[str], word: str) -> Callable[[str], str]:
    """Return what calls every place of `names` in a text as the district of `word` does."""
    if word == HOME:
        return lambda text: text
    longest = sorted({one for one in names if one} | {HOME}, key=lambda one: (-len(one), one))
    pattern = re.compile("|".join(map(re.escape, longest)))

    def renamed(match: re.Match[str]) -> str:
        name = match[0]
        return name.replace(HOME, word) if HOME in name else word + name
    return lambda text: pattern.sub(renamed, text)


class Numbers:
    """Numbers of persons and firms in each district, none twice in all of them.

    A body of birth date and order occurs once in the first district; elsewhere it bears another
    county, so that no two districts share a number.
    """

    def __init__(self, numbers: Sequence[str]) -> None:
        self._counties = withdrawn_counties()
        self._place = {code: place for place, code in enumerate(self._counties)}
        self._bodies: dict[str, str] = {}
        taken: set[str] = set()
        for number in numbers:
            body = number[6:17]
            while body in taken:
                body = body[:8] + f"{(int(body[8:]) + 2) % 996:03}"
            taken.add(body)
            self._bodies[number] = body

    def person(self, number: str, district: int) -> str:
        """Return the number of the person who bears `number` in the first district."""
        place = (self._place[number[:6]] + district) % len(self._counties)
        body = self._counties[place] + self._bodies[number]
        return body + id_check(body)


def firm_code(code: str, district: str) -> str:
    """Return a credit code of another district."""
    body = code.replace(HOME_CODE, district, 1)[:17]
    return body + credit_check(body)


def phone(number: str, district: int) -> str:
    """Return a number of a range that nobody has: 12, 11 or 10 and the district."""
    return f"{12 - district // 100}{district % 100:02}{number[4:]}" if number else ""


class Family:
    """Names of one household in another district: who shared a surname goes on sharing one."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._surnames: dict[str, str] = {}

    def name(self, name: str, *, male: bool, year: int) -> str:
        """Return a new name; those of other traditions than Han stay as they are."""
        old = next((name[:size] for size in (2, 1) if name[:size] in _surnames()), None)
        if old is None or len(name) - len(old) > 2:
            return name
        if old not in self._surnames:
            self._surnames[old] = surname(self._rng)
        return self._surnames[old] + given_name(self._rng, male=male, year=year)

    def former(self, name: str) -> str:
        """Return a former name, which keeps its given part."""
        old = next((one for one in self._surnames if name.startswith(one)), None)
        return self._surnames[old] + name[len(old):] if old else name


@cache
def _surnames() -> frozenset[str]:
    from importers.demo.names import _surnames as known

    return frozenset(known()[0])
