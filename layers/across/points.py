"""The point of an answer: along streets, or moved by what the text says of it."""

from math import asin, atan2, cos, degrees, hypot, radians, sin
from typing import Any

from spatial.addressing import Answer, Move

EARTH_M = 6_371_008.8
#: Half the diagonal of a square, taken back to half its side: how far its edge is.
_TO_EDGE = 0.7


def ahead(point: tuple[float, float], bearing: float, metres: float) -> tuple[float, float]:
    """Return the point so many metres from `point` (longitude, latitude) along a bearing."""
    lon, lat, way, far = *map(radians, point), radians(bearing), metres / EARTH_M
    north = asin(sin(lat) * cos(far) + cos(lat) * sin(far) * cos(way))
    east = atan2(sin(way) * sin(far) * cos(lat), cos(far) - sin(lat) * sin(north))
    return round(degrees(lon + east), 8), round(degrees(north), 8)


def placed(place: dict[str, Any] | None, answer: Answer) -> dict[str, Any] | None:
    """Return the place with the point, placement and precision that the text gives it."""
    if place is None or (answer.located is None and not answer.moves):
        return place
    out = dict(place)
    if answer.located is not None:
        lon, lat = answer.located.point
        out |= {"point": [round(lon, 8), round(lat, 8)], "height": None,
                "placement": answer.located.placement,
                "precision_m": answer.located.precision_m}
    for move in answer.moves if out["point"] else ():
        _moved(out, move)
    return out


def _moved(place: dict[str, Any], move: Move) -> None:
    """Move a place's point in place, and make it as much less exact as the words are."""
    size = place["precision_m"] or 0.0
    metres = size * _TO_EDGE if move.edge else move.metres
    if move.bearing is not None:
        place["point"] = list(ahead(tuple(place["point"]), move.bearing, metres))
        place["height"] = None
    place["precision_m"] = round(hypot(size, move.vague_m), 1)
