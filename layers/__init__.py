"""The layers of the registry. A module here is a layer if it defines LAYER."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from layers.base import Layer


@cache
def catalogue() -> "Mapping[str, Layer]":
    """Return every layer by name, what others refer to first, importing each module once."""
    modules = [import_module(f"layers.{m.name}") for m in iter_modules(__path__)]
    found: list[Layer] = [m.LAYER for m in modules if hasattr(m, "LAYER")]
    order = {table: place for place, table in enumerate(found[0].model.metadata.sorted_tables)}
    last = {layer.name: max(order[table] for table in layer.tables) for layer in found}
    found.sort(key=lambda layer: last[layer.name])
    return MappingProxyType({layer.name: layer for layer in found})
