"""Loading one table into one layer: stage -> validate -> diff -> apply, exactly once.

Nothing is decided here: each step stands in a module of its own, and this one keeps the order,
the transactions and the journal. A dry run is the same load in a transaction that is rolled
back by whoever owns the connection.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from spatial.sealing import Vault
from sqlalchemy.orm import Session

from importers.applying import Application
from importers.base import Issue, Source, Table
from importers.journal import ImportJob, applied_chunks, unfinished
from importers.mapping import ColumnMap
from importers.preparing import Preparer
from importers.shape import Shape
from importers.staging import Stage
from importers.storeys import add_missing_storeys
from layers import catalogue
from spatial.errors import InvalidInput, RuleViolated

SHAPE_COLUMNS = frozenset({"lon", "lat", "wkt"})
#: A share of bad rows above which nothing at all is applied.
BAD_SHARE = 0.20
#: A snapshot that would end more than this share of a layer wants a confirmation.
ENDING_SHARE = 0.02
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
    progress: Progress = silent


@dataclass(slots=True)
class Result:
    """What came of one table; the members of registry.md §2, and the rows refused."""

    layer: str
    job: int
    read: int = 0
    new: int = 0
    changed: int = 0
    ended: int = 0
    unchanged: int = 0
    rejected: int = 0
    queued: int = 0
    rejected_file: str | None = None
    seconds: float = 0.0
    issues: list[Issue] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the members that the command line prints."""
        kept = ("job", "layer", "read", "new", "changed", "ended", "unchanged", "rejected",
                "queued", "rejected_file", "seconds")
        return {name: getattr(self, name) for name in kept}


class Load:
    """One table of one file on its way into one layer."""

    def __init__(self, session: Session, vault: Vault, source: Source, table: Table,
                 layer: str, mapping: ColumnMap, order: Order) -> None:
        self.session, self.table, self.order = session, table, order
        self.shape = Shape(catalogue()[layer], _present(table, mapping))
        self.lenient = source.format.startswith("OSM")
        self.job = self._job(source, layer)
        self.stage = Stage(session, self.shape, job=self.job.id, source=order.source)
        self.preparer = Preparer(
            self.shape, mapping, order.source, order.crs or table.crs or "EPSG:4326",
            order.zone, vault, session)
        self.result = Result(layer, self.job.id)

    def run(self) -> Result:
        """Load the table; returns the counts and every row that was refused."""
        began = time.monotonic()
        if self.job.state == "staging":
            self._fill()
            self._resolve()
        self._count()
        self._judge()
        self._apply()
        self.result.seconds = round(time.monotonic() - began, 3)
        return self.result

    def _job(self, source: Source, layer: str) -> ImportJob:
        wanted = ImportJob(digest=source.digest, file=Path(source.path).name,
                           table=self.table.name, layer=layer, source=self.order.source,
                           mode=self.order.mode, by=self.order.by, state="staging", counts={})
        begun = unfinished(self.session, wanted)
        if begun is None:
            self.session.add(wanted)
            self.session.commit()
        return begun or wanted

    def _fill(self) -> None:
        self.stage.create()
        chunk = read = 0
        for batch in self.table.batches():
            _, chunk = self.stage.fill(self.preparer.rows(batch), first_chunk=chunk)
            read += len(batch)
            self.order.progress("reading", read, self.table.rows)
        refused = [issue for issue in self.table.issues if issue.rejects]
        self.result.issues = [*refused, *self.preparer.issues]
        self.job.counts = {"read": read + len({i.line for i in refused}), "chunks": chunk}
        self.stage.ready()
        self.session.commit()

    def _resolve(self) -> None:
        for one in self.stage.references():
            if one.ledger == "storey" and self.shape.layer.name == "units":
                add_missing_storeys(self.stage)
            self.stage.resolve(one)
            self.stage.reject_unresolved(one, lenient=self.lenient)
        self.stage.classify()
        self.job.state = "staged"
        self.session.commit()

    def _count(self) -> None:
        counts, result = self.stage.counts(), self.result
        result.read = self.job.counts["read"]
        result.new, result.changed = counts.get("new", 0), counts.get("changed", 0)
        result.unchanged = counts.get("unchanged", 0) + counts.get("met", 0)
        result.issues += unresolved(self.stage)
        result.rejected = len({(issue.line, issue.value if not issue.line else None)
                               for issue in result.issues if issue.rejects})
        result.remarks = [f"{count:,} left out: {reason}"
                          for reason, count in self.table.skipped.most_common()]

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
        ending, all_rows = Application(self.stage, self.job).missing()
        if ending > max(1, ENDING_SHARE * all_rows) and order.confirm_ending != ending:
            self._give_up()
            raise RuleViolated(
                f"this snapshot would end {ending:,} of {all_rows:,} {result.layer}; if the file "
                f"is whole, say --confirm-ending {ending}")

    def _apply(self) -> None:
        application, done = Application(self.stage, self.job), applied_chunks(
            self.session, self.job)
        chunks = self.job.counts["chunks"]
        for number in range(chunks):
            if number not in done:
                application.chunk(number)
                self.session.commit()
            self.order.progress("storing", number + 1, chunks)
        if self.order.mode == "snapshot":
            self.result.ended = application.end_missing()
        self.stage.drop()
        self.job.state, self.job.finished = "applied", datetime.now(UTC)
        self.job.counts = {**self.job.counts, **{
            key: value for key, value in self.result.as_json().items() if isinstance(value, int)}}
        self.session.commit()

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


def unresolved(stage: Stage) -> list[Issue]:
    """Return the rows whose reference names nothing, each with its remedy."""
    refs = {one.ledger: one.stage for one in stage.references()}
    cases: Sequence[Issue] = [
        Issue(line, ledger, "reference", value,
              f"no such {ledger} is in the registry, or several are; import it first, or "
              "write its source_id")
        for ledger, column in refs.items() for line, value in stage.rejected(ledger, column)]
    return list(cases)


def _present(table: Table, mapping: ColumnMap) -> frozenset[str]:
    named = {*mapping.columns.values(), *mapping.constants}
    shaped = table.crs is not None or SHAPE_COLUMNS & named
    return frozenset(named | ({"geometry"} if shaped else set()))
