"""Finds what of two sources may be one thing: told to people, who say whether it is.

What meets beyond doubt met already (importers/recognising.py). Here are the near-matches: houses
that overlap, an address that several bear, one name with one phone. Two of one source are never
paired, nor are persons or organizations whose numbers say that they are two.
"""

from collections.abc import Collection, Iterator

from psycopg2 import sql
from sqlalchemy.orm import Session

from importers.addressed import NEAR, same_address
from importers.overlapping import DOUBTFUL
from layers import catalogue
from layers.base import Layer
from spatial.statements import Composable, run, table

#: Of one record no more are asked: the closest.
MOST = 3


def find_pairs(session: Session, jobs: Collection[int] | None) -> None:
    """Pair what these imports brought with what other sources have; None asks of everything."""
    for layer in catalogue().values():
        rules = list(_rules(layer))
        if not rules or not _several_sources(session, layer):
            continue
        values = {"layer": layer.table.name, "jobs": None if jobs is None else list(jobs),
                  "most": MOST}
        parts = {"table": table(layer.table.name)}
        run(session, _OVER.format(**parts), values)
        found = sql.SQL(" UNION ALL ").join(_RULE.format(
            why=why, share=share, condition=rule, **parts) for why, share, rule in rules)
        run(session, _PAIR.format(found=found, **parts), values)
        run(session, _PLACE.format(**parts), values)


def _several_sources(session: Session, layer: Layer) -> bool:
    found = run(session, sql.SQL("SELECT min(source) < max(source) FROM {}").format(
        table(layer.table.name))).fetchone()
    return bool(found and found[0])


def _rules(layer: Layer) -> Iterator[tuple[Composable, Composable, Composable]]:
    """Yield what pairs have in common, what they share in space, and the condition."""
    none: Composable = sql.SQL("NULL::float8")
    known = {column.name for column in layer.table.columns}
    for address in layer.addresses:
        yield sql.SQL("ARRAY['address']"), none, same_address(address, known, one="t", other="o")
    if layer.meets:
        yield sql.SQL("ARRAY['footprint']"), _SHARE, _OVERLAP
    if layer.name in _OWN:
        why, condition = _OWN[layer.name]
        yield sql.SQL(why), none, sql.SQL(condition)


_SHARE = sql.SQL("ST_Area(ST_Intersection(t.geometry, o.geometry)) / "
                 "ST_Area(ST_Union(t.geometry, o.geometry))")
_OVERLAP = sql.SQL(
    "o.geometry && t.geometry AND ST_Dimension(t.geometry) = 2 AND ST_Dimension(o.geometry) = 2 "
    "AND ST_Area(ST_Intersection(t.geometry, o.geometry)) >= " + str(DOUBTFUL) +
    " * ST_Area(ST_Union(t.geometry, o.geometry))")
_HOME = ("EXISTS (SELECT FROM {0} a JOIN {0} b ON b.unit_id = a.unit_id OR b.address = a.address "
         "OR (a.unit_id IS NULL AND b.unit_id IS NULL AND b.building_id = a.building_id) "
         "WHERE a.{1} = t.id AND b.{1} = o.id AND a.valid_to IS NULL AND b.valid_to IS NULL)")
_ANY_HOME = ("EXISTS (SELECT FROM premises a WHERE a.organization_id = {0}.id "
             "AND a.valid_to IS NULL)")
_NEAR_CODE = ("(SELECT count(*) FROM generate_series(1, 18) i WHERE substr(t.credit_code, i, 1) "
              "<> substr(o.credit_code, i, 1)) <= 2")
_PREMISES, _RESIDENCY = (_HOME.format("premises", "organization_id"),
                         _HOME.format("residency", "resident_id"))
#: Ledger -> what two records have in common beside their name, and when they are asked about.
_OWN = {
    "compounds": (
        "ARRAY['name']",
        "(o.name = t.name OR o.name = ANY(t.aliases) OR t.name = ANY(o.aliases)) AND "
        "(o.community_id IS NULL OR t.community_id IS NULL OR o.community_id = t.community_id "
        f"OR ST_DWithin(o.geometry, t.geometry, {NEAR}))"),
    "organizations": (
        "array_remove(ARRAY['name', CASE WHEN t.phone = o.phone THEN 'phone' END, "
        f"CASE WHEN {_PREMISES} THEN 'place' END, "
        "CASE WHEN t.credit_code <> o.credit_code THEN 'code' END], NULL)",
        "o.name_fold = t.name_fold AND coalesce(t.credit_code = o.credit_code "
        f"OR {_NEAR_CODE}, true) AND (t.phone = o.phone OR {_PREMISES} "
        f"OR t.credit_code <> o.credit_code OR NOT {_ANY_HOME.format('t')} "
        f"OR NOT {_ANY_HOME.format('o')})"),
    "residents": (
        "array_remove(ARRAY['name', CASE WHEN t.phone_key = o.phone_key THEN 'phone' END, "
        f"CASE WHEN {_RESIDENCY} THEN 'place' END, "
        "CASE WHEN t.household_id = o.household_id THEN 'household' END], NULL)",
        "o.name_fold = t.name_fold AND (t.id_number_key IS NULL OR o.id_number_key IS NULL) "
        f"AND (t.phone_key = o.phone_key OR t.household_id = o.household_id OR {_RESIDENCY})"),
}
_RULE = sql.SQL(
    "SELECT least(t.id, o.id) AS first_id, greatest(t.id, o.id) AS second_id, {why} AS why, "
    "{share} AS share, t.import_id FROM {table} t JOIN {table} o ON o.source <> t.source "
    "AND o.valid_to IS NULL AND {condition} WHERE t.valid_to IS NULL "
    "AND (%(jobs)s::bigint[] IS NULL OR t.import_id = ANY(%(jobs)s))")
_PAIR = sql.SQL(
    "INSERT INTO source_pair (layer, first_id, second_id, why, share, import_id) "
    "SELECT %(layer)s, first_id, second_id, why, share, import_id FROM (SELECT *, row_number() "
    "OVER (PARTITION BY second_id ORDER BY share DESC NULLS LAST, cardinality(why) DESC, first_id) "
    "AS place FROM (SELECT first_id, second_id, array_agg(DISTINCT one ORDER BY one) AS why, "
    "max(share) AS share, max(import_id) AS import_id FROM ({found}) f, unnest(f.why) AS one "
    "GROUP BY 1, 2) whole) ranked WHERE place <= %(most)s "
    "ON CONFLICT (layer, first_id, second_id) DO NOTHING")
# What is over needs no answer any more.
_OVER = sql.SQL(
    "DELETE FROM source_pair p USING {table} t WHERE p.layer = %(layer)s AND p.decided IS NULL "
    "AND t.id IN (p.first_id, p.second_id) AND t.valid_to <= now()")
_PLACE = sql.SQL(
    "UPDATE source_pair p SET scope = (SELECT d.low FROM division d WHERE d.low <= least("
    "nullif(a.scope, 0), nullif(b.scope, 0)) AND d.high >= greatest(nullif(a.scope, 0), "
    "nullif(b.scope, 0)) ORDER BY d.high - d.low LIMIT 1) FROM {table} a, {table} b "
    "WHERE p.layer = %(layer)s AND p.decided IS NULL AND a.id = p.first_id AND b.id = p.second_id")
