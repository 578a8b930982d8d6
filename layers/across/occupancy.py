"""Who and what is at a place: now, on a day, or in a period.

Persons come through PersonReader only, which masks them by role and writes the audit line in the
same transaction. To be told who is at a door is to be told where somebody lives: an operator
needs an open case at that place, or the call in hand, and else is told how many, not who.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from layers.access import Role
from layers.across.cases import open_case
from layers.across.persons import PersonReader
from layers.across.places import Place, find, place_json
from layers.caller import Caller
from layers.households import Household
from layers.organizations import Organization, Premises
from layers.residents import Residency, Resident
from layers.units import Unit
from spatial.config import Settings
from spatial.errors import InvalidInput, NotFound
from spatial.history import history_of

if TYPE_CHECKING:
    from spatial.sealing import Vault

#: Places small enough to ask who is there, with the column of a unit that leads to each.
ASKABLE: Mapping[str, str] = {"u": "id", "b": "building_id", "e": "entrance_id", "f": "storey_id"}
PAGE, MOST = 100, 500
#: For what else a person's past address may be told.
OF_THE_PAST = ("registration", "correction")
PAST_WITHHELD = "Who has left is told for registration or correction only."
WITHHELD = "Without an open case here, or the call in hand, only the number of residents is told."


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From when until when; both None is now."""

    first: datetime | None = None
    last: datetime | None = None

    @classmethod
    def of(cls, at: datetime | None, first: datetime | None, last: datetime | None) -> "Period":
        """Return the period asked for: a day, or from-to, not both."""
        if at is not None and (first is not None or last is not None):
            raise InvalidInput("Give at, or from and to, not both.")
        if first is not None and last is not None and first > last:
            raise InvalidInput("from lies after to; change them round.")
        return cls(first=at or first, last=at or last)

    def meets(self, columns: Any) -> Any:
        """Keep what was so at some time of the period; without an end it reaches until now."""
        first = literal(self.first) if self.first else (
            literal(self.last) if self.last else func.now())
        last = literal(self.last) if self.last else func.now()
        return and_(or_(columns.valid_from.is_(None), columns.valid_from <= last),
                    or_(columns.valid_to.is_(None), columns.valid_to > first))


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What reading persons asks for: a purpose, and an open case or the call in hand."""

    purpose: str
    case: str | None = None
    call: str | None = None


def occupants(session: Session, vault: "Vault", caller: Caller, identifier: str, *, why: Why,
              period: Period, limit: int = PAGE,
              settings: Settings | None = None) -> dict[str, Any]:
    """Return the residents and organizations of a place in the caller's area."""
    reader = PersonReader(session, vault, caller, purpose=why.purpose, case=why.case,
                          call=why.call, settings=settings)
    place = find(session, identifier)
    if place.ref.letter not in ASKABLE:
        raise InvalidInput(f"{place.level} is too large a place; ask for a building, an "
                           "entrance, a storey or a unit.")
    if not caller.holds(place.scope):
        raise NotFound(f"No place is called {identifier!r}; check the identifier and the day.")
    ties = [dict(row) for row in session.execute(_ties(place, period)).mappings()]
    told = _may_be_told(session, caller, place, why)
    due = [tie for tie in ties if why.purpose in OF_THE_PAST or not _is_over(tie)] if told else []
    residents = _residents(session, reader, due[:limit])
    remarks = [WITHHELD] * (not told) + [PAST_WITHHELD] * (told and len(due) < len(ties))
    return {"place": place_json(session, [place.ref])[0], "residents": residents,
            "residents_count": len({tie["resident_id"] for tie in ties}),
            "organizations": _organizations(session, place, period),
            "remarks": remarks, "next": None}


def _is_over(tie: Mapping[str, Any]) -> bool:
    return tie["valid_to"] is not None and tie["valid_to"] <= datetime.now(UTC)


