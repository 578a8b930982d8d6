"""Points that lie wrong are found out, those that lie right are left alone."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from importers import open_source
from spatial import offsets
from spatial.crs import parse_crs, transformer
from spatial.detective import FEWEST, NOWHERE, examine
from spatial.readings import read_as

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
SIZES = (6, 12, 100)


class Known:
    """The places of a sample file, and how far points lie from them."""

    def __init__(self, file, layers):
        tables = {one.name: one for one in open_source(SAMPLES / file).tables}
        self.shapes = {name: [shapely.from_wkb(wkb) for batch in table.batches()
                              for wkb in batch.geometry if wkb]
                       for name, table in tables.items()}
        every = np.array([shape for name in layers for shape in self.shapes[name]])
        self.box = tuple(shapely.total_bounds(every))
        self.tree = shapely.STRtree(shapely.transform(every, transformer(4326, 3857)))

    def points(self, layer):
        return shapely.get_coordinates(shapely.point_on_surface(self.shapes[layer]))

    def nearest(self, points):
        lat = np.clip(points[:, 1], -85, 85)
        at = shapely.points(transformer(4326, 3857)(np.column_stack([points[:, 0], lat])))
        _, metres = self.tree.query_nearest(at, return_distance=True, all_matches=False)
        return metres * np.cos(np.radians(lat))

    def examine(self, points, declared):
        return examine(points, parse_crs(declared), self.nearest, self.box)


@pytest.fixture(scope="module")
def campus():
    return Known("shu_shanghai_1.osm", ["buildings", "plates"])


@pytest.fixture(scope="module")
def helsinki():
    return Known("helsinki_centre.osm.pbf", ["buildings", "plates", "entrances"])


def some(points, number, seed):
    return points[np.random.default_rng(seed).permutation(len(points))[:number]]


def swapped(points):
    return points[:, ::-1]


def swapped_gcj02(points):
    return swapped(offsets.wgs84_to_gcj02(points))


@pytest.mark.parametrize(("spoil", "declared", "looks_like"), [
    (offsets.wgs84_to_gcj02, "EPSG:4326", "GCJ-02"),
    (offsets.wgs84_to_gcj02, "EPSG:4490", "GCJ-02"),
    (offsets.wgs84_to_bd09, "EPSG:4326", "BD-09"),
    (offsets.wgs84_to_bd09, "GCJ-02", "BD-09"),
    (lambda points: points, "GCJ-02", "EPSG:4326"),
    (swapped, "EPSG:4326", "swapped:EPSG:4326"),
    (swapped_gcj02, "EPSG:4326", "swapped:GCJ-02"),
])
def test_shifted_and_swapped_copies_of_real_buildings_are_named(campus, spoil, declared,
                                                                looks_like):
    said = [campus.examine(spoil(some(campus.points("buildings"), size, seed)), declared).proposal
            for size in SIZES for seed in range(2)]
    assert said == [looks_like] * len(said)


@pytest.mark.parametrize(("code", "declared", "looks_like"), [
    (4549, "EPSG:4548", "EPSG:4549"),       # the zone beside
    (4528, "EPSG:4526", "EPSG:4528"),       # with the zone's number before the easting
    (4549, "EPSG:4528", "EPSG:4549"),       # without, where one was told
    (4549, "EPSG:4326", "EPSG:4549"),       # metres, where degrees were told
    (4510, "EPSG:4549", "EPSG:4510"),       # six degrees, not three
    (2437, "EPSG:4549", "EPSG:2437"),       # Beijing 1954: 60 m from CGCS2000
])
def test_copies_in_a_wrong_zone_are_named(campus, code, declared, looks_like):
    points = some(campus.points("buildings"), 20, 1)
    found = campus.examine(transformer(4326, code)(points), declared)
    assert (found.verdict, found.proposal, found.usable) == ("proposal", looks_like, True)
    assert found.after_m < 5 < found.before_m


def test_a_zone_with_swapped_axes_is_named(campus):
    raw = swapped(transformer(4326, 4549)(campus.points("buildings")))
    found = campus.examine(raw, "EPSG:4549")
    assert (found.proposal, found.before_m) == ("swapped:EPSG:4549", NOWHERE)


def test_a_datum_without_a_known_transformation_is_estimated_and_says_so():
    found = read_as(np.array([[500_000.0, 3_470_000.0]]), "EPSG:2385")
    assert not found.usable
    assert np.abs(found.points - [[120.0, 31.35]]).max() < 0.01


@pytest.mark.parametrize("layer", ["buildings", "grounds", "streets", "compounds"])
def test_clean_points_are_left_alone(campus, layer):
    points = campus.points(layer)
    said = {campus.examine(some(points, size, seed), "EPSG:4326").verdict
            for size in (5, *SIZES) for seed in range(2) if len(points) >= 5}
    assert said <= {"fits", "unclear"}


def test_points_scattered_at_random_are_left_alone(campus):
    west, south, east, north = campus.box
    draw = np.random.default_rng(11)
    for size in (5, 10, 40):
        points = draw.uniform((west, south), (east, north), (size, 2))
        assert campus.examine(points, "EPSG:4326").verdict == "unclear"


def test_a_new_quarter_beside_the_known_one_is_left_alone(campus):
    for metres in (600, 3_000, 30_000):
        points = campus.points("buildings") + [0.0, metres / 111_195]
        assert campus.examine(points, "EPSG:4326").proposal is None


def test_outside_china_nothing_is_shifted_and_swapped_axes_are_named(helsinki):
    for layer in ("buildings", "plates", "entrances"):
        points = some(helsinki.points(layer), 60, 1)
        assert helsinki.examine(offsets.wgs84_to_bd09(points), "EPSG:4326").verdict == "fits"
        assert helsinki.examine(swapped(points), "EPSG:4326").proposal == "swapped:EPSG:4326"


def test_under_five_points_it_says_that_it_has_too_few(campus):
    points = campus.points("buildings")[:FEWEST - 1]
    found = campus.examine(swapped(points), "EPSG:4326")
    assert (found.verdict, found.points, found.proposal) == ("too few", FEWEST - 1, None)


def test_one_stray_point_hides_nothing(campus):
    points = offsets.wgs84_to_gcj02(campus.points("buildings")[:40])
    points[7], points[9] = [500.0, 500.0], [0.0, 0.0]
    assert campus.examine(points, "EPSG:4326").proposal == "GCJ-02"
