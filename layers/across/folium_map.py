"""A layer as one HTML page that opens anywhere without a network: folium, with all it needs inside.

folium links to other hosts by default and keeps raw HTML in tooltips. Here every link is replaced
by the file itself or the page is refused, and every text is escaped before folium sees it.
"""

import json
import re
from pathlib import Path
from typing import Any

import folium

from layers.base import Field, Layer, fields_of
from layers.codelists import codelist
from spatial.errors import InvalidInput, Unavailable
from spatial.markup import escape

#: More features than this make no page that a browser opens.
MOST = 20_000
#: What the page needs, by the name in the link, below the folder of browser libraries.
ASSETS = {"leaflet.js": "leaflet/leaflet.js", "leaflet.css": "leaflet/leaflet.css",
          "jquery.js": "jquery/jquery.min.js"}
SHOWN = 8
OUTLINE = "#7B8894"
_SCRIPT = re.compile(r'<script src="([^"]*)"></script>')
_STYLE = re.compile(r'<link rel="stylesheet" href="([^"]*)" ?/?>')
_LOOK = ("<style>body{background:#E9EDF1;font-family:'Noto Sans SC','Noto Sans CJK SC',sans-serif}"
         ".leaflet-container{background:#E9EDF1;font:inherit}</style>")


class OfflineMap(folium.Map):
    """A folium map without its usual companions from elsewhere."""

    default_js = [("leaflet", "leaflet.js"), ("jquery", "jquery.js")]
    default_css = [("leaflet_css", "leaflet.css")]


def page(layer: Layer, document: bytes, *, assets: Path, language: str = "zh") -> str:
    """Return the page of a layer, given its FeatureCollection and the folder of libraries."""
    features = [one for one in json.loads(document)["features"] if one["geometry"]]
    if not features:
        raise InvalidInput(f"There are no {layer.name} with a shape to draw; widen the box.")
    if len(features) > MOST:
        raise InvalidInput(f"{len(features):,} {layer.name} are too many for one page "
                           f"({MOST:,}); narrow them with --bbox.")
    drawn = OfflineMap(tiles=None, prefer_canvas=True, zoom_snap=0.25, attributionControl=False)
    shapes = _drawn(layer, features, language)
    shapes.add_to(drawn)
    drawn.fit_bounds(shapes.get_bounds())
    return inlined(drawn.get_root().render(), assets)


def inlined(html: str, assets: Path) -> str:
    """Return the page with each linked file inside it; a link to anything else is refused."""
    html = _SCRIPT.sub(lambda m: f"<script>{_asset(m[1], assets)}</script>", html)
    html = _STYLE.sub(lambda m: f"<style>{_asset(m[1], assets)}</style>", html)
    return html.replace("</head>", _LOOK + "</head>", 1)


def _asset(name: str, assets: Path) -> str:
    if name not in ASSETS:
        raise Unavailable(f"The page would load {name[:80]} from elsewhere; it is refused.")
    path = assets / ASSETS[name]
    if not path.is_file():
        raise Unavailable(f"{path} is missing; `make setup` fetches the browser libraries.")
    return path.read_text(encoding="utf-8").replace("</script", "<\\/script")


def _drawn(layer: Layer, features: list[dict[str, Any]], language: str) -> Any:
    fields = {str(f.ledger or column): f for column, f in fields_of(layer.model).items()}
    styles = {one["id"]: _visible(layer.symbol.folium(one["properties"])) for one in features}
    for one in features:
        one["properties"] = {key: _told(fields.get(key), value, language)
                             for key, value in one["properties"].items()}
    shown = [key for key in ("source_id", *fields)
             if any(one["properties"].get(key) for one in features)][:SHOWN]
    titles = [fields[key].title.in_language(language) if key in fields else key for key in shown]
    return folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        style_function=lambda one: styles[one["id"]],
        marker=folium.CircleMarker(radius=4, fill=True),
        tooltip=folium.GeoJsonTooltip(shown, [escape(t) for t in titles]) if shown else None)


def _visible(style: dict[str, Any]) -> dict[str, Any]:
    """Return a style whose outline shows on the page's pale ground."""
    return style | {"color": OUTLINE} if style["color"].upper() == "#FFFFFF" else style


def _told(field: Field | None, value: Any, language: str) -> Any:
    """Return a value as people read it, with nothing in it that HTML could take for its own."""
    if field and field.codelist and value is not None:
        value = codelist(field.codelist).label(value, language)
    if isinstance(value, list):
        value = "、".join(str(one) for one in value)
    return escape(value) if isinstance(value, str) else "" if value is None else value
