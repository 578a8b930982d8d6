"""What the layers panel of the map shows: each layer drawn, its legend, what to filter it by.

All of it derives: titles, legends and code lists from the layers' declarations, and the fields
that can be filtered from what the tiles carry, since the map has nothing else to filter with.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from layers import catalogue
from layers.across.tiles import SETS, Frame
from layers.base import Field, Layer, fields_of
from layers.codelists import codelist
from layers.symbology import By
from spatial.history import NOW

#: Layers in the order in which the panel lists them.
LISTED = ("buildings", "units", "entrances", "compounds", "streets", "plates", "grounds",
          "divisions", "grids", "facilities")
#: Fields that tiles carry under a shorter name.
SHORT: Mapping[str, str] = MappingProxyType({"storeys": "storeys_above_ground"})


def map_layers(language: str) -> list[dict[str, Any]]:
    """Return the layers that the map draws, in words of `language`."""
    return [_told(catalogue()[name], language) for name in LISTED]


def _told(layer: Layer, language: str) -> dict[str, Any]:
    return {"name": layer.name, "title": layer.title.in_language(language),
            "about": layer.about.in_language(language), "symbol": layer.symbol.kind,
            "legend": list(_legend(layer, language)), "filters": list(_filters(layer, language)),
            "carried": _carried(layer)}


def _legend(layer: Layer, language: str) -> Iterator[dict[str, str]]:
    """Yield the declared colours; the last one is of everything else."""
    declared = layer.symbol.colour
    if not isinstance(declared, By):
        yield {"colour": declared, "label": layer.title.in_language(language)}
        return
    name = fields_of(layer.model)[declared.field].codelist
    for value, colour in declared.colours.items():
        label = codelist(name).label(value, language) if name else value
        yield {"colour": colour, "label": label or value, "value": value}
    yield {"colour": declared.other, "label": "其他" if language == "zh" else "other"}


def _filters(layer: Layer, language: str) -> Iterator[dict[str, Any]]:
    fields = fields_of(layer.model)
    for column in _columns(layer.table.name):
        declared = fields.get(SHORT.get(column, column))
        if declared is not None and not declared.personal:
            yield {"field": column, "title": declared.title.in_language(language),
                   **_values(layer, column, declared, language)}


def _values(layer: Layer, column: str, declared: Field, language: str) -> dict[str, Any]:
    """Tell what can be asked of a field: one of its codes, a number, or a part of its text."""
    if declared.codelist:
        return {"codes": [[code, words.in_language(language)]
                          for code, words in codelist(declared.codelist).codes.items()]}
    kind = layer.table.c[SHORT.get(column, column)].type.python_type
    return {"number": True, "unit": declared.unit} if kind in (int, float) else {"text": True}


def _carried(layer: Layer) -> dict[str, list[str]]:
    """Return which fields each layer of the tiles has that this layer is drawn with."""
    table = layer.table.name
    return {name: columns for name in (table, f"{table}_label")
            if (columns := _columns(name))}


def _columns(content: str) -> list[str]:
    for contents in SETS.values():
        for one in contents:
            if one.name == content:
                drawn = one.rows(Frame(16, 0, 0, NOW)).selected_columns
                return [c.name for c in drawn if c.name not in ("geom", "identifier")]
    return []
