"""KML and KMZ: placemarks with their data; nothing a document points to is followed."""

import zipfile

import pytest
import shapely

from importers import open_source
from importers.base import Limits, Options
from spatial.errors import UnreadableSource

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
ROOT = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>摄像头</name>{}</Document></kml>'
GATE = """<Folder><name>东区</name><Placemark id="p1"><name>南门</name>
  <ExtendedData><Data name="kind"><value>camera</value></Data>
    <SchemaData schemaUrl="#s"><SimpleData name="source_id">C1</SimpleData></SchemaData>
  </ExtendedData><Point><coordinates>122.1,43.2,5</coordinates></Point></Placemark></Folder>"""
AREA = """<Placemark><name>片区</name><TimeSpan><begin>2019-05</begin></TimeSpan><MultiGeometry>
  <Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 3,0 3,3 0,3</coordinates></LinearRing>
  </outerBoundaryIs><innerBoundaryIs><LinearRing><coordinates>1,1 2,1 2,2 1,1</coordinates>
  </LinearRing></innerBoundaryIs></Polygon></MultiGeometry></Placemark>"""
LINK = "<NetworkLink><Link><href>http://127.0.0.1:1/x.kml</href></Link></NetworkLink>"


def saved(path, *parts):
    path.write_text(HEAD + ROOT.format("".join(parts)), "utf-8")
    return path


def only(path):
    (table,) = open_source(path).tables
    (batch,) = table.batches()
    return table, batch


def test_a_placemark_is_a_row_with_its_data_and_its_folder(tmp_path):
    table, batch = only(saved(tmp_path / "a.kml", GATE, AREA))
    assert (table.name, table.crs, table.rows) == ("摄像头", "EPSG:4326", 2)
    assert dict(batch.columns) == {
        "id": ("p1", None), "folder": ("东区", None), "name": ("南门", "片区"),
        "kind": ("camera", None), "source_id": ("C1", None), "valid_from": (None, "2019-05")}
    point, area = map(shapely.from_wkb, batch.geometry)
    assert point.equals(shapely.Point(122.1, 43.2))
    assert area.area == 8.5


def test_a_network_link_is_never_followed_and_counted(tmp_path):
    table, _ = only(saved(tmp_path / "a.kml", LINK, GATE))
    assert table.skipped == {"a network link, never followed": 1}
    with pytest.raises(UnreadableSource, match=r"no placemarks \(only 1 × a network link, never"):
        open_source(saved(tmp_path / "b.kml", LINK))


def test_what_a_schema_declares_is_nowhere_else(tmp_path):
    schema = '<Schema id="s"><SimpleField name="name" type="string"/></Schema>'
    table, batch = only(saved(tmp_path / "a.kml", schema, GATE))
    assert "name" not in batch.columns


@pytest.mark.parametrize("shape", [
    "<Point><coordinates>x,y</coordinates></Point>", "<Point><coordinates/></Point>",
    "<LineString><coordinates>1,2</coordinates></LineString>",
    "<Point><coordinates>1e400,2</coordinates></Point>",
    "<Polygon><outerBoundaryIs/></Polygon>", "<Model/>",
    "<MultiGeometry>" * 9 + "</MultiGeometry>" * 9,
])
def test_a_geometry_that_is_none_rejects_its_row(tmp_path, shape):
    path = saved(tmp_path / "a.kml", GATE, f"<Placemark><name>坏</name>{shape}</Placemark>")
    (table,) = open_source(path).tables
    (batch,) = table.batches()
    assert [issue.rule for issue in table.issues] == ["geometry"]
    assert len(batch) == 1


EVIL = {
    "entities": '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    "laughs": '<!DOCTYPE kml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    "elsewhere": '<!DOCTYPE kml SYSTEM "http://127.0.0.1:1/kml.dtd">',
}


@pytest.mark.parametrize("doctype", EVIL.values(), ids=EVIL)
@pytest.mark.parametrize("form", ["kml", "gml", "citygml"])
def test_document_types_and_entities_are_refused(tmp_path, doctype, form):
    roots = {"kml": ROOT.format("<description>&x;</description>" + GATE),
             "gml": '<gml:x xmlns:gml="http://www.opengis.net/gml">&b;</gml:x>',
             "citygml": '<CityModel xmlns="http://www.opengis.net/citygml/2.0">&b;</CityModel>'}
    path = tmp_path / f"evil.{form}"
    path.write_text(HEAD + doctype + roots[form], "utf-8")
    with pytest.raises(UnreadableSource, match="declares a document type or entities"):
        open_source(path)


def test_an_xml_cut_in_half_and_one_too_deep_are_refused(tmp_path):
    path = saved(tmp_path / "a.kml", GATE)
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(UnreadableSource, match="no whole XML"):
        open_source(path)
    deep = "<Folder>" * 5000 + "</Folder>" * 5000
    with pytest.raises(UnreadableSource, match="more than 200 deep"):
        open_source(saved(path, deep))


def test_a_kmz_is_read_from_the_document_at_its_top(tmp_path):
    path = tmp_path / "a.kmz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("files/other.kml", HEAD + ROOT.format(AREA))
        package.writestr("doc.kml", HEAD + ROOT.format(GATE))
        package.writestr("../../x.png", b"x")
    with pytest.raises(UnreadableSource, match="lies outside"):
        open_source(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("files/other.kml", HEAD + ROOT.format(AREA))
        package.writestr("doc.kml", HEAD + ROOT.format(GATE))
    source = open_source(path)
    assert (source.format, source.tables[0].rows) == ("KML", 1)
    with pytest.raises(UnreadableSource, match="larger than"):
        open_source(path, Options(limits=Limits(archive_unpacked=300)))


def test_it_is_known_by_its_contents(tmp_path):
    source = open_source(saved(tmp_path / "a.csv", GATE))
    assert source.remarks[0] == "read as KML by its contents, despite its suffix '.csv'"
