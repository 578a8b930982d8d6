"""Footprints of the usual plans, for tests of what is cut from them (metres)."""

import shapely
from hypothesis import strategies as st
from shapely import Point, Polygon, affinity, box

#: Where a Gauss-Krüger zone puts a town: far from the origin.
TOWN = (436_000.0, 4_830_000.0)


def bar(long=45.0, deep=12.0):
    return box(0, 0, long, deep)


def angled(long=40.0, deep=36.0, thick=12.0):
    """An L."""
    return Polygon([(0, 0), (long, 0), (long, thick), (thick, thick), (thick, deep), (0, deep)])


def horseshoe(long=50.0, deep=36.0, thick=12.0):
    """A U."""
    return box(0, 0, long, deep).difference(box(thick, thick, long - thick, deep + 1))


def courtyard(long=50.0, deep=40.0, thick=11.0):
    return box(0, 0, long, deep).difference(box(thick, thick, long - thick, deep - thick))


def tee(long=40.0, deep=32.0, thick=12.0):
    return shapely.union_all([box(0, deep - thick, long, deep),
                              box((long - thick) / 2, 0, (long + thick) / 2, deep)])


def cross(long=30.0, deep=30.0, thick=10.0):
    return shapely.union_all([box(0, (deep - thick) / 2, long, (deep + thick) / 2),
                              box((long - thick) / 2, 0, (long + thick) / 2, deep)])


def bayed(long=45.0, deep=12.0, thick=3.0):
    """A bar with bays to the south and stairs to the north."""
    return shapely.union_all([box(0, 0, long, deep), box(2, -1.2, 2 + thick, 0),
                              box(long - 6, -1.2, long - 6 + thick, 0),
                              box(long / 2, deep, long / 2 + thick, deep + 1.5)])


def round_tower(long=30.0, deep=30.0, thick=12.0):
    return affinity.scale(Point(0, 0).buffer(1, quad_segs=4), long / 2, deep / 2)


@st.composite
def footprints(draw, plans=(bar, angled, horseshoe, courtyard, tee, cross, bayed, round_tower)):
    """Draw a footprint of a usual plan, turned anyhow, where a town is."""
    plan = draw(st.sampled_from(plans))
    long, deep = draw(st.integers(30, 90)), draw(st.integers(28, 60))
    thick = draw(st.integers(8, 13))
    shape = plan(long, thick) if plan in (bar, bayed) else plan(long, deep, thick)
    turned = affinity.rotate(shape, draw(st.integers(0, 359)), origin=(0, 0))
    return affinity.translate(turned, *TOWN)
