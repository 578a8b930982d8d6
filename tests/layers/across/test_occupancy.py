from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from layers.access import PERSON_READERS, Role
from layers.across.occupancy import WITHHELD, Period, Why, occupants
from layers.buildings import Building
from layers.caller import LEAST, MOST, Caller
from layers.units import Unit
from spatial.audit import AuditEvent
from spatial.errors import Forbidden, InvalidInput, NotFound
from tests.support.factories import (
    make_building,
    make_compound,
    make_entrance,
    make_grid,
    make_household,
    make_incident,
    make_organization,
    make_residency,
    make_resident,
    make_storey,
    make_unit,
)
from tests.support.sealed import vault

THEN, LATER = datetime(2015, 6, 1, tzinfo=UTC), datetime(2020, 6, 1, tzinfo=UTC)


def ask(session: Session, place: Any, role: Role = Role.OFFICER, *, period: Period | None = None,
        low: int = LEAST, high: int = MOST, **why: Any) -> dict[str, Any]:
    session.flush()
    caller = Caller(name="someone", role=role, low=low, high=high)
    return occupants(session, vault(), caller, place.identifier,
                     why=Why(**{"purpose": "service", **why}), period=period or Period())


def home(session: Session, **said: Any) -> Unit:
    building = make_building(session, grid=make_grid(session))
    return make_unit(session, building, entrance=make_entrance(session, building),
                     storey=make_storey(session, building), **said)


def test_a_dwelling_tells_its_family_with_the_head_first(session: Session) -> None:
    unit = home(session)
    family = make_household(session, unit)
    child = make_resident(session, family, name="张小三", relation_to_head="child")
    head = make_resident(session, family, name="张三", relation_to_head="head")
    for person in (child, head):
        make_residency(session, person, unit, valid_from=LATER)

    said = ask(session, unit)

    assert [one["ref"] for one in said["residents"]] == [head.identifier, child.identifier]
    first = said["residents"][0]
    assert (first["name"], first["relation_to_head"], first["residency"], first["from"]) == (
        "张三", "head", "living", "2020-06-01")
    assert first["household"] == {"ref": family.identifier, "number": family.number}
    assert said["place"]["identifier"] == unit.identifier


def test_organizations_are_told_with_what_they_do_here(session: Session) -> None:
    unit = home(session, use="shop")
    firm = make_organization(session, unit)
    said = ask(session, unit)["organizations"]
    assert [(one["ref"], one["premises"]) for one in said] == [(firm.identifier, "operates")]


@pytest.mark.parametrize("column", ["building_id", "entrance_id", "storey_id"])
def test_larger_places_tell_of_all_their_dwellings(session: Session, column: str) -> None:
    unit = home(session)
    make_residency(session, make_resident(session), unit)
    layers = {"building_id": "building", "entrance_id": "entrance", "storey_id": "storey"}
    from layers.across.chains import models

    model: Any = next(m for m in models().values() if m.__tablename__ == layers[column])
    place = session.get(model, getattr(unit, column))

    said = ask(session, place)
    assert [one["place"]["identifier"] for one in said["residents"]] == [unit.identifier]


def test_who_lived_here_on_a_day_is_told_and_who_came_later_is_not(session: Session) -> None:
    unit = home(session)
    before, after = make_resident(session), make_resident(session)
    make_residency(session, before, unit, valid_to=LATER)
    make_residency(session, after, unit, valid_from=LATER)
    # A person is seen by whoever has the area the person belongs to.
    before.scope = after.scope = unit.scope

    def refs(period: Period) -> list[str]:
        return sorted(one["ref"] for one in ask(session, unit, period=period,
                                                 purpose="registration")["residents"])

    assert refs(Period.of(THEN, None, None)) == [before.identifier]
    assert refs(Period()) == [after.identifier]
    assert refs(Period.of(None, THEN, None)) == sorted([before.identifier, after.identifier])


def test_a_stay_that_a_move_ended_is_still_known(session: Session) -> None:
    old, new = home(session), home(session)
    person = make_resident(session)
    tie = make_residency(session, person, old, valid_from=THEN,
                         creation_date=datetime.now(UTC) - timedelta(days=9))
    session.commit()
    tie.unit_id, tie.valid_from = new.id, LATER
    session.commit()

    then = Period.of(datetime(2018, 1, 1, tzinfo=UTC), None, None)
    said = ask(session, old, period=then, purpose="correction")
    assert [one["to"] for one in said["residents"]] == ["2020-06-01"]
    assert ask(session, old)["residents"] == []


def test_every_look_is_recorded_with_who_was_seen_and_why(session: Session) -> None:
    unit, person = home(session), make_resident(session)
    make_residency(session, person, unit)
    ask(session, unit, purpose="verification")
    line = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert line is not None
    assert (line.action, line.purpose, line.subjects) == (
        "occupants", "verification", [person.identifier])


def test_an_operator_needs_a_case_at_the_place_or_the_call_in_hand(session: Session) -> None:
    unit = home(session)
    make_residency(session, make_resident(session), unit)
    here = make_incident(session, unit, status="open")
    elsewhere = make_incident(session, home(session), status="open")

    for why in ({}, {"case": "unknown"}, {"case": elsewhere.identifier}):
        said = ask(session, unit, Role.OPERATOR, **why)
        assert (said["residents"], said["residents_count"], said["remarks"]) == ([], 1, [WITHHELD])
    for why in ({"case": here.identifier}, {"call": "line 3"}):
        assert [one["name"] for one in ask(session, unit, Role.OPERATOR, **why)["residents"]] == [
            "张*"]


def test_a_case_in_a_dwelling_opens_no_other_door_and_one_at_a_building_all_of_its(
        session: Session) -> None:
    unit = home(session)
    building = session.get_one(Building, unit.building_id)
    make_residency(session, make_resident(session), unit)
    within = make_incident(session, unit, status="open").identifier
    at_building = make_incident(session, building, status="open").identifier

    assert not ask(session, building, Role.OPERATOR, case=within)["residents"]
    assert ask(session, building, Role.OPERATOR, case=at_building)["residents"]
    assert ask(session, unit, Role.OPERATOR, case=at_building)["residents"]


@pytest.mark.parametrize("role", sorted(set(Role) - PERSON_READERS))
def test_other_roles_are_told_of_nobody(session: Session, role: Role) -> None:
    with pytest.raises(Forbidden):
        ask(session, home(session), role)


def test_a_place_outside_the_area_is_as_unknown_as_none(session: Session) -> None:
    mine, theirs = home(session), home(session)
    with pytest.raises(NotFound) as outside:
        ask(session, theirs, low=mine.scope, high=mine.scope)
    with pytest.raises(NotFound) as unknown:
        ask(session, Unit(identifier="u" + "0" * 16), low=mine.scope, high=mine.scope)
    assert str(outside.value).replace(theirs.identifier, "") == str(unknown.value).replace(
        "u" + "0" * 16, "")


def test_larger_places_and_unclear_periods_are_refused(session: Session) -> None:
    with pytest.raises(InvalidInput, match="too large"):
        ask(session, make_compound(session))
    with pytest.raises(InvalidInput, match="not both"):
        Period.of(THEN, THEN, None)
    with pytest.raises(InvalidInput, match="change them round"):
        Period.of(None, LATER, THEN)
