"""Households that residents name and no ledger brought: made, so that families stay together.

Only for a source that brings no ledger of households; where it does, an unknown number is an error.
"""

from psycopg2 import sql
from sqlalchemy.orm import Session

from importers.shape import Reference
from importers.staging import Stage
from spatial.statements import Composable, run


def add_missing_households(stage: Stage, reference: Reference, *, job: int) -> int:
    """Make the households whose numbers staged residents name; returns how many."""
    plain = set(stage.shape.plain)
    if not {"name", "relation_to_head"} <= plain:
        head: Composable = sql.SQL("NULL")
        kind: Composable = sql.SQL("'family'")
    else:
        head = sql.SQL("min(s.name) FILTER (WHERE s.relation_to_head = 'head')")
        kind = sql.SQL("CASE WHEN bool_or(s.relation_to_head = 'member') THEN 'collective' "
                       "ELSE 'family' END")
    return run(stage.session, _ADD.format(stage=stage.name, ref=sql.Identifier(reference.stage),
                                          head=head, kind=kind),
               {"source": stage.source, "job": job}).rowcount


def house_households(session: Session) -> int:
    """Say where households made so are: where their head lives, else another member."""
    return run(session, _HOUSE).rowcount


_ADD = sql.SQL(
    "INSERT INTO household (identifier, source, source_id, number, kind, head, recorded_by, "
    "import_id) SELECT 'h' || left(md5(gen_random_uuid()::text), 16), %(source)s, s.{ref}, s.{ref},"
    " {kind}, {head}, 'derived', %(job)s FROM {stage} s WHERE s.{ref} IS NOT NULL "
    "AND s.household_id IS NULL AND s.state IS NULL AND length(s.{ref}) <= 40 AND NOT EXISTS ("
    "SELECT FROM household h WHERE h.source = %(source)s "
    "AND h.recorded_by IS DISTINCT FROM 'derived') GROUP BY s.{ref} "
    "ON CONFLICT (source, source_id) DO NOTHING")
_HOUSE = sql.SQL(
    "UPDATE household h SET unit_id = n.unit_id, building_id = n.building_id FROM ("
    "SELECT DISTINCT ON (r.household_id) r.household_id, y.unit_id, y.building_id FROM household o "
    "JOIN resident r ON r.household_id = o.id JOIN residency y ON y.resident_id = r.id "
    "WHERE o.recorded_by = 'derived' AND o.unit_id IS NULL AND o.building_id IS NULL "
    "AND y.kind = 'living' AND (y.unit_id IS NOT NULL OR y.building_id IS NOT NULL) "
    "AND (y.valid_to IS NULL OR y.valid_to > now()) "
    "ORDER BY r.household_id, r.relation_to_head = 'head' DESC NULLS LAST, y.id) n "
    "WHERE h.id = n.household_id")
