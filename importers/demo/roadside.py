"""Points along the streets: crossings, and places at a distance from the middle of the road."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import shapely
from shapely import LineString, Point, Polygon

from importers.demo.plates import oriented
from importers.demo.streets import WIDTH, Street


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where two streets meet."""

    first: Street
    second: Street
    x: float
    y: float

    @property
    def main(self) -> bool:
        """Tell whether two main roads cross here."""
        return self.first.kind == self.second.kind == "main"

    @property
    def text(self) -> str:
        """The crossing as people call it."""
        return f"{self.first.name}与{self.second.name}交叉口"


@dataclass(frozen=True, slots=True)
class Spot:
    """A place beside a street, `along` metres from its beginning, seen in `azimuth`."""

    street: Street
    number: int
    x: float
    y: float
    azimuth: float


def crossings(streets: list[Street], ground: Polygon) -> list[Crossing]:
    """Return the crossings of local streets inside `ground`, in the order of the streets."""
    local = [s for s in streets if s.local]
    found = []
    for i, first in enumerate(local):
        for second in local[i + 1 :]:
            for point in shapely.get_parts(shapely.intersection(first.line, second.line)):
                if point.geom_type == "Point" and ground.covers(point):
                    found.append(Crossing(first, second, point.x, point.y))
    return found


def along(
    street: Street,
    ground: Polygon,
    *,
    every: float,
    start: float,
    beside: float,
    both: bool = False,
) -> Iterator[Spot]:
    """Yield spots every so many metres, `beside` the kerb (negative: on the carriageway)."""
    line = oriented(street)
    off = WIDTH[street.kind] / 2.0 + beside
    distance, number = start, 0
    while distance < line.length:
        number += 1
        side = -1.0 if both and number % 2 else 1.0
        spot = _beside(line, distance, off * side)
        if ground.covers(Point(spot[0], spot[1])):
            yield Spot(street, number, *spot)
        distance += every


def _beside(line: LineString, distance: float, off: float) -> tuple[float, float, float]:
    here, ahead = line.interpolate(distance), line.interpolate(min(distance + 1.0, line.length))
    if distance + 1.0 > line.length:
        here, ahead = line.interpolate(line.length - 1.0), line.interpolate(line.length)
    dx, dy = ahead.x - here.x, ahead.y - here.y
    length = math.hypot(dx, dy)
    azimuth = math.degrees(math.atan2(dx, dy)) % 360.0
    return here.x - dy / length * off, here.y + dx / length * off, round(azimuth, 1)


def bearing(x: float, y: float, to: tuple[float, float]) -> float:
    """Return the azimuth from a point to another, in degrees clockwise from north."""
    return round(math.degrees(math.atan2(to[0] - x, to[1] - y)) % 360.0, 1)
