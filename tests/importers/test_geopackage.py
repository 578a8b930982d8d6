import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import pytest
import shapely

from importers import open_source
from importers.base import Options
from importers.geopackage import wkb
from spatial.errors import UnreadableSource

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
SCHEMA = """
    CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT, identifier TEXT, srs_id INTEGER);
    CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER);
    CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT,
                                       organization_coordsys_id INTEGER);
    INSERT INTO gpkg_spatial_ref_sys VALUES (4490, 'EPSG', 4490);
"""
POINT = shapely.to_wkb(shapely.Point(122.22, 43.6))


def blob(inner: bytes, *, envelope: int = 0, flags: int = 0) -> bytes:
    sizes = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
    flag = 1 | envelope << 1 | flags
    return b"GP\0" + bytes([flag]) + struct.pack("<i", 4490) + b"\0" * sizes[envelope] + inner


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cameras.gpkg"


def written(path: Path, script: str, *rows: tuple[object, ...]) -> Path:
    with closing(sqlite3.connect(path)) as file:
        file.executescript(SCHEMA + script)
        for row in rows:
            file.execute(f"INSERT INTO camera VALUES ({', '.join('?' * len(row))})", row)
        file.commit()
    return path


CAMERAS = """
    CREATE TABLE camera (fid INTEGER PRIMARY KEY, name TEXT, ptz BOOLEAN, height REAL, geom POINT);
    INSERT INTO gpkg_contents VALUES ('camera', 'features', 'Cameras', 4490);
    INSERT INTO gpkg_geometry_columns VALUES ('camera', 'geom', 4490);
"""


@pytest.mark.parametrize("envelope", range(5))
def test_a_geometry_is_unwrapped_whatever_its_envelope(envelope: int) -> None:
    assert wkb(blob(POINT, envelope=envelope)) == POINT


def test_an_empty_geometry_is_none_and_rubbish_is_no_geometry() -> None:
    assert wkb(None) is wkb(blob(b"", flags=0x10)) is None
    for rubbish in (b"", b"GP", b"XY" + POINT, "text", blob(POINT)[:3] + b"\x0f" + POINT):
        found = wkb(rubbish)
        assert found is not None
        assert shapely.from_wkb(found, on_invalid="ignore") is None


def test_values_are_text_and_the_crs_is_the_layers(path: Path) -> None:
    rows = [(1, "南门", 1, 3.0, blob(POINT)), (2, None, None, 4.5, None)]
    (table,) = open_source(written(path, CAMERAS, *rows)).tables
    (batch,) = table.batches()
    assert (table.name, table.crs, table.rows) == ("camera", "EPSG:4490", 2)
    assert dict(batch.columns) == {
        "fid": ("1", "2"),
        "name": ("南门", None),
        "ptz": ("true", None),
        "height": ("3", "4.5"),
    }
    assert batch.geometry == [POINT, None]


def test_bad_geometries_and_bytes_for_text_reject_their_rows(path: Path) -> None:
    rows = [(1, "a", 1, 1.0, b"rubbish"), (2, b"\xff", 1, 1.0, None), (3, "c", 0, 1.0, None)]
    (table,) = open_source(written(path, CAMERAS, *rows)).tables
    assert [list(batch.lines) for batch in table.batches()] == [[3]]
    assert [(issue.line, issue.rule) for issue in table.issues] == [
        (2, "broken text"),
        (1, "geometry"),
    ]


def test_a_table_without_geometry_is_a_table_all_the_same(path: Path) -> None:
    script = """
        CREATE TABLE camera (name TEXT, photo BLOB);
        INSERT INTO gpkg_contents VALUES ('camera', 'attributes', 'Cameras', NULL);
    """
    source = open_source(written(path, script, ("南门", b"\xff\xd8")))
    (batch,) = source.tables[0].batches()
    assert (source.tables[0].crs, batch.geometry) == (None, None)
    assert dict(batch.columns) == {"name": ("南门",)}
    assert source.remarks == ("camera: columns of bytes are not read: photo",)


def test_a_view_is_never_run(path: Path) -> None:
    script = """
        CREATE VIEW camera AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                              SELECT i FROM n;
        INSERT INTO gpkg_contents VALUES ('camera', 'features', 'Cameras', 4490);
    """
    with pytest.raises(UnreadableSource, match="no such layer"):
        open_source(written(path, script))


def test_a_layer_that_is_not_there_is_answered_with_those_that_are(path: Path) -> None:
    with pytest.raises(UnreadableSource, match="Its layers are: camera"):
        open_source(written(path, CAMERAS), Options(layer="gates"))


def test_another_database_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE a (b)")
    with pytest.raises(UnreadableSource, match="no whole GeoPackage"):
        open_source(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_package_cut_off_is_refused(path: Path, share: float) -> None:
    whole = (SAMPLES / "dutch_addresses_28992.gpkg").read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(UnreadableSource, match="no whole GeoPackage"):
        for table in open_source(path).tables:
            list(table.batches())


def test_real_addresses_are_read_whole() -> None:
    (table,) = open_source(SAMPLES / "dutch_addresses_28992.gpkg").tables
    (batch,) = table.batches()
    assert (table.crs, table.rows, len(batch), table.issues) == ("EPSG:28992", 2481, 2481, [])
    assert batch.columns["straatnaam"][0] == "Willinkhuizersteeg"
