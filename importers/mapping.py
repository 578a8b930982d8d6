"""Source columns -> ledger columns: guesses by header, keeps what the clerk decided.

A mapping file is YAML:

    layer: buildings            # optional: into which layer
    columns:                    # header in the file: column of the ledger; null leaves it out
      楼栋编号: source_id
      备注: null
    codes:                      # words of the file for codes of ours, by ledger column
      function: {住宅楼: residential}
    constants:                  # ledger columns that the file lacks
      community: "999901001001"
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from importers.ledgers import plain, targets
from layers import catalogue
from spatial.errors import InvalidInput, UnreadableSource

PARTS = frozenset({"layer", "columns", "codes", "constants"})
LARGEST_MAP = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """How the columns of one table are read."""

    columns: Mapping[str, str]                       # header -> ledger column
    left_out: tuple[str, ...] = ()
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)

    def told(self) -> str:
        """Return the mapping in one line, for the clerk to check."""
        pairs = ", ".join(head if head == column else f"{head} → {column}"
                          for head, column in self.columns.items())
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
    for header in headers:
        target = decided[header] if header in decided else _by_header(known, header)
        if target and target not in columns.values():
            columns[header] = target
    return ColumnMap(columns, tuple(h for h in headers if h not in columns))


def best_layer(name: str, headers: Sequence[str]) -> str | None:
    """Tell which layer a table is for: by its name, else by the headers it has."""
    stem = name.casefold()
    for layer in catalogue():
        if stem == layer:
            return layer
    scores = {layer: _score(layer, headers) for layer in catalogue()}
    best = max(scores, key=lambda layer: scores[layer])
    return best if scores[best][1] >= 2 else None


def read_map(path: Path) -> dict[str, Any]:
    """Read a mapping file; refuse what is no mapping, saying what a mapping has."""
    try:
        if path.stat().st_size > LARGEST_MAP:
            raise UnreadableSource(f"{path.name} is too large for a mapping file")
        body = yaml.load(path.read_text(encoding="utf-8"), _Plain)  # noqa: S506  (a SafeLoader)
    except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise UnreadableSource(f"{path.name} is no mapping file: {_why(error)}") from None
    if not isinstance(body, dict) or not {str(part) for part in body} <= PARTS:
        raise UnreadableSource(f"{path.name} must hold only {', '.join(sorted(PARTS))}")
    layer = body.get("layer")
    if layer is not None and not (isinstance(layer, str) and layer in catalogue()):
        raise InvalidInput(f"{path.name}: 'layer' must be one of {', '.join(catalogue())}")
    read = {"columns": _pairs(path, "columns", body.get("columns")),
            "constants": _pairs(path, "constants", body.get("constants")),
            "codes": {ledger: _pairs(path, f"codes of {ledger}", words) for ledger, words
                      in _mapping(path, "codes", body.get("codes")).items()}}
    return {**read, **({"layer": layer} if layer else {})}


class _Plain(yaml.SafeLoader):
    """Reads no aliases: a few lines of them can stand for more than memory holds."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Compose what stands here; refuse what stands elsewhere."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("write values out; aliases (*name) are not read")
        return super().compose_node(parent, index)


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if isinstance(error, OSError):
        return (error.strerror or "it cannot be read").lower()
    return " ".join(str(error).split())[:200]


def _mapping(path: Path, part: str, body: Any) -> dict[Any, Any]:
    if body is None:
        return {}
    if not isinstance(body, dict):
        raise UnreadableSource(f"{path.name}: '{part}' must be a list of pairs")
    return body


def _pairs(path: Path, part: str, body: Any) -> dict[str, str | None]:
    """Return pairs of plain words; lists or nested pairs are refused unread."""
    pairs = _mapping(path, part, body)
    for said in (one for pair in pairs.items() for one in pair):
        if isinstance(said, list | dict | set | tuple):
            raise UnreadableSource(f"{path.name}: '{part}' must pair single words; write lists "
                                   "as one text, separated by ;")
    return {str(key): None if value is None else _word(value) for key, value in pairs.items()}


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


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
