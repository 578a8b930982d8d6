"""The muster list of a building: how many live behind each door, and who asked for help.

It is made anew at each look, so that a correction made meanwhile is in it; only the ticks are
kept. No resident is named: a responder needs doors and numbers.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from layers.across import labels
from layers.across.break_glass import glass_of
from layers.across.help_contacts import contacts_in
from layers.across.nearby import nearest, on_record
from layers.across.places import place_json
from layers.caller import Caller
from layers.emergencies import TICKS, BreakGlass, MusterTick
from layers.entrances import Entrance
from layers.facilities import Facility
from layers.organizations import Organization, Premises
from layers.residents import Residency
from layers.storeys import Storey
from layers.units import Unit
from spatial.audit import Event, record
from spatial.errors import InvalidInput, NotFound
from spatial.floorplans import natural
from spatial.history import seen, valid

if TYPE_CHECKING:
    from spatial.sealing import Vault

NEAR_KINDS = ("hydrant", "aed", "fire_station", "shelter")


def muster(session: Session, vault: "Vault", caller: Caller, ref: str) -> dict[str, Any]:
    """Return the list of a broken glass, and put the look on the record."""
    glass = glass_of(session, caller, ref)
    record(session, vault, Event(
        actor=caller.actor, role=caller.role, action="break-glass-muster", purpose="emergency",
        case=glass.incident, subjects=(glass.identifier,), seen=("occupants_count",)),
        durable=True)
    place = place_json(session, [("b", glass.building_id)])[0]
    living, loose = _living(session, glass.building_id)
    rows = _units(session, glass.building_id)
    helps = contacts_in(session, vault, [row["id"] for row in rows])
    ticks = _ticks(session, glass.id)
    firms = _firms(session, [row["id"] for row in rows])
    entries = [_entry(row, living, helps, ticks, firms) for row in rows]
    return {"ref": glass.identifier, "incident": glass.incident, "place": place,
            "opened_at": glass.opened_at.isoformat(), "gone_at": glass.gone_at.isoformat(),
            "entrances": _by_entrance(entries), "without_unit": loose,
            "totals": _totals(entries, loose), **_around(session, glass, place)}


def tick(session: Session, vault: "Vault", caller: Caller, ref: str, unit: str,
         state: str | None) -> dict[str, Any]:
    """Note what was found at a unit of the list, or take the note back with None."""
    glass = glass_of(session, caller, ref)
    if state is not None and state not in TICKS:
        raise InvalidInput(f"state is one of {', '.join(TICKS)}, or left out to take it back.")
    key = session.scalars(select(Unit.id).where(
        Unit.identifier == unit, Unit.building_id == glass.building_id)).first()
    if key is None:
        raise NotFound("That unit is not in this building.")
    if state is None:
        session.execute(MusterTick.__table__.delete().where(  # type: ignore[attr-defined]
            MusterTick.glass_id == glass.id, MusterTick.unit_id == key))
    else:
        said = {"state": state, "actor": caller.actor, "at": func.now()}
        session.execute(insert(MusterTick).values(glass_id=glass.id, unit_id=key, **said)
                        .on_conflict_do_update(index_elements=["glass_id", "unit_id"], set_=said))
    record(session, vault, Event(actor=caller.actor, role=caller.role, action="break-glass-tick",
                                 purpose="emergency", case=glass.incident,
                                 subjects=(glass.identifier,)))
    return {"unit": unit, "state": state, "by": caller.actor if state else None}


def ticks_of(session: Session, caller: Caller, ref: str) -> dict[str, dict[str, Any]]:
    """Return the ticks of a list by unit; they tell of doors, not of who lives there."""
    glass = glass_of(session, caller, ref)
    rows = session.execute(select(Unit.identifier, MusterTick.state, MusterTick.actor)
                           .join(Unit, Unit.id == MusterTick.unit_id)
                           .where(MusterTick.glass_id == glass.id))
    return {unit: {"state": state, "by": actor} for unit, state, actor in rows}


def _living(session: Session, building: int) -> tuple[Mapping[int, int], int]:
    """Return the living of each unit, and those of the building whose unit nobody knows."""
    tie: Any = seen(Residency)
    home: Any = seen(Unit)
    rows = session.execute(
        select(tie.unit_id, func.count(tie.resident_id.distinct()))
        .outerjoin(home, home.id == tie.unit_id)
        .where(tie.kind == "living", or_(tie.state.is_(None), tie.state != "disputed"),
               or_(home.building_id == building, tie.building_id == building))
        .group_by(tie.unit_id))
    counts = {unit: int(number) for unit, number in rows}
    return {unit: number for unit, number in counts.items() if unit}, counts.get(None, 0)


def _units(session: Session, building: int) -> list[dict[str, Any]]:
    unit: Any = seen(Unit)
    entrance: Any = seen(Entrance)
    storey: Any = seen(Storey)
    rows = session.execute(
        select(unit.id, unit.identifier, unit.designator, unit.position, unit.use,
               entrance.identifier.label("entrance"), entrance.number, entrance.label,
               storey.label.label("storey"), storey.index)
        .outerjoin(entrance, entrance.id == unit.entrance_id)
        .outerjoin(storey, storey.id == unit.storey_id)
        .where(unit.building_id == building)
        .order_by(case((storey.index.is_(None), 1), else_=0), storey.index.desc())).mappings()
    return [dict(row) for row in rows]


def _entry(row: Mapping[str, Any], living: Mapping[int, int],
           helps: Mapping[int, Sequence[str]], ticks: Mapping[int, Any],
           firms: Mapping[int, Sequence[str]]) -> dict[str, Any]:
    key, done = row["id"], ticks.get(row["id"])
    return {"unit": row["identifier"], "label": labels.unit_label(row), "use": row["use"],
            "entrance": row["entrance"],
            "entrance_label": labels.entrance_label(row) if row["entrance"] else None,
            "storey": labels.storey_label(row["storey"], row["index"]), "index": row["index"],
            "living": living.get(key, 0), "help": list(helps.get(key, ())),
            "organizations": list(firms.get(key, ())),
            "tick": {"state": done.state, "by": done.actor, "at": done.at.isoformat()}
            if done else None}


def _by_entrance(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Group entries by entrance, then by floor from the top: the way a building is searched."""
    doors: dict[str | None, list[dict[str, Any]]] = {}
    for one in entries:
        doors.setdefault(one["entrance"], []).append(one)
    found = [{"entrance": door, "label": units[0]["entrance_label"], "floors": _floors(units),
              "living": sum(one["living"] for one in units)} for door, units in doors.items()]
    return sorted(found, key=lambda one: natural(one["label"] or "\uffff"))


