"""Two records that people found to be one become one; and how that is undone.

The record that was there first stays, the other ends as never having been a thing of its own; what
pointed to it points to the first, and its source's name leads there. Everything that the merge did
stands beside that name (SourceLink.merge), so that parting the two gives each back what it had.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from psycopg2 import sql
from psycopg2.extras import Json
from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from importers.authority import Authority
from importers.filling import Filling
from importers.journal import FieldOrigin, SourceLink
from importers.shape import Shape
from layers import catalogue
from layers.across.pairs import SourcePair
from layers.base import Layer
from spatial.database import Base
from spatial.sealing import Vault
from spatial.statements import names, run, table

Row = dict[str, Any]
#: A residency that another of its kind contradicts is kept as reported.
ONE_A_DAY = "residency"


@dataclass
class Merging:
    """Merges the pairs that were settled as the same."""

    session: Session
    vault: Vault
    authority: Authority
    merged: int = field(default=0)

    def settle(self) -> int:
        """Merge every settled pair that is two records still; returns how many."""
        found = select(SourcePair).where(SourcePair.same.is_(True), SourcePair.merged.is_(None))
        for pair in self.session.scalars(found.order_by(SourcePair.id)).all():
            layer = next(one for one in catalogue().values() if one.table.name == pair.layer)
            if self.merge(layer, pair.first_id, pair.second_id, by=pair.decided_by):
                pair.merged = func.now()
                self.session.flush()
                self.merged += 1
        return self.merged

    def merge(self, layer: Layer, kept: int, gone: int, *, by: str | None) -> bool:
        """Make one feature of two; False where either has ended or no source brought the second."""
        rows = self._rows(layer.table, [kept, gone])
        if len(rows) < 2 or rows[gone]["source"] is None or any(
                row["valid_to"] is not None for row in rows.values()):
            return False
        first, second = rows[kept], rows[gone]
        values = {"kept": kept, "gone": gone, "by": by, "layer": layer.table.name,
                  "source": second["source"]}
        parts = self._parts(layer, kept, gone, by)
        filled = self._fill(layer, first, second, values)
        did = {"gone": gone, "filled": filled, "parts": parts, "moved": self._move(layer, values),
               "names": self._rename(values)}
        self._retire(layer, second, values | {"why": f"the same as {first['identifier']}"})
        self.session.add(SourceLink(
            layer=layer.table.name, source=second["source"], source_id=second["source_id"],
            feature_id=kept, content_hash=second["content_hash"], import_id=second["import_id"],
            merge=did))
        self.session.flush()
        return True

    def _rows(self, one: Table, keys: list[int]) -> dict[int, Row]:
        columns = [c for c in one.columns if c.computed is None]
        found = self.session.execute(select(*columns).where(one.c.id.in_(keys)).order_by(one.c.id))
        return {row["id"]: dict(row) for row in found.mappings()}

    def _fill(self, layer: Layer, first: Row, second: Row, values: Row) -> list[str]:
        """Give the kept record what the other fills, or says with more authority."""
        filling = Filling(whole(layer), second["source"], self.authority)
        origin = self.session.get(FieldOrigin, (layer.table.name, first["id"]))
        known = dict(origin.fields) if origin else {}
        won = [one for one in filling.every_field() if second[one] is not None and (
            first[one] is None or (first[one] != second[one] and self.authority.prevails(
                layer.name, filling.ledger(one), second["source"],
                known.get(one, [first["source"]])[0])))]
        if not won:
            return []
        said = {twin: second[twin] for one in won for twin in filling.twins(one)}
        said |= {one: self._resealed(layer, one, first, second)
                 for one in won if one in filling.shape.sealed}
        said |= self._derived(layer, first, said)
        run(self.session, sql.SQL("UPDATE {} SET {}, recorded_by = %(by)s, reason = %(why)s "
                                  "WHERE id = %(kept)s").format(
            table(layer.table.name), sql.SQL(", ").join(
                sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(f"c_{name}"))
                for name in said)),
            values | {f"c_{name}": _plain(value) for name, value in said.items()}
            | {"why": f"{second['source']}: {', '.join(sorted(won))}"})
        run(self.session, _ORIGIN, values | {"fields": Json({one: [second["source"]]
                                                             for one in won})})
        return won

    def _resealed(self, layer: Layer, one: str, first: Row, second: Row) -> bytes:
        """Seal a value anew: a seal is bound to the record that it stands in."""
        name = layer.table.name
        plain = self.vault.unseal(name, one, second["identifier"], bytes(second[one]))
        return self.vault.seal(name, one, first["identifier"], plain)

    def _derived(self, layer: Layer, first: Row, said: Row) -> Row:
        if layer.derive is None or not whole(layer).derived_from & set(said):
            return {}
        return layer.derive(first | said)

    def _parts(self, layer: Layer, kept: int, gone: int, by: str | None) -> list[list[str]]:
        """Merge the parts of both that are one by what tells them apart: the storeys of a house."""
        done = []
        for one in catalogue().values():
            column = next((name for name in one.natural if len(one.natural) > 1
                           and one.fields()[name].refers == layer.table.name), None)
            if column is None:
                continue
            rest = names([name for name in one.natural if name != column], of="a")
            same = names([name for name in one.natural if name != column], of="b")
            pairs = run(self.session, _TWINS.format(
                table=table(one.table.name), column=sql.Identifier(column), rest=rest, same=same),
                {"kept": kept, "gone": gone}).fetchall()
            done += [[one.name, source, source_id] for first, second, source, source_id in pairs
                     if self.merge(one, first, second, by=by)]
        return done

    def _move(self, layer: Layer, values: Row) -> dict[str, list[int]]:
        """Point to the kept record what pointed to the other; tell which rows did."""
        moved = {}
        for one, column in pointing(layer.table):
            feature = "recorded_by" in one.c
            rows = run(self.session, (_MOVE if feature else _MOVE_PLAIN).format(
                table=table(one.name), column=sql.Identifier(column)), values).fetchall()
            if rows:
                moved[f"{one.name}.{column}"] = [row[0] for row in rows]
        if layer.name == "residents" and f"{ONE_A_DAY}.resident_id" in moved:
            found = run(self.session, _REPORTED, {"ids": moved[f"{ONE_A_DAY}.resident_id"]})
            moved["reported"] = [row[0] for row in found.fetchall()]
        return moved

    def _rename(self, values: Row) -> list[list[str]]:
        """Let the other names of the retired record lead to the kept one."""
        found = run(self.session, sql.SQL(
            "UPDATE source_link SET feature_id = %(kept)s WHERE layer = %(layer)s "
            "AND feature_id = %(gone)s RETURNING source, source_id"), values)
        return [list(row) for row in found.fetchall()]

    def _retire(self, layer: Layer, second: Row, values: Row) -> None:
        run(self.session, sql.SQL(
            "UPDATE {} SET valid_to = coalesce(valid_from, '1000-01-01 00:00+00'), "
            "valid_to_precision = 'instant', source = NULL, source_id = NULL, "
            "recorded_by = %(by)s, reason = %(why)s WHERE id = %(gone)s").format(
                table(layer.table.name)), values)


def whole(layer: Layer) -> Shape:
    """Return the shape of a ledger that says everything of a layer's own table."""
    ledgers = {one.ledger or key for key, one in layer.ledger_fields().items()}
    return Shape(layer, frozenset({*ledgers, "geometry"}))


