"""The versions of a place: what was said of it, since when, by whom, why and from which source."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from layers.across.chains import models
from layers.across.places import Place, find
from layers.base import Feature, fields_of
from spatial.history import history_of

#: Of one place; a longer history is told from its newest end.
MOST = 500
#: Columns of shapes: told to have changed, not from what to what.
SHAPES = ("geometry", "solid")
_SPAN = ("creation_date", "termination_date", "valid_from", "valid_to")


def history(session: Session, identifier: str) -> dict[str, Any]:
    """Return the versions of a place, the newest first, each with what changed since the last."""
    place = find(session, identifier)
    model = models()[place.ref.letter]
    rows = [dict(row) for row in session.execute(_versions(model, place)).mappings()]
    compared = _compared(model)
    items = [_version(row, before, compared)
             for row, before in zip(rows, [*rows[1:], None], strict=True)]
    return {"identifier": place.identifier, "level": place.level, "items": items, "next": None}


def _versions(model: type[Feature], place: Place) -> Select[Any]:
    table: Any = model.__table__
    parts = [select(*(_column(one, c.name) for c in table.columns if c.name != "geom_3857"),
                    literal(present).label("present")).where(one.c.id == place.ref.id)
             for one, present in ((table, True), (history_of(table), False))]
    rows = union_all(*parts).subquery("version")
    return select(rows).order_by(rows.c.creation_date.desc(), rows.c.present.desc(),
                                 rows.c.valid_from.desc().nulls_last()).limit(MOST)


def _column(table: Any, name: str) -> Any:
    """Return a column; of a geometry its fingerprint, which is all a comparison needs."""
    if name in SHAPES:
        return func.md5(func.ST_AsBinary(table.c[name])).label(name)
    return table.c[name]


def _compared(model: type[Feature]) -> dict[str, str]:
    """Return the columns that make a version, with the names people know them by."""
    names = {column: str(declared.ledger or column)
             for column, declared in fields_of(model).items() if not declared.personal}
    names |= {name: name for name in SHAPES if hasattr(model, name)}
    return names | {"valid_from": "valid_from", "valid_to": "valid_to"}


def _version(row: Mapping[str, Any], before: Mapping[str, Any] | None,
             compared: Mapping[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = {name: row[name].isoformat() if row[name] else None for name in _SPAN}
    said |= {"present": row["present"], "by": row["recorded_by"], "why": row["reason"],
             "source": row["source"], "source_id": row["source_id"], "import": row["import_id"]}
    said["changed"] = _changes(row, before, compared) if before else []
    return said


def _changes(row: Mapping[str, Any], before: Mapping[str, Any],
             compared: Mapping[str, str]) -> Sequence[dict[str, Any]]:
    changed = [column for column in compared if row[column] != before[column]]
    return [{"field": compared[column]} | ({} if column in SHAPES or column.endswith("_id")
                                           else {"from": _plain(before[column]),
                                                 "to": _plain(row[column])})
            for column in changed]


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
