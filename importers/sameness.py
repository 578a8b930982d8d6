"""Rows that say in other words what is there already: they change nothing.

A row's hash tells quickly that it is the same text as before. Where it is not, the values decide:
an export read in again has other columns and other words for the same thing.
"""

from psycopg2 import sql
from sqlalchemy import DateTime

from importers.shape import Shape
from importers.staging import Stage
from spatial.statements import Composable, run, table

#: Degrees that the eighth decimal, which exports write, may round away: 1.5 millimetres.
ROUNDED = 1.5e-8
#: Written once, at the first load: it cannot change.
ONCE = frozenset({"creation_date"})


def settle_same(stage: Stage) -> None:
    """Call unchanged what differs in no value; sealed values and links are not compared."""
    shape = stage.shape
    if shape.sealed or shape.links:
        return
    run(stage.session, _SAME.format(
        stage=stage.name, table=table(shape.layer.table.name),
        same=sql.SQL(" AND ").join([sql.SQL("TRUE"), *_comparisons(shape)])))


def _comparisons(shape: Shape) -> list[Composable]:
    columns = shape.layer.table.c
    own = [column for one in shape.references for column, _ in one.targets]
    said = [name for name in (*shape.plain, *own, *shape.times) if name not in ONCE]
    parts: list[Composable] = []
    for name in said:
        instant = isinstance(columns[name].type, DateTime)
        form = _TO_THE_SECOND if instant else _EQUAL
        parts.append(form.format(sql.Identifier(name)))
    shapes = [name for name in ("geometry", "solid")
              if (name == "geometry" and shape.has_geometry) or name in shape.measured]
    return [*parts, *(_AS_DRAWN.format(sql.Identifier(name)) for name in shapes),
            *(_AS_MEASURED for name in shape.measured if name == "volume_source")]


_AS_MEASURED = sql.SQL("((t.volume_source = 'measured') IS TRUE) = "
                       "((s.volume_source = 'measured') IS TRUE)")
_EQUAL = sql.SQL("t.{0} IS NOT DISTINCT FROM s.{0}")
_TO_THE_SECOND = sql.SQL(
    "date_trunc('second', t.{0}) IS NOT DISTINCT FROM date_trunc('second', s.{0})")
_AS_DRAWN = sql.SQL(
    "(t.{0} IS NOT DISTINCT FROM s.{0} OR (ST_NPoints(t.{0}) = ST_NPoints(s.{0}) AND "
    "abs(ST_XMin(t.{0}) - ST_XMin(s.{0})) < " + str(ROUNDED) + " AND "
    "abs(coalesce(ST_ZMax(t.{0}), 0) - coalesce(ST_ZMax(s.{0}), 0)) < 0.002 AND "
    "ST_HausdorffDistance(t.{0}, s.{0}) < " + str(ROUNDED) + "))")
_SAME = sql.SQL(
    "UPDATE {stage} s SET state = 'unchanged' FROM {table} t WHERE s.state = 'changed' "
    "AND t.id = s.known_id AND (t.valid_to <= now() AND (t.reason = 'not in the snapshot' "
    "OR t.reason LIKE 'import %% withdrawn')) IS NOT TRUE AND {same}")
