"""Measured solids as triangles."""

import numpy as np
import pytest
import shapely

from spatial.facets import prism
from spatial.meshes import METRES_EAST, METRES_NORTH, mesh, triangles

MIDDLE = (122.22, 43.6)


def box(holes=()):
    east = 1 / (METRES_EAST * np.cos(np.radians(MIDDLE[1])))
    ring = [(0, 0), (20, 0), (20, 10), (0, 10)]
    there = [(MIDDLE[0] + x * east, MIDDLE[1] + y / METRES_NORTH) for x, y in ring]
    inner = [[(MIDDLE[0] + x * east, MIDDLE[1] + y / METRES_NORTH) for x, y in hole]
             for hole in holes]
    return shapely.Polygon(there, inner)


def areas(corners):
    """Return the area of each triangle, and whether it is of the roof."""
    points = np.array(corners).reshape(-1, 3, 4)
    across = np.cross(points[:, 1, :3] - points[:, 0, :3], points[:, 2, :3] - points[:, 0, :3])
    return np.linalg.norm(across, axis=1) / 2, points[:, 0, 3] == 1


@pytest.mark.parametrize(("holes", "roof", "walls"), [
    ((), 200, 60 * 9), ([[(5, 3), (5, 7), (15, 7), (15, 3)]], 160, (60 + 28) * 9)])
def test_triangles_cover_roof_and_walls_and_no_hole(holes, roof, walls):
    area, is_roof = areas(mesh(prism(box(holes), 0, 9), MIDDLE))
    assert area[is_roof].sum() == pytest.approx(roof, rel=0.002)
    assert area[~is_roof].sum() == pytest.approx(walls, rel=0.002)


def test_a_sloped_facet_keeps_its_slope_and_its_winding():
    facet = [np.array([(0.0, 0, 6), (10, 0, 6), (10, 4, 9), (5, 5, 9.75), (0, 4, 9)])]
    found = list(triangles(facet))
    assert len(found) == 3
    for one in found:
        assert np.cross(one[1] - one[0], one[2] - one[0])[2] > 0
        assert all(point[2] == pytest.approx(6 + point[1] * 0.75) for point in one)


def test_a_facet_without_area_is_no_triangle():
    assert list(triangles([np.array([(0.0, 0, 0), (1, 1, 1), (2, 2, 2)])])) == []
