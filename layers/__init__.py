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
    """Return every layer by name, parents before children, importing each module once."""
    modules = [import_module(f"layers.{m.name}") for m in iter_modules(__path__)]
    found = {m.LAYER.table.name: m.LAYER for m in modules if hasattr(m, "LAYER")}
    metadata = next(iter(found.values())).model.metadata
    ordered = [found[table.name] for table in metadata.sorted_tables if table.name in found]
    return MappingProxyType({layer.name: layer for layer in ordered})
