"""The legend of a theme, complete: what is shown, of when, over what, how, and what is missing."""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from layers.across.disclosure import LEAST, STEP
from layers.across.theme_spec import palettes
from layers.across.themes import ThemeMap
from layers.text import Bilingual

WORDS = Path(__file__).parents[2] / "data" / "theme_words.json"
BARS = 24


@cache
def words() -> Mapping[str, Bilingual]:
    """Return every word of legends and tables."""
    found = json.loads(WORDS.read_text(encoding="utf-8"))
    return {key: Bilingual(said["en"], said["zh"]) for key, said in found.items()}


def word(key: str, language: str, *values: object) -> str:
    """Return one word, with `{0}` … filled in; an unknown key stands for itself."""
    said = words().get(key)
    return said.in_language(language).format(*values) if said else key


def legend(found: ThemeMap, *, language: str, zone: ZoneInfo, scheme: str = "light"
           ) -> dict[str, Any]:
    """Return the legend as plain data; `scheme` picks the colours, light or dark."""
    theme = found.theme
    counts = np.bincount(found.index[found.index >= 0], minlength=len(found.classes.breaks))
    colours = class_colours(found, scheme)
    classes = [{"from": low, "to": high, "label": label, "colour": colour, "count": int(count)}
               for (low, high), label, colour, count in zip(
                   _bounds(found), class_labels(found, language), colours, counts, strict=True)]
    shown = found.figures
    missing = (found.index < 0) & ~shown.suppressed
    return {
        "title": theme.title.in_language(language), "about": theme.about.in_language(language),
        "unit": theme.unit.in_language(language), "drawn": theme.drawn,
        "division": found.division, "period": _period(found, language, zone),
        "denominator": _denominator(found, language), "method": _method(found, language),
        "statistic": _statistic(found, language), "classes": classes,
        "equal": found.classes.equal,
        "missing": [
            {"kind": "none", "label": word("none", language), "count": int(missing.sum())},
            {"kind": "suppressed", "label": word("suppressed", language, LEAST),
             "count": int(shown.suppressed.sum())},
            {"kind": "unreliable", "label": word("unreliable", language),
             "count": int((shown.unreliable & (found.index >= 0)).sum())}],
        "notes": _notes(found, language), "boundary": _boundary(found, language, zone),
        "data_time": word("data_time", language, _minute(found.at, zone)),
        "histogram": histogram(found), "areas": len(found.areas)}


def class_colours(found: ThemeMap, scheme: str) -> list[str]:
    """Return the colour of each class; the middle of a diverging palette is its neutral class."""
    stops = palettes()[found.theme.palette][scheme]
    if found.names is not None:
        return list(stops)
    return blended(stops, len(found.classes.breaks))


def blended(stops: Sequence[str], n: int) -> list[str]:
    """Return n colours along a row of stops, blended where there are more than stops."""
    if n == len(stops):
        return list(stops)
    if n == 1:
        return [stops[len(stops) // 2]]
    rgb = np.array([[int(stop[i:i + 2], 16) for i in (1, 3, 5)] for stop in stops], dtype=float)
    # Few classes use the stronger end of a sequence, where they can be told from the ground.
    places = np.linspace(0 if n >= len(stops) - 1 or n % 2 else 1, len(stops) - 1, n)
    channels = [np.interp(places, np.arange(len(stops)), rgb[:, c]) for c in range(3)]
    return ["#" + "".join(f"{round(float(v)):02X}" for v in one)
            for one in zip(*channels, strict=True)]


def class_labels(found: ThemeMap, language: str) -> list[str]:
    """Return what each class is called."""
    if found.names is not None:
        return [word(f"{found.theme.statistic}_{code}", language) for code in found.names]
    if found.classes.equal:
        return [f"{number(found.classes.least)} ({word('equal', language)})"]
    bounds = found.classes.bounds()
    labels = []
    for place, (low, high) in enumerate(bounds):
        if place == 0 and found.classes.zero:
            labels.append("0")
        elif place == 0:
            labels.append(f"≤ {number(high)}")
        elif place == len(bounds) - 1:
            labels.append(f"> {number(low)}")
        else:
            labels.append(f"{number(low)} – {number(high)}")
    return labels


def number(value: float | None) -> str:
    """Write a figure with as many digits as a reader wants."""
    if value is None or not math.isfinite(value):
        return "–"
    digits = 0 if abs(value) >= 100 or value == round(value) else 1 if abs(value) >= 10 else 2
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def histogram(found: ThemeMap) -> dict[str, Any]:
    """Return counts in even bars from the least to the most value, and where classes part."""
    value = found.figures.value
    value = value[np.isfinite(value)]
    if not len(value) or found.names is not None:
        return {"from": None, "to": None, "bars": [], "breaks": []}
    bars, edges = np.histogram(value, bins=min(BARS, max(1, len(np.unique(value)))))
    return {"from": float(edges[0]), "to": float(edges[-1]), "bars": bars.tolist(),
            "breaks": [b for b in found.classes.breaks[:-1] if edges[0] < b < edges[-1]]}


def _bounds(found: ThemeMap) -> list[tuple[float | None, float | None]]:
    if found.names is not None:
        return [(float(code), float(code)) for code in found.names]
    return [(low, high) for low, high in found.classes.bounds()]


def _period(found: ThemeMap, language: str, zone: ZoneInfo) -> str:
    if not found.theme.is_timed:
        return word("as_of", language, _minute(found.at, zone))
    since, until = (when.astimezone(zone) for when in (found.period.since, found.period.until))
    return word("period", language, f"{since:%Y-%m-%d}", f"{until:%Y-%m-%d}")


def _denominator(found: ThemeMap, language: str) -> str | None:
    over = found.theme.over
    return word("per", language, word(f"over_{over}", language)) if over else None


def _method(found: ThemeMap, language: str) -> str:
    name = "density" if found.theme.statistic == "density" else found.classes.method
    reference = found.theme.reference
    if reference is None:
        reference = found.figures.reference
    return word("method", language, word(f"method_{name}", language, number(reference)))


def _statistic(found: ThemeMap, language: str) -> str | None:
    key = f"statistic_{found.theme.statistic}"
    if key not in words():
        return None
    told = (found.theme.bandwidth if found.theme.statistic == "density"
            else found.figures.reference)
    return word(key, language, number(told))


def _notes(found: ThemeMap, language: str) -> list[str]:
    notes = [word(f"note_{note}", language) for note in found.figures.notes]
    if found.rounded:
        notes.append(word("rounded", language, STEP, LEAST))
    if found.figures.residual:
        notes.append(word("residual", language, number(found.figures.residual)))
    if found.figures.reference is not None and found.theme.statistic in (
            "rate", "smoothed", "share"):
        notes.append(word("whole", language, number(found.figures.reference)))
    return notes


def _boundary(found: ThemeMap, language: str, zone: ZoneInfo) -> str:
    level = word(f"level_{found.theme.level}", language, number(found.areas.side))
    return word("boundary", language, level, f"{found.at.astimezone(zone):%Y-%m-%d}")


def _minute(when: datetime, zone: ZoneInfo) -> str:
    return f"{when.astimezone(zone):%Y-%m-%d %H:%M}"
