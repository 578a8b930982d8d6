"""Rows that are versions: a register's own history, brought with its first load.

Of each object one version becomes the present row, every other one stands beside it in history,
with the register time it came with; so `valid_at` and `known_at` answer as that register would.
An object that its register removed leaves its last version in history, and ends in the present.
What is known already gets no second past: a later load tells of the present only, and the
registry's own time begins.
"""

from collections.abc import Iterator

from psycopg2 import sql

from importers.shape import Reference
from importers.staging import Stage
from layers.across.placement import PAST_UNPLACED
from spatial.crs import WEB
from spatial.state import remember
from spatial.statements import Composable, names, run, table


def infer(stage: Stage, reference: Reference) -> None:
    """Fill a reference that other references of the row tell: a unit's building is its storey's."""
    for column, field in reference.targets:
        for through in field.through:
            other = next((one for one in stage.shape.references
                          if through in dict(one.targets)), None)
            if other is not None:
                run(stage.session, _INFER.format(
                    stage=stage.name, column=sql.Identifier(column),
                    other=table(dict(other.targets)[through].refers or ""),
                    ref=sql.Identifier(other.stage)), {"source": stage.source})


def tell_apart(stage: Stage) -> None:
    """Say of each staged row whether it is the present of its object, past, or removed."""
    at = {name: _staged(stage, name) for name in (
        "termination_date", "valid_from", "valid_to", "creation_date")}
    run(stage.session, _RANK.format(stage=stage.name, **at))
    if "termination_date" in stage.shape.times:
        run(stage.session, _REMOVED.format(stage=stage.name))


class Past:
    """What a load of versions writes, when all that is present stands."""

    def __init__(self, stage: Stage, values: dict[str, object]) -> None:
        self.stage, self.values = stage, values
        self.table = stage.shape.layer.table
        self.written = [c for c in stage.shape.written
                        if c not in ("creation_date", "valid_to", "valid_to_precision", "reason")]

    def write(self) -> int:
        """Write removed objects and all past versions; returns how many versions."""
        if "termination_date" in self.stage.shape.times:
            for statement in (self._end(), self._remove()):
                run(self.stage.session, statement, self.values)
        written = run(self.stage.session, self._keep(), self.values).rowcount
        if written:
            remember(self.stage.session, PAST_UNPLACED, "yes")
        return max(written, 0)

    def _ended(self) -> Iterator[tuple[str, Composable]]:
        """Yield what ends a row: it was in the world until its register removed it, or before."""
        to = _staged(self.stage, "valid_to")
        yield "valid_to", sql.SQL("coalesce({}, s.termination_date)").format(to)
        yield "valid_to_precision", sql.SQL("coalesce({}, 'instant')").format(
            _staged(self.stage, "valid_to_precision", "text"))
        yield "reason", sql.SQL("coalesce({}, 'removed from its register')").format(
            _staged(self.stage, "reason", "text"))

    def _remove(self) -> Composable:
        """Give an object that has no present its last row, which has ended."""
        ended = dict(self._ended())
        return sql.SQL(
            "INSERT INTO {table} (source, source_id, identifier, content_hash, recorded_by, "
            "import_id, creation_date, {ends}, {columns}) SELECT %(source)s, s.source_id, "
            "s.identifier, s.content_hash, %(by)s, %(job)s, s.termination_date, {ended}, {given} "
            "FROM {stage} s WHERE s.state = 'removed' "
            "ON CONFLICT (source, source_id) DO NOTHING").format(
                table=table(self.table.name), ends=names(ended), columns=names(self.written),
                ended=sql.SQL(", ").join(ended.values()), given=names(self.written, of="s"),
                stage=self.stage.name)

    def _end(self) -> Composable:
        """End what is known and was removed from its register since."""
        sets = sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(name), value)
                                  for name, value in self._ended())
        return sql.SQL(
            "UPDATE {table} t SET {sets}, content_hash = s.content_hash, recorded_by = %(by)s, "
            "import_id = %(job)s FROM {stage} s WHERE s.state = 'ending' AND t.id = s.known_id"
        ).format(table=table(self.table.name), sets=sets, stage=self.stage.name)

    def _keep(self) -> Composable:
        """Lay the past versions beside the present one, which lends them its identity."""
        said: dict[str, Composable] = {name: sql.SQL("s.{}").format(sql.Identifier(name))
                for name in self.stage.shape.written if name != "creation_date"}
        said |= {name: sql.SQL("t.{}").format(sql.Identifier(name))
                 for name in ("id", "identifier", "source", "source_id", "scope")}
        said |= {"creation_date": sql.SQL("coalesce({}, now())").format(
                     _staged(self.stage, "creation_date")),
                 "termination_date": _staged(self.stage, "termination_date"),
                 "loaded_at": sql.SQL("clock_timestamp()"), "recorded_by": sql.SQL("%(by)s"),
                 "import_id": sql.SQL("%(job)s"), "content_hash": sql.SQL("s.content_hash")}
        if "geometry" in said:
            said["geom_3857"] = sql.SQL("ST_Transform(s.geometry, {})").format(sql.Literal(WEB))
        return sql.SQL(
            "INSERT INTO {past} ({columns}) SELECT {given} FROM {stage} s JOIN {table} t "
            "ON t.source = %(source)s AND t.source_id = s.source_id "
            "WHERE s.state IN ('past', 'removed') ORDER BY s.line").format(
                past=table(f"{self.table.name}_history"), columns=names(said),
                given=sql.SQL(", ").join(said.values()), stage=self.stage.name,
                table=table(self.table.name))


def _staged(stage: Stage, name: str, kind: str = "timestamptz") -> Composable:
    """Return a staged column, or nothing where the file has none of it."""
    if name in stage.shape.times:
        return sql.SQL("s.{}").format(sql.Identifier(name))
    return sql.SQL("NULL::{}").format(sql.SQL(kind))


_INFER = sql.SQL(
    "UPDATE {stage} s SET {column} = t.{column} FROM {other} t WHERE s.{column} IS NULL "
    "AND s.{ref} IS NOT NULL AND t.source = %(source)s AND t.source_id = s.{ref}")
# The present is what the register holds to be so now, else what it said last.
_RANK = sql.SQL(
    "WITH ranked AS (SELECT s.ctid AS at, row_number() OVER (PARTITION BY s.source_id ORDER BY "
    "{termination_date} IS NULL DESC, (coalesce({valid_from}, '-infinity') <= now() AND "
    "coalesce({valid_to}, 'infinity') > now()) DESC, {valid_from} DESC NULLS LAST, "
    "{creation_date} DESC NULLS LAST, s.line DESC) AS place FROM {stage} s WHERE s.state IS NULL) "
    "UPDATE {stage} s SET state = CASE WHEN s.known_id IS NULL THEN 'past' ELSE 'unchanged' END "
    "FROM ranked r WHERE r.at = s.ctid AND r.place > 1")
_REMOVED = sql.SQL(
    "UPDATE {stage} SET state = CASE WHEN known_id IS NULL THEN 'removed' WHEN was_hash = "
    "content_hash THEN 'unchanged' ELSE 'ending' END "
    "WHERE state IS NULL AND termination_date IS NOT NULL")
