import hashlib
from pathlib import Path

import pytest

from importers import open_source, readers
from importers.base import Options
from spatial.errors import UnreadableSource

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.csv", b"", "it is empty"),
        ("blank.csv", b"\xef\xbb\xbf \r\n\n", "it is empty"),
        ("page.xls", b"<html><table><tr><td>1</td></tr></table></html>", "a web page or XML"),
        ("evil.geojson", b"<OGRVRTDataset><SrcDataSource>/etc/passwd", "a web page or XML"),
        ("list.csv", b"%PDF-1.7\n", "it is a PDF"),
        ("photo.csv", b"\xff\xd8\xff\xe0\0\x10JFIF", "it is a picture"),
        ("data.csv", b"\x1f\x8b\x08\0\0\0", "packed \\(gzip\\)"),
        ("data.zip", b"PK\x03\x04\x14\0\0\0\x08\0" + b"\0" * 20 + b"a.csv", "ZIP without"),
        ("data.gpkg", b"SQLite format 3\0" + b"\0" * 100, "no whole GeoPackage"),
        ("data.bin", bytes(range(256)) * 10, "no format known here. Save it as one of"),
    ],
)
def test_what_no_reader_takes_is_named_with_the_way_out(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableSource, match=f"^{name}: .*{reason}"):
        open_source(path)


def test_a_file_that_is_not_there_or_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="no such file"):
        open_source(tmp_path / "none.csv")
    with pytest.raises(UnreadableSource, match="is a directory"):
        open_source(tmp_path)


@pytest.mark.parametrize(
    ("sample", "suffix", "form"),
    [
        ("family_names_1k.xlsx", ".csv", "spreadsheet"),
        ("monaco.osm.pbf", ".geojson", "OpenStreetMap"),
        ("shu_shanghai_1.osm", ".csv", "OpenStreetMap"),
        ("districts_cgcs2000.geojson", ".xlsx", "GeoJSON"),
        ("districts_cgcs2000.geojson", "", "GeoJSON"),
    ],
)
def test_contents_decide_and_a_wrong_suffix_is_named(
    tmp_path: Path, sample: str, suffix: str, form: str
) -> None:
    path = tmp_path / f"misnamed{suffix}"
    path.write_bytes((SAMPLES / sample).read_bytes())
    source = open_source(path)
    assert source.format == form
    assert source.remarks[0].startswith(f"read as {form} by its contents, despite its ")


def test_the_digest_is_that_of_the_bytes() -> None:
    path = SAMPLES / "districts_cgcs2000.geojson"
    source = open_source(path)
    assert source.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert not any(remark.startswith("read as") for remark in source.remarks)


def test_a_legacy_code_page_is_read_when_named() -> None:
    path = SAMPLES / "zagreb_cameras_cp1250.csv"
    with pytest.raises(UnreadableSource, match="cp1250 'Martićeva - Šubićeva"):
        open_source(path)
    (table,) = open_source(path, Options(encoding="cp1250")).tables
    (batch,) = table.batches()
    assert batch.columns["Lokacija"][0] == "Martićeva - Šubićeva"
    assert (len(batch), table.skipped, table.issues) == (137, {"blank row": 12}, [])


def test_every_reader_says_what_it_reads() -> None:
    for reader in readers():
        assert reader.format
        assert all(suffix.startswith(".") for suffix in reader.suffixes)
