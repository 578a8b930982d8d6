"""How long what is kept: who is gone is hidden, then made nobody; an old case knows no dwelling.

Who has died, or lives and is registered nowhere here any more, is hidden from lookups after
HIDDEN_AFTER and anonymised after ANONYMOUS_AFTER: what remains counts in totals of the past, by
building, and is nobody. The text and the dwelling of an incident closed for UNTIED_AFTER go, and
so does a contact for emergencies whose year is over.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from layers.emergencies import HelpContact
from layers.incidents import Incident
from layers.residents import Residency, Resident
from layers.units import Unit
from spatial.database import Base
from spatial.history import every_version
from spatial.state import bump

HIDDEN_AFTER = timedelta(days=90)
ANONYMOUS_AFTER = timedelta(days=730)
UNTIED_AFTER = timedelta(days=365)
NOBODY = "已匿名 anonymised"
#: What of a person is emptied; sex and the times stay, for the totals of the past.
EMPTIED = ("former_name", "id_type", "id_number", "birth_date", "phone", "household_id",
           "relation_to_head", "id_number_key", "phone_key", "name_fold", "name_pinyin",
           "name_initials", "shield", "custodian")
UNTIED = ("description", "address", "unit_id")
#: Who reported an incident, what was written beside it, what was photographed.
BESIDE = ("incident_caller", "incident_note", "incident_photo")


@dataclass(frozen=True, slots=True)
class Kept:
    """How many rows each rule has reached, or would reach."""

    hidden: int
    shown_again: int
    anonymised: int
    untied: int


def keep(session: Session, *, apply: bool, now: datetime | None = None) -> Kept:
    """Do what is due; without `apply` only count it. The caller commits, then vacuums."""
    now = now or datetime.now(UTC)
    hide = and_(Resident.hidden_at.is_(None), _gone(now - HIDDEN_AFTER))
    show = and_(Resident.hidden_at.is_not(None), ~_gone(now - HIDDEN_AFTER))
    empty = and_(Resident.name != NOBODY, _gone(now - ANONYMOUS_AFTER))
    untie = and_(Incident.closed_at <= now - UNTIED_AFTER,
                 or_(*(getattr(Incident, name).is_not(None) for name in UNTIED),
                     *(select(one.c.incident_id).where(one.c.incident_id == Incident.id).exists()
                       for one in _beside())))
    kept = Kept(*(_count(session, model, due) for model, due in (
        (Resident, hide), (Resident, show), (Resident, empty), (Incident, untie))))
    if apply:
        session.execute(delete(HelpContact).where(or_(
            HelpContact.expires_at <= now, HelpContact.ended_at.is_not(None))))
    if apply and kept != Kept(0, 0, 0, 0):
        session.execute(update(Resident).where(hide).values(hidden_at=now))
        session.execute(update(Resident).where(show).values(hidden_at=None))
        _anonymise(session, session.scalars(select(Resident.id).where(empty)).all())
        _untie(session, session.scalars(select(Incident.id).where(untie)).all())
        bump(session)
    return kept


def _gone(since: datetime) -> ColumnElement[bool]:
    """Keep who died, or whose last residency ended, at `since` or before."""
    own = Residency.resident_id == Resident.id
    last = select(Residency.id).where(own, or_(Residency.valid_to.is_(None),
                                               Residency.valid_to > since))
    ever = select(Residency.id).where(own)
    died = and_(Resident.valid_to.is_not(None), Resident.valid_to <= since)
    return or_(died, and_(ever.exists(), ~last.exists()))


def _anonymise(session: Session, people: Any) -> None:
    """Empty every version; the trigger adds one on each change, so that the past comes last."""
    nobody: dict[str, Any] = dict.fromkeys((*EMPTIED, "source", "source_id", "reason"))
    home: dict[str, Any] = dict.fromkeys(("address", "source", "source_id", "reason", "unit_id"))
    for table in every_version(Resident):
        session.execute(update(table).where(table.c.id.in_(people))
                        .values(name=NOBODY, **nobody))
    for table in every_version(Residency):
        session.execute(update(table).where(table.c.resident_id.in_(people))
                        .values(home | {"building_id": _building(table)}))


def _untie(session: Session, cases: Any) -> None:
    for table in every_version(Incident):
        session.execute(update(table).where(table.c.id.in_(cases)).values(
            {name: None for name in UNTIED} | {"building_id": _building(table)}))
    for table in _beside():
        session.execute(delete(table).where(table.c.incident_id.in_(cases)))


def _beside() -> list[Any]:
    return [Base.metadata.tables[name] for name in BESIDE if name in Base.metadata.tables]


def _building(table: Any) -> Any:
    """Return the building in whose unit a row was."""
    home = select(Unit.building_id).where(Unit.id == table.c.unit_id).scalar_subquery()
    return func.coalesce(table.c.building_id, home)


def _count(session: Session, model: Any, due: Any) -> int:
    return session.scalar(select(func.count()).select_from(model).where(due)) or 0
