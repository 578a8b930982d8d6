"""A correction of a person's record: a dated order, and a new version that names it.

What was said before stays known as what was believed until then. The next import of the same
file says nothing new and so changes nothing.
"""

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from layers.across.person_orders import CORRECTED, PersonOrder
from layers.base import Field, fields_of
from layers.codelists import codelist
from layers.residents import Resident, search_keys
from spatial.codes import check_document, check_phone
from spatial.errors import InvalidInput, NotFound
from spatial.state import bump

if TYPE_CHECKING:
    from spatial.sealing import Vault

#: What can be corrected of the person; where one lives is corrected by the ledger of residents.
FIELDS = ("name", "former_name", "id_type", "id_number", "sex", "birth_date", "phone",
          "relation_to_head")
NAME_MOST = 100
_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def correct(session: Session, vault: "Vault", identifier: str, field: str, value: str, *,
            document: str, dated: datetime, by: str) -> PersonOrder:
    """Correct one field by an order; an empty value empties the field. The caller commits."""
    if field not in FIELDS:
        raise InvalidInput(f"{field[:40]!r} cannot be corrected here; it is one of "
                           f"{', '.join(FIELDS)}.")
    row = session.scalars(select(Resident).where(Resident.identifier == identifier)).one_or_none()
    if row is None:
        raise NotFound("No person is called so; give the identifier or the source_id.")
    _set(row, vault, field, checked(fields_of(Resident)[field], field, value.strip()))
    row.reason, row.recorded_by = f"{document} ({dated:%Y-%m-%d})", by[:80]
    order = PersonOrder(kind=CORRECTED, person=identifier, field=field, document=document,
                        dated=dated, done_by=by)
    session.add(order)
    session.flush()
    bump(session)
    return order


def checked(field: Field, name: str, value: str) -> str | None:
    """Return a value as it is kept; raise InvalidInput, which says what is wrong with it."""
    if not value:
        if field.required:
            raise InvalidInput(f"{name} cannot be empty.")
        return None
    if field.codelist:
        if value not in codelist(field.codelist).codes:
            raise InvalidInput(f"{name} is one of {', '.join(codelist(field.codelist).codes)}.")
        return value
    if field.check in ("id_number", "phone"):
        report = (check_document if field.check == "id_number" else check_phone)(value)
        if not report.valid:
            raise InvalidInput("; ".join(str(one) for one in report.problems))
        return str(report.normalized)
    if field.check == "date":
        return _day(name, value)
    if len(value) > NAME_MOST or not value.isprintable():
        raise InvalidInput(f"{name} has 1 to {NAME_MOST} visible characters.")
    return value


def _day(name: str, value: str) -> str:
    try:
        if not _DAY.fullmatch(value):
            raise ValueError
        date.fromisoformat(value + "-01-01"[len(value) - 4:] if len(value) < 10 else value)
    except ValueError:
        raise InvalidInput(f"{name} is a day such as 1990-05-01, 1990-05 or 1990.") from None
    return value


def _set(row: Resident, vault: "Vault", field: str, value: Any) -> None:
    declared = fields_of(Resident)[field]
    if declared.sealed:
        sealed = vault.seal("resident", field, row.identifier, value) if value else None
        setattr(row, field, sealed)
        if field in ("id_number", "phone"):
            setattr(row, f"{field}_key", vault.blind(field, value) if value else None)
        return
    setattr(row, field, value)
    if field == "name":
        for name, key in search_keys({"name": value}).items():
            setattr(row, name, key)
