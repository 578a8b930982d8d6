"""Drafts of buildings: a footprint with its doors, its storeys and what is to be inside."""

from dataclasses import dataclass
from typing import Any

import shapely
from shapely import MultiPoint, Polygon
from shapely.affinity import rotate, translate

from importers.demo.compounds import Compound, Part
from importers.demo.polygons import polygon
from importers.demo.shapes import Point, Shape
from importers.demo.site import Site


@dataclass(frozen=True, slots=True)
class Inside:
    """What is inside: counts per storey; `flats` are per storey and entrance."""

    flats: int = 0
    shops: int = 0
    rooms: int = 0
    stalls: int = 0
    garages: int = 0
    yard: int = 0
    mezzanine: bool = False
    positions: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A building before it has a number."""

    lot: str
    grid: str
    polygon: Polygon
    doors: tuple[Point, ...]
    function: str
    above: int
    below: int
    ground_m: float
    storey_m: float
    year: int
    inside: Inside
    name: str = ""
    row: int = 0

    @property
    def height(self) -> float:
        """Metres from the ground to the top of the last storey."""
        extra = 2.2 if self.inside.mezzanine else 0.0
        return round(self.ground_m + (self.above - 1) * self.storey_m + extra, 2)


def set_down(
    shape: Shape, site: Site, x: float, y: float, *, twist: float = 0.0
) -> tuple[Polygon, tuple[Point, ...]]:
    """Put a shape's south-west corner at x, y of the site; return it in local metres."""
    footprint = translate(shape.polygon, x, y)
    doors = translate(MultiPoint(shape.doors), x, y)
    if twist:
        middle = (footprint.centroid.x, footprint.centroid.y)
        footprint, doors = rotate(footprint, twist, middle), rotate(doors, twist, middle)
    points = shapely.get_coordinates(site.to_ground(doors))
    spots = tuple((float(x), float(y)) for x, y in points)
    return polygon(site.to_ground(footprint)), spots


def rows_of(compound: Compound, index: int) -> list[int]:
    """Return how many buildings each row of a part holds, from the south."""
    rows: list[Any] = compound.lot.spec["rows"]
    if isinstance(rows[0], list):
        return [int(r) for r in rows[index]]
    return [int(r) // len(compound.parts) for r in rows]


def parts_with_rows(compound: Compound) -> list[tuple[Part, list[int]]]:
    """Return the parts of a lot, each with the buildings of its rows."""
    return [(part, rows_of(compound, i)) for i, part in enumerate(compound.parts)]
