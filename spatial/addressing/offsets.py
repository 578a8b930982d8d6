"""Words that move a point away from a place: 西北角, 往北200米, 对面, 附近."""

import re
from dataclasses import dataclass

_BEARINGS = {"北": 0.0, "东北": 45.0, "东": 90.0, "东南": 135.0, "南": 180.0, "西南": 225.0,
             "西": 270.0, "西北": 315.0}
_ALONG = "东北|东南|西北|西南|东|南|西|北"
_MOVED = re.compile(
    rf"(?:往|向|以)?(?P<way>{_ALONG})(?:侧|边|面|方向|方)?(?:约|大约)?"
    r"(?P<metres>\d+)多?(?P<unit>米|公里|千米|M|KM)"
    r"|(?P<around>\d+)多?(?P<radius>米|公里|千米)"
    rf"|(?P<corner>{_ALONG})(?:角|侧|边|面)"
    rf"|[路道](?P<bank>[东西南北])"
    r"|(?P<across>斜?正?(?:马路)?对(?:面|过))"
    r"|(?P<near>附近|周边|一带)")
#: How far the other side of a street is, and how vague 附近 is, in metres.
ACROSS_M, NEAR_M, BESIDE_M = 40.0, 100.0, 15.0


@dataclass(frozen=True, slots=True)
class Move:
    """One step away: `metres` towards `bearing` (degrees; None where unsaid), and how vague.

    `edge` says that the step goes to the edge of the place itself, whatever its size.
    """

    bearing: float | None
    metres: float
    vague_m: float
    edge: bool = False


def moves(words: str) -> tuple[Move, ...]:
    """Return what relation words (canonical) do to a point; none of them makes it more exact."""
    out = [_move(match) for match in _MOVED.finditer(words)]
    if words and not out:
        out = [Move(None, 0.0, BESIDE_M)]
    return tuple(out)


def _move(match: re.Match[str]) -> Move:
    if match.group("way"):
        metres = _metres(match.group("metres"), match.group("unit"))
        return Move(_BEARINGS[match.group("way")], metres, max(10.0, metres * 0.15))
    if match.group("around"):
        return Move(None, 0.0, _metres(match.group("around"), match.group("radius")))
    side = match.group("corner") or match.group("bank")
    if side:
        return Move(_BEARINGS[side], 0.0, BESIDE_M, edge=True)
    return Move(None, 0.0, ACROSS_M if match.group("across") else NEAR_M)


def _metres(number: str, unit: str) -> float:
    return float(number) * (1000.0 if unit in {"公里", "千米", "KM"} else 1.0)
