"""Places of several sources meet by their address: the number in a street, the flat in a house.

An address tells one place only where one place bears it on either side. Where several do, or where
what both draw lies apart, nothing meets by itself: people are asked (importers/resembling.py).
"""

from collections.abc import Sequence

from psycopg2 import sql

from importers.overlapping import DOUBTFUL
from importers.staging import Stage
from spatial.statements import Composable, run, table

#: Degrees of latitude in 300 metres: points of one place lie no farther apart.
NEAR = 300 / 111_195
#: Closes the name of a column that may be unknown on one side.
OR_UNKNOWN = "?"


def meet_by_address(stage: Stage) -> None:
    """Let staged places that are not known meet those of other sources, one to one."""
    known = {name for name, _ in stage.shape.stage_columns()}
    if not stage.shape.layer.addresses or not other_sources(stage):
        return
    for address in stage.shape.layer.addresses:
        if {name for name in address if not name.endswith(OR_UNKNOWN)} <= known:
            run(stage.session, _MEET.format(
                stage=stage.name, table=table(stage.shape.layer.table.name),
                same=same_address(address, known, one="s"),
                where=lies_alike("s") if stage.shape.has_geometry else sql.SQL("TRUE")),
                {"source": stage.source})


def other_sources(stage: Stage) -> bool:
    """Tell whether any other source has brought features of this layer; two looks at an index."""
    found = run(stage.session, sql.SQL("SELECT min(source), max(source) FROM {}").format(
        table(stage.shape.layer.table.name))).fetchone()
    return found is not None and {found[0], found[1]} - {None, stage.source} != set()


def same_address(address: Sequence[str], known: set[str], *, one: str, other: str = "t"
                 ) -> Composable:
    """Return the condition that two rows bear the same address."""
    parts: list[Composable] = []
    for name in address:
        plain = name.removesuffix(OR_UNKNOWN)
        if plain in known:
            form = _EQUAL if plain == name else _NOT_OTHER
            parts.append(form.format(a=sql.Identifier(one, plain), b=sql.Identifier(other, plain)))
    return sql.SQL(" AND ").join(parts)


def lies_alike(one: str, other: str = "t") -> Composable:
    """Return the condition that two shapes can be those of one place, as far as they are known."""
    return _ALIKE.format(a=sql.Identifier(one, "geometry"), b=sql.Identifier(other, "geometry"),
                         share=sql.Literal(DOUBTFUL), near=sql.Literal(NEAR))


_EQUAL = sql.SQL("{a} = {b}")
_NOT_OTHER = sql.SQL("coalesce({a} = {b}, true)")
_ALIKE = sql.SQL(
    "CASE WHEN {a} IS NULL OR {b} IS NULL THEN true "
    "WHEN ST_Dimension({a}) = 2 AND ST_Dimension({b}) = 2 THEN ST_Area(ST_Intersection({a}, {b})) "
    ">= {share} * least(ST_Area({a}), ST_Area({b})) "
    "ELSE ST_DWithin({a}, {b}, {near}) END")
_MEET = sql.SQL(
    "WITH pairs AS (SELECT s.ctid AS at, t.id, t.identifier, count(*) OVER (PARTITION BY s.ctid) "
    "AS there, count(*) OVER (PARTITION BY t.id) AS here, {where} AS alike FROM {stage} s "
    "JOIN {table} t ON {same} WHERE s.known_id IS NULL AND s.state IS NULL AND s.met IS NOT TRUE "
    "AND t.source <> %(source)s AND t.valid_to IS NULL) UPDATE {stage} s SET known_id = p.id, "
    "identifier = p.identifier, met = true FROM pairs p WHERE s.ctid = p.at AND p.there = 1 "
    "AND p.here = 1 AND p.alike")
