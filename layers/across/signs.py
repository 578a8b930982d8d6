"""The words and pins on the map: which label stands where, how large, and for how long."""

from collections.abc import Mapping
from typing import Any

from layers import catalogue
from layers.across.roofs import DEPTH, FLOOR, GAP, RAISED
from layers.codelists import codelist

Style = dict[str, Any]
#: The page's own font in three weights; a family of that name need not exist, its first word for
#: the weight counts, and the next names are what draws.
SHIPPED = ("Noto Sans SC Variable", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei",
           "sans-serif")
REGULAR, MEDIUM, BOLD = (["Noto Sans SC " + weight, *SHIPPED]
                         for weight in ("Regular", "Medium", "Bold"))
#: Facilities with people in them, shown from further away than posts and hydrants.
STAFFED = ["police_station", "fire_station", "service_station", "clinic", "shelter"]
#: What the page knows to be hidden behind something else, or opened, is not written.
SEEN = ["*", ["-", 1, ["number", ["feature-state", "hidden"], 0]],
        ["-", 1, ["number", ["feature-state", "open"], 0]]]


def label_layers(p: Mapping[str, Any], language: str, *, flat: bool) -> list[Style]:
    """Return the labels that lie on the ground, or those that stand above everything."""
    if flat:
        return [_streets(p), _plates(p)]
    return [_divisions(p), _grids(p), _compounds(p), _sections(p), _buildings(p),
            _facilities(p, "facility-small", 17.6, staffed=False),
            _facilities(p, "facility", 14.6, staffed=True), _open_sections(p),
            _units(p, language), _picked(p), _incidents(p, language)]


def _zoomed(*stops: Any) -> list[Any]:
    return ["interpolate", ["linear"], ["zoom"], *stops]


def _sign(identifier: str, group: str, source: str, *, layout: Style, paint: Style,
          **more: Any) -> Style:
    own = {"source": source} if source in ("open", "sections", "picked", "incident") else {
        "source": "base", "source-layer": source}
    # The page lays labels on the ground in 2D, and raises them again by what is kept here.
    kept = {"group": group, "offset": layout.get("symbol-height-offset", 0)}
    return {"id": identifier, "type": "symbol", "metadata": kept, **own, **more,
            "layout": {"text-font": MEDIUM, "text-padding": 5, **layout}, "paint": paint}


def _ink(p: Mapping[str, Any], text: str = "text", halo: float = 1.6,
         opacity: Any = 1) -> Style:
    return {"text-color": p[text], "text-halo-color": p["halo"], "text-halo-width": halo,
            "text-opacity": opacity}


def _streets(p: Mapping[str, Any]) -> Style:
    return _sign("street-label", "streets", "street", minzoom=13.5, layout={
        "symbol-placement": "line", "symbol-spacing": 420, "text-field": ["get", "name"],
        "text-font": REGULAR, "text-size": _zoomed(13.5, 10, 17, 13),
        "text-letter-spacing": 0.18, "text-max-angle": 30}, paint=_ink(p, "text2", 1.4))


def _plates(p: Mapping[str, Any]) -> Style:
    return _sign("plate-label", "plates", "plate", minzoom=16.6, layout={
        "text-field": ["get", "number"], "text-font": REGULAR,
        "text-size": _zoomed(16.6, 9, 19, 12)}, paint=_ink(p, "text2", 1.4))


def _divisions(p: Mapping[str, Any]) -> Style:
    return _sign("division-label", "divisions", "division_label", maxzoom=14.6, layout={
        "text-field": ["get", "name"], "text-size": _zoomed(9, 11, 14, 14),
        "text-letter-spacing": 0.12, "text-font": BOLD}, paint=_ink(
        p, "text2", opacity=_zoomed(14, 1, 14.6, 0)))


def _grids(p: Mapping[str, Any]) -> Style:
    return _sign("grid-label", "grids", "grid_label", minzoom=13, layout={
        "visibility": "none", "text-field": ["get", "name"], "text-size": 12}, paint=_ink(
        p, "grid_text"))


def _compounds(p: Mapping[str, Any]) -> Style:
    return _sign("compound-label", "compounds", "compound_label", minzoom=13.6, maxzoom=17.2,
                 layout={"text-field": ["get", "name"], "text-font": BOLD, "text-padding": 6,
                         "text-size": _zoomed(13.6, 10, 16.5, 16), "text-letter-spacing": 0.06,
                         "symbol-height-offset": 2},
                 paint=_ink(p, halo=1.8, opacity=_zoomed(16.6, 1, 17.2, 0)))


def _buildings(p: Mapping[str, Any]) -> Style:
    return _sign("building-label", "buildings", "building_label", minzoom=15.9, layout={
        "text-field": ["get", "name"], "text-size": _zoomed(15.9, 10, 18, 13), "text-padding": 4,
        "text-max-width": 8, "symbol-height-offset": ["+", ["get", "height"], 2],
        "symbol-sort-key": ["-", 0, ["get", "height"]]}, paint=_ink(p, opacity=SEEN))


