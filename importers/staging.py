"""The staging table of one job: filled by COPY, then its references are resolved in SQL."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from psycopg2 import sql
from sqlalchemy.orm import Session

from importers.shape import Reference, Shape
from spatial.statements import Composable, names, raw_cursor, run, table

CHUNK_ROWS = 2_000
#: Writings of a reference that count only where one feature alone bears them.
UNIQUE = frozenset({"code", "name", "number"})


class Stage:
    """The rows of one job between the file and the registry."""

    def __init__(self, session: Session, shape: Shape, *, job: int, source: str) -> None:
        self.session, self.shape, self.source = session, shape, source
        self.name = table(f"stage_{job}")

    def create(self) -> None:
        """Make the table anew; a half-filled one of a killed run is dropped."""
        self.drop()
        columns = sql.SQL(", ").join(sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
                                     for name, kind in self.shape.stage_columns())
        run(self.session, sql.SQL("CREATE UNLOGGED TABLE {} ({})").format(self.name, columns))

    def drop(self) -> None:
        """Forget the rows."""
        run(self.session, sql.SQL("DROP TABLE IF EXISTS {}").format(self.name))

    def fill(self, rows: Iterable[Sequence[Any]], *, first_chunk: int) -> tuple[int, int]:
        """COPY rows (without their chunk) in; returns the rows taken and the next chunk."""
        rows, chunk, count = iter(rows), first_chunk, 0
        columns = names(name for name, _ in self.shape.copied())
        statement = sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT csv)").format(self.name, columns)
        cursor = raw_cursor(self.session)
        while taken := list(islice(rows, CHUNK_ROWS)):
            text = io.StringIO()
            writer = csv.writer(text)
            writer.writerows([row[0], chunk, *map(_cell, row[1:])] for row in taken)
            text.seek(0)
            cursor.copy_expert(statement.as_string(cursor), text)
            count, chunk = count + len(taken), chunk + 1
        return count, chunk

    def ready(self) -> None:
        """Tell the planner what came, and index what the steps after this ask for."""
        run(self.session, sql.SQL("CREATE INDEX ON {} (chunk)").format(self.name))
        run(self.session, sql.SQL("CREATE INDEX ON {} (source_id)").format(self.name))
        run(self.session, sql.SQL("ANALYZE {}").format(self.name))

    def references(self) -> list[Reference]:
        """Return every reference of the rows and their links, narrowing ones first."""
        links = [link.reference for link in self.shape.links if link.reference]
        return [*self.shape.references, *links]

    def resolve(self, reference: Reference) -> None:
        """Find what a reference names: target by target, writing by writing."""
        found: list[str] = []
        for column, field in reference.targets:
            for by in field.by:
                self._resolve_by(reference, column, by, tuple(found))
            found.append(column)

    def _resolve_by(self, reference: Reference, column: str, by: str,
                    earlier: tuple[str, ...]) -> None:
        field = dict(reference.targets)[column]
        within: Composable = sql.SQL("")
        if field.within:
            within = sql.SQL(" AND t.{0} = s.{0}").format(sql.Identifier(field.within))
        unset = sql.SQL(" ").join(sql.SQL("AND s.{} IS NULL").format(sql.Identifier(name))
                                  for name in (column, *earlier))
        run(self.session, sql.SQL(
            "UPDATE {stage} s SET {column} = t.id FROM {target} t "
            "WHERE s.{ref} IS NOT NULL {unset} AND {matches}{within}").format(
                stage=self.name, column=sql.Identifier(column), unset=unset,
                target=_named(field.refers or "", by, inside=bool(field.within)),
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
        own: Composable = sql.SQL("")
        if any(field.refers == self.shape.layer.table.name for _, field in reference.targets):
            own = sql.SQL(" AND NOT EXISTS (SELECT FROM {0} o WHERE s.{1} IN (o.source_id{2}))"
                          ).format(self.name, sql.Identifier(reference.stage), self._own_names())
        run(self.session, sql.SQL(
            "UPDATE {0} s SET state = 'rejected', rule = 'reference', wrong = %(ledger)s "
            "WHERE s.state IS NULL AND s.{1} IS NOT NULL AND {2}{3}").format(
                self.name, sql.Identifier(reference.stage), missing, own),
            {"ledger": reference.ledger})

    def _own_names(self) -> Composable:
        return sql.SQL(", ").join([sql.SQL(""), *(
            sql.SQL("o.{}").format(sql.Identifier(name)) for name in ("code", "name")
            if name in self.shape.plain)])

    def classify(self) -> None:
        """Say of each row whether it is new, changed, unchanged or met another source's."""
        for step in (_ENDED_BEFORE, _UNCHANGED, _CHANGED):
            run(self.session, step.format(stage=self.name, table=table(
                self.shape.layer.table.name)))
        natural = [n for n in self.shape.layer.natural if n in self.shape.written]
        if natural and len(natural) == len(self.shape.layer.natural):
            same = sql.SQL(" AND ").join(sql.SQL("t.{0} = s.{0}").format(sql.Identifier(name))
                                         for name in natural)
            run(self.session, _MET.format(stage=self.name, same=same, table=table(
                self.shape.layer.table.name)), {"source": self.source})
        run(self.session, sql.SQL("UPDATE {} SET state = 'new' WHERE state IS NULL").format(
            self.name))

    def rejected(self, ledger: str, column: str) -> list[tuple[int, str]]:
        """Return line and value of the rows refused for the reference in `ledger`."""
        rows = run(self.session, sql.SQL(
            "SELECT line, {} FROM {} WHERE state = 'rejected' AND wrong = %(ledger)s ORDER BY line"
        ).format(sql.Identifier(column), self.name), {"ledger": ledger}).fetchall()
        return [(line, value) for line, value in rows]

    def counts(self) -> dict[str, int]:
        """Count the rows by what is to happen with them."""
        rows = run(self.session, sql.SQL("SELECT state, count(*) FROM {} GROUP BY 1").format(
            self.name)).fetchall()
        return {state or "staged": count for state, count in rows}


