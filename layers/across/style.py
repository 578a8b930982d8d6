"""The map's style for MapLibre, made from the layers' symbols and the palette (data/palette.json).

No glyph server and no sprite: fonts are the page's own, and images are drawn by the page when the
style asks for them. `metadata.group` names the switch that shows or hides a layer.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from layers import catalogue
from layers.across.roofs import opened_layers
from layers.across.signs import label_layers
from layers.symbology import By

PALETTE = Path(__file__).parent.parent.parent / "data" / "palette.json"
THEMES = ("light", "dark")
#: Sources that the page fills itself when a building is opened, a unit picked, an incident known.
OWN = ("area", "open", "slab", "door", "sections", "cage", "plate", "picked", "incident")
Style = dict[str, Any]


@cache
def palette(theme: str) -> Mapping[str, Any]:
    """Return the colours of a theme."""
    found: Mapping[str, Any] = json.loads(PALETTE.read_text(encoding="utf-8"))[theme]
    return found


def style(theme: str, *, tiles: str, language: str) -> Style:
    """Return the whole style; `tiles` is where tiles begin, `language` that of codes' words."""
    p = palette(theme)
    sources: dict[str, Any] = {"base": {
        "type": "vector", "tiles": [f"{tiles}/tiles/base/{{z}}/{{x}}/{{y}}.mvt"], "minzoom": 8,
        "maxzoom": 16, "promoteId": "identifier"}}
    empty = {"type": "FeatureCollection", "features": []}
    for name in OWN:
        sources[name] = {"type": "geojson", "data": empty, "promoteId": "identifier"}
    return {
        "version": 8, "name": f"doorplate-{theme}", "sources": sources,
        "state": {"gap": {"default": 0}, "floor": {"default": 999}, "lift": {"default": 0},
                  "depth": {"default": 0}},
        "light": p["light"],
        "sky": {"sky-color": p["sky"], "horizon-color": p["horizon"], "fog-color": p["fog"],
                "fog-ground-blend": 0.55, "horizon-fog-blend": 0.7, "sky-horizon-blend": 0.8},
        "layers": [*_ground(p), *_streets(p), *_lines(p), *_shade(p),
                   *_chosen(p),
                   *label_layers(p, language, flat=True),
                   *opened_layers(p, unit_colour(p)), *_masses(p),
                   *label_layers(p, language, flat=False)]}


def colour(p: Mapping[str, Any], layer: str) -> Any:
    """Return a layer's declared colour, or the expression that picks it, in this theme."""
    declared, swap = catalogue()[layer].symbol.colour, p["recolour"]
    if not isinstance(declared, By):
        return swap.get(declared, declared)
    return By(declared.field, {value: swap.get(one, one) for value, one in
                               declared.colours.items()},
              swap.get(declared.other, declared.other)).expression()


def unit_colour(p: Mapping[str, Any]) -> list[Any]:
    """Return the colour of units: their use, unless picked or under the pointer."""
    return ["case", ["boolean", ["feature-state", "picked"], False], p["accent"],
            ["boolean", ["feature-state", "hover"], False], p["hover"], colour(p, "units")]


def zoomed(*stops: float) -> list[Any]:
    """Return a value that grows evenly with the zoom."""
    return ["interpolate", ["linear"], ["zoom"], *stops]


def drawn(identifier: str, source_layer: str, kind: str, group: str, **more: Any) -> Style:
    """Return one layer of the base tiles."""
    return {"id": identifier, "source": "base", "source-layer": source_layer, "type": kind,
            "metadata": {"group": group}, **more}


def _ground(p: Mapping[str, Any]) -> list[Style]:
    return [
        {"id": "background", "type": "background", "paint": {"background-color": p["ground"]}},
        drawn("compound", "compound", "fill", "compounds",
              paint={"fill-color": colour(p, "compounds")}),
        drawn("ground", "ground", "fill", "grounds", paint={"fill-color": colour(p, "grounds")}),
    ]


