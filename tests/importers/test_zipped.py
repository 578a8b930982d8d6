import struct
import zipfile
from pathlib import Path

import pytest

from importers.base import Limits
from importers.zipped import check_package
from spatial.errors import UnreadableSource

SHEET = "xl/worksheets/sheet1.xml"


def package(path: Path, name: str, content: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(name, content)
    return path


def test_a_package_that_unpacks_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = package(tmp_path / "bomb.xlsx", SHEET, b"<c>" * 1_000_000)
    with pytest.raises(UnreadableSource, match="more than 1,000,000 bytes unpacked"):
        check_package(path, Limits(spreadsheet_unpacked=1_000_000))


def test_a_package_that_lies_about_its_size_is_refused_all_the_same(tmp_path: Path) -> None:
    path = package(tmp_path / "liar.xlsx", SHEET, b"<c>" * 1_000_000)
    true_size = struct.pack("<L", 3_000_000)
    path.write_bytes(path.read_bytes().replace(true_size, struct.pack("<L", 10)))
    with pytest.raises(UnreadableSource, match="bytes unpacked"):
        check_package(path, Limits(spreadsheet_unpacked=1_000_000))


def test_cells_at_both_ends_of_a_sheet_are_refused(tmp_path: Path) -> None:
    cells = b'<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"/></row>'
    path = package(tmp_path / "sparse.xlsx", SHEET, cells)
    with pytest.raises(UnreadableSource, match="20,000,000 cells"):
        check_package(path, Limits())


def test_a_cell_repeated_a_million_times_is_refused(tmp_path: Path) -> None:
    rows = (
        b'<t:table-row t:number-rows-repeated="1000000">'
        b'<t:table-cell t:number-columns-repeated="100"><p>x</p></t:table-cell></t:table-row>'
    )
    path = package(tmp_path / "bomb.ods", "content.xml", rows)
    with pytest.raises(UnreadableSource, match="20,000,000 cells"):
        check_package(path, Limits())


def test_empty_cells_to_the_end_of_the_sheet_are_no_bomb(tmp_path: Path) -> None:
    rows = (
        b'<t:table-row t:number-rows-repeated="1048570">'
        b'<t:table-cell t:number-columns-repeated="16384"/></t:table-row>'
    )
    path = package(tmp_path / "plain.ods", "content.xml", rows)
    assert check_package(path, Limits()) == ()


def test_a_package_cut_at_half_is_refused(tmp_path: Path) -> None:
    path = package(tmp_path / "half.xlsx", SHEET, bytes(range(256)) * 1000)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(UnreadableSource, match="damaged or cut off"):
        check_package(path, Limits())


def test_formula_errors_are_counted(tmp_path: Path) -> None:
    path = package(tmp_path / "errors.xlsx", SHEET, b'<c r="A1" t="e"><v>#N/A</v></c>')
    assert check_package(path, Limits()) == ("1 cells hold a formula error, read as empty",)
