"""Undoing one merge: a source's record that met another's becomes one of its own again.

The kept record loses what the source filled in or overruled, as far as nobody has said it since;
what had pointed to the other record points there again. Of persons nothing is kept beside their
own rows, so a person who met by ID number comes back with the next delivery of the source, and
never meets that record again.
"""

from dataclasses import dataclass
from typing import Any

from psycopg2 import sql
from psycopg2.extras import Json
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from importers.alone import alone
from importers.finishing import finish
from importers.journal import FieldOrigin, SourceLink, owe_finish, settle_finish
from importers.loading import silent
from importers.merging import pointing, whole
from importers.sessions import acting
from layers import catalogue
from layers.base import Layer, draw_identifier
from spatial.errors import NotFound
from spatial.history import history_of
from spatial.sealing import Vault
from spatial.statements import names, run, table


@dataclass(frozen=True, slots=True)
class Parted:
    """What became of the two; `other` is none where the record comes with the next delivery."""

    kept: str
    other: str | None
    restored: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the members that the command line prints."""
        return {"kept": self.kept, "other": self.other, "restored": list(self.restored)}


def take_apart(engine: Engine, vault: Vault, name: tuple[str, str, str], *, by: str | None,
               apply: bool) -> Parted:
    """Undo the merge of a layer's, source's and id's record while no import runs."""
    with alone(engine, silent), acting(engine, vault, apply=apply) as session:
        layer, source, source_id = name
        if layer not in catalogue():
            raise NotFound(f"{layer} is no ledger; there are {', '.join(catalogue())}")
        done = part(session, catalogue()[layer], source, source_id, by=by)
        owe_finish(session)
        session.commit()
        finish(session, silent)
        settle_finish(session)
        session.commit()
    return done


def part(session: Session, layer: Layer, source: str, source_id: str, *, by: str | None) -> Parted:
    """Undo one merge; the caller commits. Raises NotFound where the name leads to no merge."""
    key = (layer.table.name, source, source_id)
    link = session.get(SourceLink, key)
    if link is None or link.apart:
        raise NotFound(f"{source_id} of {source} is merged with nothing among {layer.name}; "
                       "`imports merges` lists what is")
    values = {"kept": link.feature_id, "by": by, "layer": layer.table.name, "source": source,
              "source_id": source_id, "import_id": link.import_id, "hash": link.content_hash,
              "why": f"parted from {source_id} of {source}"}
    restored = _restore(session, layer, values)
    if link.merge is not None:
        other = _revive(session, layer, link.merge, values)
    elif link.said is not None:
        other = _remake(session, layer, link.said, values)
    else:
        other = None
        _end_ties(session, layer, values)
    if other is None:
        link.apart, link.content_hash = True, None
    else:
        session.delete(link)
        run(session, _NOT_THE_SAME, values | {"other": other})
    session.flush()
    return Parted(_identifier(session, layer, link.feature_id),
                  _identifier(session, layer, other) if other else None, tuple(restored))


def _restore(session: Session, layer: Layer, values: dict[str, Any]) -> list[str]:
    """Give the kept record back what it had before the source spoke; its own source will tell."""
    origin = session.get(FieldOrigin, (layer.table.name, values["kept"]))
    theirs = {one: since for one, (source, since) in (origin.fields if origin else {}).items()
              if source == values["source"]}
    shape, past = whole(layer), history_of(layer.table)
    for one, since in theirs.items():
        columns = [one, *([f"{one}_key"] if f"{one}_key" in shape.keys else []),
                   *(shape.derived if one in shape.derived_from else [])]
        run(session, _AS_BEFORE.format(
            table=table(layer.table.name), past=table(past.name), columns=names(columns),
            before=names(columns, of="h")), values | {"since": since})
    if origin is not None:
        origin.fields = {one: said for one, said in origin.fields.items() if one not in theirs}
        session.flush()
    return sorted(theirs)


def _revive(session: Session, layer: Layer, merge: dict[str, Any], values: dict[str, Any]) -> int:
    """Let the retired record live again, with all that pointed to it."""
    gone = int(merge["gone"])
    values = values | {"gone": gone}
    run(session, _LIVES.format(table(layer.table.name)), values)
    moved = dict(merge["moved"])
    reported = moved.pop("reported", [])
    for place, ids in moved.items():
        name, _, column = place.partition(".")
        run(session, _BACK.format(table=table(name), column=sql.Identifier(column)),
            values | {"ids": ids})
    if reported:
        run(session, sql.SQL("UPDATE residency SET state = NULL WHERE id = ANY(%(ids)s) "
                             "AND state = 'reported'"), {"ids": reported})
    for source, source_id in merge["names"]:
        run(session, sql.SQL(
            "UPDATE source_link SET feature_id = %(gone)s WHERE layer = %(layer)s "
            "AND source = %(named)s AND source_id = %(id)s AND feature_id = %(kept)s"),
            values | {"named": source, "id": source_id})
    for name, source, source_id in merge["parts"]:
        part(session, catalogue()[name], source, source_id, by=values["by"])
    return gone


