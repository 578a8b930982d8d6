import math

import numpy as np
import pytest
import shapely

from spatial.errors import InvalidInput
from spatial.visibility import (
    View,
    by_shadows,
    by_sweep,
    near_blind,
    reach_of,
    sector,
    viewsheds,
    walls,
)


def view(x=0.0, y=0.0, **said):
    return View(x=x, y=y, **{"height": 4.0, "azimuth": 90.0, "hfov": 80.0, "reach": 60.0} | said)


def houses(*boxes, height=18.0):
    shapes = np.array([shapely.box(*one) for one in boxes], dtype=object)
    return walls(shapes, np.full(len(shapes), height))


def everything(around):
    return np.arange(len(around.footprints))


@pytest.mark.parametrize(("task", "metres"), [(25, 57), (62.5, 22.8), (125, 11.4), (250, 5.7)])
def test_range_follows_pixel_density(task, metres):
    assert reach_of(1920, 68, task) == pytest.approx(metres, abs=0.2)


def test_a_wide_view_is_unrolled():
    assert reach_of(3840, 360, 62.5) == pytest.approx(3840 / (2 * math.pi * 62.5))
    with pytest.raises(InvalidInput):
        reach_of(0, 60, 25)


def test_the_blind_zone_at_the_foot():
    assert near_blind(4, 15, 34) == pytest.approx(4 / math.tan(math.radians(32)))
    assert near_blind(4, -15, 34) == near_blind(4, 15, 34)
    assert near_blind(4, 60, 80) == 0
    assert near_blind(0, 10, 10) == 0


@pytest.mark.parametrize("seed", range(25))
def test_the_sweep_sees_what_shadow_subtraction_leaves(seed):
    generator = np.random.default_rng(seed)
    boxes = []
    while len(boxes) < 9:
        x, y = generator.uniform(-60, 60, 2)
        w, h = generator.uniform(5, 25, 2)
        if shapely.box(x, y, x + w, y + h).distance(shapely.Point(0, 0)) > 0.5:
            boxes.append((x, y, x + w, y + h))
    around = houses(*boxes)
    one = view(azimuth=float(generator.uniform(0, 360)),
               hfov=float(generator.choice([48, 78, 90, 150, 360])))
    swept = by_sweep(one, everything(around), around)
    shadowed = by_shadows(one, everything(around), around)
    difference = swept.symmetric_difference(shadowed).area
    assert difference <= 0.005 * max(shadowed.area, 1.0)


def test_with_nothing_in_the_way_the_sector_is_seen():
    (seen,) = viewsheds([view()], houses())
    assert seen.area == pytest.approx(sector(view()).area, rel=1e-6)
    (round_,) = viewsheds([view(hfov=360.0)], houses())
    assert round_.area == pytest.approx(math.pi * 60 ** 2, rel=0.005)


def test_north_is_up_and_east_is_right():
    (seen,) = viewsheds([view(azimuth=0.0, hfov=40.0)], houses())
    assert seen.contains(shapely.Point(0, 50)) and not seen.intersects(shapely.Point(50, 0))


def test_a_courtyard_is_seen_and_nothing_beyond_it():
    yard = shapely.box(-30, -30, 30, 30).difference(shapely.box(-15, -15, 15, 15))
    around = walls(np.array([yard], dtype=object), np.array([18.0]))
    (seen,) = viewsheds([view(hfov=360.0)], around)
    assert seen.area == pytest.approx(30 * 30, rel=0.001)


def test_a_camera_in_a_corner_and_one_on_a_wall_see_what_is_before_them():
    around = houses((-10, 0, 0, 50), (-10, -10, 50, 0))
    (corner,) = viewsheds([view(0.3, 0.3, azimuth=45.0, hfov=90.0)], around)
    assert corner.area > 0.9 * sector(view(hfov=90.0)).area
    (wall,) = viewsheds([view(0.0, 25.0, azimuth=90.0)], around)
    assert wall.area > 0.5 * sector(view()).area
    assert wall.intersection(around.footprints[0]).area < 0.5


def test_a_camera_drawn_inside_a_wall_is_led_out_or_sees_nothing():
    around = houses((-10, -10, 1, 10))
    (out,) = viewsheds([view()], around)
    assert out.area > 1000
    (deep,) = viewsheds([view(-6.0)], around)
    assert deep.is_empty


def test_a_high_camera_sees_over_a_low_roof():
    low, high = houses((20, -5, 25, 5), height=3.0), houses((20, -5, 25, 5), height=30.0)
    beyond = shapely.Point(50, 0)
    mast = view(height=12.0)
    assert viewsheds([mast], low)[0].contains(beyond)
    assert not viewsheds([mast], high)[0].contains(beyond)
    assert not viewsheds([mast], low)[0].contains(shapely.Point(27, 0))
    shadow = 25 * 12 / (12 - 3)
    assert viewsheds([mast], low)[0].contains(shapely.Point(shadow + 1, 0))


def test_the_near_blind_zone_is_not_seen():
    (seen,) = viewsheds([view(near=8.0)], houses())
    assert not seen.contains(shapely.Point(5, 0)) and seen.contains(shapely.Point(9, 0))
    assert viewsheds([view(near=90.0)], houses())[0].is_empty
    assert len(viewsheds([], houses())) == 0


def test_an_unknown_height_hides_what_is_behind():
    around = walls(np.array([shapely.box(20, -5, 25, 5)], dtype=object), np.array([np.nan]))
    assert not viewsheds([view(height=99.0)], around)[0].contains(shapely.Point(50, 0))
