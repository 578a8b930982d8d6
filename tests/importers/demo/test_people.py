"""People: plausible households, and numbers that can belong to no one."""

import json
import re
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest
from stdnum.cn import uscc

from importers.demo.identity import Registrar, credit_check, id_check, withdrawn_counties

DATA = Path(__file__).parent.parent.parent.parent / "data" / "demo"
FIRST_CARD = 1984


def test_the_check_digit_is_that_of_the_standard():
    assert id_check("11010519491231002") == "X"
    assert credit_check("91350100M000100Y4") == "3"


def test_every_id_number_is_well_formed_unique_and_agrees_with_its_row(ledgers):
    numbers = [r for r in ledgers.rows("residents") if r.id_number]
    assert len({r.id_number for r in numbers}) == len(numbers) > 45_000
    for resident in numbers:
        number = resident.id_number
        assert number[-1] == id_check(number[:17])
        assert number[6:14] == resident.birth_date.replace("-", "")
        assert (int(number[16]) % 2 == 1) == (resident.sex == "male")


def test_every_id_number_bears_a_county_that_was_gone(ledgers):
    """Gone ten years before the birth, or before the first identity card was ever issued."""
    counties = json.loads((DATA / "withdrawn_counties.json").read_text("utf-8"))["counties"]
    withdrawn = {c["code"]: c["withdrawn"] for c in counties}
    for resident in ledgers.rows("residents"):
        if resident.id_number:
            gone = withdrawn[resident.id_number[:6]]
            born = int(resident.birth_date[:4])
            assert gone < FIRST_CARD
            assert born < 1994 or gone + 10 <= born


def test_every_credit_code_is_valid_and_of_no_region(ledgers):
    codes = [o.credit_code for o in ledgers.rows("organizations")]
    assert len(set(codes)) == len(codes)
    assert all(uscc.is_valid(code) and code[2:8] == "999901" for code in codes)


def test_phone_numbers_are_of_a_range_nobody_has(ledgers):
    phones = [r.phone for name in ("residents", "organizations", "posts")
              for r in ledgers.rows(name) if r.phone]
    assert phones and all(re.fullmatch(r"1200\d{7}", phone) for phone in phones)


def test_a_household_has_one_head_who_is_its_first_member(ledgers):
    members = defaultdict(list)
    for resident in ledgers.rows("residents"):
        members[resident.household].append(resident)
    for household in ledgers.rows("households"):
        own = members[household.source_id]
        assert own and own[0].name == household.head
        if household.kind == "family":
            assert [m.relation_to_head for m in own].count("head") == 1
            assert own[0].relation_to_head == "head"


def test_parents_are_older_than_their_children(ledgers):
    heads = {r.household: int(r.birth_date[:4]) for r in ledgers.rows("residents")
             if r.relation_to_head == "head"}
    for resident in ledgers.rows("residents"):
        born = int(resident.birth_date[:4])
        if resident.relation_to_head in ("son", "daughter"):
            assert born - heads[resident.household] >= 17
        elif resident.relation_to_head in ("father", "mother"):
            assert heads[resident.household] - born >= 17


def test_people_live_here_are_registered_here_or_apart(ledgers):
    residents = ledgers.rows("residents")
    kinds = Counter(r.residency for r in residents)
    assert set(kinds) == {"registered", "living", "registered;living"}
    assert kinds["registered"] > 500 and kinds["registered;living"] > 25_000
    for resident in residents:
        assert (resident.residency == "living") == bool(resident.registered_address)
    near = [r for r in residents if r.registered_address.startswith("青禾区")]
    assert 500 < len(near) < 3000


def test_some_addresses_are_text_for_the_resolver_to_read(ledgers):
    assert sum(bool(r.address) for r in ledgers.rows("residents")) == 120
    assert sum(bool(o.address) for o in ledgers.rows("organizations")) == 40
    for row in [*ledgers.rows("residents"), *ledgers.rows("organizations")]:
        assert bool(row.place) != bool(row.address)


def test_names_are_those_of_the_people_who_live_there(ledgers):
    names = [r.name for r in ledgers.rows("residents")]
    surnames = Counter(n[0] for n in names)
    assert {s for s, _ in surnames.most_common(5)} == set("王李张刘陈")
    assert sum("·" in n for n in names) > 300
    assert 3 <= sum(any(c in n for c in "𬱖䶮㛃㑇𬭎堃喆淼翀旻犇𫖯") for n in names) <= 60


def test_no_one_is_born_after_today_and_no_one_is_impossibly_old(ledgers):
    births = [date.fromisoformat(r.birth_date) for r in ledgers.rows("residents")]
    assert max(births) <= date(2026, 11, 15)
    assert min(births) > date(1920, 1, 1)


@pytest.mark.parametrize("male", [True, False])
def test_a_registrar_issues_no_number_twice(male):
    import random

    registrar = Registrar(random.Random(1))
    born = date(2000, 1, 1)
    numbers = [registrar.id_number(born, male=male) for _ in range(3000)]
    assert len(set(numbers)) == 3000
    assert {n[:6] for n in numbers} <= set(withdrawn_counties())
