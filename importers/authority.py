"""Whose word counts where two sources disagree: an order of sources a field, kept as data.

The order is a YAML file (data/authority.yaml, or the one of DOORPLATE_AUTHORITY): ledger, field,
names of sources. What it says is only ever asked when a second source speaks of a feature.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from importers.mapping_file import LARGEST_MAP, PlainLoader
from layers import catalogue
from spatial.errors import InvalidInput, UnreadableSource

SHIPPED = Path(__file__).parents[1] / "data" / "authority.yaml"
EVERY = "*"
Orders = Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Authority:
    """The orders by ledger and field."""

    orders: Orders

    def order(self, layer: str, field: str) -> tuple[str, ...]:
        """Return the sources whose word counts for a field, the most authoritative first."""
        for fields in (self.orders.get(layer, {}), self.orders.get(EVERY, {})):
            for name in (field, EVERY):
                if name in fields:
                    return fields[name]
        return ()

    def better(self, layer: str, field: str, source: str) -> list[str]:
        """Return the sources whose word goes before that of `source`."""
        order = list(self.order(layer, field))
        return order[:order.index(source)] if source in order else order

    def prevails(self, layer: str, field: str, source: str, over: str | None) -> bool:
        """Tell whether `source` takes the place of what `over` said of a field."""
        return source == over or (source in self.order(layer, field)
                                  and over not in self.better(layer, field, source))


def authority(path: str = "") -> Authority:
    """Return the orders that the registry ships, or those of the file that an operator names."""
    return _read(Path(path) if path else SHIPPED)


@cache
def _read(path: Path) -> Authority:
    """Read a file of orders; refuse a ledger or a field that is none, by its name."""
    try:
        if path.stat().st_size > LARGEST_MAP:
            raise UnreadableSource(f"{path.name} is too large for a file of orders")
        body = yaml.load(path.read_text(encoding="utf-8"), PlainLoader)   # a SafeLoader
    except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError, RecursionError) as error:
        said = str(getattr(error, "problem", None) or error)[:200]
        raise UnreadableSource(f"{path.name} is no order of sources: {said}") from None
    if not isinstance(body, dict):
        raise UnreadableSource(f"{path.name} must hold ledgers, each with its fields")
    return Authority({str(layer): _fields(path, str(layer), said) for layer, said in body.items()})


def _fields(path: Path, layer: str, said: Any) -> dict[str, tuple[str, ...]]:
    if layer != EVERY and layer not in catalogue():
        raise InvalidInput(f"{path.name}: {layer} is no ledger; there are {', '.join(catalogue())}")
    if not isinstance(said, dict):
        raise InvalidInput(f"{path.name}: {layer} must hold fields, each with a list of sources")
    known = {EVERY, "geometry"} | (set() if layer == EVERY else {
        field.ledger or key for key, field in catalogue()[layer].ledger_fields().items()})
    for field, sources in said.items():
        if layer != EVERY and field not in known:
            raise InvalidInput(f"{path.name}: {layer} has no field {field}; it has "
                               f"{', '.join(sorted(known))}")
        if not isinstance(sources, list) or not all(isinstance(one, str) for one in sources):
            raise InvalidInput(f"{path.name}: {layer}: {field} must be a list of sources' names")
    return {str(field): tuple(sources) for field, sources in said.items()}
