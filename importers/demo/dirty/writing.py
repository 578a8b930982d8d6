"""How offices write addresses, dates and numbers, each with what it means."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

from importers.demo.dirty.places import Home, Places, rows_of
from importers.demo.dirty.truth import NOWHERE, Meaning

_CHINESE = "〇一二三四五六七八九"
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True, slots=True)
class Family:
    """A household's members as the clean ledger has them, and where they live."""

    number: str
    home: Home
    members: list[dict[str, str]]


def read_families(folder: Path, places: Places) -> list[Family]:
    """Read the households whose dwelling has an address; collective ones stay out."""
    numbers = {row["source_id"]: row["number"] for row in rows_of(folder / "households.csv")
               if row["kind"] == "family"}
    found = []
    for household, rows in groupby(rows_of(folder / "residents.csv"), lambda r: r["household"]):
        members = [row for row in rows if row["place"] in places.homes]
        if members and household in numbers:
            found.append(Family(numbers[household], places.homes[members[0]["place"]], members))
    return found


def write_home(home: Home, places: Places, rng: random.Random) -> Meaning:
    """Write where a household lives: mostly so that it can be found, sometimes not."""
    if not home.regular:
        return Meaning(f"{home.community}{home.text}", "linked", home.unit, "variant")
    lone = "" if places.is_only(home) else home.community
    dice = rng.random()
    if dice < 0.88:
        return Meaning(rng.choice(list(_variants(home, lone))), "linked", home.unit, "variant")
    if dice < 0.94:
        return _without_a_level(home, places, lone, rng)
    return _doubtful(home, places, lone, rng)


def write_registered(member: dict[str, str], home: Meaning, places: Places) -> Meaning:
    """Write where a member is registered, which the clean ledger says in text or by its place."""
    text = member["registered_address"]
    if not text:
        return home
    unit = places.by_text.get(text)
    return Meaning(text, "linked", unit) if unit else Meaning(text, "kept")


def write_living(member: dict[str, str], home: Meaning) -> Meaning:
    """Write where a member lives: who is only registered here lives elsewhere, unknown where."""
    return home if "living" in member["residency"] else NOWHERE


def _variants(home: Home, lone: str) -> Iterator[str]:
    """Yield one address in the many ways of people; all mean the same door."""
    name, number, door, room = home.compound, home.number, home.door, home.room
    yield f"{lone}{name}{number}-{door}-{room}"
    yield f"{lone}{name}{number}号楼{door}单元{room}"
    yield f"明仁街道{home.community}{name}{number}号楼{door}单元{room}室"
    yield f"青禾区明仁街道{home.community}{name}{number}栋{door}单元{room}室"
    yield f"{home.community}{name}{number}#{door}-{room}"
    yield f"{lone}{name} {number}号楼 {door}单元 {room}室"
    yield f"{lone}{name}{_spoken(number)}号楼{_spoken(door)}单元{_digits(room)}"
    yield f"{lone}{name}{number}号楼{door}单元{room}室".translate(_WIDE)
    yield f"{lone}{name}{number}幢{door}单元{room}室"
    yield f"{lone}{name}{number}/{door}/{room}"


def _without_a_level(home: Home, places: Places, lone: str, rng: random.Random) -> Meaning:
    """Leave out the entrance, or the room, or both."""
    dice, building = rng.random(), f"{lone}{home.compound}{home.number}号楼"
    if dice < 0.5:
        return Meaning(building if dice < 0.3 else f"{building}{home.door}单元", "linked",
                       home.building, "missing room")
    doors = [one for one in places.meant(home, door=False)
             if not lone or places.homes[one].community == home.community]
    found = len(doors) == 1
    return Meaning(f"{building}{home.room}室", "linked" if found else "queued",
                   home.unit if found else "", "missing entrance")


def _doubtful(home: Home, places: Places, lone: str, rng: random.Random) -> Meaning:
    """Write what only a person who knows the place can tell, or nobody."""
    name, number, door = home.compound, home.number, home.door
    missing = next(str(n) for n in range(90, 999) if str(n) not in places.numbers[name])
    texts = [
        (f"{lone}{name}{number}号楼{door}单元{9901 + rng.randrange(2)}室", "no such room"),
        (f"{lone}{name}{missing}号楼{door}单元{home.room}室", "no such building"),
        (f"{lone}{name}", "compound only"),
        (f"{lone}{name}{number}号楼对面", "beside"),
    ]
    if lone:
        texts.append((f"{name}{number}-{door}-{home.room}", "several of the name"))
        if len(places.meant(home)) == 1:
            texts.pop()
    text, dirt = rng.choice(texts)
    return Meaning(text, "queued", "", dirt)


def write_date(day: str, rng: random.Random) -> str:
    """Write a day in one of five styles."""
    if len(day) != 10:
        return day
    one = date.fromisoformat(day)
    return rng.choice((
        day, f"{one.year}/{one.month}/{one.day}", f"{one.year}.{one.month:02}.{one.day:02}",
        f"{one.year}年{one.month}月{one.day}日", f"{one:%Y%m%d}"))


def old_number(number: str) -> str:
    """Return the 15 digits that a number had before 1999."""
    return number[:6] + number[8:17]


def may_be_old(number: str) -> bool:
    """Tell whether a number can have had 15 digits, and would be upgraded to itself."""
    return number[6:8] == "19" and number[14:17] < "996"


def wrong_number(number: str, rng: random.Random) -> str:
    """Return a number whose check digit is wrong."""
    return number[:17] + rng.choice([one for one in "0123456789X" if one != number[17]])


def _digits(number: str) -> str:
    return "".join(_CHINESE[int(one)] for one in number)


def _spoken(number: str) -> str:
    """Write a number below 100 as it is spoken: 三, 十二, 二十."""
    tens, ones = divmod(int(number), 10)
    if int(number) > 99:
        return _digits(number)
    ten = ("" if tens == 1 else _CHINESE[tens]) + "十" if tens else ""
    return ten + (_CHINESE[ones] if ones or not tens else "")