def _streets(p: Mapping[str, Any]) -> list[Style]:
    classes = {"casing": "casing", "road": "road", "major": "road_major"}
    far = drawn("street-far", "street", "line", "streets", maxzoom=13.5, paint={
        "line-color": p["street_far"], "line-width": ["interpolate", ["linear"], ["zoom"],
            11, ["match", ["get", "street_class"], "main", 1.2, 0.4],
            13.5, ["match", ["get", "street_class"], "main", 3, 1.4]]})
    areas = [drawn(f"road-{one}", "road_area", "fill", "streets", minzoom=13,
                   filter=["==", ["get", "class"], one], paint={"fill-color": p[token]})
             for one, token in classes.items()]
    return [far, *areas]


def _lines(p: Mapping[str, Any]) -> list[Style]:
    level = ["get", "level"]
    return [
        drawn("compound-line", "compound", "line", "compounds", minzoom=14.5, paint={
            "line-color": p["compound_line"], "line-width": zoomed(14.5, 0.6, 18, 1.6),
            "line-dasharray": [3, 2]}),
        drawn("grid-line", "grid", "line", "grids", layout={"visibility": "none"}, paint={
            "line-color": p["grid_line"], "line-width": zoomed(12, 0.7, 14, 1, 17, 2.2),
            "line-opacity": 0.9}),
        drawn("division-line", "division", "line", "divisions", layout={"line-join": "round"},
              paint={"line-color": p["division_line"],
                     "line-width": ["match", level, "district", 2.2, "subdistrict", 1.4, 0.8],
                     "line-opacity": zoomed(10, 0.9, 15, 0.7, 17, 0.25),
                     "line-dasharray": [5, 2, 1, 2]}),
    ]


def _shade(p: Mapping[str, Any]) -> list[Style]:
    return [
        drawn("shadow", "shadow", "fill", "shadows", minzoom=14.8, paint={
            "fill-color": p["shadow"], "fill-antialias": False,
            "fill-opacity": zoomed(14.8, 0, 15.6, p["shadow_opacity"])}),
        drawn("ao", "ao", "fill", "shadows", minzoom=15, paint={
            "fill-color": p["ao"], "fill-antialias": False,
            "fill-opacity": zoomed(15.2, 0, 16, round(p["ao_opacity"] / 3, 3))}),
        drawn("building-foot", "building", "fill", "buildings", minzoom=14,
              layout={"visibility": "none"},
              paint={"fill-color": p["foot"], "fill-outline-color": p["foot_line"]}),
        drawn("building-flat", "building", "fill", "buildings", maxzoom=14.6, paint={
            "fill-color": p["flat"], "fill-opacity": zoomed(14, 1, 14.6, 0)}),
    ]


def _chosen(p: Mapping[str, Any]) -> list[Style]:
    """Return how a chosen place without a solid is marked: its outline, its line, its spot."""
    return [
        {"id": "area-line", "source": "area", "type": "line", "layout": {"line-join": "round"},
         "paint": {"line-color": p["accent"], "line-width": zoomed(12, 1.5, 17, 3),
                   "line-opacity": 0.9}},
        {"id": "area-spot", "source": "area", "type": "circle",
         "filter": ["==", ["geometry-type"], "Point"],
         "paint": {"circle-radius": 7, "circle-color": p["accent"], "circle-opacity": 0.25,
                   "circle-stroke-color": p["accent"], "circle-stroke-width": 2,
                   "circle-pitch-alignment": "map"}},
    ]


def _masses(p: Mapping[str, Any]) -> list[Style]:
    """Return what stands when nothing is opened.

    It comes after the opened units: a translucent mass drawn before them would hide them. The
    opened building itself is folded to nothing by its state, since a filter would fetch anew; so
    is one that was measured, as soon as the page draws it as it is.
    """
    shut = ["-", 1, ["max", ["number", ["feature-state", "open"], 0],
                     ["number", ["feature-state", "measured"], 0]]]
    return [
        drawn("building", "building", "fill-extrusion", "buildings", minzoom=14, paint={
            "fill-extrusion-color": ["case", ["boolean", ["feature-state", "hover"], False],
                                     p["hover"], colour(p, "buildings")],
            "fill-extrusion-height": ["*", ["get", "height"], shut],
            "fill-extrusion-vertical-gradient": False}),
        drawn("band", "band", "fill-extrusion", "buildings", minzoom=16.3, paint={
            "fill-extrusion-color": p["band"],
            "fill-extrusion-base": ["-", ["get", "top"], 0.14],
            "fill-extrusion-height": ["+", ["get", "top"], 0.14],
            "fill-extrusion-vertical-gradient": False}),
    ]
