"""Who read about a person: the list that a resident may be given.

It names who (role and sign-in name), when, for what purpose and case, and what was seen.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from layers.codelists import codelist
from layers.residents import Resident
from layers.text import Bilingual
from spatial.audit import AuditEvent
from spatial.errors import NotFound
from spatial.history import history_of
from spatial.walls import everywhere

MASKED = ":masked"
_NOBODY = Bilingual("Nobody has looked at this record.", "没有人查阅过该记录。")
_HEAD = Bilingual("Who looked at the record of {0}: {1} times", "{0} 的查阅记录：共 {1} 次")
_PURPOSE, _CASE = Bilingual("purpose", "目的"), Bilingual("case", "事项")
_SEEN, _HIDDEN = Bilingual("seen", "看到"), Bilingual("partly hidden", "部分隐藏")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One time that somebody read about a person."""

    at: datetime
    actor: str
    role: str
    action: str
    purpose: str | None
    case: str | None
    seen: tuple[str, ...]
    note: str | None

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {"at": self.at.isoformat(timespec="seconds"), "actor": self.actor,
                "role": self.role, "action": self.action, "purpose": self.purpose,
                "case": self.case, "seen": list(self.seen), "note": self.note}


def person_called(session: Session, name: str) -> str:
    """Return the identifier of the person called so: identifier or source_id, also an ended one."""
    past = history_of(Resident.__table__).c  # type: ignore[arg-type]
    for columns in (Resident, past):
        asked = select(columns.identifier).where(
            or_(columns.identifier == name, columns.source_id == name)).distinct().limit(2)
        # An auditor sees no person; from one public identifier to the other no wall is in the way.
        with everywhere(session):
            found = session.scalars(asked).all()
        if len(found) == 1:
            return str(found[0])
        if found:
            raise NotFound("Several sources call a person so; give the identifier.")
    raise NotFound("No person is called so; give the identifier or the source_id.")


def readings(session: Session, identifier: str, zone: ZoneInfo) -> list[Reading]:
    """Return every reading of a person, the first one first."""
    rows = session.scalars(select(AuditEvent).where(AuditEvent.subjects.contains([identifier]))
                           .order_by(AuditEvent.at, AuditEvent.id))
    return [reading(row, zone) for row in rows]


def reading(row: AuditEvent, zone: ZoneInfo) -> Reading:
    """Return what a line of the audit tells."""
    said = json.loads(row.line)
    return Reading(at=row.at.astimezone(zone), actor=row.actor, role=row.role, action=row.action,
                   purpose=row.purpose, case=row.case, seen=tuple(said.get("seen") or ()),
                   note=said.get("note"))


def told(found: Sequence[Reading], person: str, language: str) -> list[str]:
    """Return the list in plain words, a line a reading."""
    head = _HEAD.in_language(language).format(person, len(found))
    return [head, *([_line(one, language) for one in found]
                    or [_NOBODY.in_language(language)])]


def _line(one: Reading, language: str) -> str:
    parts = [f"{one.at:%Y-%m-%d %H:%M}", f"{one.actor} ({word('role', one.role, language)})",
             word("audit_action", one.action, language)]
    if one.purpose:
        parts.append(f"{_PURPOSE.in_language(language)}: "
                     f"{word('purposes', one.purpose, language)}")
    if one.case:
        parts.append(f"{_CASE.in_language(language)}: {one.case}")
    if one.seen:
        parts.append(f"{_SEEN.in_language(language)}: {fields_told(one.seen, language)}")
    return " · ".join(parts)


def fields_told(seen: Iterable[str], language: str) -> str:
    """Return the names of fields in words; what was masked is marked as partly hidden."""
    hidden = _HIDDEN.in_language(language)
    words = [word("person_field", name.removesuffix(MASKED), language)
             + (f" ({hidden})" if name.endswith(MASKED) else "") for name in seen]
    return ("、" if language == "zh" else ", ").join(words)


def word(name: str, code: str, language: str) -> str:
    """Return the word of a code list for a code; an unknown code stands for itself."""
    return codelist(name).label(code, language) or code
