"""A grid worker's list of doors: those nobody has seen for longest, and those with gaps, first."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from layers.access import Role
from layers.across import labels
from layers.across.persons import PersonReader
from layers.buildings import Building
from layers.caller import Caller
from layers.compounds import Compound
from layers.entrances import Entrance
from layers.organizations import Organization, Premises
from layers.residents import Residency, Resident
from layers.storeys import Storey
from layers.units import Unit
from layers.visits import Visit
from spatial.errors import Forbidden, NotFound
from spatial.history import seen, valid

if TYPE_CHECKING:
    from spatial.config import Settings
    from spatial.sealing import Vault

VISITORS = (Role.GRID_WORKER, Role.OFFICER)
#: A phone carries what it was given for so many hours (web/static/field).
CARRIED_H = 12
#: More buildings than an area has, more doors than a tower has: a bound, not a page.
BUILDINGS_MOST, DOORS_MOST = 5_000, 2_000


def buildings_due(session: Session, caller: Caller) -> list[dict[str, Any]]:
    """Return the buildings of the caller's area with how many doors wait, the most first."""
    _visitor(caller)
    one, home = _doors(caller)
    rows = session.execute(
        select(home.identifier, home.label, home.number, home.name, home.plate,
               Compound.name.label("compound"), func.count().label("doors"),
               func.count().filter(one.c.seen_at.is_(None)).label("never"),
               func.min(one.c.seen_at).label("oldest"))
        .select_from(one).join(home, home.id == one.c.building_id)
        .outerjoin(Compound, Compound.id == home.compound_id)
        .group_by(home.id, home.identifier, home.label, home.number, home.name, home.plate,
                  Compound.name)
        .order_by(func.count().filter(one.c.seen_at.is_(None)).desc(), func.min(one.c.seen_at),
                  home.identifier).limit(BUILDINGS_MOST)).mappings()
    return [{"identifier": row["identifier"], "compound": row["compound"],
             "label": labels.building_label(dict(row)), "doors": row["doors"],
             "never": row["never"], "oldest": row["oldest"] and row["oldest"].isoformat()}
            for row in rows]


def doors_of(session: Session, vault: "Vault", caller: Caller, building: str, *,
             settings: "Settings | None" = None) -> dict[str, Any]:
    """Return the doors of a building with who is known to live there, for a round of visits.

    Names and age bands as the role sees them; no ID number, no phone: this goes onto a phone.
    """
    _visitor(caller)
    home = session.execute(select(Building.id, Building.scope).where(
        Building.identifier == building, valid(Building, func.now()))).first()
    if home is None or not caller.holds(home.scope):
        raise NotFound("There is no such building in your area.")
    rows = [dict(row) for row in session.execute(_units(home.id)).mappings()]
    reader = PersonReader(session, vault, caller, purpose="verification", settings=settings)
    people = _people(session, reader, [row["id"] for row in rows])
    firms = _firms(session, [row["id"] for row in rows])
    return {"building": building, "hours": CARRIED_H,
            "doors": [_door(row, people.get(row["id"], []), firms.get(row["id"], []))
                      for row in rows]}


def door_now(session: Session, vault: "Vault", caller: Caller, unit: str,
             settings: "Settings | None" = None) -> dict[str, Any]:
    """Return what the register says of one door now, for a supervisor who compares."""
    row = session.execute(select(Unit.id, Unit.use).where(Unit.identifier == unit)).first()
    if row is None:
        return {}
    reader = PersonReader(session, vault, caller, purpose="verification", settings=settings)
    people = _people(session, reader, [row.id]).get(row.id, [])
    firms = _firms(session, [row.id]).get(row.id, [])
    return {"people": people, "organizations": firms, "use": row.use,
            "names": {one["ref"]: one["name"] for one in (*people, *firms)}}


def stamp(people: Sequence[Mapping[str, Any]], firms: Sequence[Mapping[str, Any]],
          use: str | None) -> str:
    """Return what tells one state of a door from another: who is there, and its use."""
    said = [use or "", *sorted(one["ref"] for one in people), *sorted(one["ref"] for one in firms)]
    return sha256("\n".join(said).encode()).hexdigest()


