from pathlib import Path

import pytest

from importers.base import Limits
from importers.headers import check_width, clean_header, find_header, used_width
from spatial.errors import UnreadableSource


def test_titles_above_the_header_are_passed_over() -> None:
    rows = [["向阳社区居民台账", "", ""], ["2024年5月", "", ""], ["姓名", "性别", "住址"]]
    assert find_header(rows) == 2


def test_a_header_of_one_column_is_a_header() -> None:
    assert find_header([["地址"], ["明仁街道"]]) == 0


def test_a_header_with_a_gap_is_a_header() -> None:
    assert find_header([["姓名", "", "住址"], ["张三", "男", "明仁街道"]]) == 0


def test_a_title_above_two_columns_is_passed_over() -> None:
    assert find_header([["台账", ""], ["姓名", "住址"], ["张三", "8号楼"]]) == 1


def test_an_unnamed_column_of_row_numbers_makes_no_title_of_a_header() -> None:
    assert find_header([["", "姓名"], ["0", "张三"]]) == 0


def test_invisible_marks_spaces_and_breaks_leave_names() -> None:
    names, remarks = clean_header(["\ufeff姓名 ", "身份证\n号码", "\u3000现住址\u200b"])
    assert names == ("姓名", "身份证 号码", "现住址")
    assert remarks == []


def test_empty_and_repeated_names_are_told_apart_and_said() -> None:
    names, remarks = clean_header(["姓名", None, "姓名", "姓名"])
    assert names == ("姓名", "column 2", "姓名 (2)", "姓名 (3)")
    assert len(remarks) == 3


def test_columns_that_no_row_fills_are_not_used() -> None:
    assert used_width([["a", "b", "", ""], ["1", "", "3", ""]]) == 3


def test_absurdly_many_columns_are_refused() -> None:
    with pytest.raises(UnreadableSource, match="1,001 columns"):
        check_width(Path("wide.csv"), 1001, Limits())
