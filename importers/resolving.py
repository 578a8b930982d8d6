"""References resolved in one pass: the staged rows are written once more, with all that was found.

Row by row an update costs several times what a join does. So the usual writings of all references
are joined at once into a new staging table; what they leave open is looked for writing by writing
(staging.py), which touches those rows only.
"""

from collections.abc import Iterator, Sequence

from psycopg2 import sql

from importers.shape import Reference
from importers.staging import UNIQUE, Stage
from layers.base import Field
from spatial.statements import Composable, run, table


def resolve_first(stage: Stage, references: Sequence[Reference]) -> None:
    """Find the first target of several references, by the writings that ledgers use."""
    joins, found = list[Composable](), dict[str, Composable]()
    for reference in references:
        column, field = reference.targets[0]
        if field.refers == stage.shape.layer.table.name:
            continue                            # it may stand in this very file
        tried = []
        for by in _writings(field):
            alias = sql.Identifier(f"t{len(joins)}")
            tried.append(sql.SQL("{}.id").format(alias))
            joins.append(_join(reference, field, by, alias))
        found[column] = sql.SQL("coalesce({})").format(sql.SQL(", ").join(tried))
    if not found:
        return
    columns = sql.SQL(", ").join(
        sql.SQL("{} AS {}").format(found.get(name, sql.SQL("s.{}").format(sql.Identifier(name))),
                                   sql.Identifier(name))
        for name, _ in stage.shape.stage_columns())
    fresh = table(f"{stage.plain_name}_resolved")
    for step in (_DROP, _MAKE, _REPLACE, _RENAME):
        run(stage.session, step.format(
            fresh=fresh, stage=stage.name, columns=columns, joins=sql.SQL("").join(joins)),
            {"source": stage.source})


def _writings(field: Field) -> Iterator[str]:
    """Yield the writings tried: of what is sought everywhere the first, inside something all."""
    if not field.within:
        yield field.by[0]
        return
    for by in field.by:
        yield by
        if by == "number":
            yield "label"                       # an entrance is also known by what is on it


def _join(reference: Reference, field: Field, by: str, alias: sql.Identifier) -> Composable:
    said: Composable = sql.SQL("s.{}").format(sql.Identifier(reference.stage))
    if by == "index":
        said = _AS_NUMBER.format(said)
    inside: Composable = sql.SQL("")
    known = sql.SQL(" AND t.source = %(source)s") if by == "source_id" else sql.SQL("")
    if field.within:
        inside = sql.SQL(" AND {}.inside = s.{}").format(alias, sql.Identifier(field.within))
    rows = _INSIDE if field.within else _NAMED if by == "source_id" else _BEARING
    return sql.SQL(" LEFT JOIN ({}) {alias} ON {alias}.said = {said}{inside}").format(
        rows.format(target=table(field.refers or ""), by=sql.Identifier(by), known=known,
                    layer=sql.Literal(field.refers), within=sql.Identifier(field.within or "id"),
                    alone=_ALONE if by in UNIQUE else sql.SQL("")),
        alias=alias, said=said, inside=inside)


_DROP = sql.SQL("DROP TABLE IF EXISTS {fresh}")
_MAKE = sql.SQL("CREATE UNLOGGED TABLE {fresh} AS SELECT {columns} FROM {stage} s{joins}")
_REPLACE = sql.SQL("DROP TABLE {stage}")
_RENAME = sql.SQL("ALTER TABLE {fresh} RENAME TO {stage}")
_AS_NUMBER = sql.SQL("CASE WHEN {0} ~ '^-?[0-9]{{1,3}}(\\.[0-9]+)?$' THEN {0}::float8 END")
_ALONE = sql.SQL(" HAVING count(*) = 1")
_INSIDE = sql.SQL("SELECT min(t.id) AS id, t.{within} AS inside, t.{by} AS said FROM {target} t "
                  "WHERE t.{by} IS NOT NULL{known} GROUP BY 2, 3")
_BEARING = sql.SQL("SELECT min(t.id) AS id, t.{by} AS said FROM {target} t "
                   "WHERE t.valid_to IS NULL GROUP BY 2{alone}")
_NAMED = sql.SQL("SELECT min(n.id) AS id, n.said FROM (SELECT t.id, t.source_id AS said FROM "
                 "{target} t WHERE t.source = %(source)s UNION ALL SELECT feature_id, source_id "
                 "FROM source_link WHERE source = %(source)s AND layer = {layer}) n GROUP BY 2")
