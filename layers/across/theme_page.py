"""A theme as one HTML page that opens anywhere without a network (folium), legend and all.

Every text is escaped before folium sees it, and whatever would be loaded from elsewhere refuses
the page (layers/across/folium_map.py).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import folium
import numpy as np
import shapely

from layers.across.folium_map import OfflineMap, inlined
from layers.across.theme_legend import legend, number, word
from layers.across.theme_table import features, headings
from layers.across.themes import ThemeMap
from spatial.errors import InvalidInput
from spatial.markup import escape

#: The largest circle's radius in pixels; areas are to each other as the counts.
RADIUS = 26.0
NONE, LINE = "#E4E7EA", "#FFFFFF"
_HATCH = """<svg width="0" height="0" style="position:absolute"><defs>
<pattern id="hatch" width="7" height="7" patternTransform="rotate(45)"
 patternUnits="userSpaceOnUse"><rect width="1.6" height="7" fill="#243040" fill-opacity=".55"/>
</pattern><pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">
<circle cx="3" cy="3" r="1.1" fill="#7B8894"/></pattern></defs></svg>"""
_LOOK = """<style>
.theme{position:fixed;z-index:999;top:12px;right:12px;width:290px;max-height:calc(100% - 24px);
 overflow:auto;background:#fffffff2;color:#243040;border-radius:12px;padding:14px 16px;
 box-shadow:0 6px 24px #1e32501f;font:13px/1.5 'Noto Sans SC','Noto Sans CJK SC','PingFang SC',
 'Microsoft YaHei',system-ui,sans-serif}
