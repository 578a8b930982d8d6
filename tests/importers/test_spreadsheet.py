import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from importers import open_source
from importers.base import Limits, Options, Table
from importers.spreadsheet import PrecisionLost, canonical
from spatial.errors import UnreadableSource

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "residents.xlsx"


def written(path: Path, *rows: list[object]) -> Worksheet:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in rows:
        sheet.append(row)
    book.save(path)
    return sheet


def read(table: Table) -> list[list[str | None]]:
    found: list[list[str | None]] = []
    for batch in table.batches():
        found += [list(row) for row in zip(*batch.columns.values(), strict=True)]
    return found


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"),
        (13800001234.0, "13800001234"),
        (0.1 + 0.2, "0.3"),
        (122.220912345678, "122.220912345678"),
        (True, "true"),
        ("", None),
        ("0012", "0012"),
        (datetime.date(2019, 5, 1), "2019-05-01"),
        (datetime.datetime(2019, 5, 1, 13, 5), "2019-05-01T13:05:00"),
        (datetime.time(8, 30), "08:30:00"),
        (datetime.timedelta(hours=30), "30:00:00"),
    ],
)
def test_cells_become_canonical_text(value: object, text: str | None) -> None:
    assert canonical(value) == text


def test_a_number_of_more_than_15_digits_is_known_to_be_wrong() -> None:
    with pytest.raises(PrecisionLost):
        canonical(150502199001011234.0)


def test_an_id_number_kept_as_a_number_rejects_its_row(path: Path) -> None:
    written(
        path, ["姓名", "身份证号"], ["张三", 150502199001011234], ["李四", "150502199001011234"]
    )
    (table,) = open_source(path).tables
    assert read(table) == [["李四", "150502199001011234"]]
    (issue,) = table.issues
    assert (issue.line, issue.column, issue.rule) == (2, "身份证号", "precision lost")


def test_title_rows_are_passed_over_and_rows_keep_their_numbers(path: Path) -> None:
    written(
        path, ["向阳社区台账"], [], ["姓名", "年"], ["张三", 2019], [None, None], ["李四", 2020]
    )
    source = open_source(path)
    (table,) = source.tables
    assert table.columns == ("姓名", "年")
    assert [list(batch.lines) for batch in table.batches()] == [[4, 6]]
    assert any("1 rows above the header" in remark for remark in source.remarks)


def test_every_visible_sheet_with_rows_is_a_table(path: Path) -> None:
    book = openpyxl.Workbook()
    assert isinstance(book.active, Worksheet)
    book.active.title = "居民"
    book.active.append(["姓名"])
    book.create_sheet("空")
    hidden = book.create_sheet("草稿")
    hidden.append(["x"])
    hidden.sheet_state = "hidden"
    book.save(path)
    source = open_source(path)
    assert [table.name for table in source.tables] == ["居民"]
    assert source.remarks == ("hidden sheets are not read: 草稿",)
    assert open_source(path, Options(sheet="草稿")).tables[0].columns == ("x",)


def test_a_sheet_that_is_not_there_is_answered_with_those_that_are(path: Path) -> None:
    written(path, ["姓名"])
    with pytest.raises(UnreadableSource, match="Its sheets are: Sheet"):
        open_source(path, Options(sheet="居民"))


def test_a_household_number_merged_beside_its_members_is_theirs(path: Path) -> None:
    sheet = written(path, ["户号", "姓名"], ["1", "张三"], [None, "李四"], ["2", "王五"])
    sheet.merge_cells("A2:A3")
    assert sheet.parent is not None
    sheet.parent.save(path)
    assert read(open_source(path).tables[0]) == [["1", "张三"], ["1", "李四"], ["2", "王五"]]


@pytest.mark.parametrize("title", [[], [["2024年居民台账", None, None, None, None, None]]])
def test_a_header_over_two_rows_names_its_columns(path: Path, title: list[list[object]]) -> None:
    sheet = written(
        path, *title, ["姓名", "现住址", None, "户籍地址", None, "电话"],
        [None, "楼栋", "房号", "楼栋", "房号", None], ["张三", "3", "501", "8", "101", "1380"],
    )
    row = len(title) + 1
    for cells in ("A{0}:A{1}", "B{0}:C{0}", "D{0}:E{0}", "F{0}:F{1}"):
        sheet.merge_cells(cells.format(row, row + 1))
    sheet.parent.save(path)
    (table,) = open_source(path).tables
    assert table.columns == ("姓名", "现住址 楼栋", "现住址 房号", "户籍地址 楼栋", "户籍地址 房号",
                             "电话")  # fmt: skip
    (batch,) = table.batches()
    assert batch.lines == [row + 2]
    assert batch.columns["户籍地址 房号"] == ("101",)


def test_headings_that_fill_few_cells_are_no_title(path: Path) -> None:
    sheet = written(path, ["姓名", "现住址", None, None, None, None],
                    [None, "小区", "楼栋", "单元", "楼层", "房号"],
                    ["张三", "阳光", "3", "1", "5", "501"])  # fmt: skip
    sheet.merge_cells("B1:F1")
    sheet.merge_cells("A1:A2")
    sheet.parent.save(path)
    (table,) = open_source(path).tables
    assert table.columns == ("姓名", "小区", "楼栋", "单元", "楼层", "房号")
    assert read(table) == [["张三", "阳光", "3", "1", "5", "501"]]


def test_a_value_beyond_the_header_rejects_its_row(path: Path) -> None:
    written(path, ["a", "b"], *[["1", "2"]] * 60, ["1", "2", "3"])
    (table,) = open_source(path).tables
    assert len(read(table)) == 60
    assert [(issue.line, issue.cells) for issue in table.issues] == [(62, ("1", "2", "3"))]


def test_a_workbook_without_rows_is_refused(path: Path) -> None:
    written(path)
    with pytest.raises(UnreadableSource, match="it has no rows"):
        open_source(path)


def test_a_damaged_old_workbook_is_refused(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    with pytest.raises(UnreadableSource, match="no whole workbook"):
        open_source(path)


def test_a_workbook_above_the_limit_is_refused_unopened(path: Path) -> None:
    written(path, ["姓名"])
    with pytest.raises(UnreadableSource, match="more than the 100 allowed"):
        open_source(path, Options(limits=Limits(spreadsheet_packed=100)))


def test_surnames_of_a_real_workbook_are_read_whole() -> None:
    (table,) = open_source(SAMPLES / "family_names_1k.xlsx").tables
    rows = read(table)
    assert table.columns == ("NameB", "TF")
    assert len(rows) == table.rows == 1074