def _named(name: str, by: str, *, inside: bool) -> Composable:
    """Return the target table; by name or code only where that is unique."""
    if by in UNIQUE and not inside:
        return sql.SQL("(SELECT {1}, min(id) AS id FROM {0} WHERE valid_to IS NULL "
                       "GROUP BY 1 HAVING count(*) = 1)").format(table(name), sql.Identifier(by))
    if by == "source_id":
        return sql.SQL("(SELECT id, source_id, source FROM {} WHERE source = %(source)s UNION ALL "
                       "SELECT feature_id, source_id, source FROM source_link WHERE "
                       "source = %(source)s AND layer = %(layer)s)").format(table(name)) \
            if not inside else table(name)
    return table(name)


def _matching(by: str, *, inside: bool) -> sql.SQL:
    """Return the condition; inside its building an entrance is also known by its label."""
    return _NUMBER_OR_LABEL if by == "number" and inside else _MATCHES[by]


_NUMBER_OR_LABEL = sql.SQL("s.{ref} IN (t.number, t.label)")
_MATCHES = {
    "source_id": sql.SQL("t.source_id = s.{ref} AND t.source = %(source)s"),
    "code": sql.SQL("t.code = s.{ref}"),
    "name": sql.SQL("t.name = s.{ref}"),
    "number": sql.SQL("t.number = s.{ref}"),
    "label": sql.SQL("t.label = s.{ref}"),
    "index": sql.SQL("s.{ref} ~ '^-?[0-9]{{1,3}}(\\.[0-9]+)?$' AND t.index = s.{ref}::float8"),
}
_ENDED_BEFORE = sql.SQL(
    "UPDATE {stage} s SET state = 'changed' FROM {table} t WHERE s.state IS NULL "
    "AND t.id = s.known_id AND t.valid_to <= now()")
_UNCHANGED = sql.SQL("UPDATE {stage} SET state = 'unchanged' WHERE state IS NULL "
                     "AND known_id IS NOT NULL AND was_hash = content_hash")
_CHANGED = sql.SQL("UPDATE {stage} SET state = 'changed' WHERE state IS NULL "
                   "AND known_id IS NOT NULL")
_MET = sql.SQL("UPDATE {stage} s SET state = 'met', known_id = t.id FROM {table} t "
               "WHERE s.state IS NULL AND {same} AND t.source IS DISTINCT FROM %(source)s")


def _cell(value: Any) -> Any:
    """Return a value as COPY's CSV wants it; None stays empty, which is NULL."""
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, list):
        return "{" + ",".join('"' + str(part).replace("\\", "\\\\").replace('"', '\\"') + '"'
                              for part in value) + "}"
    return value.isoformat() if isinstance(value, datetime) else value

