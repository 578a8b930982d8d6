"""Staged rows -> the registry: chunk by chunk, each with its mark in the same transaction."""

from typing import Any

from psycopg2 import sql

from importers.journal import ImportChunk, ImportJob
from importers.shape import LinkShape
from importers.staging import Stage
from spatial.statements import Composable, names, run, table

#: Written once, at the first load; a later version's register time is the registry's own.
ONLY_AT_FIRST = frozenset({"creation_date"})
PROVENANCE = ("source", "source_id", "identifier", "content_hash", "recorded_by", "import_id")


class Application:
    """One job's way from its stage into the layer's tables."""

    def __init__(self, stage: Stage, job: ImportJob) -> None:
        self.stage, self.job, self.shape = stage, job, stage.shape
        self.session = stage.session
        self.table = table(self.shape.layer.table.name)
        self.values: dict[str, Any] = {"source": job.source, "by": job.by, "job": job.id}

    def chunk(self, number: int) -> None:
        """Store the new and changed rows of one chunk, with their links and the chunk's mark."""
        values = {**self.values, "chunk": number}
        run(self.session, self._upsert(), values)
        self._link_parents(values)
        for position, link in enumerate(self.shape.links):
            run(self.session, self._upsert_link(position, link), values)
            run(self.session, self._end_links(link), values)
        if self.shape.layer.natural:
            run(self.session, self._meet(), values)
            run(self.session, _NAME_MET.format(stage=self.stage.name),
                {**values, "layer": self.shape.layer.table.name})
        self.session.add(ImportChunk(job_id=self.job.id, chunk=number))
        self.session.flush()

    def end_missing(self) -> int:
        """End what this source said before and the file says no more (snapshot mode)."""
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
        updated = [c for c in columns if c not in ONLY_AT_FIRST]
        if "valid_to" not in updated:
            updated_to = sql.SQL(", valid_to = NULL, valid_to_precision = NULL")
        else:
            updated_to = sql.SQL("")
        sets = sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name))
            for name in (*updated, "content_hash", "recorded_by", "import_id"))
        given = sql.SQL(", ").join(
            sql.SQL("coalesce({}, now())").format(sql.Identifier(name))
            if name in ONLY_AT_FIRST else sql.Identifier(name) for name in columns)
        return sql.SQL(
            "INSERT INTO {table} ({provenance}, {columns}) "
            "SELECT %(source)s, source_id, identifier, content_hash, %(by)s, %(job)s, {given} "
            "FROM {stage} WHERE chunk = %(chunk)s AND state IN ('new', 'changed') ORDER BY line "
            "ON CONFLICT (source, source_id) DO UPDATE SET {sets}{updated_to}").format(
                table=self.table, provenance=names(PROVENANCE), columns=names(columns),
                given=given, stage=self.stage.name, sets=sets, updated_to=updated_to)

    def _link_parents(self, values: dict[str, Any]) -> None:
        """Point rows to rows of the same layer, which may have come with this very file."""
        for one in self.shape.references:
            for column, field in one.targets:
                if field.refers != self.shape.layer.table.name:
                    continue
                for by in (name for name in field.by if name in (*self.shape.plain, "source_id")):
                    run(self.session, _PARENT.format(
                        table=self.table, stage=self.stage.name, column=sql.Identifier(column),
                        ref=sql.Identifier(one.stage), by=sql.Identifier(by)), values)

    def _upsert_link(self, position: int, link: LinkShape) -> Composable:
        """Write one row a kind; what the stage row does not say stays as it was."""
        own = [c for c in link.columns if c != "kind"]
        own += [f"{c}_precision" for c in own if c in ("valid_from", "valid_to")]
        keys = [column for column, _ in link.reference.targets] if link.reference else []
        bare = [*own, *(key.removeprefix(link.prefix) for key in keys)]
        staged = names([link.prefix + c for c in own] + keys, of="s")
        said = [sql.SQL("s.{} IS NOT NULL").format(sql.Identifier(link.prefix + c))
                for c in own if c == "address"]
        said += [sql.SQL("s.{} IS NOT NULL").format(sql.Identifier(key)) for key in keys]
        kinds = (sql.SQL("coalesce(s.{}, ARRAY[{}])").format(
                    sql.Identifier(link.prefix + "kind"), sql.Literal(link.link.kind))
                 if "kind" in link.columns
                 else sql.SQL("ARRAY[{}]").format(sql.Literal(link.link.kind)))
        return _UPSERT_LINK.format(
            link=table(link.link.model.__tablename__), owner=sql.Identifier(link.link.owner),
            bare=names(bare), staged=staged, prefix=sql.Literal(link.link.model.prefix),
            table=self.table, stage=self.stage.name, kinds=kinds,
            said=sql.SQL(" OR ").join(said) or sql.SQL("TRUE"),
            other=self._said_before(position, link),
            sets=sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(c))
                                    for c in (*bare, "recorded_by", "import_id")),
            differs=sql.SQL("({}) IS DISTINCT FROM ({})").format(
                names(bare, of=link.link.model.__tablename__), names(bare, of="excluded")))

    def _said_before(self, position: int, link: LinkShape) -> Composable:
        """Leave out a kind that an earlier link of the same table says already."""
        earlier = [one for one in self.shape.links[:position]
                   if one.link.model is link.link.model and "kind" in one.columns]
        return sql.SQL("").join(
            sql.SQL(" AND NOT k.kind = ANY(coalesce(s.{}, ARRAY[{}]))").format(
                sql.Identifier(one.prefix + "kind"), sql.Literal(one.link.kind))
            for one in earlier)

    def _end_links(self, link: LinkShape) -> Composable:
        """End the kinds that a changed row no longer speaks of."""
        if "kind" not in link.columns:
            return sql.SQL("SELECT")
        return _END_LINKS.format(
            link=table(link.link.model.__tablename__), owner=sql.Identifier(link.link.owner),
            table=self.table, stage=self.stage.name,
            kinds=sql.Identifier(link.prefix + "kind"))

    def _meet(self) -> Composable:
        """Fill what the first source left empty; what it said stays (it came first)."""
        filled = [c for c in self.shape.plain if c not in self.shape.layer.natural]
        sets = sql.SQL(", ").join(sql.SQL("{0} = coalesce(t.{0}, s.{0})").format(sql.Identifier(c))
                                  for c in filled) or sql.SQL("content_hash = t.content_hash")
        empty = sql.SQL(" OR ").join(
            sql.SQL("(t.{0} IS NULL AND s.{0} IS NOT NULL)").format(sql.Identifier(c))
            for c in filled) or sql.SQL("FALSE")
        return sql.SQL("UPDATE {0} t SET {1} FROM {2} s WHERE s.chunk = %(chunk)s "
                       "AND s.state = 'met' AND t.id = s.known_id AND ({3})").format(
                           self.table, sets, self.stage.name, empty)