def present_stamp(session: Session, unit: int) -> str:
    """Return the stamp of a door as the register has it now."""
    tie: Any = seen(Residency)
    people = session.scalars(select(Resident.identifier).join(
        tie, tie.resident_id == Resident.id).where(tie.unit_id == unit, tie.kind == "living"))
    site: Any = seen(Premises)
    firms = session.scalars(select(Organization.identifier).join(
        site, site.organization_id == Organization.id).where(site.unit_id == unit))
    use = session.scalar(select(Unit.use).where(Unit.id == unit))
    return stamp([{"ref": one} for one in set(people)], [{"ref": one} for one in set(firms)], use)


def _visitor(caller: Caller) -> None:
    if caller.role not in VISITORS:
        raise Forbidden(f"The role {caller.role} makes no visits.")


def _doors(caller: Caller) -> tuple[Any, Any]:
    """Return the doors of an area with when each was last seen, and the alias of buildings."""
    last = (select(Visit.unit_id, func.max(Visit.seen_at).label("seen_at"))
            .where(Visit.state != "refused").group_by(Visit.unit_id).subquery())
    unit, home = seen(Unit), seen(Building)
    rows = (select(unit.building_id, last.c.seen_at)
            .outerjoin(last, last.c.unit_id == unit.id)
            .where(caller.within(unit.scope), or_(unit.use.is_(None), unit.use.in_(
                ("dwelling", "shop", "office")))).subquery())
    return rows, home


def _units(building: int) -> Select[Any]:
    unit: Any = seen(Unit)
    entrance: Any = seen(Entrance)
    storey: Any = seen(Storey)
    last = (select(func.max(Visit.seen_at)).where(
        Visit.unit_id == unit.id, Visit.state != "refused").scalar_subquery())
    waits = (select(func.count()).where(Visit.unit_id == unit.id, Visit.state == "waiting")
             .scalar_subquery())
    return (select(unit.id, unit.identifier, unit.designator, unit.position, unit.use,
                   entrance.number, entrance.label.label("entrance"), storey.index,
                   storey.label.label("storey"), last.label("seen_at"), waits.label("waits"))
            .outerjoin(entrance, entrance.id == unit.entrance_id)
            .outerjoin(storey, storey.id == unit.storey_id)
            .where(and_(unit.building_id == building, or_(unit.use.is_(None), unit.use.in_(
                ("dwelling", "shop", "office")))))
            .order_by(entrance.number, case((storey.index.is_(None), 1), else_=0), storey.index,
                      unit.designator).limit(DOORS_MOST))


def _people(session: Session, reader: PersonReader,
            units: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    tie: Any = seen(Residency)
    rows = session.execute(select(tie.unit_id, tie.resident_id).where(
        tie.unit_id.in_(units), tie.kind == "living").order_by(tie.id)).all()
    known = reader.of(list(dict.fromkeys(row.resident_id for row in rows)), "visit-list")
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        person = known.get(row.resident_id)
        if person is not None:
            found.setdefault(row.unit_id, []).append(
                {name: person.get(name) for name in ("ref", "name", "sex", "age_band")})
    return found


def _firms(session: Session, units: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    site: Any = seen(Premises)
    rows = session.execute(
        select(site.unit_id, Organization.identifier, Organization.name)
        .join(Organization, Organization.id == site.organization_id)
        .where(site.unit_id.in_(units)).order_by(Organization.name))
    found: dict[int, list[dict[str, Any]]] = {}
    for unit, ref, name in rows:
        found.setdefault(unit, []).append({"ref": ref, "name": name})
    return found


def _door(row: Mapping[str, Any], people: list[dict[str, Any]],
          firms: list[dict[str, Any]]) -> dict[str, Any]:
    last: datetime | None = row["seen_at"]
    return {"unit": row["identifier"], "label": labels.unit_label(row), "use": row["use"],
            "entrance": labels.entrance_label({"label": row["entrance"], "number": row["number"]})
            if row["entrance"] or row["number"] else None,
            "storey": labels.storey_label(row["storey"], row["index"]),
            "people": people, "organizations": firms, "waits": row["waits"],
            "seen_at": last.isoformat() if last else None,
            "base": stamp(people, firms, row["use"])}
