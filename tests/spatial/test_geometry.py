import json
import struct

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon
from shapely.geometry import mapping, shape

from spatial import geometry
from spatial.errors import InvalidGeometry

SQUARE = Polygon([(122.2, 43.6), (122.201, 43.6), (122.201, 43.601), (122.2, 43.601)])


def ring(*points):
    return {"type": "Polygon", "coordinates": [[list(point) for point in points]]}


def wkb_polygon(*points):
    body = b"".join(struct.pack("<dd", *point) for point in points)
    return struct.pack("<BIII", 1, 3, 1, len(points)) + body


@pytest.mark.parametrize("value", [
    SQUARE, SQUARE.wkb, SQUARE.wkb_hex, SQUARE.wkt, mapping(SQUARE), json.dumps(mapping(SQUARE)),
    {"type": "Feature", "geometry": mapping(SQUARE), "properties": {}}])
def test_every_form_of_a_geometry_is_read(value):
    found, remarks = geometry.mend(value)
    assert found.equals(SQUARE)
    assert remarks == []


def test_a_bow_tie_becomes_its_two_wings():
    found, remarks = geometry.mend(ring((0, 0), (1, 1), (1, 0), (0, 1), (0, 0)))
    assert found.is_valid
    assert found.area == pytest.approx(0.5)
    assert "Self-intersection" in remarks[0]
    assert "2 parts" in remarks[0]


@pytest.mark.parametrize("value", [
    ring((0, 0), (1, 0), (1, 1), (0, 1)),
    wkb_polygon((0, 0), (1, 0), (1, 1), (0, 1)),
    "POLYGON ((0 0, 1 0, 1 1, 0 1))"])
def test_an_open_ring_is_closed_and_remarked(value):
    found, remarks = geometry.mend(value)
    assert found.area == 1
    assert remarks == ["a ring was not closed: closed"]


def test_repeated_points_are_dropped():
    found, remarks = geometry.mend("POLYGON ((0 0, 1 0, 1 0, 1 1, 0 1, 0 0))")
    assert shapely.get_num_coordinates(found) == 5
    assert remarks == ["1 repeated point dropped"]


def test_a_footprint_is_flat():
    found, remarks = geometry.mend("POLYGON Z ((0 0 3, 1 0 3, 1 1 3, 0 0 3))", flat=True)
    assert not found.has_z
    assert "heights dropped" in remarks[0]


@pytest.mark.parametrize(("value", "said"), [
    (ring((0, 0), (1, 1), (0, 0)), "corners"),
    (wkb_polygon((0, 0), (1, 1), (0, 0)), "three different corners"),
    (wkb_polygon((0, 0), (1, 1), (1, 1), (0, 0)), "three different corners"),
    ("POLYGON ((0 0, 1 1, 0 0, 0 0))", "three different corners"),
    (Point(float("nan"), 1), "Vertex 1 of 1|empty"),
    (wkb_polygon((0, 0), (float("nan"), 1), (1, 1), (0, 0)), "Vertex 2 of 4"),
    (LineString([(0, 0), (float("inf"), 1)]), "Vertex 2 of 2"),
    (Point(0, 0, 1e308), "height 1e"),
    ("POINT EMPTY", "empty"),
    ("", "read"),
    (b"", "read"),
    (b"\x01\x07\x00", "read"),
    ("'; DROP TABLE unit; --", "read"),
    ({}, "no geometry"),
    ({"type": "Feature", "geometry": None}, "no geometry"),
    ({"type": "Polygon"}, "read"),
    ({"type": "Sphere", "coordinates": [0, 0]}, "read"),
    ({"type": "Point", "coordinates": ["a", "b"]}, "read"),
    ({"type": "Point", "coordinates": {"x": 1}}, "read"),
    ("{" * 5000, "GeoJSON"),
    (Point(43.6, 122.2), "axes look swapped"),
    (Point(500000.0, 4830000.0), "metres"),
    (LineString([(1, 1), (1, 1)]), "too few points"),
])
def test_what_cannot_be_mended_is_refused_with_its_reason(value, said):
    with pytest.raises(InvalidGeometry, match=said):
        geometry.mend(value)


