"""What a further source adds to a feature that is there, and what the feature's own source keeps.

The first source's word stays; a further one fills what was empty, and takes the place of the rest
only where the order of sources says so (importers/authority.py). Whose value a field has is kept
beside the feature (FieldOrigin), so that a later delivery of either source does not undo it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from psycopg2 import sql

from importers.authority import Authority
from importers.shape import Shape
from importers.staging import Stage
from spatial.statements import Composable, names, run, table

COMMA, OR = sql.SQL(", "), sql.SQL(" OR ")


@dataclass(frozen=True, slots=True)
class Filling:
    """The statements for one load's rows that are about features of several sources."""

    shape: Shape
    source: str
    authority: Authority

    def steps(self, stage: Composable) -> Iterator[Composable]:
        """Yield what stores the rows of a chunk that met another source's features."""
        if fields := self.fields():
            yield self._fill(stage, fields)
        yield _NAME_MET.format(stage=stage, table=table(self.shape.layer.table.name),
                               said=self._said())

    def yield_to_others(self, stage: Stage) -> None:
        """Let changed rows keep what others fill or say with more authority; once a load."""
        known = run(stage.session, _ANY, {"layer": self.shape.layer.table.name}).fetchone()
        fields = self.fields()
        if known is None or not fields:
            return
        kept = {one: self._kept(one) for one in fields}
        pairs = [(twin, kept[one]) for one in fields for twin in self.twins(one)]
        asked = [kept[one] for one in fields if one in self.shape.derived_from]
        pairs += [(one, OR.join(asked)) for one in self.shape.derived if asked]
        values = {"layer": self.shape.layer.table.name, "source": self.source}
        own = table(self.shape.layer.table.name)
        run(stage.session, _TAKE_BACK.format(
            stage=stage.name, table=own, left=COMMA.join(_LEFT.format(
                name=sql.Literal(one), kept=kept[one], column=sql.Identifier(one))
                for one in fields)), values)
        run(stage.session, _YIELD.format(
            stage=stage.name, table=own, sets=COMMA.join(
                _EITHER.format(column=sql.Identifier(one), when=when) for one, when in pairs)),
            values)

    def fields(self) -> list[str]:
        """Return the columns of which each may have the value of another source."""
        shape, natural = self.shape, self.shape.layer.natural
        own = [column for one in shape.references for column, _ in one.targets]
        drawn = ["geometry"] if shape.has_geometry and not shape.has_solid else []
        return [c for c in (*shape.plain, *shape.sealed, *own, *drawn)
                if c not in natural and f"{c}_key" not in natural]

    def every_field(self) -> list[str]:
        """Return these and the code that tells one feature from all: a merge may fill it in."""
        natural = self.shape.layer.natural
        telling = [c for c in (*self.shape.plain, *self.shape.sealed)
                   if len(natural) == 1 and natural[0] in (c, f"{c}_key")]
        return [*self.fields(), *telling]

    def twins(self, field: str) -> list[str]:
        """Return the columns that stand and fall with a field: itself and its blind index."""
        return [field, *([f"{field}_key"] if f"{field}_key" in self.shape.keys else [])]

    def _fill(self, stage: Composable, fields: list[str]) -> Composable:
        shape = self.shape
        sets = [_WON.format(column=sql.Identifier(twin), field=sql.Literal(one))
                for one in fields for twin in self.twins(one)]
        asked = [one for one in fields if one in shape.derived_from]
        either = sql.SQL("coalesce(t.{0}, s.{0})" if shape.derives_in_part else "s.{0}")
        sets += [_DERIVED.format(column=sql.Identifier(one), asked=sql.Literal(asked),
                                 value=either.format(sql.Identifier(one)))
                 for one in shape.derived if asked]
        return _FILL.format(
            table=table(shape.layer.table.name), stage=stage, sets=COMMA.join(sets),
            won=COMMA.join(self._wins(one) for one in fields))

    def _wins(self, field: str) -> Composable:
        """Return name and origin of a field that the further source fills or prevails in."""
        compared = self.twins(field)[-1]
        ledger = self.ledger(field)
        listed = self.source in self.authority.order(self.shape.layer.name, ledger)
        better = self.authority.better(self.shape.layer.name, ledger, self.source)
        over = _OVER.format(field=sql.Literal(field))
        prevails = _PREVAILS.format(over=over, listed=sql.Literal(listed),
                                    better=sql.Literal(better))
        return _WINS.format(field=sql.Literal(field), column=sql.Identifier(field),
                            compared=sql.Identifier(compared), prevails=prevails)

    def _kept(self, field: str) -> Composable:
        """Return the condition that a field of the source's own feature keeps another's value."""
        better = self.authority.better(self.shape.layer.name, self.ledger(field), self.source)
        return _KEPT.format(field=sql.Literal(field), column=sql.Identifier(field),
                            better=sql.Literal(better))

    def ledger(self, field: str) -> str:
        """Return what ledgers call a column."""
        found = self.shape.layer.fields().get(field)
        return (found.ledger or field) if found else field

    def _said(self) -> Composable:
        """Return what the row said as JSON; nothing of persons, whose values stay in their wall."""
        if not self.shape.layer.public:
            return sql.SQL("NULL::jsonb")
        drawn = [c for c in ("geometry", "solid") if c in self.shape.written]
        plain = [c for c in self.shape.written if c not in drawn]
        parts = [names(plain, of="s"), *(sql.SQL("s.{0}::text AS {0}").format(sql.Identifier(c))
                                         for c in drawn)]
        return sql.SQL("(SELECT to_jsonb(w) FROM (SELECT {}) w)").format(COMMA.join(
            parts if plain else parts[1:]))


