import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial.density import centres, hexagon_of, hexagons, hexagons_within, surface
from spatial.errors import InvalidInput

AREA = shapely.box(0, 0, 4000, 4000)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.sampled_from([50.0, 100.0, 200.0]))
def test_a_point_lies_in_its_hexagon(x, y, side):
    cell = hexagon_of(np.array([[x, y]]), side)
    assert hexagons(cell, side)[0].distance(shapely.Point(x, y)) < 1e-6 * side
    assert np.array_equal(hexagon_of(centres(cell, side), side), cell)


def test_hexagons_fill_an_area_without_gap_or_overlap():
    cells = hexagons_within(AREA, 200.0)
    shapes = hexagons(cells, 200.0)
    assert shapely.area(shapes).sum() == pytest.approx(shapely.union_all(shapes).area, rel=1e-6)
    assert shapely.area(shapes[0]) == pytest.approx(1.5 * math.sqrt(3) * 200 ** 2, rel=1e-4)
    inner = shapely.box(400, 400, 3600, 3600)
    assert shapely.union_all(shapes).buffer(0.01).covers(inner)


def test_the_surface_is_the_gaussian_kernel_in_the_middle():
    points = np.array([[2000.0, 2000.0], [2300.0, 2000.0]])
    at = np.array([[2000.0, 2000.0], [2100.0, 2100.0]])
    kernel = np.exp(-((at[:, None] - points[None]) ** 2).sum(2) / (2 * 200 ** 2))
    expected = kernel.sum(1) / (2 * math.pi * 200 ** 2) * 1e6
    assert np.allclose(surface(points, 1, AREA, at), expected, rtol=0.06)


def test_edges_are_not_paler_for_being_edges():
    generator = np.random.default_rng(1)
    points = generator.uniform(0, 4000, (60_000, 2))
    at = np.array([[30.0, 30.0], [2000.0, 2000.0], [30.0, 2000.0]])
    expected = 60_000 / 16
    assert np.allclose(surface(points, 1, AREA, at), expected, rtol=0.12)


def test_events_elsewhere_and_weights_of_nothing_leave_nothing():
    at = np.array([[2000.0, 2000.0]])
    assert surface(np.array([[9000.0, 0.0]]), 1, AREA, at)[0] == 0
    assert surface(np.empty((0, 2)), 1, AREA, at)[0] == 0
    with pytest.raises(InvalidInput, match="bandwidth"):
        surface(np.empty((0, 2)), 1, AREA, at, bandwidth=3)
