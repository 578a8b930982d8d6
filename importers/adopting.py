"""Rows that mean a feature which is there already, told by several columns together.

A storey is the one of its index in its building. One that the registry made itself, because
units spoke of it, belongs to the first source that names it; one that another source brought is
met and keeps what was said of it first.
"""

from psycopg2 import sql

from importers.staging import Stage
from spatial.statements import run, table


def meet_by_parts(stage: Stage) -> None:
    """Find the features of staged rows by the layer's columns that tell them apart."""
    natural = stage.shape.layer.natural
    if len(natural) < 2 or not set(natural) <= {name for name, _ in stage.shape.stage_columns()}:
        return
    same = sql.SQL(" AND ").join(sql.SQL("t.{0} = s.{0}").format(sql.Identifier(name))
                                 for name in natural)
    for step in (_ADOPT, _ADOPTED, _MET):
        run(stage.session, step.format(stage=stage.name, same=same,
                                       table=table(stage.shape.layer.table.name)),
            {"source": stage.source})


def adopt_changed(stage: Stage) -> None:
    """Give the source what it changes of features that no source brought: made here, by hand."""
    run(stage.session, _TAKE_OVER.format(stage=stage.name,
                                         table=table(stage.shape.layer.table.name)),
        {"source": stage.source})


_WAITING = "s.known_id IS NULL AND s.state IS NULL"
_ADOPT = sql.SQL(
    "UPDATE {table} t SET source = %(source)s, source_id = s.source_id FROM (SELECT DISTINCT ON "
    "(t.id) t.id, s.source_id FROM {stage} s JOIN {table} t ON {same} WHERE " + _WAITING +
    " AND t.source IS NULL AND t.valid_to IS NULL ORDER BY t.id, s.line) s WHERE t.id = s.id")
_ADOPTED = sql.SQL(
    "UPDATE {stage} s SET known_id = t.id, identifier = t.identifier FROM {table} t WHERE "
    + _WAITING + " AND t.source = %(source)s AND t.source_id = s.source_id")
_TAKE_OVER = sql.SQL(
    "UPDATE {table} t SET source = %(source)s, source_id = s.source_id FROM {stage} s "
    "WHERE s.state = 'changed' AND s.known_id = t.id AND t.source IS NULL")
_MET = sql.SQL(
    "UPDATE {stage} s SET known_id = t.id, identifier = t.identifier, met = true FROM {table} t "
    "WHERE " + _WAITING + " AND t.source <> %(source)s AND t.valid_to IS NULL AND {same}")