def pointing(target: Table) -> Iterator[tuple[Table, str]]:
    """Yield every table with a key of its own and the column that points to a table."""
    for one in Base.metadata.sorted_tables:
        for key in one.foreign_keys:
            # What is drawn of places is drawn anew.
            if key.column.table is target and "id" in one.c and not one.name.startswith("scene_"):
                yield one, key.parent.name


def _plain(value: Any) -> Any:
    """Return a value as the driver takes it: a geometry as its text."""
    return str(value) if hasattr(value, "desc") else value


_ORIGIN = sql.SQL(
    "INSERT INTO field_origin (layer, feature_id, fields) SELECT %(layer)s, %(kept)s, "
    "jsonb_object_agg(key, value || jsonb_build_array(now())) FROM jsonb_each(%(fields)s::jsonb) "
    "ON CONFLICT (layer, feature_id) DO UPDATE SET fields = field_origin.fields || excluded.fields")
_TWINS = sql.SQL(
    "SELECT a.id, b.id, b.source, b.source_id FROM {table} a JOIN {table} b ON ({rest}) = ({same}) "
    "WHERE a.{column} = %(kept)s AND b.{column} = %(gone)s AND a.valid_to IS NULL "
    "AND b.valid_to IS NULL AND b.source IS NOT NULL ORDER BY a.id")
_MOVE = sql.SQL("UPDATE {table} SET {column} = %(kept)s, recorded_by = %(by)s "
                "WHERE {column} = %(gone)s RETURNING id")
_MOVE_PLAIN = sql.SQL("UPDATE {table} SET {column} = %(kept)s WHERE {column} = %(gone)s "
                      "RETURNING id")
_REPORTED = sql.SQL(
    "UPDATE residency l SET state = 'reported' WHERE l.id = ANY(%(ids)s) "
    "AND coalesce(l.state, 'confirmed') = 'confirmed' AND EXISTS (SELECT FROM residency e "
    "WHERE e.resident_id = l.resident_id AND e.kind = l.kind AND NOT e.id = ANY(%(ids)s) "
    "AND coalesce(e.state, 'confirmed') = 'confirmed' "
    "AND coalesce(e.valid_to, 'infinity') > coalesce(l.valid_from, '-infinity') "
    "AND coalesce(l.valid_to, 'infinity') > coalesce(e.valid_from, '-infinity')) RETURNING l.id")
