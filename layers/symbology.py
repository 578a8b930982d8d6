"""Symbols: how a layer is drawn, said once as data and rendered to each map library."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Style = dict[str, Any]
GREY = "#9AA6B2"


@dataclass(frozen=True, slots=True)
class By:
    """A colour that depends on the value of a coded field."""

    field: str
    colours: Mapping[str, str]
    other: str = GREY

    def expression(self) -> list[Any]:
        """Return the MapLibre expression that picks the colour."""
        pairs = [item for pair in self.colours.items() for item in pair]
        return ["match", ["get", self.field], *pairs, self.other]

    def of(self, value: object) -> str:
        """Return the colour of one value."""
        return self.colours.get(str(value), self.other)


@dataclass(frozen=True, slots=True)
class Symbol:
    """How features are drawn: an area, a line, a dot or a solid raised by `height`."""

    kind: str = "dot"
    colour: str | By = GREY
    outline: str = "#FFFFFF"
    width: float = 1.0
    height: str | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields a tile must carry for this symbol."""
        by = (self.colour.field,) if isinstance(self.colour, By) else ()
        return (*by, self.height) if self.height else by

    def legend(self) -> list[tuple[str | None, str]]:
        """Return (value, colour) pairs; one pair without a value for a plain symbol."""
        if isinstance(self.colour, By):
            return list(self.colour.colours.items())
        return [(None, self.colour)]

    def style(self, source: str) -> Style:
        """Return the MapLibre layer that draws this symbol from a tile layer called `source`."""
        kind, paint = _PAINT[self.kind](self)
        return {"id": source, "source": "base", "source-layer": source, "type": kind,
                "paint": paint}

    def folium(self, properties: Mapping[str, object]) -> Style:
        """Return the Leaflet path options for one feature."""
        colour = (self.colour.of(properties.get(self.colour.field))
                  if isinstance(self.colour, By) else self.colour)
        return {"color": self.outline if self.kind in ("area", "solid") else colour,
                "weight": self.width, "fillColor": colour, "fillOpacity": 0.75}


def _expression(symbol: Symbol) -> Any:
    return symbol.colour.expression() if isinstance(symbol.colour, By) else symbol.colour


_PAINT: Mapping[str, Callable[[Symbol], tuple[str, Style]]] = {
    "dot": lambda s: ("circle", {"circle-color": _expression(s), "circle-radius": 4,
                                 "circle-stroke-color": s.outline, "circle-stroke-width": s.width}),
    "line": lambda s: ("line", {"line-color": _expression(s), "line-width": s.width}),
    "area": lambda s: ("fill", {"fill-color": _expression(s), "fill-outline-color": s.outline}),
    "solid": lambda s: ("fill-extrusion", {"fill-extrusion-color": _expression(s),
                                           "fill-extrusion-height": ["get", s.height],
                                           "fill-extrusion-vertical-gradient": False}),
}

