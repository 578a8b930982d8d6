"""Taking in a file or a folder: which table goes where, in what order, dry or for good."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spatial.sealing import Vault
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from importers import open_source
from importers.base import Options, Source, Table
from importers.finishing import finish
from importers.journal import SourceMapping
from importers.loading import Load, Order, Result, TooBad
from importers.mapping import ColumnMap, best_layer, guess
from importers.rejects import write_rejects
from layers import catalogue
from spatial.errors import InvalidInput, UnreadableSource

#: Files that stand beside ledgers and are none.
BESIDE = frozenset({".md", ".txt", ".yaml", ".yml", ".pdf", ".prj", ".cpg", ".dbf", ".shx"})


@dataclass(frozen=True, kw_only=True)
class Intake:
    """One call of `import`: the paths' options, and what is to be done with them."""

    order: Order
    options: Options = Options()
    layer: str | None = None
    decided: dict[str, Any] = field(default_factory=dict)     # the parsed mapping file
    apply: bool = False
    rejects: Path | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One table on its way into one layer."""

    source: Source
    table: Table
    layer: str


def take_in(engine: Engine, vault: Vault, path: Path, intake: Intake) -> list[Result]:
    """Import a file or every ledger of a folder; a dry run changes nothing at all."""
    steps = plan(path, intake)
    with _sessions(engine, keep=intake.apply) as session:
        results = [_load(session, vault, step, intake) for step in steps]
        if any(result.new or result.changed or result.ended for result in results):
            queued = finish(session, intake.order.progress)
            if results:
                results[-1].queued = queued
    return results


def plan(path: Path, intake: Intake) -> list[Step]:
    """Return the tables to load, places before what stands in them."""
    order = list(catalogue())
    if intake.layer and intake.layer not in order:
        raise InvalidInput(f"there is no layer {intake.layer!r}; layers: {', '.join(order)}")
    steps = [step for file in _files(path) for step in _steps(file, intake, alone=path.is_file())]
    if not steps:
        raise UnreadableSource(f"{path.name} holds no ledger known here; name the layer with "
                               "--into")
    return sorted(steps, key=lambda step: order.index(step.layer))


def source_of(path: Path) -> str:
    """Name the source of a path that nobody named: ledgers of one folder are of one source."""
    stem = path.name.split(".")[0]
    if path.is_dir() or stem not in catalogue():
        return stem or "import"
    return path.absolute().parent.name or "import"


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise UnreadableSource(f"{path} does not exist; check the path")
    if path.is_file():
        return [path]
    return [one for one in sorted(path.iterdir())
            if one.is_file() and one.suffix.lower() not in BESIDE and one.name[0] not in ".~"
            and ".rejected" not in one.name]


def _steps(file: Path, intake: Intake, *, alone: bool) -> Iterator[Step]:
    source = open_source(file, intake.options)
    many = len(source.tables) > 1
    for table in source.tables:
        layer = intake.decided.get("layer") or (None if many else intake.layer)
        layer = layer or best_layer(table.name, table.columns) or best_layer(
            file.stem, table.columns)
        if many and intake.layer and layer != intake.layer:
            continue
        if layer in catalogue():
            yield Step(source, table, str(layer))
        elif alone and not many:
            heads = ", ".join(table.columns[:20])
            raise UnreadableSource(f"{file.name}: its columns ({heads}) tell no layer; name one "
                                   "with --into")


def _load(session: Session, vault: Vault, step: Step, intake: Intake) -> Result:
    mapping = mapping_for(session, step, intake)
    try:
        result = Load(session, vault, step.source, step.table, step.layer, mapping,
                      intake.order).run()
    except TooBad as error:
        _reject(step, intake, error.result)
        raise
    _reject(step, intake, result)
    result.remarks[:0] = [*step.source.remarks, mapping.told()]
    return result


def mapping_for(session: Session, step: Step, intake: Intake) -> ColumnMap:
    """Return the mapping: what the clerk says now, said before, or what the headers tell.

    Raises InvalidInput when it maps no column, or names one that the file has not.
    """
    key = {"source": intake.order.source, "layer": step.layer}
    kept = session.get(SourceMapping, key)
    said = intake.decided.get("columns", {})
    missing = [head for head in said if head not in step.table.columns]
    if missing:
        raise InvalidInput(f"the mapping names {', '.join(missing)}, which the file has not; it "
                           f"has: {', '.join(step.table.columns)}")
    columns = {**(kept.columns if kept else {}), **said}
    found = guess(step.layer, step.table.columns, columns)
    if said:
        session.merge(SourceMapping(**key, columns=columns))
        session.commit()
    constants = {name: str(value) for name, value in intake.decided.get("constants", {}).items()}
    if not found.columns and not constants and step.table.crs is None:
        raise InvalidInput(f"{step.source.path.name}: no column is known for {step.layer}; "
                           "map them with --map")
    return ColumnMap(found.columns, found.left_out, intake.decided.get("codes", {}), constants)


def _reject(step: Step, intake: Intake, result: Result) -> None:
    """Write the rows that were refused beside the file, to be mended and imported again."""
    if not result.rejected:
        return
    folder = intake.rejects or Path.cwd()
    result.rejected_file = str(write_rejects(step.source, step.table, result.issues, folder))


@contextmanager
def _sessions(engine: Engine, *, keep: bool) -> Iterator[Session]:
    """Give a session; unless `keep`, everything it commits is undone at the end."""
    if keep:
        with Session(engine, expire_on_commit=False) as session:
            yield session
        return
    with engine.connect() as connection:
        outer = connection.begin()
        try:
            with Session(connection, join_transaction_mode="create_savepoint",
                         expire_on_commit=False) as session:
                yield session
        finally:
            outer.rollback()