_PARENT = sql.SQL(
    "UPDATE {table} t SET {column} = p.id FROM {stage} s, {table} p "
    "WHERE s.chunk = %(chunk)s AND s.state IN ('new', 'changed') AND t.source = %(source)s "
    "AND t.source_id = s.source_id AND s.{ref} IS NOT NULL AND p.{by} = s.{ref} "
    "AND p.source = %(source)s AND t.{column} IS NULL AND p.id <> t.id")
_UPSERT_LINK = sql.SQL(
    "INSERT INTO {link} (identifier, source, source_id, recorded_by, import_id, {owner}, kind, "
    "{bare}) SELECT {prefix} || left(md5(gen_random_uuid()::text), 16), %(source)s, "
    "s.source_id || '#' || k.kind, %(by)s, %(job)s, o.id, k.kind, {staged} "
    "FROM {stage} s JOIN {table} o ON o.source = %(source)s AND o.source_id = s.source_id "
    "CROSS JOIN LATERAL unnest({kinds}) AS k(kind) "
    "WHERE s.chunk = %(chunk)s AND s.state IN ('new', 'changed') AND ({said}){other} "
    "ON CONFLICT (source, source_id) DO UPDATE SET {sets} WHERE {differs}")
_END_LINKS = sql.SQL(
    "UPDATE {link} l SET valid_to = now(), valid_to_precision = 'instant', "
    "recorded_by = %(by)s, import_id = %(job)s FROM {stage} s JOIN {table} o "
    "ON o.source = %(source)s AND o.source_id = s.source_id "
    "WHERE s.chunk = %(chunk)s AND s.state = 'changed' AND l.{owner} = o.id AND l.valid_to IS NULL "
    "AND l.source = %(source)s AND s.{kinds} IS NOT NULL AND NOT l.kind = ANY(s.{kinds}) "
    "AND l.source_id = s.source_id || '#' || l.kind")
_NAME_MET = sql.SQL(
    "INSERT INTO source_link (layer, source, source_id, feature_id, content_hash) "
    "SELECT %(layer)s, %(source)s, source_id, known_id, content_hash FROM {stage} "
    "WHERE chunk = %(chunk)s AND state = 'met' "
    "ON CONFLICT (layer, source, source_id) DO UPDATE SET feature_id = excluded.feature_id, "
    "content_hash = excluded.content_hash")
