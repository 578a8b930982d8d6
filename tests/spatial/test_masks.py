from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial import masks


@pytest.mark.parametrize(("clear", "masked"), [
    ("张三", "张*"), ("张小三", "张*三"), ("欧阳小明", "欧**明"), ("阿迪力·买买提", "阿**·**提"),
    ("阿卜杜·热合曼·买买提", "阿**·***·**提"), ("张", "*"), ("", ""), ("𠮷田", "𠮷*"),
    ("John Smith", "J*** ****h"), ("乌·娜", "乌·*")])
def test_names_are_masked_as_the_rule_says(clear, masked):
    assert masks.name(clear) == masked


def test_phone_numbers_keep_three_and_four():
    assert masks.phone("13812345678") == "138****5678"
    assert masks.phone("04758231234") == "*********34"
    assert masks.phone("12345") == "*****"


def test_an_id_number_keeps_four_unless_beside_an_age_band():
    assert masks.id_number("150502199001011234") == "1505**************"
    assert masks.id_number("150502199001011234", beside_age_band=True) == "1505**********1234"
    assert masks.id_number("E12345678") == "E********"


@pytest.mark.parametrize(("age", "band"), [
    (0, "0-13"), (13, "0-13"), (14, "14"), (15, "15-19"), (19, "15-19"), (20, "20-24"),
    (89, "85-89"), (90, "90+"), (120, "90+")])
def test_ages_fall_into_bands(age, band):
    assert masks.age_band(age) == band


@pytest.mark.parametrize(("born", "band"), [
    ("2012-11-02", "0-13"), ("2012-11-01", "14"), ("1990", "35-39"), ("1990-12", "35-39"),
    ("2030-01-01", "0-13")])
def test_a_birth_date_becomes_a_band(born, band):
    assert masks.birth_date(born, today=date(2026, 11, 1)) == band


@given(st.text(alphabet="张李王小明三欧阳", min_size=2, max_size=6))
def test_no_mask_shows_more_than_two_characters(text):
    masked = masks.name(text)
    assert len(masked) == len(text)
    assert len(masked.replace("*", "")) <= 2


def test_a_reporter_is_hidden_whole():
    assert masks.reporter("张三") == "举报人***"
