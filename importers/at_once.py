"""A table that is all but empty takes what is new at once: rows first, then their indexes.

Row by row every index and every reference costs more than the row itself. Here they are taken
off, the rows go in by one statement, and all is put back, in one transaction: a kill leaves the
table as it was, and the staged rows wait. Meanwhile the table can't be read; so this is for first
loads only, and whoever reads at that very moment is not waited for long: then it goes in chunks.
"""

from dataclasses import dataclass

import psycopg2
from psycopg2 import sql

from importers.applying import ONLY_AT_FIRST, PROVENANCE, Application
from importers.links import inserts
from importers.scoping import scope_of
from importers.shape import Shape
from layers.across.placement import place_parents
from spatial.statements import Composable, names, run, table
from spatial.walls import as_owner

#: How long readers are waited for, before rows go in chunk by chunk.
PATIENCE = "2s"
#: More rows than any table has.
MOST = 10**12


@dataclass(frozen=True, slots=True)
class AtOnce:
    """From how many new rows on, into what share of them already there, a table is filled."""

    rows: int = 50_000
    share: float = 0.1


def fill(application: Application, way: AtOnce, new: int, chunks: int) -> bool:
    """Store all new rows of a job in this transaction; False where that can't or need not be.

    The caller commits. Rows that change or meet something stay for their chunks.
    """
    shape = application.shape
    if new < max(way.rows, 1) or shape.refers_to_itself:
        return False
    if not _roomy(application, int(min(new * way.share, MOST))):
        return False
    session, stage = application.session, application.stage.name
    place_parents(session)
    with as_owner(session):
        put_back = _taken_off(application)
    if put_back is None:
        return False
    run(session, sql.SQL("SET LOCAL enable_nestloop = off"))
    for one in (_insert(shape, stage), *inserts(shape, stage)):
        run(session, one, application.values)
    run(session, sql.SQL("SET LOCAL enable_nestloop = on"))
    with as_owner(session):
        for one in (*put_back, *(_ANALYZE.format(table(name)) for name in _tables(shape))):
            run(session, one)
    run(session, _MARK.format(stage=stage), {"job": application.job.id, "chunks": chunks})
    return True


def _tables(shape: Shape) -> list[str]:
    return list(dict.fromkeys([shape.layer.table.name,
                               *(one.link.model.__tablename__ for one in shape.links)]))


def _roomy(application: Application, most: int) -> bool:
    """Tell whether none of the tables holds more rows than `most`."""
    for name in _tables(application.shape):
        found = run(application.session, sql.SQL(
            "SELECT count(*) FROM (SELECT FROM {} LIMIT {}) AS few").format(
                table(name), sql.Literal(most + 1))).fetchone()
        if found is None or found[0] > most:
            return False
    return True


def _taken_off(application: Application) -> list[Composable] | None:
    """Drop references, indexes and what is unique; returns what puts them back, in order.

    None where someone reads, or where the login does not own the tables.
    """
    session, back = application.session, list[Composable]()
    values = {"tables": _tables(application.shape)}
    run(session, sql.SQL("SAVEPOINT filling"))
    try:
        run(session, sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(PATIENCE)))
        for statement in (_CONSTRAINTS, _INDEXES):
            for drop, restore in run(session, statement, values).fetchall():
                run(session, sql.SQL(drop))
                back.append(sql.SQL(restore))
        run(session, sql.SQL("SET LOCAL lock_timeout = 0"))
    except (psycopg2.errors.LockNotAvailable, psycopg2.errors.InsufficientPrivilege):
        run(session, sql.SQL("ROLLBACK TO SAVEPOINT filling"))
        return None
    return back[::-1]


def _insert(shape: Shape, stage: Composable) -> Composable:
    columns = shape.written
    scope, joins = scope_of(shape)
    given = sql.SQL(", ").join(
        sql.SQL("coalesce(s.{}, now())").format(sql.Identifier(name))
        if name in ONLY_AT_FIRST else sql.SQL("s.{}").format(sql.Identifier(name))
        for name in columns)
    return sql.SQL(
        "INSERT INTO {table} ({provenance}, scope, {columns}) SELECT %(source)s, s.source_id, "
        "s.identifier, s.content_hash, %(by)s, %(job)s, {scope}, {given} FROM {stage} s{joins} "
        "WHERE s.state IS NULL").format(
            table=table(shape.layer.table.name), provenance=names(PROVENANCE), scope=scope,
            columns=names(columns), given=given, stage=stage, joins=joins)


# Foreign keys last to be put back, for they are validated by the indexes of both sides.
_CONSTRAINTS = sql.SQL(
    "SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname), "
    "format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, "
    "pg_get_constraintdef(oid)) FROM pg_constraint c WHERE conrelid = ANY(%(tables)s::regclass[]) "
    "AND (contype = 'f' OR contype = 'u' AND NOT EXISTS (SELECT FROM pg_constraint f "
    "WHERE f.contype = 'f' AND f.conindid = c.conindid)) ORDER BY contype, conrelid, conname")
_INDEXES = sql.SQL(
    "SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid) "
    "FROM pg_index i WHERE indrelid = ANY(%(tables)s::regclass[]) AND NOT EXISTS (SELECT FROM "
    "pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x')) "
    "ORDER BY indexrelid")
_ANALYZE = sql.SQL("ANALYZE {}")
_MARK = sql.SQL(
    "INSERT INTO import_chunk (job_id, chunk) SELECT %(job)s, n FROM generate_series(0, "
    "%(chunks)s - 1) n WHERE NOT EXISTS (SELECT FROM {stage} s WHERE s.chunk = n "
    "AND s.state IN ('changed', 'met')) ON CONFLICT DO NOTHING")