def test_a_geometry_of_a_million_vertices_is_refused():
    angles = np.linspace(0, 2 * np.pi, 1_000_000)
    circle = shapely.polygons(np.column_stack([np.cos(angles), np.sin(angles)]))
    with pytest.raises(InvalidGeometry, match=r"1,000,00\d vertices"):
        geometry.mend(circle)
    with pytest.raises(InvalidGeometry, match="simplify"):
        geometry.mend(circle.wkt)


def nested(depth):
    value = {"type": "Point", "coordinates": [0, 0]}
    for _ in range(depth):
        value = {"type": "GeometryCollection", "geometries": [value]}
    return value


@pytest.mark.parametrize("value", [
    nested(1000),
    b"".join(struct.pack("<BII", 1, 7, 1) for _ in range(100_000)) + b"\x01\x07" + b"\0" * 7,
    b"".join(struct.pack(">BII", 0, 7, 1) for _ in range(100_000)) + b"\0" * 4 + b"\7" + b"\0" * 4,
    "GEOMETRYCOLLECTION (" * 1000 + "POINT (0 0)" + ")" * 1000,
    {"type": "MultiPoint", "coordinates": [[[[[[[]]]]]]] * 2}])
def test_deep_nesting_is_refused_before_it_harms(value):
    with pytest.raises(InvalidGeometry):
        geometry.mend(value)


def test_bulk_and_single_mending_agree():
    values = np.array([
        SQUARE, None, Point(122, 43), Point(43, 122), Point(1, 1, 5),
        shapely.from_wkt("POINT EMPTY"),
        shapely.from_wkt("POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))"),
        shapely.from_wkt("LINESTRING (0 0, 1 1, 1 1)"), shapely.from_wkt("LINESTRING (1 1, 1 1)"),
        Point(float("nan"), 0)], dtype=object)
    mended, remarks, refused = geometry.mend_all(values, flat=True)
    assert sorted(refused) == [3, 5, 8, 9]
    assert sorted(remarks) == [4, 6, 7]
    assert mended[1] is None
    assert mended[0].equals(SQUARE)
    assert not shapely.has_z(mended).any()


GRID = st.integers(-40, 40).map(lambda step: step / 8)


@given(st.lists(st.tuples(GRID, GRID), min_size=3, max_size=9))
def test_what_is_mended_is_valid_and_mending_again_changes_nothing(points):
    try:
        found, _ = geometry.mend(ring(*points))
    except InvalidGeometry:
        return
    assert found.is_valid
    assert found.area > 0
    again, remarks = geometry.mend(found)
    assert again.equals_exact(found, 1e-9)
    assert remarks == []


def test_geojson_is_rounded_and_counter_clockwise():
    clockwise = Polygon([(0.123456789, 0), (0, 1), (1, 1), (1, 0)])
    written = geometry.geojson(clockwise, 3)
    assert shape(written).exterior.is_ccw
    assert [0.123, 0.0] in [list(point) for point in written["coordinates"][0]]
    assert geometry.geojson(Point(1, 2, 3.14159), 2)["coordinates"] == [1.0, 2.0, 3.14]
    assert geometry.geojson(MultiPolygon([clockwise]))["type"] == "MultiPolygon"


def test_measures_are_in_metres():
    assert geometry.area_m2(SQUARE) == pytest.approx(80.7 * 111.1, rel=0.01)
    assert geometry.length_m(SQUARE) == pytest.approx(2 * (80.7 + 111.1), rel=0.01)
    assert geometry.distance_m(Point(122.2, 43.6), Point(122.2, 43.601)) == pytest.approx(
        111.1, rel=0.01)
    assert geometry.area_m2(SQUARE, metric=32651) == pytest.approx(80.7 * 111.1, rel=0.01)
