"""Loading one table into one layer: stage -> validate -> diff -> apply, exactly once.

Nothing is decided here: each step stands in a module of its own, and this one keeps the order,
the transactions and the journal. A dry run is the same load in a transaction that is rolled
back by whoever owns the connection.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from importers.applying import Application
from importers.at_once import AtOnce, fill
from importers.authority import Authority, authority
from importers.base import Issue, Source, Table, shown
from importers.households import add_missing_households
from importers.journal import (
    ImportJob,
    applied_chunks,
    forget_chunks,
    owe_finish,
    readable,
    unfinished,
)
from importers.mapping import ColumnMap
from importers.osm import OpenStreetMap
from importers.position import position_of
from importers.preparing import Preparer
from importers.recognising import recognise
from importers.resolving import resolve_first
from importers.results import Result
from importers.shape import Reference, Shape
from importers.staging import Stage
from importers.standing import bad_rows, resumable, unresolved
from importers.storeys import add_missing_storeys
from importers.tidying import drawn
from importers.values import clean
from importers.versions import Past, infer, tell_apart
from layers import catalogue
from spatial.errors import InvalidInput, RuleViolated
from spatial.sealing import Vault

#: A share of bad rows above which nothing at all is applied.
BAD_SHARE = 0.20
#: A snapshot that would end more than this share of a layer wants a confirmation.
ENDING_SHARE = 0.02
#: Formats of which one part may be taken alone: what it names of other parts is left out, then.
LENIENT = frozenset({OpenStreetMap.format})
Progress = Callable[[str, int, int | None], None]


def silent(_step: str, _done: int, _of: int | None) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the caller asked for."""

    source: str
    mode: str = "merge"
    crs: str | None = None
    zone: str = "Asia/Shanghai"
    by: str | None = None
    confirm_ending: int | None = None
    bad_share: float = BAD_SHARE
    authority: Authority = field(default_factory=authority)
    at_once: AtOnce | None = AtOnce()            # how an all but empty table is filled
    report: bool = False                         # keep what came of each row, to be told
    progress: Progress = silent


