"""What a visit may say, checked before it is kept; and what it does when a supervisor agrees."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from layers.base import draw_identifier
from layers.codelists import codelist
from layers.organizations import Organization, Premises
from layers.organizations import search_keys as firm_keys
from layers.residents import Residency, Resident
from layers.residents import search_keys as person_keys
from layers.units import Unit
from spatial.errors import InvalidInput
from spatial.history import valid

SOURCE = "field"
NAME_MOST, NOTE_MOST, MANY = 50, 300, 30
#: ID numbers and phones have no business on a phone that can be lost.
NUMBER = re.compile(r"\d[\d\s-]{9,}\d")
#: What each kind of finding says, and which of it must be said.
KINDS: Mapping[str, tuple[str, ...]] = {
    "came": ("name", "sex", "relation"), "left": ("ref",), "renamed": ("ref", "name"),
    "firm_came": ("name",), "firm_left": ("ref",), "use": ("use",), "note": ("text",)}
OPTIONAL = frozenset({"sex", "relation"})
LISTS = {"sex": "sex", "relation": "relation_to_head", "use": "unit_use"}


@dataclass(frozen=True, slots=True)
class Door:
    """Where a visit was, when, and by whom."""

    unit: int
    scope: int
    at: datetime
    actor: str


def checked(findings: Any) -> list[dict[str, str]]:
    """Return findings as they may be kept; InvalidInput names the one that is wrong, and why."""
    if not isinstance(findings, list) or len(findings) > MANY:
        raise InvalidInput(f"findings is a list of at most {MANY}.")
    return [_checked(one, place) for place, one in enumerate(findings, 1)]


def _checked(one: Any, place: int) -> dict[str, str]:
    if not isinstance(one, dict) or str(one.get("kind")) not in KINDS:
        raise InvalidInput(f"finding {place}: kind is one of {', '.join(KINDS)}.")
    members = KINDS[one["kind"]]
    if strange := set(one) - {"kind", *members}:
        raise InvalidInput(f"finding {place}: {sorted(strange)[0][:40]!r} does not belong here.")
    said = {"kind": str(one["kind"])}
    for name in members:
        value = one.get(name)
        if value in (None, "") and name in OPTIONAL:
            continue
        said[name] = _value(name, value, place)
    return said


def _value(name: str, value: Any, place: int) -> str:
    most = NOTE_MOST if name == "text" else NAME_MOST
    if not isinstance(value, str) or not 0 < len(value.strip()) <= most or not value.isprintable():
        raise InvalidInput(f"finding {place}: {name} is a text of 1 to {most} characters.")
    if NUMBER.search(value):
        raise InvalidInput(f"finding {place}: {name} holds a number as long as a phone's or an ID "
                           "card's; leave it out, the office takes it down.")
    if name in LISTS and value not in codelist(LISTS[name]).codes:
        raise InvalidInput(f"finding {place}: {value[:20]!r} is no code of {LISTS[name]}.")
    return value.strip()


def apply(session: Session, door: Door, findings: list[dict[str, str]], by: str) -> None:
    """Write accepted findings into the register, each as a version with who said and agreed."""
    said = {"recorded_by": by, "reason": f"visit by {door.actor}"}
    for one in findings:
        _APPLY[one["kind"]](session, door, one, said)
    session.flush()


def _came(session: Session, door: Door, one: dict[str, str], said: dict[str, str]) -> None:
    identifier = draw_identifier("r")
    person = Resident(identifier=identifier, source=SOURCE, source_id=identifier,
                      name=one["name"], sex=one.get("sex"), scope=door.scope,
                      relation_to_head=one.get("relation"), **person_keys(one), **said)
    session.add(person)
    session.flush()
    session.add(Residency(source=SOURCE, source_id=identifier, resident_id=person.id,
                          kind="living", unit_id=door.unit, scope=door.scope, state="reported",
                          valid_from=door.at, valid_from_precision="day", **said))


def _left(session: Session, door: Door, one: dict[str, str], said: dict[str, str]) -> None:
    ties = session.scalars(
        select(Residency).join(Resident, Resident.id == Residency.resident_id)
        .where(Resident.identifier == one["ref"], Residency.unit_id == door.unit,
               Residency.kind == "living", valid(Residency, func.now())))
    _end(ties, door, said)


def _renamed(session: Session, door: Door, one: dict[str, str], said: dict[str, str]) -> None:
    person = session.scalars(
        select(Resident).join(Residency, Residency.resident_id == Resident.id)
        .where(Resident.identifier == one["ref"], Residency.unit_id == door.unit)).first()
    if person is None:
        raise InvalidInput("The person to be renamed lives here no more.")
    _set(person, {"former_name": person.name, "name": one["name"], **person_keys(one)}, said)


def _firm_came(session: Session, door: Door, one: dict[str, str], said: dict[str, str]) -> None:
    identifier = draw_identifier("o")
    firm = Organization(identifier=identifier, source=SOURCE, source_id=identifier,
                        name=one["name"], scope=door.scope, **firm_keys(one), **said)
    session.add(firm)
    session.flush()
    session.add(Premises(source=SOURCE, source_id=identifier, organization_id=firm.id,
                         kind="operates", unit_id=door.unit, scope=door.scope,
                         valid_from=door.at, valid_from_precision="day", **said))


def _firm_left(session: Session, door: Door, one: dict[str, str], said: dict[str, str]) -> None:
    sites = session.scalars(
        select(Premises).join(Organization, Organization.id == Premises.organization_id)
        .where(Organization.identifier == one["ref"], Premises.unit_id == door.unit,
               valid(Premises, func.now())))
    _end(sites, door, said)


def _use(session: Session, door: Door, one: dict[str, str], said: dict[str, str]) -> None:
    _set(session.get_one(Unit, door.unit), {"use": one["use"]}, said)


def _note(_session: Session, _door: Door, _one: dict[str, str], _said: dict[str, str]) -> None:
    """A note is read by the supervisor and changes nothing."""


def _end(links: Any, door: Door, said: dict[str, str]) -> None:
    for link in links:
        _set(link, {"valid_to": door.at, "valid_to_precision": "day"}, said)


def _set(row: Any, values: Mapping[str, Any], said: dict[str, str]) -> None:
    for name, value in {**values, **said}.items():
        setattr(row, name, value)


_APPLY = {"came": _came, "left": _left, "renamed": _renamed, "firm_came": _firm_came,
          "firm_left": _firm_left, "use": _use, "note": _note}
