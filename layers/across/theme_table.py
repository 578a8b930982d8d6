"""A theme as a table and as features: the same rows for page, API, files and command."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from layers.across.theme_legend import class_labels, word
from layers.across.themes import ThemeMap
from spatial.statistics import Numbers

#: 7 decimals of a degree are a centimetre.
DIGITS = 7
#: Columns whose numbers are kept whole.
WHOLE = ("count", "under")


def columns(found: ThemeMap) -> dict[str, Numbers]:
    """Return the numeric columns by name, the value first."""
    shown = found.figures
    under = {} if shown.under is None else {"under": shown.under}
    return {"value": shown.value, "count": shown.count, **under, **shown.columns}


def rows(found: ThemeMap, language: str) -> list[dict[str, Any]]:
    """Return one row an area: names, figures (None where withheld or absent), class and flag."""
    labels = class_labels(found, language)
    lists = {name: _plain(name, values, found) for name, values in columns(found).items()}
    flags = flags_of(found)
    areas = found.areas
    return [{"identifier": areas.identifiers[i], "label": areas.labels[i],
             "parent": areas.parents[i], **{name: values[i] for name, values in lists.items()},
             "class": int(k), "class_label": labels[k] if k >= 0 else None, "flag": flags[i]}
            for i, k in enumerate(found.index)]


def flags_of(found: ThemeMap) -> list[str | None]:
    """Return what is wrong with each area's figure: none, suppressed, unreliable, or nothing."""
    shown = found.figures
    code = np.select([shown.suppressed, found.index < 0, shown.unreliable], [1, 2, 3], 0)
    names = (None, "suppressed", "none", "unreliable")
    return [names[c] for c in code]


def _plain(name: str, values: Numbers, found: ThemeMap) -> list[float | int | None]:
    held = found.figures.suppressed if name in ("value", "count") else None
    told = [None if not np.isfinite(v) else round(float(v), 6) for v in values]
    if held is not None:
        told = [None if h else v for v, h in zip(told, held, strict=True)]
    if name in WHOLE:
        return [int(v) if v is not None and v == int(v) else v for v in told]
    return list(told)


def features(found: ThemeMap, language: str) -> Iterator[dict[str, Any]]:
    """Yield a GeoJSON feature an area that has a shape, wound as RFC 7946 wants."""
    kept = found.areas.drawn
    shapes = shapely.orient_polygons(found.areas.shapes[kept])
    texts = shapely.to_geojson(shapely.transform(shapes, lambda points: points.round(DIGITS)))
    told = (row for row, drawn in zip(rows(found, language), kept, strict=True) if drawn)
    for row, text in zip(told, texts, strict=True):
        yield {"type": "Feature", "id": row["identifier"], "geometry": json.loads(text),
               "properties": row}


def headings(found: ThemeMap, language: str) -> dict[str, str]:
    """Return what each column is called."""
    unit = found.theme.unit.in_language(language)
    said = {name: word(f"column_{name}", language) for name in columns(found)}
    said["value"] = f"{said['value']} ({unit})"
    return {"label": word("column_area", language), "parent": word("column_parent", language),
            **said, "class_label": word("column_class", language),
            "flag": word("column_flag", language)}
