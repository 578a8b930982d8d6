"""Taking a whole import back: what it made ends as never so, what it changed is as it was before.

Nothing is deleted. Each feature gets one more version that says which import was withdrawn and by
whom; what the import had said stays in history, as known until now. What somebody else changed
since is left alone, and counted.
"""

from dataclasses import dataclass
from typing import Any

from psycopg2 import sql
from sqlalchemy import Engine, Table
from sqlalchemy.orm import Session

from importers.alone import alone
from importers.finishing import finish
from importers.journal import ImportJob, SourceLink, owe_finish, settle_finish
from importers.loading import silent
from importers.parting import part
from importers.sessions import acting
from importers.shape import Shape
from layers import catalogue
from layers.base import Layer, fields_of
from spatial.errors import Conflict, NotFound
from spatial.sealing import Vault
from spatial.statements import Composable, names, run, table


@dataclass(slots=True)
class Withdrawn:
    """What became of an import's rows: features and what is tied to them."""

    job: int
    layer: str
    ended: int = 0           # made by the import, now never so
    restored: int = 0        # changed by it, now as before
    left: int = 0            # changed by others since
    unlinked: int = 0        # met by it, now no longer called by its source's names

    def as_json(self) -> dict[str, Any]:
        """Return the members that the command line prints."""
        return {name: getattr(self, name)
                for name in ("job", "layer", "ended", "restored", "left", "unlinked")}


def take_back(engine: Engine, vault: Vault, number: int, *, by: str | None, apply: bool
              ) -> Withdrawn:
    """Withdraw an import while no other runs, and bring all that follows up to date."""
    with alone(engine, silent), acting(engine, vault, apply=apply) as session:
        done = withdraw(session, number, by=by)
        owe_finish(session)
        session.commit()
        finish(session, silent)
        settle_finish(session)
        session.commit()
    return done


def withdraw(session: Session, number: int, *, by: str | None) -> Withdrawn:
    """Take back the import `number`; the caller commits.

    Raises NotFound where there is none, Conflict where nothing of it is in the registry.
    """
    job = session.get(ImportJob, number)
    if job is None:
        raise NotFound(f"there is no import {number}; `imports list` shows them")
    if job.state != "applied":
        raise Conflict(f"import {number} is {job.state}: nothing of it is in the registry to take "
                       "back")
    values = {"job": number, "by": by, "was_by": job.by, "started": job.started,
              "finished": job.finished, "why": f"import {number} withdrawn"}
    layer, done = catalogue()[job.layer], Withdrawn(number, job.layer)
    for link in session.query(SourceLink).filter_by(import_id=number).all():
        if link.merge is not None and session.get(SourceLink, (
                link.layer, link.source, link.source_id)) is not None:
            part(session, layer, link.source, link.source_id, by=job.by)
    for one in dict.fromkeys(layer.tables):
        _take_back(session, layer, one, values, done)
    run(session, _FORGET_ORIGINS, values | {"layer": layer.table.name, "source": job.source})
    done.unlinked = _forget_names(session, number)
    job.state = "withdrawn"
    return done


def _take_back(session: Session, layer: Layer, one: Table, values: dict[str, Any],
               done: Withdrawn) -> None:
    """Restore or end the rows of one table; count those of the layer's own."""
    parts = {"table": table(one.name), "past": table(f"{one.name}_history"),
             "since": _SINCE if one is layer.table else sql.SQL("FALSE"),
             "columns": names(_told(layer, one)), "before": names(_told(layer, one), of="h")}
    left = run(session, _LEFT.format(**parts), values).fetchone()
    counts = [max(run(session, step.format(**parts), values).rowcount, 0)
              for step in (_FORGET, _RESTORE, _END)]
    if one is layer.table:
        done.left = int(left[0]) if left else 0
        _, done.restored, done.ended = counts


def _told(layer: Layer, one: Table) -> list[str]:
    """Return the columns that an import writes: what others decided of a row is not touched."""
    times = ["valid_from", "valid_from_precision", "valid_to", "valid_to_precision"]
    if one is layer.table:
        ledgers = {field.ledger or key for key, field in layer.ledger_fields().items()}
        written = Shape(layer, frozenset({*ledgers, "geometry", "solid"})).written
        return [*written, *times, "content_hash"]
    model = next(link.model for link in layer.links if link.model.__table__ is one)
    return [*(key for key in fields_of(model) if key not in times), *times]


def _forget_names(session: Session, number: int) -> int:
    found = session.query(SourceLink).filter_by(import_id=number)
    return int(found.delete(synchronize_session=False))


_FORGET_ORIGINS = sql.SQL(
    "UPDATE field_origin SET fields = coalesce((SELECT jsonb_object_agg(key, value) FROM "
    "jsonb_each(fields) WHERE NOT (value ->> 0 = %(source)s "
    "AND (value ->> 1)::timestamptz >= %(started)s)), '{}') WHERE layer = %(layer)s")
_SINCE: Composable = sql.SQL("t.recorded_by IS DISTINCT FROM %(was_by)s "
                             "AND t.creation_date > %(finished)s")
_LEFT = sql.SQL("SELECT count(*) FROM {table} t WHERE t.import_id = %(job)s AND {since}")
# What was so before, as the import told it, and what it told of the past, was never known.
_FORGET = sql.SQL(
    "UPDATE {past} h SET termination_date = now() FROM {table} t WHERE t.import_id = %(job)s "
    "AND NOT ({since}) AND h.id = t.id AND h.termination_date IS NULL "
    "AND (h.import_id = %(job)s OR h.creation_date >= %(started)s)")
_RESTORE = sql.SQL(
    "UPDATE {table} t SET ({columns}) = ROW({before}), import_id = h.import_id, "
    "recorded_by = %(by)s, reason = %(why)s FROM (SELECT DISTINCT ON (p.id) p.* FROM {past} p "
    "JOIN {table} m ON m.id = p.id AND m.import_id = %(job)s WHERE p.import_id IS DISTINCT FROM "
    "%(job)s AND p.termination_date IS NOT NULL "
    "ORDER BY p.id, p.termination_date DESC, p.creation_date DESC) h "
    "WHERE t.import_id = %(job)s AND h.id = t.id AND NOT ({since})")
_END = sql.SQL(
    "UPDATE {table} t SET valid_to = coalesce(t.valid_from, '1000-01-01 00:00+00'), "
    "valid_to_precision = 'instant', content_hash = NULL, recorded_by = %(by)s, reason = %(why)s "
    "WHERE t.import_id = %(job)s AND NOT ({since})")
