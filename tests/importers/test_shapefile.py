"""Shapefiles as offices hand them over: half the files, wrong code pages, one ZIP."""

import io
import struct
import zipfile

import pytest
import shapely

from importers import open_source
from importers.base import Limits, Options
from spatial.errors import UnreadableSource

SHP, LINE = 9994, struct.Struct(">i")
NAMES = ("向阳小区", "和平小区", "明仁大街以北")
PRJ = ('GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",SPHEROID["CGCS2000",'
       '6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],'
       'AUTHORITY["EPSG","4490"]]')


def shp(points):
    """Return the bytes of a .shp and a .shx of points."""
    records = [struct.pack("<idd", 1, *point) for point in points]
    body = b"".join(struct.pack(">ii", number, 10) + one for number, one in enumerate(records, 1))
    index = b"".join(struct.pack(">ii", 50 + 14 * number, 10) for number in range(len(records)))
    box = struct.pack("<8d", 122, 43, 123, 44, 0, 0, 0, 0)

    def head(size):
        return (struct.pack(">i5ii", SHP, 0, 0, 0, 0, 0, (100 + size) // 2)
                + struct.pack("<ii", 1000, 1) + box)
    return head(len(body)) + body, head(len(index)) + index


def dbf(rows, *, encoding, language=0, width=20, names=("NAME", "N")):
    """Return the bytes of a .dbf with a text and a number."""
    fields = b"".join(
        name.encode(encoding).ljust(11, b"\0") + kind + bytes(4) + bytes((size, 0)) + bytes(14)
        for name, kind, size in ((names[0], b"C", width), (names[1], b"N", 5)))
    lines = b"".join(b" " + (text if isinstance(text, bytes) else text.encode(encoding))[
        :width].ljust(width) + str(number).rjust(5).encode() for text, number in rows)
    head = struct.pack("<B3BIHH", 3, 126, 1, 1, len(rows), 32 + len(fields) + 1, width + 6)
    return head + bytes(17) + bytes((language,)) + bytes(2) + fields + b"\r" + lines + b"\x1a"


def saved(folder, *, encoding="gbk", language=0, cpg=None, leave_out=(), texts=NAMES, **how):
    shapes, index = shp([(122 + n / 10, 43.5) for n in range(len(texts))])
    parts = {".shp": shapes, ".shx": index, ".prj": PRJ.encode(),
             ".dbf": dbf([(t, n) for n, t in enumerate(texts)], encoding=encoding,
                         language=language, **how)}
    if cpg is not None:
        parts[".cpg"] = cpg.encode()
    for suffix, content in parts.items():
        if suffix not in leave_out:
            (folder / f"小区{suffix}").write_bytes(content)
    return folder / "小区.shp"


def read(path, **options):
    source = open_source(path, Options(**options))
    (table,) = source.tables
    rows = [row for batch in table.batches() for row in zip(*batch.columns.values(), strict=True)]
    return source, table, rows


@pytest.mark.parametrize(("encoding", "language", "cpg", "told"), [
    ("gbk", 0x00, None, "its texts are gb18030, which it does not say"),
    ("gbk", 0x57, None, "its texts are gb18030, which it does not say"),
    ("gbk", 0x03, None, "its texts are gb18030, though its header says cp1252"),
    ("gbk", 0x4D, None, None),
    ("gbk", 0x00, "936", None),
    ("gbk", 0x00, "UTF-8", "its texts are gb18030, though its .cpg says utf-8"),
    ("utf-8", 0x00, None, "its texts are utf-8, which it does not say"),
    ("utf-8", 0x00, "UTF-8", None),
    ("utf-8", 0x4D, None, "its texts are utf-8, though its header says gbk"),
    ("utf-8", 0x00, "936", "its texts are utf-8, though its .cpg says gbk"),
    ("big5", 0x78, None, None),
])
def test_the_encoding_is_found_by_looking_and_what_differs_is_told(
    tmp_path, encoding, language, cpg, told
):
    texts = ("向陽", "明仁大街") if encoding == "big5" else NAMES
    source, _, rows = read(saved(tmp_path, encoding=encoding, language=language, cpg=cpg,
                                 texts=texts))
    assert [row[0] for row in rows] == list(texts)
    assert source.remarks == ((f"小区: {told}",) if told else ())


def test_headers_in_chinese_are_read_too(tmp_path):
    _, table, _ = read(saved(tmp_path, names=("名称", "层数")))
    assert table.columns == ("名称", "层数")


def test_a_text_cut_amid_a_character_loses_only_that_one(tmp_path):
    _, _, rows = read(saved(tmp_path, width=5))
    assert [row[0] for row in rows] == ["向阳", "和平", "明仁"]


def test_accents_whose_code_page_nobody_tells_are_asked_for(tmp_path):
    path = saved(tmp_path, encoding="cp1250", texts=("Šubićeva", "Martićeva"))
    with pytest.raises(UnreadableSource, match="--encoding, whichever .*cp1250 'Martićeva'"):
        read(path)
    assert [row[0] for row in read(path, encoding="cp1250")[2]] == ["Šubićeva", "Martićeva"]


def test_a_text_of_no_encoding_is_refused_with_its_row(tmp_path):
    texts = (*NAMES, "好".encode("gbk") + b"\xff\xff\x20x")
    with pytest.raises(UnreadableSource, match=r"neither UTF-8 nor GB18030"):
        read(saved(tmp_path, texts=texts))


@pytest.mark.parametrize(("missing", "wrong"), [
    ((".shx",), "its .shx is missing"), ((".dbf",), "its .dbf is missing"),
    ((".dbf", ".shx"), "its .shx and its .dbf are missing"),
    ((".prj",), "its .prj is missing.*--crs"),
])
def test_a_missing_companion_is_named_with_the_remedy(tmp_path, missing, wrong):
    with pytest.raises(UnreadableSource, match=f"^小区.shp: {wrong}"):
        open_source(saved(tmp_path, leave_out=missing))


def test_without_prj_the_system_can_be_named(tmp_path):
    _, table, _ = read(saved(tmp_path, leave_out=(".prj",)), crs="GCJ-02")
    assert table.crs == "GCJ-02"


@pytest.mark.parametrize("suffix", [".shp", ".shx", ".dbf"])
@pytest.mark.parametrize("left", [0, 40, 110])
def test_a_file_cut_off_is_refused_whichever_it_is(tmp_path, suffix, left):
    path = saved(tmp_path)
    part = path.with_suffix(suffix)
    part.write_bytes(part.read_bytes()[:left])
    with pytest.raises(UnreadableSource, match="cut off|is empty"):
        open_source(path)


def test_files_of_two_exports_do_not_belong_together(tmp_path):
    path = saved(tmp_path)
    path.with_suffix(".dbf").write_bytes(dbf([("x", 1)], encoding="ascii"))
    with pytest.raises(UnreadableSource, match="3 shapes and its .dbf 1 rows"):
        open_source(path)


def test_a_prj_of_no_known_system_asks_for_one(tmp_path):
    path = saved(tmp_path)
    path.with_suffix(".prj").write_text("LOCAL_CS[nonsense")
    with pytest.raises(UnreadableSource, match="no known coordinate system"):
        open_source(path)


def test_companions_in_other_letters_are_found_and_nothing_else(tmp_path):
    path = saved(tmp_path, cpg="936")
    path.with_suffix(".dbf").rename(tmp_path / "小区.DBF")
    (tmp_path / "小区.vrt").write_text("<OGRVRTDataSource/>")
    _, table, rows = read(path)
    assert (table.crs, len(rows)) == ("EPSG:4490", 3)


def packed(path, folder, *, inside="数据/", names=None, encoding=None):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for one in sorted(folder.iterdir()):
            if one.suffix != ".zip":
                package.writestr(f"{inside}{one.name}", one.read_bytes())
    return path


def test_a_zip_with_the_companions_is_a_shapefile(tmp_path):
    saved(tmp_path)
    source, table, rows = read(packed(tmp_path / "小区.zip", tmp_path))
    assert (source.format, table.name, table.crs, len(rows)) == (
        "Shapefile", "小区", "EPSG:4490", 3)
    (batch,) = table.batches()
    assert shapely.from_wkb(batch.geometry[1]).equals(shapely.Point(122.1, 43.5))


@pytest.mark.parametrize(("name", "wrong"), [
    ("../../etc/x.shp", "lies outside"), ("/etc/x.shp", "lies outside"),
    ("C:\\x.shp", "lies outside"), ("a/inner.zip", "holds another archive"),
])
def test_a_zip_that_reaches_outside_or_is_nested_is_refused(tmp_path, name, wrong):
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("a.shp", b"x")
        package.writestr(name, b"x")
    with pytest.raises(UnreadableSource, match=wrong):
        open_source(path)


def test_a_zip_with_a_link_is_refused(tmp_path):
    path, link = tmp_path / "evil.zip", zipfile.ZipInfo("a.shp")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(link, "/etc/passwd")
    with pytest.raises(UnreadableSource, match="holds a link"):
        open_source(path)


def test_a_zip_bomb_is_refused_before_it_bursts(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("a.shp", bytes(5_000_000))
    small = Options(limits=Limits(archive_unpacked=1_000_000))
    with pytest.raises(UnreadableSource, match="unpacked it is larger than 1,000,000"):
        open_source(path, small)
    # One that lies about its size is measured while it is unpacked.
    content = path.read_bytes().replace(struct.pack("<I", 5_000_000), struct.pack("<I", 50))
    path.write_bytes(content)
    with pytest.raises(UnreadableSource, match="larger than|damaged"):
        open_source(path, small)


def test_a_zip_of_too_many_files_or_cut_in_half_is_refused(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for number in range(21):
            package.writestr(f"{number}.shp", b"x")
    path = tmp_path / "many.zip"
    path.write_bytes(out.getvalue())
    with pytest.raises(UnreadableSource, match="21 files, more than 20"):
        open_source(path)
    path.write_bytes(out.getvalue()[:len(out.getvalue()) // 2])
    with pytest.raises(UnreadableSource, match="damaged or cut off"):
        open_source(path)
