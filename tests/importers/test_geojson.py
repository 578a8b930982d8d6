import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from importers import open_source
from importers.base import Batch, Limits, Options, Table
from importers.geojson import record
from spatial.errors import UnreadableSource

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
POINT = {"type": "Point", "coordinates": [122.22, 43.6]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "buildings.geojson"


def feature(geometry: Any = POINT, **values: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": values, "geometry": geometry}


def opened(path: Path, *features: Any, **members: Any) -> Table:
    collection = {"type": "FeatureCollection", **members, "features": list(features)}
    path.write_text(json.dumps(collection), encoding="utf-8")
    (table,) = open_source(path).tables
    return table


def only(table: Table) -> Batch:
    (batch,) = table.batches()
    return batch


def test_columns_are_all_properties_in_the_order_they_appear(path: Path) -> None:
    table = opened(path, feature(name="一号楼"), feature(storeys=6, name="二号楼"))
    assert table.columns == ("name", "storeys")
    assert dict(only(table).columns) == {"name": ("一号楼", "二号楼"), "storeys": (None, "6")}


def test_the_id_of_a_feature_is_a_column_beside_its_properties() -> None:
    assert record({**feature(a=1), "id": 7}).values == {"a": 1, "id": 7}
    assert record({**feature(id="B1"), "id": 7}).values == {"id": "B1", "feature id": 7}


def test_heights_stay_in_the_geometry(path: Path) -> None:
    ring = [[0, 0, 1], [1, 0, 1], [1, 1, 2], [0, 0, 1]]
    (wkb,) = only(opened(path, feature({"type": "Polygon", "coordinates": [ring]}))).geometry or ()
    assert shapely.get_coordinates(shapely.from_wkb(wkb), include_z=True).tolist() == ring


def test_no_geometry_and_an_empty_one_are_none(path: Path) -> None:
    empty = {"type": "Polygon", "coordinates": []}
    table = opened(path, feature(None, name="a"), feature(empty, name="b"))
    assert only(table).geometry == [None, None]
    assert table.issues == []


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
        {"type": "Point", "coordinates": ["122", "43"]},
        {"type": "Point", "coordinates": [1e999, 43]},
        {"type": "Curve", "coordinates": [[0, 0], [1, 1]]},
        "POINT(1 2)",
        {"type": "Point"},
    ],
)
def test_what_is_no_geometry_rejects_its_row_with_its_cells(path: Path, geometry: Any) -> None:
    table = opened(path, feature(geometry, name="a"), feature(name="b"))
    assert dict(only(table).columns) == {"name": ("b",)}
    (issue,) = table.issues
    assert (issue.line, issue.rule, issue.cells, issue.rejects) == (1, "geometry", ("a",), True)


def test_collections_nested_beyond_reason_are_rejected(path: Path) -> None:
    nested: Any = POINT
    for _ in range(100):
        nested = {"type": "GeometryCollection", "geometries": [nested]}
    table = opened(path, feature(nested))
    assert list(table.batches()) == []
    assert len(table.issues) == 1


def test_a_geometry_of_too_many_vertices_is_rejected(path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[i / 1000, 0] for i in range(20)]}
    opened(path, feature(line))
    (table,) = open_source(path, Options(limits=Limits(vertices=10))).tables
    list(table.batches())
    assert "at most 10 vertices" in table.issues[0].remedy


def test_a_long_number_written_as_floating_point_rejects_its_row(path: Path) -> None:
    table = opened(path, feature(id_number=1.50502199001011234e17))
    assert list(table.batches()) == []
    assert [(issue.column, issue.rule) for issue in table.issues] == [
        ("id_number", "precision lost")
    ]


def test_zero_bytes_and_halves_of_characters_reject_their_row(path: Path) -> None:
    table = opened(path, feature(name="a\0b"), feature(name="\ud800"), feature(name="𠮷"))
    assert dict(only(table).columns) == {"name": ("𠮷",)}
    assert [issue.rule for issue in table.issues] == ["broken text", "broken text"]


def test_what_is_no_feature_is_an_issue(path: Path) -> None:
    table = opened(path, None, 7, feature(name="a"))
    assert list(only(table).lines) == [3]
    assert [issue.line for issue in table.issues] == [1, 2]


@pytest.mark.parametrize(
    ("name", "crs"),
    [
        ("urn:ogc:def:crs:EPSG::4490", "EPSG:4490"),
        ("urn:ogc:def:crs:EPSG:6.6:4326", "EPSG:4326"),
        ("EPSG:4526", "EPSG:4526"),
        ("http://www.opengis.net/def/crs/EPSG/0/3857", "EPSG:3857"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
    ],
)
def test_the_crs_member_of_the_first_edition_is_obeyed(path: Path, name: str, crs: str) -> None:
    assert opened(path, crs={"type": "name", "properties": {"name": name}}).crs == crs


def test_an_unknown_crs_is_refused_unless_the_clerk_names_one(path: Path) -> None:
    with pytest.raises(UnreadableSource, match="Name it yourself"):
        opened(path, crs={"type": "link", "properties": {"href": "http://example.org"}})
    source = open_source(path, Options(crs="GCJ-02"))
    assert source.tables[0].crs == "GCJ-02"
    assert source.remarks == ("taken as GCJ-02; the file says None",)


def test_without_a_crs_it_is_wgs84(path: Path) -> None:
    assert opened(path).crs == "EPSG:4326"


def test_reading_twice_gives_the_same(path: Path) -> None:
    table = opened(path, feature(None, name="a"), "x")
    assert only(table) == only(table)
    assert len(table.issues) == 1


@pytest.mark.parametrize(("kind", "remedy"), [
    ("Topology", "Convert it to GeoJSON"), ("CityJSON", "Upgrade it with cjio")])
def test_other_formats_in_json_are_named(path: Path, kind: str, remedy: str) -> None:
    path.write_text(json.dumps({"type": kind, "objects": {}}))
    with pytest.raises(UnreadableSource, match=remedy):
        open_source(path)


def test_a_collection_without_a_list_is_refused(path: Path) -> None:
    path.write_text('{"type": "FeatureCollection", "features": {}}')
    with pytest.raises(UnreadableSource, match="no list"):
        open_source(path)


def test_a_file_cut_at_half_is_refused(tmp_path: Path) -> None:
    whole = (SAMPLES / "districts_cgcs2000.geojson").read_bytes()
    path = tmp_path / "half.geojson"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableSource, match="half.geojson: "):
        open_source(path)


def test_real_districts_come_in_their_own_crs() -> None:
    (table,) = open_source(SAMPLES / "districts_cgcs2000.geojson").tables
    batch = only(table)
    assert (table.crs, table.rows, len(batch)) == ("EPSG:4490", 9, 9)
    assert "科尔沁区" in batch.columns["name"]
    assert shapely.is_valid(shapely.from_wkb(list(batch.geometry or ()))).all()


def test_real_records_a_line_bring_their_geometry() -> None:
    (table,) = open_source(SAMPLES / "zagreb_cameras.jsonl").tables
    batch = only(table)
    assert table.columns == ("_id", "Adress", "Number of microlocations", "Year")
    assert len(batch) == 137
    assert shapely.from_wkb((batch.geometry or [b""])[0]).coords[0] == (15.996625, 45.812889)
