"""How an opened building is drawn: slabs, units, the cage of the picked one, lifted floors."""

from collections.abc import Mapping
from typing import Any

Style = dict[str, Any]
FLOOR, GAP, LIFT, DEPTH = (["global-state", name] for name in ("floor", "gap", "lift", "depth"))
#: How far a part is raised for display: basements above the ground, storeys apart, floors aside.
RAISED = ["+", DEPTH, ["*", ["get", "rank"], GAP],
          ["case", [">", ["get", "floor"], FLOOR], LIFT, 0]]
BELOW, ABOVE = ["<=", ["get", "floor"], FLOOR], [">", ["get", "floor"], FLOOR]


def opened_layers(p: Mapping[str, Any], unit_colour: Any) -> list[Style]:
    """Return the layers of the opened building, in order of drawing.

    Units are cut 0.18 m above their floor and 0.06 m below their ceiling, so that the seams
    between storeys read as lines.
    """
    return [
        _solid("slab", "slab", p["slab"], where=BELOW),
        _solid("door", "door", p["accent"]),
        _solid("unit", "open", unit_colour, where=BELOW, low=0.18, high=-0.06),
        _solid("cage", "cage", p["rim"]),
        _solid("slab-up", "slab", p["slab"], where=ABOVE, opacity=0.25),
        _solid("unit-up", "open", unit_colour, where=ABOVE, low=0.18, high=-0.06, opacity=0.16),
        _solid("plate", "plate", p["plate"], opacity=0.5),
    ]


def _solid(identifier: str, source: str, colour: Any, *, where: Any = None, low: float = 0,
           high: float = 0, opacity: float = 1) -> Style:
    rows = {} if where is None else {"filter": where}
    return {"id": identifier, "source": source, "type": "fill-extrusion", **rows, "paint": {
        "fill-extrusion-color": colour, "fill-extrusion-opacity": opacity,
        "fill-extrusion-base": ["+", ["get", "base"], low, RAISED],
        "fill-extrusion-height": ["+", ["get", "top"], high, RAISED],
        "fill-extrusion-vertical-gradient": False}}