.theme h1{font-size:17px;line-height:1.3;margin:0 0 2px}.theme p{margin:4px 0;color:#5B6876}
.theme ul{list-style:none;margin:8px 0;padding:0}.theme li{display:flex;gap:8px;align-items:center}
.theme li b{margin-left:auto;font-weight:400;color:#5B6876;font-variant-numeric:tabular-nums}
.theme .swatch{flex:none;width:20px;height:14px;border-radius:3px;border:1px solid #24304022}
.theme small{display:block;color:#5B6876;font-size:11.5px;margin-top:4px}
.theme svg.bars{width:100%;height:56px;margin-top:6px}
path.hatch{fill:url(#hatch)!important;fill-opacity:1!important;pointer-events:none}
path.dots{fill:url(#dots)!important;fill-opacity:1!important}
@media(max-width:640px){.theme{left:12px;width:auto;top:auto;bottom:12px;max-height:40%}}
@media print{.theme{box-shadow:none;border:1px solid #ccd}}
</style>"""


def page(found: ThemeMap, *, language: str, zone: ZoneInfo, libraries: Path) -> str:
    """Return the page; InvalidInput where no area has a shape."""
    if not found.areas.drawn.any():
        raise InvalidInput("No area of this theme has a shape to draw; import their borders.")
    told = legend(found, language=language, zone=zone)
    drawn = OfflineMap(tiles=None, zoom_snap=0.25, attributionControl=False)
    folium.map.CustomPane("values", z_index=450).add_to(drawn)
    shapes = list(features(found, language))
    unsure = [one for one in shapes if one["properties"]["flag"] == "unreliable"]
    _areas(found, told, shapes, language).add_to(drawn)
    for circle in _circles(found, told, language) if found.theme.drawn == "circles" else ():
        circle.add_to(drawn)
    if unsure and found.theme.drawn != "circles":
        _hatched(unsure).add_to(drawn)
    west, south, east, north = _frame(found)
    drawn.fit_bounds([[south, west], [north, east]], padding_top_left=(24, 24),
                     padding_bottom_right=(320, 24))
    html = inlined(drawn.get_root().render(), libraries)
    title = f"<title>{escape(told['title'])}</title>"
    html = html.replace("</head>", f"{title}{_LOOK}</head>", 1)
    head, tail = html.split("<body>", 1)
    return f"{head}<body>{_HATCH}{_panel(told, language)}{tail}"


def _frame(found: ThemeMap) -> tuple[float, float, float, float]:
    """Return the box of the areas that have a value, else of all."""
    valued = found.areas.drawn & (found.index >= 0)
    kept = valued if valued.any() else found.areas.drawn
    west, south, east, north = shapely.total_bounds(found.areas.shapes[kept]).tolist()
    return west, south, east, north


def _areas(found: ThemeMap, told: dict[str, Any], shapes: list[dict[str, Any]],
           language: str) -> Any:
    colours = [one["colour"] for one in told["classes"]]
    circles = found.theme.drawn == "circles"
    line = {"weight": 0.0} if found.theme.drawn == "surface" else {"weight": 0.8}
    titles = {name: escape(text) for name, text in headings(found, language).items()}
    styles = {}
    for one in shapes:
        row = one["properties"]
        known = row["class"] >= 0 and not circles
        styles[one["id"]] = line | {
            "color": LINE if known else "#C3CBD3",
            "fillColor": colours[row["class"]] if known else NONE,
            "fillOpacity": 0.86 if known else 0.0 if found.theme.drawn == "surface" else 0.55,
            "className": "dots" if row["flag"] == "suppressed" else ""}
        one["properties"] = {name: _told(row[name], name, language) for name in titles}
    return folium.GeoJson(
        {"type": "FeatureCollection", "features": shapes},
        style_function=lambda one: styles[one["id"]],
        tooltip=folium.GeoJsonTooltip(list(titles), list(titles.values()), sticky=True))


def _told(value: Any, name: str, language: str) -> str:
    if name == "flag" and value:
        return escape(word(value, language, ""))
    return escape(value) if isinstance(value, str) else number(value)


def _hatched(shapes: list[dict[str, Any]]) -> Any:
    bare = [{"type": "Feature", "geometry": one["geometry"], "properties": {}} for one in shapes]
    return folium.GeoJson({"type": "FeatureCollection", "features": bare},
                          style_function=lambda _: {"weight": 0, "className": "hatch"},
                          interactive=False)


def _circles(found: ThemeMap, told: dict[str, Any], language: str) -> Iterable[Any]:
    """Yield a circle an area, the largest first so that none hides another."""
    values = np.where(found.index >= 0, found.figures.value, 0.0)
    most = float(values.max(initial=0.0)) or 1.0
    spots = shapely.get_coordinates(shapely.point_on_surface(found.areas.shapes))
    where = np.cumsum(found.areas.drawn) - 1
    colours = [one["colour"] for one in told["classes"]]
    for i in np.argsort(-values):
        if values[i] > 0 and found.areas.drawn[i]:
            lon, lat = spots[where[i]].tolist()
            text = f"{found.areas.parents[i]} {found.areas.labels[i]}: {number(values[i])}"
            yield folium.CircleMarker(
                (lat, lon), radius=RADIUS * float(np.sqrt(values[i] / most)), weight=1.2,
                color="#FFFFFF", fill=True, fill_color=colours[found.index[i]],
                fill_opacity=0.85, tooltip=escape(text))


def _panel(told: dict[str, Any], language: str) -> str:
    rows = [_row(one["colour"], one["label"], one["count"]) for one in told["classes"]]
    hatch = {"none": f"background:{NONE}",
             "suppressed": f"background:radial-gradient(#7B8894 1px,{NONE} 1.4px) 0 0/5px 5px",
             "unreliable": "background:repeating-linear-gradient(45deg,#243040aa 0 1.4px,"
                           "transparent 1.4px 5px)"}
    rows += [f'<li><span class="swatch" style="{hatch[one["kind"]]}"></span>'
             f'{escape(one["label"])}<b>{one["count"]:,}</b></li>' for one in told["missing"]]
    lines = [text for text in (told["period"], told["denominator"], told["statistic"],
                               told["method"], *told["notes"], told["boundary"],
                               told["data_time"]) if text]
    division = f" · {escape(told['division'])}" if told["division"] else ""
    return (f'<section class="theme"><h1>{escape(told["title"])}</h1>'
            f'<p>{escape(told["unit"])}{division}</p><ul>{"".join(rows)}</ul>'
            f'{bars(told["histogram"], [one["colour"] for one in told["classes"]], told)}'
            f'<p>{escape(told["about"])}</p>'
            + "".join(f"<small>{escape(text)}</small>" for text in lines) + "</section>")


def _row(colour: str, label: str, count: int) -> str:
    return (f'<li><span class="swatch" style="background:{colour}"></span>{escape(label)}'
            f'<b>{count:,}</b></li>')


def bars(histogram: dict[str, Any], colours: list[str], told: dict[str, Any]) -> str:
    """Return the histogram as a small picture with the breaks as lines."""
    heights = histogram["bars"]
    if not heights:
        return ""
    most, width = max(heights), 258 / len(heights)
    low, high = histogram["from"], histogram["to"]
    ends = [one["to"] for one in told["classes"]]
    parts = []
    for i, height in enumerate(heights):
        middle = low + (high - low) * (i + 0.5) / len(heights)
        k = min(int(np.searchsorted(ends, middle)), len(colours) - 1)
        tall = 44 * height / most
        parts.append(f'<rect x="{i * width:.1f}" y="{44 - tall:.1f}" width="{width - 1:.1f}" '
                     f'height="{tall:.1f}" fill="{colours[k]}" stroke="#24304033"/>')
    for at in histogram["breaks"]:
        x = 258 * (at - low) / (high - low)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="44" stroke="#243040" '
                     'stroke-dasharray="2 2"/>')
    return ('<svg class="bars" viewBox="0 0 258 56" preserveAspectRatio="none">'
            + "".join(parts) + f'<text x="0" y="55" font-size="10">{number(low)}</text>'
            f'<text x="258" y="55" font-size="10" text-anchor="end">{number(high)}</text></svg>')