def _sections(p: Mapping[str, Any]) -> Style:
    return _sign("section-label", "buildings", "section", minzoom=17.7, layout={
        "text-field": ["get", "name"], "text-size": 11, "text-font": REGULAR,
        "symbol-height-offset": ["+", ["get", "height"], 1]}, paint=_ink(
        p, "text2", 1.4, opacity=SEEN))


def _open_sections(p: Mapping[str, Any]) -> Style:
    rise = ["+", ["get", "height"], 2, DEPTH, ["*", ["get", "rank"], GAP]]
    return _sign("section-open", "buildings", "sections", minzoom=16.5, layout={
        "text-field": ["get", "name"], "text-size": 13, "symbol-height-offset": rise,
        "text-allow-overlap": True}, paint=_ink(p, "text", 1.8))


def _units(p: Mapping[str, Any], language: str) -> Style:
    words = codelist("unit_use")
    uses = [item for code in words.codes for item in (code, words.label(code, language))]
    number = ["case", ["has", "ent"], ["concat", ["get", "ent"], "-", ["get", "no"]],
              ["get", "no"]]
    return _sign("unit-label", "buildings", "open", minzoom=17.6,
                 filter=["==", ["get", "floor"], FLOOR], layout={
        "text-field": ["format", number, {}, "\n", {}, ["match", ["get", "use"], *uses, ""],
                       {"font-scale": 0.78}],
        "text-size": _zoomed(17.6, 10, 20, 15), "text-padding": 0, "text-allow-overlap": True,
        "text-ignore-placement": True,
        "symbol-height-offset": ["+", ["get", "top"], 0.3, RAISED]}, paint={
        "text-color": ["case", ["boolean", ["feature-state", "picked"], False], p["on_accent"],
                       p["unit_text"]],
        "text-halo-color": ["case", ["boolean", ["feature-state", "picked"], False], p["accent"],
                            p["unit_halo"]], "text-halo-width": 1.2})


def _picked(p: Mapping[str, Any]) -> Style:
    return _sign("picked-label", "buildings", "picked", minzoom=16.5, layout={
        "text-field": ["get", "name"], "text-size": 14, "text-font": BOLD,
        "text-allow-overlap": True, "text-ignore-placement": True,
        "symbol-height-offset": ["+", ["/", ["+", ["get", "base"], ["get", "top"]], 2], RAISED]},
        paint={"text-color": p["on_accent"], "text-halo-color": p["accent"],
               "text-halo-width": 2.4})


def _facilities(p: Mapping[str, Any], identifier: str, least: float, *, staffed: bool) -> Style:
    inside: Any = ["in", ["get", "kind"], ["literal", STAFFED]]
    return _sign(identifier, "facilities", "facility", minzoom=least,
                 filter=inside if staffed else ["!", inside], layout={
        "icon-image": ["concat", "facility:", ["get", "kind"]], "icon-anchor": "bottom",
        "icon-size": _zoomed(14.6, 0.66, 17, 1) if staffed else 0.78, "icon-padding": 6,
        "text-field": ["step", ["zoom"], "", least + 1.4, ["coalesce", ["get", "name"], ""]],
        "text-size": 11, "text-anchor": "top", "text-offset": [0, 0.3], "text-optional": True},
        paint=_ink(p, "text2", 1.4))


def _incidents(p: Mapping[str, Any], language: str) -> Style:
    """Return the pins of open incidents: severity by colour, by size and by the sign within.

    The chosen one stands out by its size; an overdue one says so in words.
    """
    chosen: Any = ["boolean", ["get", "chosen"], False]
    late = " · 超时" if language == "zh" else " · overdue"
    levels = [item for n in (3, 2) for item in (n, p["incident_text"][n - 1])]
    return _sign("incident", "incidents", "incident", minzoom=13, layout={
        "icon-image": ["concat", "incident:", ["to-string", ["get", "lvl"]]],
        "icon-size": _zoomed(13, ["case", chosen, 0.9, 0.55], 17, ["case", chosen, 1.3, 0.9]),
        "icon-anchor": "bottom",
        "icon-allow-overlap": True, "icon-ignore-placement": True,
        "symbol-sort-key": ["+", ["get", "lvl"], ["case", chosen, 10, 0]],
        "symbol-height-offset": ["get", "h"],
        "text-field": ["step", ["zoom"], "", 15.6, ["concat", ["get", "kind"], [
            "case", ["has", "overdue"], late, ""]]], "text-size": 12,
        "text-anchor": "left", "text-offset": [1, -1.3], "text-optional": True}, paint={
        "text-color": ["match", ["get", "lvl"], *levels, p["incident_text"][0]],
        "text-halo-color": p["halo"], "text-halo-width": 1.8})


def symbols() -> Mapping[str, list[tuple[str, str]]]:
    """Return the declared colours by layer and value, for the page's own signs and legends."""
    return {name: [(str(value), colour) for value, colour in catalogue()[name].symbol.legend()
                   if value] for name in ("facilities", "units", "buildings")}