_ANY = sql.SQL("SELECT 1 FROM field_origin WHERE layer = %(layer)s LIMIT 1")
_OVER = sql.SQL("coalesce(o.fields -> {field} ->> 0, t.source)")
_PREVAILS = sql.SQL("({over} = %(source)s OR ({listed} AND NOT {over} = ANY({better}::text[])))")
_WINS = sql.SQL(
    "{field}, CASE WHEN s.{column} IS NOT NULL AND s.{compared} IS DISTINCT FROM t.{compared} "
    "AND (t.{column} IS NULL OR {prevails}) THEN CASE WHEN o.fields -> {field} ->> 0 = %(source)s "
    "THEN o.fields -> {field} ELSE jsonb_build_array(%(source)s::text, now()) END END")
_WON = sql.SQL("{column} = CASE WHEN w.fields ? {field} THEN s.{column} ELSE t.{column} END")
_DERIVED = sql.SQL("{column} = CASE WHEN w.fields ?| {asked} THEN {value} ELSE t.{column} END")
# Of two rows that mean one feature the first fills it; the journal of names has both.
_FILL = sql.SQL(
    "WITH won AS (SELECT * FROM (SELECT DISTINCT ON (t.id) t.id, s.ctid AS at, jsonb_strip_nulls("
    "jsonb_build_object({won})) AS fields FROM {stage} s JOIN {table} t "
    "ON t.identifier = s.identifier LEFT JOIN field_origin o ON o.layer = %(layer)s "
    "AND o.feature_id = t.id WHERE s.chunk = %(chunk)s AND s.state = 'met' ORDER BY t.id, "
    "s.line) every WHERE fields <> '{{}}'), origin AS (INSERT INTO field_origin (layer, "
    "feature_id, fields) SELECT %(layer)s, id, fields FROM won ON CONFLICT (layer, feature_id) "
    "DO UPDATE SET fields = field_origin.fields || excluded.fields) "
    "UPDATE {table} t SET {sets}, import_id = %(job)s, recorded_by = %(by)s, "
    "reason = %(source)s || ': ' || (SELECT string_agg(k, ', ') FROM jsonb_object_keys(w.fields) k)"
    " FROM won w JOIN {stage} s ON s.ctid = w.at WHERE t.id = w.id")
_NAME_MET = sql.SQL(
    "INSERT INTO source_link (layer, source, source_id, feature_id, content_hash, import_id, said) "
    "SELECT %(layer)s, %(source)s, s.source_id, t.id, s.content_hash, %(job)s, {said} "
    "FROM {stage} s JOIN {table} t ON t.identifier = s.identifier "
    "WHERE s.chunk = %(chunk)s AND s.state = 'met' "
    "ON CONFLICT (layer, source, source_id) DO UPDATE SET feature_id = excluded.feature_id, "
    "content_hash = excluded.content_hash, said = excluded.said")
_KEPT = sql.SQL(
    "(o.fields -> {field} ->> 0 <> %(source)s AND (s.{column} IS NULL "
    "OR o.fields -> {field} ->> 0 = ANY({better}::text[]))) IS TRUE")
_EITHER = sql.SQL("{column} = CASE WHEN {when} THEN t.{column} ELSE s.{column} END")
_LEFT = sql.SQL("{name}, CASE WHEN {kept} THEN o.fields -> {name} END")
_ROWS = ("FROM {stage} s JOIN {table} t ON t.id = s.known_id JOIN field_origin o "
         "ON o.layer = %(layer)s AND o.feature_id = t.id WHERE s.state = 'changed'")
# What the own source says itself now is nobody else's any more; columns it has not stay so.
_TAKE_BACK = sql.SQL(
    "UPDATE field_origin f SET fields = jsonb_strip_nulls(f.fields || l.fields) FROM ("
    "SELECT o.feature_id, jsonb_build_object({left}) AS fields " + _ROWS + ") l "
    "WHERE f.layer = %(layer)s AND f.feature_id = l.feature_id")
_YIELD = sql.SQL(
    "UPDATE {stage} g SET {sets} FROM {stage} s JOIN {table} t ON t.id = s.known_id "
    "JOIN field_origin o ON o.layer = %(layer)s AND o.feature_id = t.id "
    "WHERE g.ctid = s.ctid AND s.state = 'changed'")
