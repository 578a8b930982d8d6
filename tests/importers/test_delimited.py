import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importers import open_source
from importers.base import BATCH_ROWS, Limits, Options, Table
from importers.delimited import Delimited, find_delimiter
from spatial.errors import UnreadableSource

Rows = list[list[str | None]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "residents.csv"


def opened(path: Path, content: str | bytes, **options: str) -> Table:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return open_source(path, Options(**options)).tables[0]  # type: ignore[arg-type]


def rows(table: Table) -> Rows:
    found: Rows = []
    for batch in table.batches():
        found += [list(row) for row in zip(*batch.columns.values(), strict=True)]
    return found


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_delimiter_and_encoding_are_found(path: Path, delimiter: str, codec: str) -> None:
    ledger = [["姓名", "住址"], ["张三", "明仁街道, 8号; 501 | 东户"], ["李四", "小区\n3单元"]]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(ledger)
    table = opened(path, text.getvalue().encode(codec))
    assert table.columns == ("姓名", "住址")
    assert rows(table) == ledger[1:]


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
tables = st.integers(2, 4).flatmap(
    lambda width: st.lists(
        st.lists(cells, min_size=width, max_size=width).filter(any), min_size=1, max_size=8
    )
)


@given(
    tables,
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_table_reads_back_as_it_was_written(
    tmp_path: Path, table: list[list[str]], delimiter: str, codec: str, end: str
) -> None:
    header = [f"name {place}" for place in range(len(table[0]))]
    text = io.StringIO(newline="")
    # All cells quoted: before Python 3.13 the writer leaves a lone CR bare.
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([header, *table])
    path = tmp_path / "any.csv"
    path.write_bytes(text.getvalue().encode(codec))
    (found,) = Delimited().read(path, Options(encoding=codec, delimiter=delimiter)).tables
    assert rows(found) == table
    assert found.issues == []


def test_lines_are_counted_as_a_person_counts_them(path: Path) -> None:
    table = opened(path, 'a,b\r\n1,"x\ny"\r2,z\n\n3,w\r\n')
    assert [list(batch.lines) for batch in table.batches()] == [[2, 4, 6]]
    assert rows(table) == [["1", "x\ny"], ["2", "z"], ["3", "w"]]


def test_an_unclosed_quote_names_the_line_where_it_began(path: Path) -> None:
    table = opened(path, 'a,b\n1,x\n2,"y\n3,z\n4,w\n')
    with pytest.raises(UnreadableSource, match="opened in line 3 is never closed"):
        rows(table)


def test_an_unclosed_quote_that_meets_another_names_where_it_began(path: Path) -> None:
    table = opened(path, 'a,b\n1,x\n2,"y\n3,z\n4,"w"\n')
    with pytest.raises(UnreadableSource, match="opened in line 3"):
        rows(table)


def test_an_unclosed_quote_before_megabytes_names_where_it_began(path: Path) -> None:
    table = opened(path, 'a,b\n1,"x\n' + "2,y\n" * 100_000)
    with pytest.raises(UnreadableSource, match="opened in line 2"):
        rows(table)


def test_a_stray_quote_rejects_its_row_only(path: Path) -> None:
    table = opened(path, 'a,b\n1,"x" y\n2,z\n')
    assert rows(table) == [["2", "z"]]
    assert [(issue.line, issue.rule, issue.cells) for issue in table.issues] == [
        (2, "stray quote", ("1", "x y"))
    ]


def test_a_wrong_number_of_cells_rejects_the_row_with_its_cells(path: Path) -> None:
    table = opened(path, "a,b,c\n1,2\n1,2,3,4\n1,2,3\n")
    assert rows(table) == [["1", "2", "3"]]
    assert [(issue.line, issue.cells) for issue in table.issues] == [
        (2, ("1", "2")),
        (3, ("1", "2", "3", "4")),
    ]
    assert all(issue.rejects for issue in table.issues)


def test_empty_cells_beyond_the_header_are_no_fault(path: Path) -> None:
    table = opened(path, "a,b,,\n1,2,,\n1,2,,,,\n")
    assert table.columns == ("a", "b")
    assert rows(table) == [["1", "2"], ["1", "2"]]


def test_blank_rows_are_skipped_and_counted(path: Path) -> None:
    table = opened(path, "a,b\n1,2\n,\n,\n")
    assert rows(table) == [["1", "2"]]
    assert table.skipped == {"blank row": 2}


def test_a_zero_byte_rejects_its_row(path: Path) -> None:
    table = opened(path, "a,b\n1,x\0y\n2,z\n")
    assert rows(table) == [["2", "z"]]
    assert [(issue.line, issue.rule) for issue in table.issues] == [(2, "zero byte")]


def test_reading_twice_reports_once(path: Path) -> None:
    table = opened(path, "a,b\n1\n")
    assert rows(table) == rows(table) == []
    assert len(table.issues) == 1


def test_title_rows_stand_above_the_header(path: Path) -> None:
    table = opened(path, "向阳社区居民台账,,\n\n姓名,性别,住址\n张三,男,8号楼\n")
    assert table.columns == ("姓名", "性别", "住址")
    assert [list(batch.lines) for batch in table.batches()] == [[4]]


def test_the_delimiter_line_of_spreadsheets_is_obeyed(path: Path) -> None:
    table = opened(path, "sep=|\na|b,c\n1|2,3\n")
    assert table.columns == ("a", "b,c")
    assert rows(table) == [["1", "2,3"]]


def test_decimal_commas_do_not_make_a_comma_the_delimiter() -> None:
    assert find_delimiter(["x;y\n", "1,5;2,5\n", "1,7;2,7\n"]) == ";"


def test_large_tables_come_in_batches(path: Path) -> None:
    table = opened(path, "a,b\n" + "1,2\n" * (BATCH_ROWS + 1))
    assert [len(batch) for batch in table.batches()] == [BATCH_ROWS, 1]


def test_one_column_needs_no_delimiter(path: Path) -> None:
    assert rows(opened(path, "地址\n明仁街道\n向阳小区\n")) == [["明仁街道"], ["向阳小区"]]


def test_a_file_above_the_limit_is_refused(path: Path) -> None:
    path.write_bytes(b"a,b\n1,2\n")
    with pytest.raises(UnreadableSource, match="residents.csv: 8 bytes are more than the 7"):
        open_source(path, Options(limits=Limits(delimited=7)))


def test_a_header_alone_is_an_empty_table(path: Path) -> None:
    table = opened(path, "姓名,住址\n")
    assert table.columns == ("姓名", "住址")
    assert rows(table) == []
