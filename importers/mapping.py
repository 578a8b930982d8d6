"""Source columns -> ledger columns: guesses by header, keeps what the clerk decided.

What a mapping file says is read in `mapping_file`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from importers.base import Table
from importers.ledgers import plain, targets
from layers import catalogue
from spatial.errors import InvalidInput

SHAPE_COLUMNS = frozenset({"lon", "lat", "wkt"})


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """How the columns of one table are read."""

    columns: Mapping[str, str]                       # header -> ledger column
    left_out: tuple[str, ...] = ()
    codes: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    copies: Mapping[str, str] = field(default_factory=dict)      # ledger column -> header
    crs: str | None = None
    versions: bool = False                           # each row is a version of its object

    def present(self, table: Table) -> frozenset[str]:
        """Return the ledger columns that a table fills; a shape counts as its column."""
        named = {*self.columns.values(), *self.constants, *self.copies}
        shaped = table.crs is not None or SHAPE_COLUMNS & named
        return frozenset(named | ({"geometry"} if shaped else set()))

    def told(self) -> str:
        """Return the mapping in one line, for the clerk to check."""
        pairs = ", ".join(head if head == column else f"{head} → {column}"
                          for head, column in (*self.columns.items(), *(
                              (head, column) for column, head in self.copies.items())))
        left = f"; left out: {', '.join(self.left_out)}" if self.left_out else ""
        return f"columns: {pairs or 'none'}{left}"


def guess(layer: str, headers: Sequence[str],
          decided: Mapping[str, str | None] | None = None, *,
          also: Sequence[str] = ()) -> ColumnMap:
    """Map headers to ledger columns: what was decided before, else by what people call them.

    Raises InvalidInput when a column decided for, or one named in `also`, is none of the layer.
    """
    known, decided = targets(layer), decided or {}
    unknown = {name for name in (*decided.values(), *also) if name} - set(known)
    if unknown:
        raise InvalidInput(f"{layer} has no column {', '.join(sorted(unknown))}; "
                           f"it has: {', '.join(known)}")
    columns: dict[str, str] = {}
    own = {plain(name) for name in known}
    # What bears the very name goes first: a table's fid is no id beside its source_id.
    for header in sorted(headers, key=lambda one: one not in decided and plain(one) not in own):
        target = decided[header] if header in decided else _by_header(known, header)
        if target and target not in columns.values():
            columns[header] = target
    return ColumnMap({header: columns[header] for header in headers if header in columns},
                     tuple(h for h in headers if h not in columns))


def best_layer(name: str, headers: Sequence[str]) -> str | None:
    """Tell which layer a table is for: by its name, else by the headers it has."""
    stem = re.sub(r"[-_]\d+$", "", name.casefold())      # residents-03 is a part of residents
    for layer in catalogue():
        if stem == layer:
            return layer
    scores = {layer: _score(layer, headers) for layer in catalogue()}
    best = max(scores, key=lambda layer: scores[layer])
    return best if scores[best][1] >= 2 else None


def _by_header(known: Mapping[str, Any], header: str) -> str | None:
    said = plain(header)
    return next((name for name in known if plain(name) == said), None) or next(
        (name for name, target in known.items() if said in target.headers), None)


def _score(layer: str, headers: Sequence[str]) -> tuple[bool, float]:
    """Tell whether a table has what the layer needs; count the headers that few others know."""
    found = guess(layer, headers).columns.values()
    common = {"source_id", "name", "lon", "lat", "wkt", "kind", "number"}
    points = sum(0.4 if name in common else 1.0 for name in found)
    needed = {one.ledger for one in catalogue()[layer].ledger_fields().values() if one.required}
    return (points >= 2 and needed <= set(found)), points
