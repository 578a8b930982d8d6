"""The staging table of one job: filled by COPY, then its references are resolved in SQL."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from tempfile import SpooledTemporaryFile
from types import MappingProxyType
from typing import IO, Any

from psycopg2 import sql
from sqlalchemy.orm import Session

from importers.shape import Reference, Shape
from spatial.statements import Composable, names, raw_cursor, run, table

CHUNK_ROWS = 2_000
COPY_BYTES = 1024 * 1024
KEPT_IN_MEMORY = 16 * 1024 * 1024
#: Writings of a reference that count only where one feature alone bears them.
UNIQUE = frozenset({"code", "name", "number"})


class Stage:
    """The rows of one job between the file and the registry."""

    def __init__(self, session: Session, shape: Shape, *, job: int, source: str) -> None:
        self.session, self.shape, self.source = session, shape, source
        self.plain_name = f"stage_{job}"
        self.name = table(self.plain_name)
        self._hand = ThreadPoolExecutor(max_workers=1)
        self._copying: Future[None] | None = None

    def create(self) -> None:
        """Make the table anew; a half-filled one of a killed run is dropped."""
        self.drop()
        columns = sql.SQL(", ").join(sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
                                     for name, kind in self.shape.stage_columns())
        run(self.session, sql.SQL("CREATE UNLOGGED TABLE {} ({})").format(self.name, columns))

    def drop(self) -> None:
        """Forget the rows."""
        run(self.session, sql.SQL("DROP TABLE IF EXISTS {}").format(self.name))

    def fill(self, columns: Sequence[Sequence[Any]], *, first_chunk: int) -> tuple[int, int]:
        """COPY columns (without their chunk) in; returns the rows taken and the next chunk.

        It goes on while the caller makes the next ones, who calls `ready` before using the session.
        """
        rows = len(columns[0])
        chunks = [first_chunk + row // CHUNK_ROWS for row in range(rows)]
        text = io.StringIO()
        csv.writer(text).writerows(zip(columns[0], chunks, *map(_as_csv, columns[1:]),
                                       strict=True))
        text.seek(0)
        self.ready()
        statement = sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT csv)").format(
            self.name, names(name for name, _ in self.shape.copied()))
        cursor = raw_cursor(self.session)
        self._copying = self._hand.submit(cursor.copy_expert, statement.as_string(cursor), text,
                                          COPY_BYTES)
        return rows, first_chunk - (-rows // CHUNK_ROWS)

    def ready(self) -> None:
        """Wait for the COPY under way; what went wrong in it is raised here."""
        copying, self._copying = self._copying, None
        if copying is not None:
            copying.result()

    def close(self) -> None:
        """Wait for what is under way, and fill no more."""
        try:
            self.ready()
        finally:
            self._hand.shutdown()

    def spare(self, ids: Sequence[str]) -> None:
        """Remember rows that were refused: the file names them, so a snapshot ends them not."""
        for first in range(0, len(ids), CHUNK_ROWS):
            run(self.session, sql.SQL(
                "INSERT INTO {} (chunk, source_id, state) SELECT -1, unnest(%(ids)s), 'rejected'"
            ).format(self.name), {"ids": list(ids[first:first + CHUNK_ROWS])})

    def rows(self) -> int:
        """Count what is staged; 0 where the table is gone, or was emptied by a crash."""
        known = run(self.session, sql.SQL("SELECT to_regclass(%(name)s)"),
                    {"name": self.plain_name}).fetchone()
        if known is None or known[0] is None:
            return 0
        found = run(self.session, sql.SQL("SELECT count(*) FROM {}").format(self.name)).fetchone()
        return int(found[0]) if found else 0

    def analyse(self) -> None:
        """Tell the planner what came."""
        run(self.session, sql.SQL("ANALYZE {}").format(self.name))

    def settle(self) -> None:
        """Make ready what applying by chunks asks for."""
        run(self.session, sql.SQL("CREATE INDEX IF NOT EXISTS {} ON {} (chunk)").format(
            sql.Identifier(f"{self.plain_name}_chunk"), self.name))

    def has_met(self) -> bool:
        """Tell whether any row is about a feature that another source brought."""
        return run(self.session, sql.SQL("SELECT 1 FROM {} WHERE state = 'met' LIMIT 1").format(
            self.name)).fetchone() is not None

    def references(self) -> list[Reference]:
        """Return every reference of the rows and their links, narrowing ones first."""
        links = [link.reference for link in self.shape.links if link.reference]
        return [*self.shape.references, *links]

    def resolve(self, reference: Reference) -> None:
        """Find what a reference names: target by target, writing by writing."""
        found: list[str] = []
        if not self._open(reference):
            return
        for column, field in reference.targets:
            for by in (*field.by, "identifier"):
                self._resolve_by(reference, column, by, tuple(found))
            found.append(column)

    def _open(self, reference: Reference) -> bool:
        """Tell whether some row names what was not found yet."""
        unset = sql.SQL(" AND ").join(sql.SQL("{} IS NULL").format(sql.Identifier(column))
                                      for column, _ in reference.targets)
        rest = run(self.session, sql.SQL(
            "SELECT EXISTS (SELECT FROM {} WHERE {} IS NOT NULL AND {})").format(
                self.name, sql.Identifier(reference.stage), unset)).fetchone()
        return bool(rest and rest[0])

    def _resolve_by(self, reference: Reference, column: str, by: str,
                    earlier: tuple[str, ...]) -> None:
        field = dict(reference.targets)[column]
        within: Composable = sql.SQL("")
        if field.within:
            within = sql.SQL(" AND t.{0} = s.{0}").format(sql.Identifier(field.within))
        unset = sql.SQL(" ").join(sql.SQL("AND s.{} IS NULL").format(sql.Identifier(name))
                                  for name in (column, *earlier))
        if field.refers == self.shape.layer.table.name:
            unset += sql.SQL(" AND t.id IS DISTINCT FROM s.known_id")    # nobody's own parent
        run(self.session, sql.SQL(
            "UPDATE {stage} s SET {column} = t.id FROM {target} t "
            "WHERE s.{ref} IS NOT NULL {unset} AND {matches}{within}").format(
                stage=self.name, column=sql.Identifier(column), unset=unset,
                target=_named(field.refers or "", by, field.within),
                ref=sql.Identifier(reference.stage), within=within,
                matches=_matching(by, inside=bool(field.within)).format(
                    ref=sql.Identifier(reference.stage))),
            {"source": self.source, "layer": field.refers})

    def reject_unresolved(self, reference: Reference, *, lenient: bool) -> None:
        """Refuse rows whose reference names nothing we know; lenient sources keep optional ones.

        A row may name another row of the same file (a division its parent): that is no fault.
        """
        if lenient and not reference.required:
            return
        missing = sql.SQL(" AND ").join(sql.SQL("s.{} IS NULL").format(sql.Identifier(column))
                                        for column, _ in reference.targets)
        writings = [by for _, field in reference.targets for by in field.by
                    if field.refers == self.shape.layer.table.name
                    and by in ("source_id", *self.shape.plain)]
        own = sql.SQL("").join(
            sql.SQL(" AND NOT EXISTS (SELECT FROM {0} o WHERE o.{1} = s.{2} "
                    "AND o.state IS DISTINCT FROM 'rejected')").format(
                self.name, sql.Identifier(by), sql.Identifier(reference.stage))
            for by in writings)
        told = sql.SQL("TRUE") if reference.ledger in self.shape.inferred else sql.SQL(
            "s.{} IS NOT NULL").format(sql.Identifier(reference.stage))
        run(self.session, sql.SQL(
            "UPDATE {0} s SET state = 'rejected', rule = 'reference', wrong = %(ledger)s "
            "WHERE s.state IS NULL AND {1} AND {2}{3}").format(self.name, told, missing, own),
            {"ledger": reference.ledger})

    def classify(self) -> None:
        """Say of each row whether it is changed, unchanged or met another's feature.

        Of what is new nothing is said: a million rows would be written again for one word.
        """
        own = table(self.shape.layer.table.name)
        columns = [column for one in self.shape.references for column, _ in one.targets]
        found = sql.SQL("").join(
            sql.SQL(" OR (t.{0} IS NULL AND s.{0} IS NOT NULL)").format(sql.Identifier(column))
            for column in columns)
        for step in (_FIRST_IN_FILE, _TOLD_AGAIN, _MET, _CHANGED, _UNCHANGED):
            run(self.session, step.format(stage=self.name, table=own, found=found))

    def rejected(self, ledger: str, column: str) -> list[tuple[int, str]]:
        """Return line and value of the rows refused for the reference in `ledger`."""
        rows = run(self.session, sql.SQL(
            "SELECT line, {} FROM {} WHERE state = 'rejected' AND wrong = %(ledger)s ORDER BY line"
        ).format(sql.Identifier(column), self.name), {"ledger": ledger}).fetchall()
        return [(line, value) for line, value in rows]

    def rows_taken(self) -> IO[bytes]:
        """Return line, source_id and state of every row that was not refused, as CSV in a file."""
        kept = SpooledTemporaryFile(max_size=KEPT_IN_MEMORY)     # noqa: SIM115  (its reader closes it)
        cursor = raw_cursor(self.session)
        cursor.copy_expert(sql.SQL(
            "COPY (SELECT line, source_id, coalesce(state, 'new') FROM {} "
            "WHERE state IS DISTINCT FROM 'rejected' ORDER BY line) "
            "TO STDOUT WITH (FORMAT csv)").format(self.name).as_string(cursor), kept)
        kept.seek(0)
        return kept

    def counts(self) -> dict[str, int]:
        """Count the rows by what is to happen with them."""
        return dict(run(self.session, sql.SQL(
            "SELECT coalesce(state, 'new'), count(*) FROM {} GROUP BY 1").format(
                self.name)).fetchall())


def forget_stage(session: Session, job: int) -> None:
    """Drop the staging table of a job that nobody will resume."""
    run(session, sql.SQL("DROP TABLE IF EXISTS {}").format(table(f"stage_{job}")))


def _named(name: str, by: str, within: str | None) -> Composable:
    """Return the target table; by name or code only where that is unique."""
    if by in UNIQUE and not within:
        return sql.SQL("(SELECT {1}, min(id) AS id FROM {0} WHERE valid_to IS NULL "
                       "GROUP BY 1 HAVING count(*) = 1)").format(table(name), sql.Identifier(by))
    if by == "source_id":
        return _BY_NAME.format(table=table(name), also=sql.SQL("").join(
            sql.SQL(", t.{}").format(sql.Identifier(one)) for one in (within,) if one))
    return table(name)


def _matching(by: str, *, inside: bool) -> sql.SQL:
    """Return the condition; inside its building an entrance is also known by its label."""
    return _NUMBER_OR_LABEL if by == "number" and inside else _MATCHES[by]


_BY_NAME = sql.SQL(
    "(SELECT t.id, t.source_id, t.source{also} FROM {table} t WHERE source = %(source)s UNION ALL "
    "SELECT t.id, l.source_id, l.source{also} FROM source_link l JOIN {table} t "
    "ON t.id = l.feature_id WHERE l.source = %(source)s AND l.layer = %(layer)s AND NOT l.apart)")
_NUMBER_OR_LABEL = sql.SQL("s.{ref} IN (t.number, t.label)")
_MATCHES = {
    "source_id": sql.SQL("t.source_id = s.{ref} AND t.source = %(source)s"),
    "identifier": sql.SQL("t.identifier = s.{ref}"),
    "code": sql.SQL("t.code = s.{ref}"),
    "name": sql.SQL("t.name = s.{ref}"),
    "number": sql.SQL("t.number = s.{ref}"),
    "label": sql.SQL("t.label = s.{ref}"),
    "index": sql.SQL("t.index = CASE WHEN s.{ref} ~ '^-?[0-9]{{1,3}}(\\.[0-9]+)?$' "
                     "THEN s.{ref}::float8 END"),
}
# Of rows that mean one feature the first is it, if those before were refused.
_FIRST_IN_FILE = sql.SQL(
    "UPDATE {stage} s SET met = false FROM (SELECT identifier, min(line) AS line FROM {stage} "
    "WHERE state IS NULL AND known_id IS NULL GROUP BY 1) f "
    "WHERE s.met AND s.known_id IS NULL AND f.identifier = s.identifier AND f.line = s.line")
_TOLD_AGAIN = sql.SQL("UPDATE {stage} SET state = 'unchanged' WHERE state IS NULL AND met "
                      "AND known_id IS NOT NULL AND was_hash = content_hash")
_MET = sql.SQL("UPDATE {stage} SET state = 'met' WHERE state IS NULL AND met")
# Changed is also what had ended, and what names something that was not there before.
_CHANGED = sql.SQL(
    "UPDATE {stage} s SET state = 'changed' FROM {table} t WHERE s.state IS NULL "
    "AND t.id = s.known_id AND (s.was_hash IS DISTINCT FROM s.content_hash "
    "OR (t.valid_to <= now() AND t.reason = 'not in the snapshot'){found})")
_UNCHANGED = sql.SQL("UPDATE {stage} SET state = 'unchanged' WHERE state IS NULL "
                     "AND known_id IS NOT NULL")


def _bytes(value: bytes) -> str:
    return "\\x" + value.hex()


def _as_csv(column: Sequence[Any]) -> Sequence[Any]:
    """Return a column as COPY wants it, where csv itself would write it otherwise."""
    if _WRITTEN.keys().isdisjoint(map(type, column)):
        return column
    return [cell if (said := _WRITTEN.get(type(cell))) is None else said(cell) for cell in column]


def _list(value: list[Any]) -> str:
    return "{" + ",".join('"' + str(part).replace("\\", "\\\\").replace('"', '\\"') + '"'
                          for part in value) + "}"


#: How COPY's CSV wants values that csv itself would not write so; None stays empty, NULL.
_WRITTEN: Mapping[type, Callable[[Any], str]] = MappingProxyType({
    bytes: _bytes, memoryview: lambda value: _bytes(bytes(value)), list: _list})
