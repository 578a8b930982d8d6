"""Taking in a file or a folder: which table goes where, in what order, dry or for good."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from importers.alone import alone
from importers.base import Options
from importers.finishing import changed, finish
from importers.journal import (
    SourceMapping,
    finish_owed,
    forget_chunks,
    queued_rows,
    settle_finish,
    superseded,
)
from importers.loading import Load, Order, TooBad
from importers.mapping import ColumnMap, guess
from importers.mapping_file import PARTS, decided_for
from importers.merging import Merging
from importers.planning import Step, plan
from importers.rejects import write_rejects
from importers.reporting import write_report
from importers.results import Result
from importers.sessions import acting
from importers.staging import forget_stage
from layers.across.pairs import waiting_of
from spatial.errors import InvalidInput, RegistryError
from spatial.sealing import Vault

LONGEST_SOURCE = 80


@dataclass(frozen=True, kw_only=True)
class Intake:
    """One call of `import`: the paths' options, and what is to be done with them.

    `results` and `notes` fill while it is taken in: what came of each table so far, also when
    a later one is refused, and what was passed over.
    """

    order: Order
    options: Options = Options()
    layer: str | None = None
    named: bool = True                   # the caller named the source, whatever rows say
    decided: dict[str, Any] = field(default_factory=dict)     # the parsed mapping file
    apply: bool = False
    rejects: Path | None = None
    report: Path | None = None                   # what came of every row, as CSV
    results: list[Result] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def take_in(engine: Engine, vault: Vault, path: Path, intake: Intake) -> list[Result]:
    """Import a file or every ledger of a folder; a dry run changes nothing at all.

    A ledger of a folder that is refused stops those after it; those before it are stored whole.
    """
    _check_source(intake.order.source)
    options = replace(intake.options, crs=intake.options.crs or intake.order.crs)
    steps = plan(path, layer=intake.layer, decided=intake.decided, options=options,
                 notes=intake.notes)
    results, refusal = intake.results, None
    with alone(engine, intake.order.progress), acting(engine, vault, apply=intake.apply) as session:
        _sweep(session)
        owed = finish_owed(session)
        try:
            for step in steps:
                results.append(_load(session, vault, step, intake))
        except RegistryError as error:
            session.rollback()
            refusal = error
        if finish_owed(session):
            owed |= bool(Merging(session, vault, intake.order.authority).settle())
            done = changed([(one.job, one.layer) for one in results if one.refused is None])
            finish(session, intake.order.progress, None if owed else done, zone=intake.order.zone)
            settle_finish(session)
            session.commit()
        _told(session, intake)
        _sweep(session)
    if refusal is not None:
        raise refusal
    return results


def _check_source(source: str) -> None:
    if not source or len(source) > LONGEST_SOURCE or not source.isprintable():
        raise InvalidInput(f"a source is named by 1 to {LONGEST_SOURCE} readable characters; "
                           "name it with --source")


def _told(session: Session, intake: Intake) -> None:
    """Count what waits for a clerk, and write what came of every row where that is wanted."""
    for result in intake.results:
        result.queued = queued_rows(session, result.layer, result.job)
        if near := waiting_of(session, result.job):
            result.remarks.append(f"{near:,} rows may be what another source has already; both "
                                  "records wait side by side at /desk/review/pairs "
                                  "(`review pairs`)")
    if intake.report is not None:
        write_report(session, intake.order.source, intake.results, intake.report)


def source_of(path: Path) -> str:
    """Name the source of a path that nobody named: ledgers of one folder are of one source."""
    from layers import catalogue

    stem = path.name.split(".")[0]
    name = stem if path.is_dir() or stem not in catalogue() else path.absolute().parent.name
    said = "".join(c if c.isprintable() else "?" for c in name)
    return said[:LONGEST_SOURCE] or "import"


def _sweep(session: Session) -> None:
    """Drop what imports left that were broken off and can't be resumed any more."""
    for job in superseded(session):
        forget_stage(session, job.id)
        forget_chunks(session, job)
        job.state = "dropped"
    session.commit()


def _load(session: Session, vault: Vault, step: Step, intake: Intake) -> Result:
    mapping = mapping_for(session, step, intake)
    order = replace(intake.order, report=intake.report is not None)
    if not intake.apply:                 # what is tried only keeps no reader waiting
        order = replace(order, at_once=None)
    if step.origin and not intake.named:
        order = replace(order, source=step.origin)
    try:
        result = Load(session, vault, step.source, step.table, step.layer, mapping, order).run()
    except TooBad as error:
        _tell(error.result, step, mapping, intake)
        intake.results.append(error.result)
        raise
    _tell(result, step, mapping, intake)
    return result


def _tell(result: Result, step: Step, mapping: ColumnMap, intake: Intake) -> None:
    """Say how the table was read, also where nothing of it was fit, and write what was refused."""
    result.file = _called(step)
    _reject(step, intake, result)
    result.remarks[:0] = [*step.source.remarks, mapping.told()]


def _called(step: Step) -> str:
    """Return what a person calls the table: its file, and its sheet or layer where several are."""
    name = step.source.path.name
    return name if len(step.source.tables) == 1 else f"{name}: {step.table.name}"


def mapping_for(session: Session, step: Step, intake: Intake) -> ColumnMap:
    """Return the mapping: what the clerk says now, said before, or what the headers tell.

    Raises InvalidInput when it maps no column, or names one that the file has not.
    """
    key = {"source": intake.order.source, "layer": step.layer}
    kept = session.get(SourceMapping, key)
    now = decided_for(intake.decided, step.table.columns)
    said = now.get("columns", {})
    missing = [head for head in said if head not in step.table.columns]
    if missing:
        raise InvalidInput(f"the mapping names {', '.join(missing)}, which the file has not; it "
                           f"has: {', '.join(step.table.columns)}")
    columns = {**(kept.columns if kept else {}), **said}
    parts = {**((kept and kept.parts) or {}),
             **{part: now[part] for part in PARTS - {"columns", "layer"} | {"copies"}
                if now.get(part)}}
    found = _read_as(step, columns, parts)
    if now:
        session.merge(SourceMapping(**key, columns=columns, parts=parts))
        session.commit()
    if not found.columns and not found.constants and step.table.crs is None:
        raise InvalidInput(f"{step.source.path.name}: no column is known for {step.layer}; "
                           "map them with --map")
    return found


def _read_as(step: Step, columns: dict[str, str | None], parts: dict[str, Any]) -> ColumnMap:
    """Return how a table is read, by what was decided and else by its headers."""
    constants = {name: str(value) for name, value in parts.get("constants", {}).items()
                 if value is not None}
    copies = {column: head for column, head in parts.get("copies", {}).items()
              if head in step.table.columns}
    codes = parts.get("codes", {})
    found = guess(step.layer, step.table.columns, columns, also=(*constants, *codes, *copies))
    return replace(found, codes=codes, constants=constants, copies=copies, crs=parts.get("crs"),
                   versions=bool(parts.get("versions")))


def _reject(step: Step, intake: Intake, result: Result) -> None:
    """Write the rows that were refused beside the file, to be mended and imported again."""
    if not result.rejected:
        return
    folder = intake.rejects or Path.cwd()
    try:
        written = write_rejects(step.source, step.table, result.issues, folder)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        result.remarks.append(f"the {result.rejected:,} refused rows could not be written to "
                              f"{folder}: {reason}; name another folder with --rejects and "
                              "import again")
        return
    result.rejected_file = str(written)
