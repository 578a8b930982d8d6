import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.addressing.characters import normalise
from spatial.addressing.numerals import read_number, readings, to_digits


@pytest.mark.parametrize(("written", "plain"), [
    ("３號樓", "3号楼"), ("①", "1"), ("㎡", "M2"), ("Ⅲ期", "3期"), ("阳光花囯", "阳光花国"),
    ("3—2–501", "3-2-501"), ("a座", "A座"), ("阳\u200b光", "阳光"), ("乾元", "乾元"),
    ("于家", "于家"),
    ("緑城", "绿城"), ("鉄西", "铁西"), ("３，２", "3,2"), ("中安·道", "中安·道"),
])  # fmt: skip
def test_characters_are_written_one_way(written: str, plain: str) -> None:
    assert normalise(written).canonical == plain


@pytest.mark.parametrize(("run", "digits"), [
    ("二十三", "23"), ("五〇一", "501"), ("五零一", "501"), ("伍零壹", "501"), ("五百零一", "501"),
    ("一千二百零三", "1203"), ("廿", "20"), ("廿三", "23"), ("十一零二", "1102"),
    ("十五零三", "1503"), ("二十零三", "2003"), ("一百五", "150"), ("十", "10"),
    ("一百一十", "110"),
])  # fmt: skip
def test_chinese_numbers_are_read_as_written_and_as_spoken(run: str, digits: str) -> None:
    assert read_number(run) == digits


@pytest.mark.parametrize(("text", "digits"), [
    ("安陆市", "安陆市"), ("陆号楼", "6号楼"), ("学府壹号", "学府1号"),
    ("八一小区", "81小区"),
    ("三杠二杠五零一", "3-2-501"), ("老桥洞3号", "老桥洞3号"),
    ("5号楼幺洞幺", "5号楼101"),
    ("万达广场", "万达广场"), ("百合花园", "百合花园"), ("两单元", "2单元"),
    ("陆家嘴", "陆家嘴"),
])  # fmt: skip
def test_only_numerals_become_digits(text: str, digits: str) -> None:
    assert to_digits(normalise(text)).canonical == digits


def test_chinese_and_arabic_digits_that_touch_have_two_readings() -> None:
    assert [t.canonical for t in readings(normalise("八一5-2-302"))] == ["815-2-302", "81|5-2-302"]
    assert readings(normalise("六〇1"))[0].canonical == "601"


@given(st.text(max_size=60))
def test_every_canonical_character_knows_its_origin(text: str) -> None:
    for one in readings(normalise(text)):
        assert len(one.starts) == len(one.ends) == len(one.canonical)
        assert all(0 <= a < b <= len(text) for a, b in zip(one.starts, one.ends, strict=True))


@given(st.integers(1, 9999))
def test_a_number_written_digit_by_digit_reads_back(number: int) -> None:
    written = "".join("零一二三四五六七八九"[int(d)] for d in str(number))
    assert read_number(written) == str(number)
