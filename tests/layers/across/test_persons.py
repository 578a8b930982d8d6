"""Persons: found for a purpose, shown by role, never without an audit line."""

import ast
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from layers.access import PERSON_READERS, Role
from layers.across.persons import NO_CASE, PersonReader
from layers.caller import LEAST, MOST, Caller
from spatial.audit import AuditEvent, broken
from spatial.errors import Forbidden, InvalidInput
from spatial.naming import keys
from tests.support.factories import (
    make_building,
    make_compound,
    make_incident,
    make_residency,
    make_resident,
    make_street,
    make_tree,
    make_unit,
    save,
)
from tests.support.sealed import vault

PHONE = "13812345678"
ROOT = Path(__file__).parents[3]


def number(base="15230119900307567"):
    """Return an ID number with its check character."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(base, weights, strict=True))
    return base + "10X98765432"[total % 11]


def caller(role=Role.OFFICER, low=LEAST, high=MOST, name="wang"):
    return Caller(name=name, role=role, low=low, high=high)


def reader(session, role=Role.OFFICER, **said):
    who = said.pop("caller", None) or caller(role)
    return PersonReader(session, vault(), who, **{"purpose": "service", **said})


@pytest.fixture
def home(session):
    """A dwelling in a community."""
    _district, _subdistrict, community = make_tree(session)
    compound = make_compound(session, community)
    building = make_building(session, compound, scope=community.scope)
    return make_unit(session, building)


@pytest.fixture
def person(session, home):
    """张小三, 1990, who lives there."""
    return make_person(session, home)


def make_person(session, place, name="张小三", born="1990-03-07", id_number=None, phone=PHONE,
                **said):
    """Make a resident with sealed fields and search keys, living at `place`."""
    found, sealed = keys(name), vault()
    one = make_resident(session, name=name, name_fold=found.fold, name_pinyin=found.pinyin,
                        name_initials=found.initials, scope=place.scope, **said)
    for column, value in (("birth_date", born), ("id_number", id_number or number()),
                          ("phone", phone)):
        if value:
            setattr(one, column, sealed.seal("resident", column, one.identifier, value))
    one.id_number_key = sealed.blind("id_number", id_number or number())
    one.phone_key = sealed.blind("phone", phone) if phone else None
    save(session, one)
    make_residency(session, one, place)
    return one


def lines(session):
    return session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()


def test_an_id_number_finds_one_person_at_the_door(session, person, home):
    found = reader(session).by_id_number(number())
    assert [item["ref"] for item in found.items] == [person.identifier]
    assert found.items[0]["place"]["identifier"] == home.identifier
    assert found.items[0]["residencies"][0]["kind"] == "living"


def test_numbers_are_read_as_people_write_them(session, person):
    spaced = f" {number()[:6]} {number()[6:14]}-{number()[14:]} ".lower()
    assert reader(session).by_id_number(spaced).items
    assert reader(session).by_phone("+86 138 1234 5678").items


@pytest.mark.parametrize("text, about", [
    ("12345678901234567", "17 characters"), ("1234567890123456789", "19 characters"),
    ("x" * 18, "position 1"), (number()[:17] + ("0" if number()[17] != "0" else "1"), "position")])
def test_a_wrong_number_is_explained(session, text, about):
    with pytest.raises(InvalidInput, match=about):
        reader(session).by_id_number(text)


@pytest.mark.parametrize("role, name, id_number", [
    (Role.OFFICER, "张小三", "1523" + "*" * 14), (Role.GRID_WORKER, "张小三", None),
    (Role.OPERATOR, "张*三", "1523" + "*" * 14), (Role.STEWARD, "张*三", "1523" + "*" * 14)])
def test_each_role_sees_its_own_part(session, person, role, name, id_number):
    item = reader(session, role).by_id_number(number()).items[0]
    assert item["name"] == name and item.get("id_number") == id_number
    assert item["sex"] == "male" and "-" in item["age_band"]
    assert number() not in str(item) and PHONE not in str(item) and "1990-03" not in str(item)


@pytest.mark.parametrize("role", sorted(set(Role) - PERSON_READERS))
def test_other_roles_look_up_nobody(session, role):
    with pytest.raises(Forbidden):
        reader(session, role)


def test_a_purpose_is_demanded(session):
    with pytest.raises(InvalidInput, match="purpose"):
        reader(session, purpose="curiosity")


def test_who_lives_outside_the_area_is_unknown(session, person, home):
    elsewhere = caller(low=home.scope + 1, high=MOST)
    nobody = reader(session, caller=elsewhere).by_phone("13900000000")
    assert reader(session, caller=elsewhere).by_id_number(number()) == nobody
    assert reader(session, caller=elsewhere).of([person.id]) == {}
    inside = caller(low=home.scope, high=home.scope)
    assert reader(session, caller=inside).by_id_number(number()).items


def test_an_operators_answer_ends_at_the_community(session, person):
    found = reader(session, Role.OPERATOR).by_id_number(number())
    assert found.items[0]["place"]["level"] == "community" and found.remarks
    assert found.items[0]["residencies"][0]["place"]["level"] == "community"
    assert lines(session)[-1].line.count(NO_CASE) == 1


def test_an_open_case_at_the_place_leads_to_the_door(session, person, home):
    case = make_incident(session, home)
    found = reader(session, Role.OPERATOR, case=case.identifier).by_id_number(number())
    assert found.items[0]["place"]["level"] == "unit" and not found.remarks
    assert lines(session)[-1].case == case.identifier


@pytest.mark.parametrize("said", [{"status": "closed"}, {"status": "rejected"}])
def test_a_closed_case_leads_nowhere(session, person, home, said):
    case = make_incident(session, home, **said)
    found = reader(session, Role.OPERATOR, case=case.identifier).by_id_number(number())
    assert found.items[0]["place"]["level"] == "community"


def test_a_case_elsewhere_leads_nowhere(session, person, home):
    other = make_unit(session, make_building(session, scope=home.scope), designator="502")
    for case in (make_incident(session, other).identifier, "no such case"):
        found = reader(session, Role.OPERATOR, case=case).by_id_number(number())
        assert found.items[0]["place"]["level"] == "community"


def test_the_call_in_hand_leads_to_the_callers_door(session, person):
    found = reader(session, Role.OPERATOR, call="line 3").by_phone(PHONE)
    assert found.items[0]["place"]["level"] == "unit"


@pytest.mark.parametrize("text", ["张小三", "张小", "zhangxiaosan", "zhangxi", "zxs", "ZXS",
                                  "章小三"])
def test_names_are_found_by_characters_sound_and_initials(session, person, text):
    assert [i["ref"] for i in reader(session).by_name(text).items] == [person.identifier]


@pytest.mark.parametrize("text", ["张", "z", "zx", "张x", "1", "%%%", "___", "<b>"])
def test_too_little_of_a_name_is_refused(session, person, text):
    with pytest.raises(InvalidInput, match="too short"):
        reader(session).by_name(text)


def test_wildcards_of_the_database_are_plain_characters(session, person):
    assert not reader(session).by_name("张%三").items
    assert not reader(session).by_name("张__三").items


@pytest.mark.parametrize("text", ["张?三", "张？三", "张□三", "张*三", "张小三*", "张*小三"])
def test_a_character_that_nobody_can_read_is_left_open(session, person, text):
    assert [i["ref"] for i in reader(session).by_name(text).items] == [person.identifier]


@pytest.mark.parametrize("text", ["张?小三", "张小三?", "李?三", "张.三?", "?小三"])
def test_an_open_character_is_one_character_behind_a_surname(session, person, text):
    assert not reader(session).by_name(text).items


def test_an_operator_gets_ten_namesakes_and_is_asked_for_more(session, home):
    for year in range(12):
        make_person(session, home, born=f"{1970 + year}-01-01", id_number=f"x{year}")
    found = reader(session, Role.OPERATOR).by_name("张小三", limit=50)
    assert len(found.items) == 10 and found.asks == ("street", "birth_year")
    assert {item["name"] for item in found.items} == {"张*三"}
    one = reader(session, Role.OPERATOR).by_name("张小三", birth_year=1975)
    assert len(one.items) == 1 and not one.asks
    assert len(reader(session).by_name("张小三", limit=50).items) == 12


def test_a_street_narrows_a_name(session, home, person):
    street = make_street(session, name="明仁大街")
    there = make_building(session, scope=home.scope, street_id=street.id)
    neighbour = make_person(session, make_unit(session, there), id_number="y")
    found = reader(session).by_name("张小三", street="明仁大街")
    assert [item["ref"] for item in found.items] == [neighbour.identifier]


def test_children_are_never_found_by_name(session, home):
    make_person(session, home, born=f"{date.today().year - 10}-01-01")
    assert not reader(session).by_name("张小三").items
    assert reader(session).by_id_number(number()).items


def test_every_look_leaves_a_line_misses_too(session, person):
    reader(session).by_phone("13900000000")
    reader(session).by_name("张小三")
    missed, found = lines(session)
    assert (missed.action, missed.subjects) == ("person-by-phone", [])
    assert (found.actor, found.purpose, found.subjects) == ("wang", "service", [person.identifier])
    assert "张" not in found.line and "139" not in missed.line.partition("at")[0]
    assert list(broken(session, vault())) == []


def test_nothing_but_the_reader_asks_for_persons():
    """Whoever else names the model counts, joins or declares, and never selects a person."""
    allowed = {"persons", "person_queries", "person_view", "counts", "occupancy", "checks",
               "residents", "rollup", "readers", "person_report",
               # Counts again: themes, how many live behind a door of a muster list.
               "theme_ages", "theme_counts", "muster",
               # Which doors to visit, through the reader; what an officer accepts is written.
               "visit_list", "findings",
               # The rights of residents, at the console: they tell nothing.
               "corrections", "erasure", "protection", "retention"}
    found = {path.stem for path in (ROOT / "layers").rglob("*.py") for node in ast.walk(
        ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)
        and node.module == "layers.residents"}
    assert found <= allowed
    assert not [path for path in (ROOT / "web").rglob("*.py")
                if "layers.residents" in path.read_text("utf-8")]
