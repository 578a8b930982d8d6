"""An attacker with one screen before them: how many ID numbers could still be the person's?"""

import random
from datetime import date, timedelta
from itertools import islice

import pytest

from layers.access import PERSON_READERS, REVEALS
from layers.across.person_view import Person, view
from layers.residents import Resident
from tests.layers.across.test_persons import caller, number
from tests.support.sealed import vault

PERSONS, LEAST = 10_000, 100
TODAY = date(2026, 3, 1)
COUNTY = "150502"
VAULT = vault()


def synthetic(chance):
    """Return (resident, birth date, ID number) of a person whose county the attacker knows."""
    born = TODAY - timedelta(days=chance.randrange(1, 36_000))
    sequence = chance.randrange(1_000)
    id_number = number(f"{COUNTY}{born:%Y%m%d}{sequence:03d}")
    one = Resident(identifier=f"r{chance.getrandbits(64):016x}", name="张小三",
                   sex="male" if sequence % 2 else "female")
    keys = VAULT
    for column, value in (("birth_date", born.isoformat()), ("id_number", id_number),
                          ("phone", "13812345678")):
        setattr(one, column, keys.seal("resident", column, one.identifier, value))
    return one, born, id_number


def remaining(item, *, born=None):
    """Return at least how many numbers fit; where the mask hides the rest, by counting days."""
    if set(item.get("id_number", "*")[4:]) <= {"*"}:
        days = 1 if born else sum(1 for _ in islice(days_of(item["age_band"]), LEAST))
        return days * (500 if item.get("sex") else 1_000)
    return len(list(islice(candidates(item, born=born), LEAST)))


def candidates(item, *, born=None):
    """Yield the ID numbers that fit what is shown; the county is given away."""
    mask, band = item.get("id_number", "*" * 18), item.get("age_band")
    days = [born] if born else days_of(band)
    parity = {"male": (1,), "female": (0,)}.get(item.get("sex"), (0, 1))
    for day in days:
        for sequence in range(1_000):
            if sequence % 2 in parity:
                one = number(f"{COUNTY}{day:%Y%m%d}{sequence:03d}")
                if all(there in ("*", here) for here, there in zip(one, mask, strict=True)):
                    yield one


def days_of(band):
    """Yield the birth dates of an age band, as of today."""
    earliest, latest = ends_of(band)
    for days in range((latest - earliest).days + 1):
        yield earliest + timedelta(days=days)


def ends_of(band):
    """Return the first and the last birth date of an age band."""
    first, _, last = (band or "0-100").replace("+", "-120").partition("-")
    latest = TODAY.replace(year=TODAY.year - int(first))
    earliest = TODAY.replace(year=TODAY.year - int(last or first) - 1) + timedelta(days=1)
    return earliest, latest


@pytest.fixture(scope="module")
def people():
    """Ten thousand of them."""
    chance = random.Random(7)
    return [synthetic(chance) for _ in range(PERSONS)]


@pytest.mark.parametrize("role", sorted(PERSON_READERS))
def test_a_hundred_numbers_remain_of_what_a_role_sees(people, role):
    who = caller(role)
    for one, born, id_number in people:
        item = view(Person(one, (), VAULT), who, (), today=TODAY)
        earliest, latest = ends_of(item["age_band"])
        assert earliest <= born <= latest
        shown = born if "birth_date" in REVEALS.get(role, ()) else None
        assert remaining(item, born=shown) >= LEAST, (role, item)
        assert id_number not in str(item)


def test_counting_days_is_counting_numbers():
    one, born, id_number = synthetic(random.Random(7))
    item = view(Person(one, (), VAULT), caller(), (), today=TODAY)
    found = list(candidates(item, born=born))
    assert len(found) == remaining(item, born=born) == 500 and id_number in found


def test_the_attacker_does_find_whom_the_mask_gives_away():
    """The control: beside a birth date, the last four digits are the whole number."""
    one, born, id_number = synthetic(random.Random(7))
    item = {"id_number": id_number[:4] + "*" * 10 + id_number[-4:], "sex": one.sex}
    assert list(candidates(item, born=born)) == [id_number]
