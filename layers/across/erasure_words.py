"""The words in which an erased person stands: reports, notes, contacts, findings of visits.

A report is a person's own where its caller's phone is theirs, or where its caller has their name
and it is about their door: it keeps no words, no caller and no picture. Of the others what goes is
the words that name them at their door, and, wherever it stands, their phone or ID number. A
namesake elsewhere is left alone. What was done and when stays, for the order's own sake.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from layers.across.orders_tables import IncidentCaller, IncidentNote, IncidentPhoto
from layers.emergencies import HelpContact
from layers.incidents import Incident
from layers.visits import Visit
from spatial.history import every_version

if TYPE_CHECKING:
    from spatial.sealing import Vault

#: A shorter name stands in too many other words.
NAME_LEAST = 2
_BETWEEN = r"[\s-]*"


@dataclass(frozen=True, slots=True)
class Named:
    """By what a person is known in words: names at their doors, phones and ID numbers anywhere."""

    names: tuple[str, ...]
    numbers: tuple[str, ...]
    units: tuple[int, ...]

    def in_words(self, text: str | None, *, at_door: bool) -> bool:
        """Tell whether a text speaks of this person; numbers may be written with gaps."""
        bare = re.sub(_BETWEEN, "", text or "")
        spoken = self.numbers + (tuple(one for one in self.names if len(one) >= NAME_LEAST)
                                 if at_door else ())
        return any(one in bare for one in spoken)


def remove_words(session: Session, vault: "Vault", found: Named) -> None:
    """Take away every text of others' rows that speaks of a person, in all of its versions."""
    own = _own(session, vault, found)
    _strip(session, own | _speaking(session, found))
    for table in (IncidentCaller, IncidentPhoto, IncidentNote):
        session.execute(delete(table).where(table.incident_id.in_(own)))
    notes = session.execute(
        select(IncidentNote.event_id, IncidentNote.text, Incident.unit_id)
        .join(Incident, Incident.id == IncidentNote.incident_id)
        .where(_worth(IncidentNote.text, Incident.unit_id, found)))
    spoken = [one.event_id for one in notes
              if found.in_words(one.text, at_door=one.unit_id in found.units)]
    session.execute(delete(IncidentNote).where(IncidentNote.event_id.in_(spoken)))
    _sealed(session, vault, found)


def _own(session: Session, vault: "Vault", found: Named) -> set[int]:
    """Return the incidents that this person reported."""
    rows = session.execute(
        select(IncidentCaller, Incident.identifier, Incident.unit_id)
        .join(Incident, Incident.id == IncidentCaller.incident_id)
        .execution_options(yield_per=5_000))
    own = set()
    for caller, identifier, unit in rows:
        phone = vault.unseal("incident_caller", "phone", identifier, caller.phone) if (
            caller.phone) else None
        if phone in found.numbers or (unit in found.units and caller.name in found.names):
            own.add(caller.incident_id)
    return own


def _speaking(session: Session, found: Named) -> set[int]:
    """Return the incidents of which some version's words speak of this person."""
    return {row.id for table in every_version(Incident) for row in session.execute(
        select(table.c.id, table.c.unit_id, table.c.description, table.c.address)
        .where(or_(*(_worth(column, table.c.unit_id, found)
                     for column in (table.c.description, table.c.address)))))
            if any(found.in_words(words, at_door=row.unit_id in found.units)
                   for words in (row.description, row.address))}


def _worth(column: Any, unit: Any, found: Named) -> Any:
    """Keep the texts that are worth a look: those at the doors, and those with long numbers."""
    return column.is_not(None) & or_(
        unit.in_(found.units),
        *(func.regexp_replace(column, _BETWEEN, "", "g").contains(one, autoescape=True)
          for one in found.numbers))


def _strip(session: Session, cases: Iterable[int]) -> None:
    """Empty the words of incidents; the trigger adds a version, so that the past comes last."""
    for table in every_version(Incident):
        session.execute(update(table).where(table.c.id.in_(list(cases)))
                        .values(description=None, address=None))


def _sealed(session: Session, vault: "Vault", found: Named) -> None:
    """Delete contacts, and empty findings, that name this person at a door of theirs."""
    contacts = session.scalars(select(HelpContact).where(HelpContact.unit_id.in_(found.units)))
    for contact in _that_speak(contacts.all(), found, lambda one: vault.unseal(
            "help_contact", "contact", one.identifier, one.contact)):
        session.delete(contact)
    visits = session.scalars(select(Visit).where(Visit.unit_id.in_(found.units),
                                                 Visit.findings.is_not(None)))
    for visit in _that_speak(visits.all(), found, lambda one: vault.unseal(
            "visit", "findings", one.key, one.findings)):
        visit.findings = None
    session.flush()


def _that_speak(rows: Sequence[Any], found: Named, opened: Callable[[Any], str]) -> list[Any]:
    return [one for one in rows if found.in_words(opened(one), at_door=True)]
