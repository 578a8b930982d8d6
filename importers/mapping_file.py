"""The mapping file: YAML in which a clerk says how a source's tables are read; docs/mapping.md.

    layer: buildings            # into which layer
    crs: EPSG:25832             # of the coordinates, where the table does not tell
    versions: true              # each row is a version of its object, with both times
    columns:                    # header in the file: column of the ledger; null leaves it out
      楼栋编号: source_id
      层: [label, index]        # one header may fill several columns
      备注: null
    codes:                      # words of the file for words of ours, by ledger column
      function: {住宅楼: residential, 不详: null}
    constants:                  # ledger columns that the file lacks
      community: "999901001001"

Several mappings stand in one file, separated by ---: a table is read by the first whose headers
it has.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from layers import catalogue
from spatial.errors import InvalidInput, UnreadableSource

PARTS = frozenset({"layer", "crs", "versions", "columns", "codes", "constants"})
LARGEST_MAP = 1024 * 1024
SEVERAL = "several"
Decided = Mapping[str, Any]


def read_map(path: Path) -> dict[str, Any]:
    """Read a mapping file; refuse what is no mapping, saying what a mapping has."""
    try:
        if path.stat().st_size > LARGEST_MAP:
            raise UnreadableSource(f"{path.name} is too large for a mapping file")
        text = path.read_text(encoding="utf-8")
        bodies = list(yaml.load_all(text, PlainLoader))  # a SafeLoader
    except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise UnreadableSource(f"{path.name} is no mapping file: {_why(error)}") from None
    read = [_read(path, body) for body in bodies or [None]]
    return read[0] if len(read) == 1 else {SEVERAL: read}


def decided_for(decided: Decided, headers: Sequence[str]) -> Decided:
    """Return what was decided for a table: of several mappings the first whose headers it has."""
    if SEVERAL not in decided:
        return decided
    fitting = (one for one in decided[SEVERAL] if set(one["columns"]) <= set(headers))
    return next(fitting, {})


def _read(path: Path, body: Any) -> dict[str, Any]:
    if not isinstance(body, dict) or not {str(part) for part in body} <= PARTS:
        raise UnreadableSource(f"{path.name} must hold only {', '.join(sorted(PARTS))}")
    layer, crs, versions = (body.get(part) for part in ("layer", "crs", "versions"))
    if layer is not None and not (isinstance(layer, str) and layer in catalogue()):
        raise InvalidInput(f"{path.name}: 'layer' must be one of {', '.join(catalogue())}")
    if versions not in (None, True, False) or not isinstance(crs, str | int | None):
        raise InvalidInput(f"{path.name}: 'versions' is true or false, 'crs' a text")
    columns, copies = _columns(path, body.get("columns"))
    read = {"columns": columns, "copies": copies,
            "constants": _pairs(path, "constants", body.get("constants")),
            "codes": {ledger: _pairs(path, f"codes of {ledger}", words) for ledger, words
                      in _mapping(path, "codes", body.get("codes")).items()}}
    said = {"layer": layer, "crs": crs and str(crs), "versions": versions}
    return read | {part: value for part, value in said.items() if value}


class PlainLoader(yaml.SafeLoader):
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


def _columns(path: Path, body: Any) -> tuple[dict[str, str | None], dict[str, str]]:
    """Return header -> column, and the further columns that a header fills with that header."""
    lists = {str(head): said for head, said in _mapping(path, "columns", body).items()
             if isinstance(said, list) and said}
    firsts = {head: lists[str(head)][0] if str(head) in lists else said
              for head, said in _mapping(path, "columns", body).items()}
    copies = {str(column): head for head, said in lists.items() for column in said[1:]
              if isinstance(column, str)}
    return _pairs(path, "columns", firsts), copies


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
