from pathlib import Path

import pytest

from importers.text import find_encoding, lines
from spatial.errors import UnreadableSource

LEDGER = "姓名,家庭住址,备注\n张小三,科尔沁区明仁街道向阳小区8号楼3单元501,𠮷\n"


@pytest.mark.parametrize(
    ("codec", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_encoding_is_found(tmp_path: Path, codec: str, found: str) -> None:
    path = tmp_path / "ledger.csv"
    path.write_bytes(LEDGER.encode(codec))
    assert find_encoding(path) == found
    assert "".join(lines(path, found, 1000)) == LEDGER


def test_gbk_is_read_as_its_superset(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_bytes("姓名,街道\n李四,霍林郭勒\n".encode("gbk"))
    assert find_encoding(path) == "gb18030"


def test_a_bad_byte_near_the_end_is_found_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_bytes(("名\n" * 400_000).encode() + b"\xff\xff\n")
    with pytest.raises(UnreadableSource, match="line 400,001"):
        find_encoding(path, "utf-8")


def test_western_code_pages_are_shown_and_never_guessed(tmp_path: Path) -> None:
    path = tmp_path / "cameras.csv"
    path.write_bytes("Lokacija;Godina\r\nMartićeva - Šubićeva;2011\r\n".encode("cp1250"))
    with pytest.raises(UnreadableSource, match="cp1250 'Martićeva - Šubićeva"):
        find_encoding(path)


def test_accents_before_plain_letters_are_not_taken_for_chinese(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes("Müller\nJägerstraße\nKönig\n".encode("cp1252"))
    with pytest.raises(UnreadableSource, match="cp1252 'Müller'"):
        find_encoding(path)


def test_an_unknown_encoding_is_refused_with_known_ones(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_bytes(b"a,b\n")
    with pytest.raises(UnreadableSource, match="gb18030"):
        find_encoding(path, "klingon")


def test_an_endless_line_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_bytes(b"a,b\n" + b"x" * 10_000_000)
    with pytest.raises(UnreadableSource, match="line 2 is longer"):
        list(lines(path, "utf-8", 1000))
