"""A theme on paper: title, map, legend, histogram, scale bar, north arrow and footer (A4)."""

import math
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from layers.across.fonts import families
from layers.across.theme_legend import legend, number, word
from layers.across.themes import ThemeMap
from spatial.errors import InvalidInput

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: A4 across, in inches; the map takes the left part.
SIZE, DPI = (11.69, 8.27), 160
TEXT, PALE, NONE = "#243040", "#5B6876", "#ECEEF0"
#: matplotlib's fonts and settings are one for the process.
_ONE = Lock()


def printed(found: ThemeMap, form: str, *, language: str, zone: ZoneInfo, libraries: Path,
            home: Path) -> bytes:
    """Return the sheet as `png` or `pdf`."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    if not found.areas.drawn.any():
        raise InvalidInput("No area of this theme has a shape to draw; import their borders.")
    told = legend(found, language=language, zone=zone)
    text = "".join(_texts(told)) + "北N0123456789" + word("footer", language, "")
    out = BytesIO()
    with _ONE:
        fonts = families(text, libraries=libraries, home=home)
        with rc_context({"font.family": fonts, "text.color": TEXT, "hatch.linewidth": 0.6,
                         "pdf.fonttype": 42, "axes.unicode_minus": False}):
            sheet = Figure(figsize=SIZE, facecolor="white")
            FigureCanvasAgg(sheet)
            _draw(sheet, found, told, language)
            sheet.savefig(out, format=form, dpi=DPI,
                          metadata={"Title": told["title"]} if form == "pdf" else None)
    return out.getvalue()


def _texts(told: dict[str, Any]) -> list[str]:
    """Return everything that stands on the sheet, to know which characters it needs."""
    return [str(value) for value in told.values()]


def _draw(sheet: "Figure", found: ThemeMap, told: dict[str, Any], language: str) -> None:
    place = f"{told['division']} · " if told["division"] else ""
    sheet.text(0.035, 0.945, told["title"], fontsize=20, va="center")
    sheet.text(0.035, 0.905, f"{place}{told['unit']} · {told['period']}", fontsize=10.5,
               color=PALE, va="center")
    map_ = sheet.add_axes((0.03, 0.075, 0.655, 0.805))
    _map(map_, found, told)
    _scale(map_)
    _north(map_, language)
    side = sheet.add_axes((0.705, 0.075, 0.27, 0.805))
    _legend(side, told)
    sheet.text(0.035, 0.03, word("footer", language, told["data_time"]), fontsize=8, color=PALE)
    sheet.text(0.975, 0.03, told["boundary"], fontsize=8, color=PALE, ha="right")


def _map(axes: "Axes", found: ThemeMap, told: dict[str, Any]) -> None:
    """Draw the areas in metres, the frame round those that have a value."""
    axes.set_axis_off()
    axes.set_aspect("equal")
    shapes, drawn = found.areas.metric, found.areas.drawn
    surface, circles = found.theme.drawn == "surface", found.theme.drawn == "circles"
    colours = [one["colour"] for one in told["classes"]]
    bare = drawn & ((found.index < 0) | circles)
    if not surface:
        _fill(axes, shapes[bare], NONE, edge="#C3CBD3")
    for k, colour in enumerate(colours if not circles else ()):
        _fill(axes, shapes[drawn & (found.index == k)], colour,
              edge="none" if surface else "white")
    if not circles:
        unsure = drawn & found.figures.unreliable & (found.index >= 0)
        _fill(axes, shapes[unsure], "none", edge="#24304099", hatch="////")
    _fill(axes, shapes[drawn & found.figures.suppressed], "none", edge="#7B8894", hatch="....")
    if circles:
        _circles(axes, found, colours)
    valued = drawn & (found.index >= 0)
    west, south, east, north = shapely.total_bounds(shapes[valued if valued.any() else drawn])
    margin = 0.06 * max(east - west, north - south)
    axes.set_xlim(west - margin, east + margin)
    axes.set_ylim(south - margin, north + margin)


def _fill(axes: "Axes", shapes: Any, colour: str, *, edge: str, hatch: str | None = None) -> None:
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path as Outline

    outlines = []
    for shape in shapely.get_parts(shapes):
        rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(shape)]
        codes = [np.r_[1, np.full(len(ring) - 2, 2), 79] for ring in rings]
        outlines.append(Outline(np.vstack(rings), np.concatenate(codes)))
    axes.add_collection(PathCollection(outlines, facecolors=colour, edgecolors=edge,
                                       linewidths=0.5, hatch=hatch))


def _circles(axes: "Axes", found: ThemeMap, colours: list[str]) -> None:
    values = np.where(found.areas.drawn & (found.index >= 0), found.figures.value, 0.0)
    used = np.flatnonzero(values > 0)
    used = used[np.argsort(-values[used])]
    spots = shapely.get_coordinates(shapely.point_on_surface(found.areas.metric[used]))
    if len(used):
        axes.scatter(spots[:, 0], spots[:, 1], s=900 * values[used] / values.max(), linewidths=0.8,
                     c=[colours[k] for k in found.index[used]], edgecolors="white", zorder=3)


def _scale(axes: "Axes") -> None:
    """Draw a bar of a round length, about a quarter of the map."""
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    wanted = (east - west) / 4
    power = 10 ** math.floor(math.log10(wanted))
    length = max(n * power for n in (1, 2, 5) if n * power <= wanted)
    high = (north - south) * 0.008
    x, y = west + (east - west) * 0.02, south + high
    for part, colour in ((0, TEXT), (1, "white")):
        axes.add_patch(_box(x + part * length / 2, y, length / 2, high, colour))
    text = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    axes.text(x, y + 2 * high, "0", fontsize=8, ha="center")
    axes.text(x + length, y + 2 * high, text, fontsize=8, ha="center")


def _box(x: float, y: float, width: float, height: float, colour: str) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), width, height, facecolor=colour, edgecolor=TEXT, linewidth=0.6)


def _north(axes: "Axes", language: str) -> None:
    """Draw the arrow; the metric CRS's north is that of the map to a degree or two."""
    axes.annotate("", xy=(0.965, 0.985), xytext=(0.965, 0.915), xycoords="axes fraction",
                  arrowprops={"facecolor": TEXT, "edgecolor": TEXT, "width": 2, "headwidth": 9})
    axes.text(0.965, 0.9, word("north", language), transform=axes.transAxes, ha="center",
              va="top", fontsize=10)


