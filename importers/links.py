"""What a ledger row says of a second table: a residency, premises; written, changed, ended."""

from collections.abc import Iterator

from psycopg2 import sql

from importers.scoping import scoped
from importers.shape import LinkShape, Shape
from layers.across.placement import SCOPED_BY
from spatial.statements import Composable, names, table

#: Link tables of which a person has one of a kind a day: a second one is kept as reported.
ONE_A_DAY = frozenset({"residency"})


def upserts(shape: Shape, stage: Composable) -> Iterator[Composable]:
    """Yield the statements that write and end the links of one chunk's rows, in their order."""
    for position, link in enumerate(shape.links):
        yield _upsert(shape, stage, position, link)
        if "kind" in link.columns:
            yield _END.format(link=_table(link), owner=sql.Identifier(link.link.owner),
                              stage=stage, table=table(shape.layer.table.name),
                              kinds=sql.Identifier(link.prefix + "kind"),
                              said=_said_elsewhere(shape, link))


def inserts(shape: Shape, stage: Composable) -> Iterator[Composable]:
    """Yield the statements that write the links of all new rows at once."""
    staged = {name for name, _ in shape.resolved()}
    for position, link in enumerate(shape.links):
        own, keys, said = _filled(link)
        scope, joins = scoped(SCOPED_BY.get(link.link.model.__tablename__, ()), staged,
                              link.prefix)
        yield _INSERT.format(
            **_parts(shape, stage, link, own, keys), scope=scope, joins=joins,
            other=_said_before(shape, position, link), said=said)


def ends_of_missing(shape: Shape, stage: Composable) -> Iterator[Composable]:
    """Yield the statements that end links of rows which a snapshot does not name."""
    for name in {link.model.__tablename__ for link in shape.layer.links}:
        yield _END_MISSING.format(link=table(name), stage=stage)


def doubtful(shape: Shape) -> Iterator[Composable]:
    """Yield the statements that mark what cannot both be so, the later one as reported.

    A table just filled has no statistics yet: a planner that takes it for small would go through
    it once a row, for minutes. So the two sides are joined by hashing, never row by row.
    """
    for name in {link.link.model.__tablename__ for link in shape.links} & ONE_A_DAY:
        yield sql.SQL("SET LOCAL enable_nestloop = off")
        yield _REPORTED.format(link=table(name),
                               owner=sql.Identifier(shape.links[0].link.owner))
        yield sql.SQL("SET LOCAL enable_nestloop = on")


def _upsert(shape: Shape, stage: Composable, position: int, link: LinkShape) -> Composable:
    """Write one row a kind; what the stage row does not say stays as it was."""
    own, keys, said = _filled(link)
    return _UPSERT.format(
        **_parts(shape, stage, link, own, keys), other=_said_before(shape, position, link),
        said=said, **_changes(link, own))


def _filled(link: LinkShape) -> tuple[list[str], list[str], Composable]:
    """Return the own columns that are filled, the references, and whether a row says any."""
    own = [c for c in link.columns if c != "kind"]
    own += [f"{c}_precision" for c in own if c in ("valid_from", "valid_to")]
    keys = [column for column, _ in link.reference.targets] if link.reference else []
    said = [*(link.prefix + c for c in own if c == "address"), *keys]
    return own, keys, sql.SQL(" OR ").join(
        sql.SQL("s.{} IS NOT NULL").format(sql.Identifier(c)) for c in said) or sql.SQL("TRUE")


def _parts(shape: Shape, stage: Composable, link: LinkShape, own: list[str], keys: list[str],
           ) -> dict[str, Composable]:
    """Return what both ways of writing links name."""
    bare = [*own, *(key.removeprefix(link.prefix) for key in keys)]
    return {"link": _table(link), "owner": sql.Identifier(link.link.owner), "stage": stage,
            "table": table(shape.layer.table.name), "prefix": sql.Literal(link.link.model.prefix),
            "bare": names(bare), "kinds": _kinds(link),
            "staged": names([link.prefix + c for c in own] + keys, of="s")}


def _changes(link: LinkShape, own: list[str]) -> dict[str, Composable]:
    """Return what an update sets, and when it is one.

    A place found for an address stays as long as the address does; what is said again lives.
    """
    places = [name for name in ("unit_id", "building_id", "compound_id")
              if name in link.link.model.__table__.c]
    kept = [_KEPT.format(link=_table(link), column=sql.Identifier(name), none=_NONE.join(
        sql.SQL("excluded.{} IS NULL").format(sql.Identifier(one)) for one in places))
        for name in places]
    columns = [*own, *([] if "valid_to" in own else ["valid_to", "valid_to_precision"])]
    owner = link.link.owner                     # a record that was parted has another one
    sets = [sql.SQL("{0} = excluded.{0}").format(sql.Identifier(c))
            for c in (*columns, owner, "recorded_by", "import_id")]
    sets += [sql.SQL("{} = {}").format(sql.Identifier(name), value)
             for name, value in zip(places, kept, strict=True)]
    now = sql.SQL(", ").join([names([*columns, owner], of="excluded"), *kept])
    return {"sets": sql.SQL(", ").join(sets), "now": now,
            "was": names([*columns, owner, *places], of=link.link.model.__tablename__)}


