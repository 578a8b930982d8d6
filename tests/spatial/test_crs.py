import csv
import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod
from shapely import Point

from spatial import crs, offsets
from spatial.errors import InvalidGeometry, UnknownCRS

SAMPLES = Path(__file__).parents[2] / "data" / "samples" / "coord"
DEGREE = 1e-6


def cities():
    rows = json.loads((SAMPLES / "cities.json").read_text(encoding="utf-8"))
    return tuple(np.array([row[key] for row in rows]) for key in ("WGS84", "GCJ02", "BD09"))


def test_gcj02_agrees_with_the_exact_vectors():
    text = (SAMPLES / "eviltransform_vectors.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        wgs = np.array([[float(row["wgs_lng"]), float(row["wgs_lat"])]])
        gcj = np.array([[float(row["gcj_lng"]), float(row["gcj_lat"])]])
        assert np.abs(offsets.wgs84_to_gcj02(wgs) - gcj).max() < 1e-10
        assert np.abs(offsets.gcj02_to_wgs84(gcj) - wgs).max() < 1e-8


def test_cities_agree_in_all_three_systems():
    wgs, gcj, bd09 = cities()
    assert np.abs(offsets.gcj02_to_wgs84(gcj) - wgs).max() < 1e-5
    assert np.abs(offsets.bd09_to_wgs84(bd09) - wgs).max() < 1e-5
    assert np.abs(offsets.gcj02_to_bd09(gcj) - bd09).max() < DEGREE


@given(st.floats(73.7, 134.7), st.floats(17, 53.5))
def test_shifted_systems_come_back_to_where_they_began(lon, lat):
    point = np.array([[lon, lat]])
    for there, back in ((offsets.wgs84_to_gcj02, offsets.gcj02_to_wgs84),
                        (offsets.wgs84_to_bd09, offsets.bd09_to_wgs84),
                        (offsets.gcj02_to_bd09, offsets.bd09_to_gcj02)):
        assert np.abs(back(there(point)) - point).max() < DEGREE
        assert np.abs(there(point) - point).max() > 1e-4


def test_points_outside_china_are_not_shifted():
    helsinki = np.array([[24.94, 60.17], [7.42, 43.73]])
    assert (offsets.bd09_to_wgs84(helsinki) == helsinki).all()
    assert (offsets.wgs84_to_gcj02(helsinki) == helsinki).all()


def test_an_empty_array_passes():
    assert offsets.gcj02_to_wgs84(np.empty((0, 2))).shape == (0, 2)


@pytest.mark.parametrize(("lon", "lat", "code"), [
    (122.22, 43.60, 4550),   # Horqin: CM 123E
    (116.40, 39.90, 4548),   # Beijing: CM 117E
    (75.99, 39.47, 4534),    # Kashgar: the westernmost zone
    (24.94, 60.17, 32635),   # Helsinki
    (7.42, 43.73, 32632),    # Monaco
    (139.70, 35.68, 32654),  # Tokyo
    (106.91, 47.92, 32648),  # Ulaanbaatar: a zone's longitude, not its area
    (-58.4, -34.6, 32721),
    (180.0, 10.0, 32660),
    (10.0, 86.0, 32661),
])
def test_places_are_measured_in_the_zone_of_their_country(lon, lat, code):
    assert crs.metric_crs_for(lon, lat) == code


def test_impossible_degrees_are_refused_with_a_hint():
    with pytest.raises(InvalidGeometry, match="axes"):
        crs.metric_crs_for(43.6, 122.2)


@pytest.mark.parametrize(("text", "name"), [
    ("EPSG:4547", "EPSG:4547"), ("4490", "EPSG:4490"), (4490, "EPSG:4490"),
    ("epsg:4326", "EPSG:4326"), ("WGS84", "EPSG:4326"), ("CGCS2000", "EPSG:4490"),
    ("urn:ogc:def:crs:EPSG::28992", "EPSG:28992"),
    ("http://www.opengis.net/def/crs/EPSG/0/4547", "EPSG:4547"),
    ("urn:ogc:def:crs:OGC:1.3:CRS84", "OGC:CRS84"),
    ("GCJ-02", "GCJ-02"), ("gcj02", "GCJ-02"), ("GCJ—02", "GCJ-02"), ("火星坐标系", "GCJ-02"),
    ("bd09", "BD-09"), ("BD09LL", "BD-09"), ("bd_09", "BD-09"),
    (CRS.from_epsg(2056).to_wkt("WKT1_ESRI"), "EPSG:2056"),
    (CRS.from_epsg(4547).to_wkt("WKT1_ESRI"), "EPSG:4547"),
    (CRS.from_epsg(4547).to_wkt(), "EPSG:4547"),
])
def test_every_usual_writing_of_a_crs_is_read(text, name):
    assert crs.parse_crs(text).name == name


@pytest.mark.parametrize("text", [
    "", "EPSG:999999", "nonsense", "0", "9" * 40, "\x00", "BD-09MC", "x" * 30_000, "-4326"])
def test_an_unknown_crs_is_refused(text):
    with pytest.raises(UnknownCRS):
        crs.parse_crs(text)


def test_cgcs2000_is_relabelled_to_the_storage_crs():
    point = np.array([[122.22, 43.6]])
    assert (crs.transformer(4490, crs.STORAGE)(point) == point).all()
    zone = CRS.from_wkt(CRS.from_epsg(4547).to_wkt("WKT1_ESRI").replace("CM_114E", "odd_name"))
    metres = crs.transformer(crs.STORAGE, 4547)(np.array([[114.0, 43.6]]))
    back = crs.transformer(crs.Reference("from a .prj", zone), crs.STORAGE)(metres)
    assert np.abs(back - [[114.0, 43.6]]).max() < 1e-9


def test_other_datums_reach_cgcs2000_through_wgs84_and_not_by_a_ballpark():
    amersfoort = np.array([[155000.0, 463000.0]])
    degrees = crs.transformer(28992, crs.STORAGE)(amersfoort)
    assert np.abs(degrees - [[5.3872, 52.1552]]).max() < 1e-3
    assert np.abs(crs.transformer(28992, 4490)(amersfoort) - degrees).max() < 1e-9


@pytest.mark.parametrize("code", [4610, 2432, 4555])
def test_a_transformation_of_unknown_accuracy_is_refused(code):
    with pytest.raises(UnknownCRS, match="4490"):
        crs.transformer(code, crs.STORAGE)


@pytest.mark.parametrize(("code", "east", "metres"), [
    (4549, 5e5, 0.0), (4528, 40.5e6, 0.0), (2437, 5e5, 15.0), (2416, 40.5e6, 15.0),
    (28992, 155e3, 1.0), ("GCJ-02", 121.0, None), ("swapped:EPSG:4326", 31.0, 0.0)])
def test_the_accuracy_of_a_transformation_is_told(code, east, metres):
    north = 31.0 if east == 121.0 else 121.0 if east == 31.0 else 463e3 if east == 155e3 else 3.47e6
    assert crs.accuracy_m(code, np.array([[east, north]])) == metres


def test_an_accuracy_that_is_unknown_is_refused():
    with pytest.raises(UnknownCRS, match="4490"):
        crs.accuracy_m(2385, np.array([[5e5, 3.47e6]]))


@pytest.mark.parametrize("code", ["EPSG:4326", "EPSG:4549", "GCJ-02"])
def test_swapped_axes_are_read_the_other_way_round(code):
    point = np.array([[500_000.0, 3_470_000.0] if code == "EPSG:4549" else [121.4, 31.3]])
    turned = crs.transformer(f"swapped:{code}", crs.STORAGE)(point[:, ::-1])
    assert (turned == crs.transformer(code, crs.STORAGE)(point)).all()
    assert crs.parse_crs(f"互换：{code}").name == f"swapped:{code}"
    for refused in (f"swapped:swapped:{code}", "swapped:"):
        with pytest.raises(UnknownCRS):
            crs.parse_crs(refused)
    with pytest.raises(UnknownCRS, match="only read"):
        crs.transformer(4326, f"swapped:{code}")


def test_nothing_is_written_in_a_shifted_system():
    with pytest.raises(UnknownCRS, match="only read"):
        crs.transformer(4326, "GCJ-02")


def test_a_coordinate_beyond_its_system_says_so():
    with pytest.raises(InvalidGeometry, match="EPSG:3857|EPSG:28992"):
        crs.transformer(28992, 4326)(np.array([[1e30, 1e30]]))


@given(st.floats(120, 124), st.floats(42, 45), st.sampled_from([4550, 4549, 4490, 32651, 3857]))
def test_projections_come_back_to_where_they_began(lon, lat, code):
    point = np.array([[lon, lat]])
    there = crs.transformer(crs.STORAGE, code)(point)
    assert np.abs(crs.transformer(code, crs.STORAGE)(there) - point).max() < 1e-8


@given(st.floats(74, 134), st.floats(20, 53))
def test_lengths_in_the_metric_crs_are_true(lon, lat):
    metres = crs.transformer(crs.STORAGE, crs.metric_crs_for(lon, lat))
    length = np.hypot(*np.diff(metres(np.array([[lon, lat], [lon, lat + 0.001]])), axis=0)[0])
    _, _, true = Geod(ellps="WGS84").inv(lon, lat, lon, lat + 0.001)
    assert abs(length / true - 1) < 1.2e-3


def test_geometries_keep_their_height_and_empty_places():
    shapes = np.array([Point(122, 43, 7.5), None, Point(122, 43)], dtype=object)
    stored = crs.to_storage(shapes, "GCJ-02")
    assert stored[0].z == 7.5
    assert stored[1] is None
    assert not shapely.has_z(stored[2])
    assert stored[0].x != 122
    assert shapes[0].x == 122
