"""GML and FlatGeobuf by GDAL: only what the named file holds."""

import warnings

import geopandas
import pytest
import shapely

from importers import open_source
from importers.base import Options
from spatial.errors import UnreadableSource


@pytest.fixture(scope="module")
def frame():
    return geopandas.GeoDataFrame(
        {"name": ["向阳小区", "和平小区"], "n": [1, None], "since": ["2019-05-01", None]},
        geometry=[shapely.Point(122, 43), shapely.box(122.1, 43, 122.2, 43.1)], crs=4490)


def saved(frame, path, driver):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame.to_file(path, driver=driver, engine="pyogrio")
    return path


def rows(path):
    source = open_source(path)
    (table,) = source.tables
    (batch,) = table.batches()
    shapes = map(shapely.from_wkb, batch.geometry)
    found = dict(zip(batch.columns["name"], zip(batch.columns["n"], shapes, strict=True),
                     strict=True))
    return source.format, table.crs, found


@pytest.mark.parametrize(("name", "driver", "form"), [
    ("a.fgb", "FlatGeobuf", "FlatGeobuf"), ("a.gml", "GML", "GML"), ("b.json", "GML", "GML")])
def test_features_come_in_longitude_first(tmp_path, frame, name, driver, form):
    drawn = tmp_path / ("x.gml" if driver == "GML" else "x.fgb")
    path = saved(frame, drawn, driver).rename(tmp_path / name)
    found = rows(path)
    assert found[:2] == (form, "EPSG:4490")
    assert found[2]["向阳小区"] == ("1", shapely.Point(122, 43))
    assert found[2]["和平小区"][1].equals(frame.geometry[1])


def test_a_gml_reads_no_schema_beside_it_or_elsewhere(tmp_path, frame):
    path = saved(frame, tmp_path / "a.gml", "GML")
    path.with_suffix(".xsd").write_text("<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>")
    text = path.read_text("utf-8").replace("a.xsd", "file:///etc/passwd")
    path.write_text(text, "utf-8")
    assert set(rows(path)[2]) == {"向阳小区", "和平小区"}
    assert not path.with_suffix(".gfs").exists(), "and writes nothing beside it"


def test_a_flatgeobuf_cut_in_half_is_refused(tmp_path, frame):
    path = saved(frame, tmp_path / "a.fgb", "FlatGeobuf")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(UnreadableSource, match="damaged or cut off"):
        sum(len(batch) for table in open_source(path).tables for batch in table.batches())


def test_without_a_crs_it_is_asked_for(tmp_path, frame):
    path = saved(frame.set_crs(None, allow_override=True), tmp_path / "a.fgb", "FlatGeobuf")
    with pytest.raises(UnreadableSource, match="does not say its coordinate system"):
        open_source(path)
    assert open_source(path, Options(crs="EPSG:4490")).tables[0].crs == "EPSG:4490"


@pytest.mark.parametrize("name", ["evil.geojson", "evil.shp", "evil.gml", "evil.kml"])
def test_a_virtual_file_reads_no_other_whatever_it_is_called(tmp_path, name):
    path = tmp_path / name
    path.write_text("<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd"
                    "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>")
    with pytest.raises(UnreadableSource, match="a web page or XML"):
        open_source(path)