class Load:
    """One table of one file on its way into one layer."""

    def __init__(self, session: Session, vault: Vault, source: Source, table: Table,
                 layer: str, mapping: ColumnMap, order: Order) -> None:
        self.session, self.source, self.table, self.order = session, source, table, order
        self.shape = Shape(catalogue()[layer], mapping.present(table)
                           | drawn(table, mapping, layer))
        self.lenient = source.format in LENIENT
        self.preparer = Preparer(
            self.shape, mapping, order.source, order.crs or mapping.crs or table.crs or "EPSG:4326",
            order.zone, vault, session)
        self.with_past = mapping.versions or "recorded_to" in self.shape.present
        self._refuse_lacking(mapping)
        self.way = hashlib.sha256(
            f"{mapping} {self.preparer.crs} {order.zone}".encode()).hexdigest()[:32]
        self.job = self._job(source, layer)
        self.stage = Stage(session, self.shape, job=self.job.id, source=order.source)
        self.preparer.meeting.ready = self.stage.ready
        self.result = Result(layer, self.job.id)

    def run(self) -> Result:
        """Load the table; returns the counts and every row that was refused."""
        began = time.monotonic()
        if not resumable(self.session, self.job, self.stage, self.way):
            self._fill()
            self._resolve()
        self._count()
        self._locate()
        self._judge()
        self._apply()
        self.result.seconds = round(time.monotonic() - began, 3)
        return self.result

    def _refuse_lacking(self, mapping: ColumnMap) -> None:
        """Refuse a table without a column that every row must fill, before anything is read."""
        fields = self.shape.layer.ledger_fields().values()
        lacking = [f"{one.ledger} ({one.title.zh})" for one in fields
                   if one.required and one.ledger not in self.shape.present | self.shape.inferred]
        if lacking:
            raise InvalidInput(
                f"the table {shown(self.table.name)} lacks {', '.join(lacking)}, which every row "
                f"of {self.shape.layer.name} must have; {mapping.told()}. Map it with --map")

    def _job(self, source: Source, layer: str) -> ImportJob:
        wanted = ImportJob(digest=source.digest, file=readable(Path(source.path).name),
                           table=readable(self.table.name), layer=layer,
                           source=self.order.source, mode=self.order.mode, by=self.order.by,
                           state="staging", counts={})
        begun = unfinished(self.session, wanted)
        if begun is None:
            self.session.add(wanted)
            self.session.commit()
        return begun or wanted

    def _fill(self) -> None:
        forget_chunks(self.session, self.job)
        self.stage.create()
        chunk = read = staged = 0
        try:
            for batch in self.table.batches():
                count, chunk = self.stage.fill(self.preparer.columns(batch), first_chunk=chunk)
                read, staged = read + len(batch), staged + count
                self.order.progress("reading", read, self.table.rows)
        finally:
            self.stage.close()
        self.source.check_unchanged()
        refused = [self._masked(issue) for issue in self.table.issues if issue.rejects]
        self.result.issues = [*refused, *self.preparer.issues]
        spared = [*self.preparer.refused_ids, *self._ids_of(refused)]
        self.stage.spare(spared)
        self.job.counts = {"read": read + bad_rows(refused), "chunks": chunk, "way": self.way,
                           "rows": staged + len(spared), "refused": len(self.result.issues)}
        self.stage.analyse()

    def _masked(self, issue: Issue) -> Issue:
        """Return a reader's issue without the value where it may be one of a person."""
        personal = any(field.sealed for field in self.shape.layer.fields().values())
        if not personal or not issue.line or issue.value is None:
            return issue
        return replace(issue, value="*" * min(len(issue.value), 18))

    def _ids_of(self, refused: Sequence[Issue]) -> list[str]:
        """Return the ids that rows bear which the reader refused; a snapshot needs them all."""
        head = next((head for head, ledger in self.preparer.mapping.columns.items()
                     if ledger == "source_id"), None)
        at = self.table.columns.index(head) if head in self.table.columns else None
        found = [clean(issue.cells[at]) for issue in refused
                 if at is not None and issue.cells is not None and at < len(issue.cells)]
        if self.order.mode == "snapshot" and len([one for one in found if one]) < len(refused):
            raise RuleViolated(
                f"{len(refused):,} rows cannot be read, so nobody can tell what the snapshot "
                "lacks; mend them, or import with --mode merge")
        return [one for one in found if one]

    def _resolve(self) -> None:
        references = self.stage.references()
        inside = [one for one in references if one.targets[0][1].within]
        resolve_first(self.stage, [one for one in references if one not in inside])
        for one in references:
            if one in inside[:1]:
                self._look_inside(inside)
            self.stage.resolve(one)
            infer(self.stage, one)
            if one.ledger == "household" and add_missing_households(
                    self.stage, one, job=self.job.id):
                self.stage.resolve(one)
            self.stage.reject_unresolved(one, lenient=self.lenient)
        if self.with_past:
            tell_apart(self.stage)
        self.stage.analyse()
        recognise(self.stage, self.order.authority)
        self.job.state = "staged"
        self.session.commit()

    def _look_inside(self, references: Sequence[Reference]) -> None:
        """Resolve what is sought inside a building, once the buildings are known."""
        if self.shape.layer.name == "units" and any(one.ledger == "storey" for one in references):
            add_missing_storeys(self.stage)
        resolve_first(self.stage, references)

    def _count(self) -> None:
        counts, result = self.stage.counts(), self.result
        result.read = self.job.counts["read"]
        result.new = sum(counts.get(state, 0) for state in ("new", "past", "removed"))
        result.changed = sum(counts.get(state, 0) for state in ("changed", "met", "ending"))
        result.unchanged = counts.get("unchanged", 0)
        result.issues += unresolved(self.stage)
        result.rejected = bad_rows([issue for issue in result.issues if issue.rejects])
        result.remarks = [f"{count:,} left out: {reason}"
                          for reason, count in self.table.skipped.most_common()]
        if self.preparer.mended:
            result.remarks.append(f"{self.preparer.mended:,} shapes were mended")
        result.remarks += self.preparer.tidier.remarks()

    def _locate(self) -> None:
        """Compare where the table's points lie with what is known, before anything is stored."""
        about = self.preparer
        found = self.result.position = position_of(self.session, about.sample, about.crs)
        self.result.remarks += found.told() if found else []

    def _judge(self) -> None:
        """Apply nothing of a file that is too bad, or that would end too much."""
        result, order = self.result, self.order
        if result.read and result.rejected / result.read > order.bad_share:
            self._give_up()
            raise TooBad(result, f"{result.rejected:,} of {result.read:,} rows are bad, more than "
                         f"{order.bad_share:.0%}: nothing was applied. Mend the file, or check "
                         "that its columns are mapped right.")
        if order.mode != "snapshot":
            return
        ending, all_rows = Application(
            self.stage, self.job, order.authority).missing()
        if ending > ENDING_SHARE * all_rows and order.confirm_ending != ending:
            self._give_up()
            raise RuleViolated(
                f"this snapshot would end {ending:,} of {all_rows:,} {result.layer}; if the file "
                f"is whole, say --confirm-ending {ending}")

    def _apply(self) -> None:
        application = Application(self.stage, self.job, self.order.authority)
        owe_finish(self.session)
        self._fill_at_once(application, chunks := self.job.counts["chunks"])
        done = applied_chunks(self.session, self.job)
        if len(done) < chunks:
            self.stage.settle()
        for number in range(chunks):
            if number not in done:
                application.chunk(number)
                if not self.shape.refers_to_itself:     # a row and its parent come at once
                    self.session.commit()
            self.order.progress("storing", number + 1, chunks)
        self._complete(application)
        if self.order.report:
            self.result.rows = self.stage.rows_taken()
        self.stage.drop()
        self.job.state, self.job.finished = "applied", datetime.now(UTC)
        self.job.counts = {**self.job.counts, **{
            key: value for key, value in self.result.as_json().items() if isinstance(value, int)}}
        self.session.commit()

    def _fill_at_once(self, application: Application, chunks: int) -> None:
        """Store what is new in one go where that is much into little; chunks do the rest."""
        counts, way = self.job.counts, self.order.at_once
        if way is not None and not self.with_past and not counts.get("filled") and not (
                applied_chunks(self.session, self.job)):
            self.order.progress("filling", 0, None)
            if fill(application, way, self.result.new, chunks):
                self.job.counts = {**counts, "filled": True}
                self.session.commit()
        if self.job.counts.get("filled"):
            application.leave_new()

    def _complete(self, application: Application) -> None:
        """Do what only the whole file can tell."""
        if self.with_past and (past := Past(self.stage, application.values).write()):
            self.result.remarks.append(f"{past:,} rows are versions of the past: kept as history")
        if self.shape.refers_to_itself:
            application.link_parents()
            if circling := application.circling():
                self.result.remarks.append(
                    f"{circling:,} rows stand above themselves and hang nowhere; mend their parent")
        if self.order.mode == "snapshot":
            self.result.ended = application.end_missing()
        if doubtful := application.doubt():
            self.result.remarks.append(
                f"{doubtful:,} residencies contradict what was said before: kept as reported")

    def _give_up(self) -> None:
        self.stage.drop()
        self.job.state, self.job.finished = "refused", datetime.now(UTC)
        self.session.commit()


class TooBad(InvalidInput):
    """Too many rows are bad; carries the result, so that they can be shown and written."""

    title = "The file is not fit to be imported."

    def __init__(self, result: Result, message: str) -> None:
        super().__init__(message)
        self.result = result
        result.refused, result.new, result.changed = message, 0, 0