def _kinds(link: LinkShape) -> Composable:
    usual = sql.SQL("ARRAY[{}]").format(sql.Literal(link.link.kind))
    if "kind" not in link.columns:
        return usual
    return sql.SQL("coalesce(s.{}, {})").format(sql.Identifier(link.prefix + "kind"), usual)


def _said_before(shape: Shape, position: int, link: LinkShape) -> Composable:
    """Leave out a kind that an earlier link of the same table says already."""
    return sql.SQL("").join(
        sql.SQL(" AND NOT k.kind = ANY({})").format(_kinds(one))
        for one in shape.links[:position]
        if one.link.model is link.link.model and "kind" in one.columns)


def _said_elsewhere(shape: Shape, link: LinkShape) -> Composable:
    """Spare a kind that another link of the same row says, as a registered address does."""
    return sql.SQL("").join(
        sql.SQL(" AND NOT (l.kind = {} AND s.{} IS NOT NULL)").format(
            sql.Literal(other.link.kind), sql.Identifier(other.prefix + "address"))
        for other in shape.links
        if other is not link and other.link.model is link.link.model
        and "address" in other.columns)


def _table(link: LinkShape) -> Composable:
    return table(link.link.model.__tablename__)


_NONE = sql.SQL(" AND ")
_KEPT = sql.SQL("CASE WHEN {none} AND {link}.address IS NOT DISTINCT FROM excluded.address "
                "THEN {link}.{column} ELSE excluded.{column} END")
_UPSERT = sql.SQL(
    "INSERT INTO {link} (identifier, source, source_id, recorded_by, import_id, {owner}, kind, "
    "{bare}) SELECT {prefix} || left(md5(gen_random_uuid()::text), 16), %(source)s, "
    "s.source_id || '#' || k.kind, %(by)s, %(job)s, o.id, k.kind, {staged} "
    "FROM {stage} s JOIN {table} o ON o.identifier = s.identifier "
    "CROSS JOIN LATERAL unnest({kinds}) AS k(kind) "
    "WHERE s.chunk = %(chunk)s AND coalesce(s.state, 'new') = ANY(%(linked)s) AND ({said}){other} "
    "ON CONFLICT (source, source_id) DO UPDATE SET {sets} WHERE ({was}) IS DISTINCT FROM ({now})")
_INSERT = sql.SQL(
    "INSERT INTO {link} (identifier, source, source_id, recorded_by, import_id, scope, {owner}, "
    "kind, {bare}) SELECT {prefix} || left(md5(gen_random_uuid()::text), 16), %(source)s, "
    "s.source_id || '#' || k.kind, %(by)s, %(job)s, {scope}, o.id, k.kind, {staged} "
    "FROM {stage} s JOIN {table} o ON o.identifier = s.identifier{joins} "
    "CROSS JOIN LATERAL unnest({kinds}) AS k(kind) WHERE s.state IS NULL AND ({said}){other}")
_END = sql.SQL(
    "UPDATE {link} l SET valid_to = now(), valid_to_precision = 'instant', "
    "recorded_by = %(by)s, import_id = %(job)s FROM {stage} s JOIN {table} o "
    "ON o.identifier = s.identifier "
    "WHERE s.chunk = %(chunk)s AND s.state IN ('changed', 'met') AND l.{owner} = o.id "
    "AND l.valid_to IS NULL AND l.source = %(source)s AND s.{kinds} IS NOT NULL "
    "AND NOT l.kind = ANY(s.{kinds}){said} AND l.source_id = s.source_id || '#' || l.kind")
_END_MISSING = sql.SQL(
    "UPDATE {link} l SET valid_to = now(), valid_to_precision = 'instant', "
    "recorded_by = %(by)s, import_id = %(job)s, reason = 'not in the snapshot' "
    "WHERE l.source = %(source)s AND l.valid_to IS NULL "
    "AND right(l.source_id, length(l.kind) + 1) = '#' || l.kind "
    "AND NOT EXISTS (SELECT FROM {stage} s WHERE s.source_id = "
    "left(l.source_id, -(length(l.kind) + 1)))")
_REPORTED = sql.SQL(
    "UPDATE {link} l SET state = 'reported' FROM {link} e WHERE l.import_id = %(job)s "
    "AND l.state IS NULL AND e.{owner} = l.{owner} AND e.kind = l.kind AND e.id < l.id "
    "AND coalesce(e.state, 'confirmed') = 'confirmed' "
    "AND coalesce(e.valid_to, 'infinity') > coalesce(l.valid_from, '-infinity') "
    "AND coalesce(l.valid_to, 'infinity') > coalesce(e.valid_from, '-infinity')")
