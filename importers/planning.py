"""What a path holds: the tables to load, each with its layer, places before what is in them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from importers import readers
from importers.apart import open_apart
from importers.base import Options, Source, Table, shown
from importers.exported import by_source
from importers.mapping import best_layer
from importers.mapping_file import decided_for
from layers import catalogue
from spatial.errors import InvalidInput, UnreadableSource

#: Files that stand beside ledgers and are none.
BESIDE = frozenset({".md", ".txt", ".yaml", ".yml", ".pdf", ".prj", ".cpg", ".dbf", ".shx"})
#: Tells by a table's headers which layer the clerk named for it.
Wanted = Callable[[Sequence[str]], str | None]


@dataclass(frozen=True, slots=True)
class Step:
    """One table on its way into one layer."""

    source: Source
    table: Table
    layer: str
    origin: str | None = None            # the source that the rows name themselves


def plan(path: Path, *, layer: str | None, decided: Mapping[str, Any], options: Options,
         notes: list[str]) -> list[Step]:
    """Return the tables to load; what is passed over in a folder is told in `notes`."""
    order = list(catalogue())
    if layer and layer not in order:
        raise InvalidInput(f"there is no layer {layer!r}; layers: {', '.join(order)}")

    def wanted(headers: Sequence[str]) -> str | None:
        return decided_for(decided, headers).get("layer") or layer

    if _is_file(path):
        steps = list(_steps(path, wanted, options, notes, alone=True))
    else:
        steps = [step for file in _files(path, notes)
                 for step in _ledgers(file, wanted, options, notes)]
    if not steps:
        raise UnreadableSource(f"{path.name} holds no ledger known here; name the layer with "
                               "--into")
    return sorted(steps, key=lambda step: order.index(step.layer))


def _is_file(path: Path) -> bool:
    try:
        if not path.exists():
            raise UnreadableSource(f"{shown(str(path))} does not exist; check the path")
        if path.is_file() or path.is_dir():
            return path.is_file()
    except OSError as error:
        raise UnreadableSource(f"{shown(str(path))}: {(error.strerror or 'not readable').lower()};"
                               " check path and rights") from None
    raise UnreadableSource(f"{path} is neither a file nor a folder")


def _files(folder: Path, notes: list[str]) -> Iterator[Path]:
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        raise UnreadableSource(f"{folder}: {(error.strerror or 'not readable').lower()}; check "
                               "its rights") from None
    for one in found:
        if one.name[0] in ".~" or one.suffix.lower() in BESIDE or ".rejected" in one.name:
            continue
        if one.is_file():
            yield one
        else:
            notes.append(f"{one.name} is passed over: it is no file; import folders one by one")


def _ledgers(file: Path, wanted: Wanted, options: Options, notes: list[str],
             ) -> Iterator[Step]:
    """Yield the ledgers of one file of a folder; pass over what no table can be."""
    try:
        yield from _steps(file, wanted, options, notes, alone=False)
    except UnreadableSource as error:
        suffixes = {suffix for reader in readers() for suffix in reader.suffixes}
        if file.suffix.lower() in suffixes or file.stem in catalogue():
            raise
        notes.append(f"passed over: {error}")


def _steps(file: Path, wanted: Wanted, options: Options, notes: list[str], *, alone: bool,
           ) -> Iterator[Step]:
    source = open_apart(file, options)
    many = len(source.tables) > 1
    for table in source.tables:
        named = wanted(table.columns)
        layer = (None if many else named) or best_layer(table.name, table.columns) or best_layer(
            file.stem, table.columns)
        if many and named and layer != named:
            continue
        if layer in catalogue():
            yield from (Step(source, part, str(layer), origin)
                        for origin, part in by_source(table))
            continue
        heads = shown(", ".join(table.columns[:20]))
        if alone and not many:
            raise UnreadableSource(f"{file.name}: its columns ({heads}) tell no layer; name one "
                                   "with --into")
        notes.append(f"{file.name} {table.name if many else ''} is passed over: its columns "
                     f"({heads}) tell no layer".replace("  ", " "))