def _remake(session: Session, layer: Layer, said: dict[str, Any], values: dict[str, Any]) -> int:
    """Make the record that the source's row would have made, had it met nothing."""
    # Keys of blind indexes and the like are derived; what was said is of this layer's own table.
    known = {c.name for c in layer.table.columns}
    columns = [one for one, value in said.items() if one in known and value is not None]
    made = run(session, _MAKE.format(table=table(layer.table.name), columns=names(columns),
                                     given=names(columns, of="r")),
               values | {"said": Json(said), "identifier": draw_identifier(layer.model.prefix)}
               ).fetchone()
    other = int(made[0]) if made else 0
    for one, column in pointing(layer.table):
        if "source_id" in one.c:
            run(session, _THEIRS.format(table=table(one.name), column=sql.Identifier(column)),
                values | {"other": other})
    return other


def _end_ties(session: Session, layer: Layer, values: dict[str, Any]) -> None:
    """End what the source's row tied to a record that it was not about."""
    for link in layer.links:
        run(session, _NEVER.format(table=table(link.model.__tablename__),
                                   owner=sql.Identifier(link.owner)), values)


def _identifier(session: Session, layer: Layer, key: int) -> str:
    found = run(session, sql.SQL("SELECT identifier FROM {} WHERE id = %(id)s").format(
        table(layer.table.name)), {"id": key}).fetchone()
    return str(found[0]) if found else ""


_AS_BEFORE = sql.SQL(
    "UPDATE {table} t SET ({columns}) = (SELECT {before} FROM (SELECT 1) one LEFT JOIN LATERAL ("
    "SELECT * FROM {past} p WHERE p.id = %(kept)s AND p.creation_date < %(since)s::timestamptz "
    "ORDER BY p.creation_date DESC, p.termination_date DESC LIMIT 1) h ON true), "
    "content_hash = NULL, recorded_by = %(by)s, reason = %(why)s WHERE t.id = %(kept)s")
_LIVES = sql.SQL(
    "UPDATE {} SET valid_to = NULL, valid_to_precision = NULL, source = %(source)s, "
    "source_id = %(source_id)s, content_hash = %(hash)s, recorded_by = %(by)s, reason = %(why)s "
    "WHERE id = %(gone)s")
_BACK = sql.SQL("UPDATE {table} SET {column} = %(gone)s WHERE id = ANY(%(ids)s) "
                "AND {column} = %(kept)s")
_MAKE = sql.SQL(
    "INSERT INTO {table} (identifier, source, source_id, content_hash, recorded_by, reason, "
    "import_id, {columns}) SELECT %(identifier)s, %(source)s, %(source_id)s, %(hash)s, %(by)s, "
    "%(why)s, %(import_id)s, {given} FROM jsonb_populate_record(NULL::{table}, %(said)s::jsonb) r "
    "RETURNING id")
_THEIRS = sql.SQL(
    "UPDATE {table} SET {column} = %(other)s, recorded_by = %(by)s WHERE {column} = %(kept)s "
    "AND source = %(source)s AND (split_part(source_id, '#', 1) = %(source_id)s "
    "OR position('#' IN source_id) = 0)")
_NEVER = sql.SQL(
    "UPDATE {table} SET valid_to = coalesce(valid_from, '1000-01-01 00:00+00'), "
    "valid_to_precision = 'instant', recorded_by = %(by)s, reason = %(why)s "
    "WHERE {owner} = %(kept)s AND source = %(source)s AND valid_to IS NULL "
    "AND left(source_id, length(%(source_id)s) + 1) = %(source_id)s || '#'")
_NOT_THE_SAME = sql.SQL(
    "INSERT INTO source_pair (layer, first_id, second_id, why, same, decided, decided_by) VALUES ("
    "%(layer)s, least(%(kept)s, %(other)s), greatest(%(kept)s, %(other)s), ARRAY[]::text[], false, "
    "now(), coalesce(%(by)s, '')) ON CONFLICT (layer, first_id, second_id) DO UPDATE SET "
    "same = false, merged = NULL, decided = now(), decided_by = excluded.decided_by")
