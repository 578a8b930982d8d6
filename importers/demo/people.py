"""Residents: every member of every household with a name, numbers and residencies."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

from importers.demo.households import TODAY, Household, Member
from importers.demo.identity import Registrar
from importers.demo.names import family_name, full_name, people_of, surname
from importers.demo.plan import DATA

_NEAR = 0.25
"""The share of households registered elsewhere that are so in the same subdistrict."""

_BEARS_NAME = ("son", "daughter", "father", "brother", "sister", "grandson", "granddaughter")


@dataclass(frozen=True, slots=True)
class Home:
    """Where a household lives: the place's source_id and its text."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Person:
    """A resident as the ledger has it."""

    source_id: str
    name: str
    former_name: str
    id_type: str
    id_number: str
    sex: str
    born: date
    phone: str
    place: str
    address: str
    residency: str
    registered_address: str
    household: str
    relation: str
    since: str


@cache
def _far_places() -> tuple[str, ...]:
    data = json.loads((DATA / "demo" / "far_places.json").read_text("utf-8"))
    return tuple(data["places"])


class Census:
    """Counts people in: one after the other, each with numbers of their own."""

    def __init__(self, rng: random.Random, registrar: Registrar, homes: list[Home]) -> None:
        self._rng = rng
        self._registrar = registrar
        self._homes = homes
        self._count = 0

    def count(self, household: Household, number: str, home: Home) -> Iterator[Person]:
        """Yield the members of a household who belong to `home`."""
        rng = self._rng
        people = people_of(rng)
        family = family_name(rng, people)
        elsewhere = self._registered_elsewhere(household)
        for member in household.members:
            person = self._person(member, people, family, household)
            yield replace(person, household=number, place=home.place, registered_address=elsewhere,
                          residency=self._residency(household, member))

    def _registered_elsewhere(self, household: Household) -> str:
        """Return where a household is registered: at another home or far away; or nothing."""
        if household.standing == "local":
            return ""
        if household.standing == "apart" and self._rng.random() < _NEAR:
            return self._rng.choice(self._homes).text
        return self._rng.choice(_far_places())

    def _residency(self, household: Household, member: Member) -> str:
        """Tell what a place is to a member: registered there, living there or both."""
        relation, age, _ = member
        if household.standing != "local":
            return "living"
        away = relation not in ("head", "spouse") and 18 <= age <= 45
        return "registered" if away and self._rng.random() < 0.22 else "registered;living"

    def _person(self, member: Member, people: str, family: str, household: Household) -> Person:
        relation, age, male = member
        rng = self._rng
        born = TODAY - timedelta(days=int(age * 365.25) + rng.randint(1, 364))
        shared = relation == "head" or relation in _BEARS_NAME or people != "han"
        name = full_name(rng, people, family if shared else surname(rng), male=male, year=born.year)
        id_type, id_number = self._papers(born, male=male)
        self._count += 1
        phone = self._registrar.phone() if age >= 12 and rng.random() < 0.88 else ""
        former = self._former_name(family, age) if people == "han" else ""
        since = max(household.since, born + timedelta(days=3))
        return Person(f"R{self._count:06d}", name, former, id_type,
                      id_number, "male" if male else "female", born, phone, "", "", "", "", "",
                      relation, self._partial(since))

    def _former_name(self, family: str, age: int) -> str:
        if age <= 25 or self._rng.random() > 0.008:
            return ""
        return family + self._rng.choice("小大") + self._rng.choice("军红华英宝")

    def _papers(self, born: date, *, male: bool) -> tuple[str, str]:
        dice = self._rng.random()
        if (TODAY - born).days < 120 or dice < 0.004:
            return "none", ""
        if dice < 0.0048:
            return self._rng.choice(("passport", "permit_hmt")), ""
        return "resident_id", self._registrar.id_number(born, male=male)

    def _partial(self, day: date) -> str:
        """Write a date as registers know it: to the day, the month or only the year."""
        dice = self._rng.random()
        if dice < 0.12:
            return f"{day:%Y}"
        return f"{day:%Y-%m}" if dice < 0.3 else day.isoformat()
