"""Footprints of buildings, drawn in metres with the south-west corner of their box at 0,0.

Long sides run east-west and the north side carries the doors, as Chinese housing does.
"""

from dataclasses import dataclass

from shapely import Polygon

Point = tuple[float, float]

_STAIR = (1.35, 1.1)
"""Half width and depth of a stairwell standing proud of the north wall."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A footprint and the points of its doors on its outline, west to east."""

    polygon: Polygon
    doors: tuple[Point, ...]


def block(width: float, depth: float, doors: int, *, proud: bool = False) -> Shape:
    """Draw a straight block; with `proud` each stairwell stands out of the north wall."""
    middles = [width * (i + 0.5) / doors for i in range(doors)]
    if not proud:
        return Shape(
            Polygon([(0, 0), (width, 0), (width, depth), (0, depth)]),
            tuple((m, depth) for m in middles),
        )
    half, out = _STAIR
    wall = depth - out
    top: list[Point] = [(width, wall)]
    for m in reversed(middles):
        top += [(m + half, wall), (m + half, depth), (m - half, depth), (m - half, wall)]
    outline = [(0.0, 0.0), (width, 0.0), *top, (0.0, wall)]
    return Shape(Polygon(outline), tuple((m, depth) for m in middles))


def tower(width: float, depth: float, doors: int) -> Shape:
    """Draw a tower with recesses on the south side for light and a core to the north."""
    cut, deep = width * 0.09, depth * 0.22
    third = width / 3.0
    step = depth * 0.14
    outline = [
        (0, 0), (third - cut / 2, 0), (third - cut / 2, deep), (third + cut / 2, deep),
        (third + cut / 2, 0), (2 * third - cut / 2, 0), (2 * third - cut / 2, deep),
        (2 * third + cut / 2, deep), (2 * third + cut / 2, 0), (width, 0),
        (width, depth - step), (width * 0.8, depth - step), (width * 0.8, depth),
        (width * 0.2, depth), (width * 0.2, depth - step), (0, depth - step),
    ]
    span = width * 0.6
    places = [width * 0.2 + span * (i + 0.5) / doors for i in range(doors)]
    return Shape(Polygon(outline), tuple((p, depth) for p in places))


def ell(width: float, depth: float, wing: float, *, east: bool) -> Shape:
    """Draw an L: a long wing on the north side, a short one running south from one end."""
    if east:
        outline = [(width - wing, 0), (width, 0), (width, depth), (0, depth),
                   (0, depth - wing), (width - wing, depth - wing)]
    else:
        outline = [(0, 0), (wing, 0), (wing, depth - wing), (width, depth - wing),
                   (width, depth), (0, depth)]
    return Shape(Polygon(outline), ((width / 2.0, depth),))


def horseshoe(width: float, depth: float, wing: float) -> Shape:
    """Draw a U that opens to the south."""
    outline = [
        (0, 0), (wing, 0), (wing, depth - wing), (width - wing, depth - wing),
        (width - wing, 0), (width, 0), (width, depth), (0, depth),
    ]
    return Shape(Polygon(outline), ((width / 2.0, depth),))


def courtyard(width: float, depth: float, wing: float) -> Shape:
    """Draw four wings around a court."""
    shell = [(0, 0), (width, 0), (width, depth), (0, depth)]
    hole = [(wing, wing), (width - wing, wing), (width - wing, depth - wing), (wing, depth - wing)]
    return Shape(Polygon(shell, [hole]), ((width * 0.5, depth),))


def tee(width: float, depth: float, wing: float) -> Shape:
    """Draw a T: a slab on the north side with a stem to the south."""
    left, right = (width - wing) / 2.0, (width + wing) / 2.0
    outline = [
        (left, 0), (right, 0), (right, depth - wing), (width, depth - wing),
        (width, depth), (0, depth), (0, depth - wing), (left, depth - wing),
    ]
    return Shape(Polygon(outline), ((width / 2.0, depth),))


def comb(width: float, depth: float, wing: float) -> Shape:
    """Draw an E that opens to the south, as large schools are built."""
    a, b = (width - wing) / 2.0, (width + wing) / 2.0
    inner = depth - wing
    outline = [
        (0, 0), (wing, 0), (wing, inner), (a, inner), (a, 0), (b, 0), (b, inner),
        (width - wing, inner), (width - wing, 0), (width, 0), (width, depth), (0, depth),
    ]
    return Shape(Polygon(outline), ((width * 0.25, depth), (width * 0.75, depth)))


def octagon(width: float, depth: float) -> Shape:
    """Draw a block with its corners cut: a bell tower, a pavilion."""
    c = min(width, depth) * 0.29
    outline = [
        (c, 0), (width - c, 0), (width, c), (width, depth - c),
        (width - c, depth), (c, depth), (0, depth - c), (0, c),
    ]
    return Shape(Polygon(outline), ((width / 2.0, depth),))


def named(kind: str, width: float, depth: float, doors: int = 1) -> Shape:
    """Draw a shape by its name in data/demo/sites.json."""
    wing = min(width, depth) * 0.36
    makers = {
        "block": lambda: block(width, depth, doors),
        "tower": lambda: tower(width, depth, doors),
        "ell": lambda: ell(width, depth, wing, east=True),
        "ell-west": lambda: ell(width, depth, wing, east=False),
        "horseshoe": lambda: horseshoe(width, depth, wing),
        "courtyard": lambda: courtyard(width, depth, wing * 0.8),
        "tee": lambda: tee(width, depth, wing),
        "comb": lambda: comb(width, depth, wing),
        "octagon": lambda: octagon(width, depth),
    }
    return makers[kind]()
