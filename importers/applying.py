"""Staged rows -> the registry: chunk by chunk, each with its mark in the same transaction."""

from typing import Any

from psycopg2 import sql

from importers.authority import Authority
from importers.filling import Filling
from importers.journal import ImportChunk, ImportJob
from importers.links import doubtful, ends_of_missing, upserts
from importers.staging import Stage
from spatial.statements import Composable, names, run, table

#: Written once, at the first load; a later version's register time is the registry's own.
ONLY_AT_FIRST = frozenset({"creation_date"})
#: Province to group is seven; what is deeper goes round.
DEEPEST_TREE = 20
PROVENANCE = ("source", "source_id", "identifier", "content_hash", "recorded_by", "import_id")


class Application:
    """One job's way from its stage into the layer's tables."""

    def __init__(self, stage: Stage, job: ImportJob, authority: Authority) -> None:
        self.stage, self.job, self.shape = stage, job, stage.shape
        self.session = stage.session
        self.table = table(self.shape.layer.table.name)
        self.values: dict[str, Any] = {"source": job.source, "by": job.by, "job": job.id,
                                       "layer": self.shape.layer.table.name,
                                       "own": ["new", "changed"],
                                       "linked": ["new", "changed", "met"]}
        filling = Filling(self.shape, job.source, authority)
        self._steps = [self._upsert(), *(filling.steps(stage.name) if stage.has_met() else ()),
                       *upserts(self.shape, self.stage.name)]

    def leave_new(self) -> None:
        """Let chunks pass over new rows, which are stored already."""
        self.values |= {"own": ["changed"], "linked": ["changed", "met"]}

    def chunk(self, number: int) -> None:
        """Store the new and changed rows of one chunk, with their links and the chunk's mark."""
        self._go_by("off")
        for step in self._steps:
            run(self.session, step, {**self.values, "chunk": number})
        self._go_by("on")
        self.session.add(ImportChunk(job_id=self.job.id, chunk=number))
        self.session.flush()

    def _go_by(self, whole: str) -> None:
        """Let joins go through whole tables, or (`off`) row by row over indexes.

        Two thousand rows are a chunk, however large the registry: without statistics, which a
        table just filled lacks, the planner would read all of it for each.
        """
        for way in ("hashjoin", "mergejoin"):
            run(self.session, sql.SQL("SET LOCAL enable_{} = {}").format(
                sql.SQL(way), sql.SQL(whole)))

    def link_parents(self) -> None:
        """Point rows to rows of the same layer, which came with this very file."""
        for one in self.shape.references:
            for column, field in one.targets:
                if field.refers != self.shape.layer.table.name:
                    continue
                for by in (name for name in field.by if name in (*self.shape.plain, "source_id")):
                    run(self.session, _PARENT.format(
                        table=self.table, stage=self.stage.name, column=sql.Identifier(column),
                        ref=sql.Identifier(one.stage), by=sql.Identifier(by)), self.values)

    def circling(self) -> int:
        """Count the rows of the layer that are their own forebears."""
        column = next(column for one in self.shape.references for column, field in one.targets
                      if field.refers == self.shape.layer.table.name)
        found = run(self.session, _CIRCLES.format(
            table=self.table, column=sql.Identifier(column)), {"deepest": DEEPEST_TREE}).fetchone()
        return int(found[0]) if found else 0

    def doubt(self) -> int:
        """Mark residencies that cannot all be so, the later ones as reported; count them."""
        return sum(max(run(self.session, one, self.values).rowcount, 0)
                   for one in doubtful(self.shape))

    def end_missing(self) -> int:
        """End what this source said before and the file says no more (snapshot mode)."""
        for one in ends_of_missing(self.shape, self.stage.name):
            run(self.session, one, self.values)
        cursor = run(self.session, sql.SQL(
            "UPDATE {0} t SET valid_to = now(), valid_to_precision = 'instant', "
            "recorded_by = %(by)s, import_id = %(job)s, reason = 'not in the snapshot' WHERE {1}"
        ).format(self.table, self._missing()), self.values)
        return cursor.rowcount

    def missing(self) -> tuple[int, int]:
        """Count what a snapshot would end, and all that this source has now."""
        counted = run(self.session, sql.SQL(
            "SELECT count(*) FILTER (WHERE {1}), count(*) FROM {0} t "
            "WHERE t.source = %(source)s AND (t.valid_to IS NULL OR t.valid_to > now())"
        ).format(self.table, self._missing()), self.values).fetchone()
        return (int(counted[0]), int(counted[1])) if counted else (0, 0)

    def _missing(self) -> Composable:
        return sql.SQL("t.source = %(source)s AND (t.valid_to IS NULL OR t.valid_to > now()) AND "
                       "NOT EXISTS (SELECT FROM {} s WHERE s.source_id = t.source_id)"
                       ).format(self.stage.name)

    def _upsert(self) -> Composable:
        columns = self.shape.written
        given = sql.SQL(", ").join(
            sql.SQL("coalesce({}, now())").format(sql.Identifier(name))
            if name in ONLY_AT_FIRST else sql.Identifier(name) for name in columns)
        return sql.SQL(
            "INSERT INTO {table} ({provenance}, {columns}) "
            "SELECT %(source)s, source_id, identifier, content_hash, %(by)s, %(job)s, {given} "
            "FROM {stage} WHERE chunk = %(chunk)s AND coalesce(state, 'new') = ANY(%(own)s) "
            "ORDER BY line "
            "ON CONFLICT (source, source_id) DO UPDATE SET {sets}").format(
                table=self.table, provenance=names(PROVENANCE), columns=names(columns),
                given=given, stage=self.stage.name, sets=self._sets())

    def _sets(self) -> Composable:
        """Return what an update writes; a row that is told again lives, for no reason unless told.

        Search keys made of less than they could be never replace those that are there.
        """
        kept = self.shape.derived if self.shape.derives_in_part else []
        plain = [c for c in self.shape.written if c not in ONLY_AT_FIRST and c not in kept]
        told = [*plain, "content_hash", "recorded_by", "import_id"]
        told += [c for c in ("valid_to", "valid_to_precision", "reason") if c not in plain]
        parts = [sql.SQL("{0} = excluded.{0}").format(sql.Identifier(c)) for c in told]
        parts += [sql.SQL("{0} = coalesce({1}.{0}, excluded.{0})").format(
            sql.Identifier(c), self.table) for c in kept]
        return sql.SQL(", ").join(parts)


_PARENT = sql.SQL(
    "UPDATE {table} t SET {column} = p.id FROM {stage} s, (SELECT {by} AS said, min(id) AS id "
    "FROM {table} WHERE source = %(source)s GROUP BY 1 HAVING count(*) = 1) p "
    "WHERE coalesce(s.state, 'new') IN ('new', 'changed') AND t.source = %(source)s "
    "AND t.source_id = s.source_id AND s.{ref} IS NOT NULL AND p.said = s.{ref} "
    "AND t.{column} IS NULL AND p.id <> t.id")
_CIRCLES = sql.SQL(
    "WITH RECURSIVE up AS (SELECT id AS start, {column} AS at, 1 AS step FROM {table} "
    "WHERE {column} IS NOT NULL UNION ALL SELECT up.start, p.{column}, up.step + 1 FROM up "
    "JOIN {table} p ON p.id = up.at WHERE up.at <> up.start AND up.step < %(deepest)s) "
    "SELECT count(DISTINCT start) FROM up WHERE at = start")