def _legend(axes: "Axes", told: dict[str, Any]) -> None:
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    y = 0.985
    looks = {"none": {"facecolor": NONE}, "suppressed": {"facecolor": NONE, "hatch": "...."},
             "unreliable": {"facecolor": "white", "hatch": "////"}}
    rows = [({"facecolor": one["colour"]}, one) for one in told["classes"]]
    for look, one in [*rows, *((looks[one["kind"]], one) for one in told["missing"])]:
        y -= 0.042
        patch = _box(0.0, y, 0.085, 0.028, "white")
        patch.set(edgecolor="#7B8894", **look)
        axes.add_patch(patch)
        axes.text(0.115, y + 0.014, one["label"], fontsize=9.5, va="center")
        axes.text(1.0, y + 0.014, f"{one['count']:,}", fontsize=9, va="center", ha="right",
                  color=PALE)
    y = _histogram(axes, told, y - 0.03)
    lines = [told["about"], told["denominator"], told["statistic"], told["method"],
             *told["notes"]]
    axes.text(0.0, y - 0.02, "\n".join(_folded(line, 46) for line in lines if line),
              fontsize=8.2, va="top", color=PALE, linespacing=1.45)


def _histogram(axes: "Axes", told: dict[str, Any], top: float) -> float:
    """Draw the bars below `top`; return where they end."""
    shown = told["histogram"]
    heights = shown["bars"]
    if not heights:
        return top
    low, high, room = shown["from"], shown["to"], 0.1
    ends = [one["to"] for one in told["classes"]]
    for i, height in enumerate(heights):
        middle = low + (high - low) * (i + 0.5) / len(heights)
        k = min(int(np.searchsorted(ends, middle)), len(ends) - 1)
        bar = _box(i / len(heights), top - room, 0.92 / len(heights),
                   room * height / max(heights), told["classes"][k]["colour"])
        bar.set_linewidth(0.3)
        axes.add_patch(bar)
    for at in shown["breaks"]:
        x = (at - low) / (high - low)
        axes.plot([x, x], [top - room, top], color=TEXT, linewidth=0.7, linestyle=":")
    axes.text(0, top - room - 0.012, number(low), fontsize=7.5, va="top", color=PALE)
    axes.text(1, top - room - 0.012, number(high), fontsize=7.5, va="top", ha="right", color=PALE)
    return top - room - 0.03


def _folded(text: str, width: int) -> str:
    """Break a text into lines of `width`; a Chinese character is two wide."""
    lines, line, used = [], "", 0
    for token in _tokens(text):
        wide = sum(2 if ord(c) > 0x2E7F else 1 for c in token)
        if used + wide > width and line:
            lines.append(line.rstrip())
            line, used = "", 0
        line, used = line + token, used + wide
    return "\n".join([*lines, line])


def _tokens(text: str) -> list[str]:
    """Split a text where a line may end: after a space, and after any Chinese character."""
    tokens: list[str] = []
    for character in text:
        if tokens and character in "，。、；：）！？”":
            # No line begins with a mark that ends a phrase.
            tokens[-1] += character
        elif tokens and ord(character) <= 0x2E7F and ord(tokens[-1][-1]) <= 0x2E7F and (
                tokens[-1][-1] != " "):
            tokens[-1] += character
        else:
            tokens.append(character)
    return tokens