def _may_be_told(session: Session, caller: Caller, place: Place, why: Why) -> bool:
    if caller.role is not Role.OPERATOR or why.call:
        return True
    case = open_case(session, caller, why.case) if why.case else None
    if case is None:
        return False
    if place.ref.letter == "b":
        return case.unit_id is None and case.building_id == place.ref.id
    if case.unit_id is not None:
        return place.ref == ("u", case.unit_id)
    home = session.scalar(select(Unit.building_id).where(Unit.id == place.ref.id))
    return place.ref.letter == "u" and case.building_id is not None and home == case.building_id


def _ties(place: Place, period: Period) -> Select[Any]:
    """Select the residencies at a place in a period, the living first."""
    one = _known(Residency, place, period).subquery("residency")
    return (select(one, Household.identifier.label("household"), Household.number,
                   Resident.relation_to_head)
            .join(Resident, Resident.id == one.c.resident_id)
            .outerjoin(Household, Household.id == Resident.household_id)
            .order_by(one.c.kind != "living", one.c.unit_id, Household.id,
                      Resident.relation_to_head != "head", one.c.resident_id, one.c.valid_from))


def _known(model: Any, place: Place, period: Period) -> Any:
    """Select a link's versions at a place that are not superseded, the ended ones among them."""
    names = [c.name for c in model.__table__.columns]
    parts = []
    for table in (model.__table__, history_of(model.__table__)):
        parts.append(select(*(table.c[name] for name in names)).where(
            _here(table.c, place), period.meets(table.c), table.c.termination_date.is_(None)))
    return union_all(*parts)


def _here(columns: Any, place: Place) -> Any:
    if place.ref.letter == "u":
        return columns.unit_id == place.ref.id
    within = select(Unit.id).where(getattr(Unit, ASKABLE[place.ref.letter]) == place.ref.id)
    inside = columns.unit_id.in_(within)
    if place.ref.letter == "b":
        return or_(inside, columns.building_id == place.ref.id)
    return inside


def _residents(session: Session, reader: PersonReader,
               ties: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one item a residency; those the caller may not see are left out."""
    seen = reader.of(list(dict.fromkeys(tie["resident_id"] for tie in ties)))
    units = _units(session, {tie["unit_id"] for tie in ties if tie["unit_id"]})
    found = []
    for tie in ties:
        person = seen.get(tie["resident_id"])
        if person is None:
            continue
        said = {key: value for key, value in person.items() if key != "residencies"}
        found.append(said | {
            "place": units.get(tie["unit_id"]), "residency": tie["kind"],
            "state": tie["state"], "from": _day(tie["valid_from"]), "to": _day(tie["valid_to"]),
            "household": _household(tie), "relation_to_head": tie["relation_to_head"]})
    return found


def _household(tie: Mapping[str, Any]) -> dict[str, Any] | None:
    return {"ref": tie["household"], "number": tie["number"]} if tie["household"] else None


def _units(session: Session, keys: set[int]) -> dict[int, dict[str, Any]]:
    """Return short places of units, by key."""
    refs = [("u", key) for key in sorted(keys)]
    return {key: {name: place[name] for name in ("identifier", "source_id", "level", "label",
                                                 "full_label")}
            for (_, key), place in zip(refs, place_json(session, refs), strict=True)}


def _organizations(session: Session, place: Place, period: Period) -> list[dict[str, Any]]:
    site = _known(Premises, place, period).subquery("premises")
    rows = session.execute(
        select(Organization.identifier.label("ref"), Organization.source_id, Organization.name,
               Organization.credit_code, Organization.kind, Organization.industry,
               Organization.phone, site.c.kind.label("premises"), site.c.valid_from,
               site.c.valid_to)
        .join(site, site.c.organization_id == Organization.id)
        .order_by(Organization.name, site.c.id).limit(MOST)).mappings()
    return [{key: row[key] for key in row if not key.startswith("valid")}
            | {"from": _day(row["valid_from"]), "to": _day(row["valid_to"])} for row in rows]


def _day(value: datetime | None) -> str | None:
    return value.date().isoformat() if value else None