def _floors(units: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    floors: dict[str, list[dict[str, Any]]] = {}
    for one in units:
        floors.setdefault(one["storey"], []).append(one)
    return [{"storey": name, "units": sorted(each, key=lambda one: natural(one["label"]))}
            for name, each in floors.items()]


def _totals(entries: Sequence[dict[str, Any]], loose: int) -> dict[str, int]:
    done = Counter(one["tick"]["state"] for one in entries if one["tick"])
    return {"units": len(entries), "living": sum(one["living"] for one in entries) + loose,
            "help": sum(bool(one["help"]) for one in entries),
            "ticked": sum(done.values()), **{state: done[state] for state in TICKS}}


def _ticks(session: Session, glass: int) -> dict[int, MusterTick]:
    rows = session.scalars(select(MusterTick).where(MusterTick.glass_id == glass)
                           .execution_options(populate_existing=True))
    return {row.unit_id: row for row in rows}


def _firms(session: Session, units: Sequence[int]) -> dict[int, list[str]]:
    rows = session.execute(
        select(Premises.unit_id, Organization.name)
        .join(Organization, Organization.id == Premises.organization_id)
        .where(Premises.unit_id.in_(units), valid(Premises, func.now()),
               valid(Organization, func.now())).order_by(Organization.name))
    found: dict[int, list[str]] = {}
    for unit, name in rows:
        found.setdefault(int(unit or 0), []).append(name)
    return found


def _around(session: Session, glass: BreakGlass, place: Mapping[str, Any]) -> dict[str, Any]:
    """Return the lifts of the building, the gates of its compound, and what is nearest."""
    from layers.buildings import Building

    compound = session.scalars(select(Building.compound_id).where(
        Building.id == glass.building_id)).first()
    near = nearest(session, tuple(place["point"]), NEAR_KINDS, each=2) if place["point"] else {}
    return {"lifts": on_record(session, "lift", Facility.building_id == glass.building_id),
            "gates": on_record(session, "gate", Facility.compound_id == compound)
            if compound else [], "near": near}
