"""Bodies of facets: what is measured of them, and back from what is stored."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial import facets

SQUARE = shapely.box(0, 0, 10, 8)
YARD = shapely.Polygon(SQUARE.exterior, [shapely.box(3, 3, 6, 6).exterior])


@pytest.mark.parametrize("outline", [SQUARE, YARD, SQUARE.reverse()])
def test_a_prism_is_closed_oriented_and_as_large_as_its_outline_says(outline):
    (body,) = facets.prism(outline, 1, 4)
    assert facets.open_edges(body) == 0
    assert facets.volume(body) == pytest.approx(outline.area * 3)
    assert facets.extent([body]) == (1, 4)
    assert facets.footprint([body]).symmetric_difference(outline).area < 0.01


def test_roofs_grounds_and_walls_are_told_by_the_way_they_look():
    (body,) = facets.prism(SQUARE, 0, 3)
    kinds = [facets.kind(facet) for facet in body]
    assert kinds == [facets.GROUND, *[facets.WALL] * 4, facets.ROOF]


def test_a_body_without_its_roof_is_open_and_has_no_volume():
    (body,) = facets.prism(SQUARE, 0, 3)
    assert facets.open_edges(body[:-1]) == 4
    assert facets.measured_volume([body[:-1]]) is None
    assert facets.measured_volume([body, body]) == pytest.approx(480)


def test_a_facet_turned_inside_out_is_no_oriented_body():
    (body,) = facets.prism(SQUARE, 0, 3)
    assert facets.open_edges([[body[0][0][::-1]], *body[1:]]) > 0


def test_walls_alone_cover_nothing():
    (body,) = facets.prism(SQUARE, 0, 3)
    assert facets.footprint([body[1:-1]]) is None


def test_what_is_no_solid_is_refused():
    with pytest.raises(ValueError, match="MULTIPOLYGON Z"):
        facets.from_shape(SQUARE)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=3, max_size=9,
                unique=True), st.floats(-10, 10), st.floats(0.5, 60))
def test_bodies_come_back_as_they_were_stored(points, base, height):
    hull = shapely.MultiPoint(points).convex_hull
    if hull.geom_type != "Polygon":
        return
    bodies = facets.prism(shapely.MultiPolygon([hull, shapely.affinity.translate(hull, 200)]),
                          base, base + height)
    back = facets.from_shape(shapely.from_wkb(shapely.to_wkb(facets.to_shape(bodies))))
    assert facets.measured_volume(back) == pytest.approx(2 * hull.area * height, rel=1e-6)
    for ours, theirs in zip(bodies, back, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
