import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from spatial import codes
from spatial.codes import (
    check_credit_code,
    check_division_code,
    check_document,
    check_grid_code,
    check_id_number,
    check_phone,
)
from spatial.counties import county

TODAY = date(2026, 11, 1)
BODY = st.builds(
    lambda place, born, order: f"{place}{born:%Y%m%d}{order:03d}",
    st.sampled_from(["150502", "110101", "110103", "810000", "820000", "830000"]),
    st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999))
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def said(report):
    return "; ".join(map(str, report.problems))


@given(BODY)
def test_a_number_with_its_check_digit_is_valid_and_says_birth_and_sex(body):
    report = check_id_number(body + ric.calc_check_digit(body + "0"), today=TODAY)
    assert report.valid
    assert f"{report.birth_date:%Y%m%d}" == body[6:14]
    assert report.sex == ("male" if int(body[16]) % 2 else "female")


@given(BODY, st.integers(0, 17), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(body, position, step):
    number = body + ric.calc_check_digit(body + "0")
    wrong = "0" if number[position] == "X" else str((int(number[position]) + step) % 10)
    assert not check_id_number(number[:position] + wrong + number[position + 1:], today=TODAY).valid


def test_a_wrong_check_digit_names_position_and_what_was_expected():
    report = check_id_number("110105194912310021")
    assert [(problem.position, problem.expected) for problem in report.problems] == [(18, "X")]
    assert "110105" not in said(report)
    assert report.normalized is None


@pytest.mark.parametrize("text", [
    "11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", " 110105 19491231 002X ",
    "110105-19491231-002X", "110105\u200b19491231002X", "110105491231002"])
def test_writings_of_one_number_are_normalised(text):
    report = check_id_number(text)
    assert report.normalized == "11010519491231002X"
    assert report.birth_date == date(1949, 12, 31)
    assert report.county == "朝阳区"


def test_fifteen_digits_are_upgraded_with_a_warning():
    assert "upgraded" in check_id_number("110105491231002").warnings[0]
    assert check_id_number("110105951231998").birth_date == date(1895, 12, 31)


@pytest.mark.parametrize(("text", "position", "words"), [
    ("1" * 17, None, "17 characters"), ("1" * 19, None, "19 characters"), ("", None, "0 char"),
    ("1" * 1_000_000, None, "1,000,000"),
    ("1101O519491231002X", 5, "0 may be meant"),
    ("110105194912310\x0021", 16, r"U\+0000"),
    ("11010519491331002X", 11, "month 13"),
    ("110105194902300021", 13, "no date"),
    ("110105209912310021", 7, "future"),
    ("999999194912310021", 1, "no county"),
    ("X10105194912310021", 1, "digit"),
    ("二一0105194912310021", 1, "digit"),
])
def test_what_is_wrong_is_said_with_its_place(text, position, words):
    report = check_id_number(text, today=TODAY)
    assert not report.valid
    assert report.problems[0].position == position
    assert re.search(words, said(report))


def test_a_birth_today_is_not_in_the_future():
    body = "15050220261101001"
    assert check_id_number(body + ric.calc_check_digit(body + "0"), today=TODAY).valid


def test_a_withdrawn_county_is_a_warning():
    body = "11010319800101001"
    report = check_id_number(body + ric.calc_check_digit(body + "0"))
    assert report.valid
    assert "崇文区" in report.warnings[0]
    assert "2010" in report.warnings[0]


@pytest.mark.parametrize(("number", "kind", "place"), [
    ("810000199408230021", "hong_kong_permit", "香港特别行政区"),
    ("820000199408230017", "macao_permit", "澳门特别行政区"),
    ("830000199201300022", "taiwan_permit", "台湾"),
    ("932682198501010017", "foreign_permanent_residence", "江苏省")])
def test_permits_are_accepted_and_named(number, kind, place):
    body = number[:17]
    report = check_id_number(body + ric.calc_check_digit(body + "0"))
    assert (report.valid, report.kind, report.county) == (True, kind, place)


@given(st.text("0123456789", min_size=6, max_size=6), st.text(CREDIT, min_size=9, max_size=9))
def test_credit_codes_are_valid_with_their_check_character_and_no_other(place, organization):
    body = "91" + place + organization
    expected = uscc.calc_check_digit(body)
    assert check_credit_code(body + expected).valid
    wrong = check_credit_code(body + CREDIT[CREDIT.index(expected) - 1])
    if not organization.startswith("M"):
        assert [(each.position, each.expected) for each in wrong.problems] == [(18, expected)]


def test_a_credit_code_may_end_in_zero():
    ending = next(f"91150502MA0N2K{number:03d}" for number in range(1000)
                  if uscc.calc_check_digit(f"91150502MA0N2K{number:03d}") == "0")
    assert check_credit_code(ending + "0").valid


def test_an_early_pilot_code_is_a_warning():
    report = check_credit_code("91350211M00013FA1N")
    assert report.valid
    assert any("pilot" in warning for warning in report.warnings)


@pytest.mark.parametrize(("text", "position"), [
    ("9111000060003734IL", 17), ("91110A00600037341L", 6), ("12345", None), ("", None)])
def test_a_wrong_credit_code_says_where(text, position):
    assert check_credit_code(text).problems[0].position == position


def test_a_credit_code_of_no_county_is_a_warning():
    body = "91999901MA0N2K3L" + codes.organization_check("MA0N2K3L")
    report = check_credit_code(body + uscc.calc_check_digit(body))
    assert report.valid
    assert "no county" in report.warnings[0]


@pytest.mark.parametrize(("text", "kind"), [
    ("15", "province"), ("1505", "city"), ("150502", "district"), ("150502001", "subdistrict"),
    ("150502001002", "community"), ("150502000000", "district"), ("150000", "province")])
def test_division_codes_name_their_level(text, kind):
    report = check_division_code(text)
    assert (report.valid, report.kind, report.warnings) == (True, kind, ())


def test_a_division_that_is_not_assigned_is_a_warning():
    assert check_division_code("999901").valid
    assert check_division_code("999901").warnings
    assert not check_division_code("1505020").valid
    assert not check_division_code("15O502").valid


def test_a_grid_code_has_twenty_digits():
    assert check_grid_code("01020015050200100201").county == "科尔沁区"
    assert check_grid_code("01020099990100100201").warnings
    assert check_grid_code("0102001505020010020").problems[0].position is None
    assert check_grid_code("010200150502001002A1").problems[0].position == 19


@pytest.mark.parametrize(("text", "kind", "normalized"), [
    ("13812345678", "mobile", "13812345678"), ("+86 138-1234-5678", "mobile", "13812345678"),
    ("8613812345678", "mobile", "13812345678"), ("１３８１２３４５６７８", "mobile", "13812345678"),
    ("(0475) 823-1234", "landline", "04758231234"), ("010-62345678", "landline", "01062345678"),
    ("0475-8231234转801", "landline", "04758231234-801"), ("8231234", "landline", "8231234"),
    ("12345", "service", "12345"), ("400-812-3123", "service", "4008123123"),
    ("12001234567", "unassigned", "12001234567")])
def test_phone_numbers_are_normalised(text, kind, normalized):
    report = check_phone(text)
    assert (report.kind, report.normalized) == (kind, normalized)


@pytest.mark.parametrize("text", ["", "1381234567", "138x2345678", "=cmd|x", "\x00", "1" * 100_000])
def test_what_is_no_phone_number_is_refused(text):
    assert not check_phone(text).valid


@given(st.text(max_size=40))
def test_no_text_makes_a_check_fail(text):
    for check in (check_id_number, check_credit_code, check_division_code, check_grid_code,
                  check_phone):
        report = check(text)
        assert (report.normalized is None) == bool(report.problems)


def test_counties_know_what_was_withdrawn():
    assert county("110101").withdrawn is None
    assert county("110103") == ("崇文区", 2010)
    assert county("110201").name == "昌平县"
    assert county("000000") is None


@pytest.mark.parametrize("number", ["E12345678", "ea 1234567", "H10293847", "123456789",
                                    "CHN310112345678", "150502199003074595"])
def test_a_document_may_be_a_passport_a_permit_or_a_foreigners_card(number):
    assert check_document(number).valid
    assert check_document(number).normalized == number.upper().replace(" ", "")


@pytest.mark.parametrize("number", ["12345", "ABCDEF", "1" * 17, "1" * 19,
                                    "护照12345"])
def test_what_is_no_document_is_explained(number):
    assert check_document(number).problems
