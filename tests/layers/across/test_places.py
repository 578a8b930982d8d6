from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from layers.across.chains import COLUMNS
from layers.across.places import LEVELS, STEPS, find, place_json
from layers.units import Unit
from spatial.errors import NotFound
from spatial.history import Moment
from tests.support.counting import statements
from tests.support.factories import (
    make_building,
    make_compound,
    make_entrance,
    make_facility,
    make_grid,
    make_plate,
    make_storey,
    make_street,
    make_tree,
    make_unit,
    point,
)

SHAPE = {"identifier", "source_id", "level", "label", "full_label", "chain", "point", "height",
         "placement", "precision_m", "status"}


def door(session: Session) -> Unit:
    """Make the dwelling of the documents: 向阳小区8号楼3单元501."""
    _district, _subdistrict, community = make_tree(session)
    compound = make_compound(session, community)
    building = make_building(session, compound, grid=make_grid(session, community))
    return make_unit(session, building, entrance=make_entrance(session, building),
                     storey=make_storey(session, building, index=5.0))


def test_a_dwelling_is_described_from_the_district_down_to_its_door(session: Session) -> None:
    place = place_json(session, [("u", door(session).id)])[0]

    assert set(place) >= SHAPE
    assert [step["level"] for step in place["chain"]] == [
        "district", "subdistrict", "community", "grid", "compound", "building", "entrance",
        "storey", "unit"]
    assert place["full_label"] == "科尔沁区明仁街道向阳社区向阳小区8号楼3单元501室"
    assert (place["label"], place["level"], place["status"]) == ("501室", "unit", "current")
    assert (place["placement"], place["height"]) == ("inside_volume", 13.5)
    assert place["storey_label"] == "5层"


def test_the_point_of_a_dwelling_lies_on_its_own_floor(session: Session) -> None:
    place = place_json(session, [("u", door(session).id)])[0]

    assert place["point"] == pytest.approx([122.22005, 43.60005])
    assert 5 < place["precision_m"] < 8


def test_a_dwelling_without_volume_is_placed_at_its_door_and_says_so(session: Session) -> None:
    building = make_building(session)
    entrance = make_entrance(session, building)
    unit = make_unit(session, building, entrance=entrance, geometry=None, base_m=None, top_m=None)

    place = place_json(session, [("u", unit.id)])[0]

    assert (place["placement"], place["height"]) == ("door", None)


def test_a_place_without_any_geometry_has_no_point(session: Session) -> None:
    unit = make_unit(session, make_building(session, geometry=None), geometry=None)

    place = place_json(session, [("u", unit.id)])[0]

    assert (place["point"], place["placement"], place["precision_m"]) == (None, None, None)


def test_a_building_on_a_street_is_told_by_the_street(session: Session) -> None:
    district, _, community = make_tree(session)
    building = make_building(session, grid=make_grid(session, community), number=None,
                             name="金融大厦", street_id=make_street(session, district).id)

    assert place_json(session, [("b", building.id)])[0]["full_label"] == (
        "科尔沁区明仁街道向阳社区建设路金融大厦")


def test_a_plate_is_a_place_of_its_own_on_its_street(session: Session) -> None:
    plate = make_plate(session, make_street(session, make_tree(session)[0]))

    place = place_json(session, [("p", plate.id)])[0]

    assert (place["full_label"], place["placement"]) == ("科尔沁区建设路12号", "plate")


def test_a_facility_in_the_open_is_found_by_its_number_in_the_tree(session: Session) -> None:
    grid = make_grid(session)

    place = place_json(session, [("q", make_facility(session, scope=grid.scope).id)])[0]

    assert place["full_label"] == "科尔沁区明仁街道向阳社区消火栓"
    assert place["chain"][-2]["identifier"] == grid.identifier


def test_answers_keep_the_order_of_the_question(session: Session) -> None:
    refs = [("u", door(session).id) for _ in range(3)]

    again = place_json(session, [refs[2], refs[0], refs[1], refs[0]])

    assert again == [place_json(session, [ref])[0] for ref in (refs[2], refs[0], refs[1], refs[0])]


@pytest.mark.parametrize("times", [1, 40])
def test_any_number_of_places_takes_two_statements(session: Session, times: int) -> None:
    refs = [("u", door(session).id), ("q", make_facility(session).id)] * times
    with statements(session) as sent:
        assert len(place_json(session, refs)) == 2 * times
    assert len(sent) == 2


def test_the_present_never_reads_a_table_of_the_past(session: Session) -> None:
    refs = [("u", door(session).id)]
    with statements(session) as sent:
        place_json(session, refs)
    assert not any("history" in one for one in sent)


def test_a_place_is_described_as_the_registry_knew_it_then(session: Session) -> None:
    now = datetime.now(UTC)
    unit = make_unit(session, creation_date=now - timedelta(days=9))
    unit.designator = "502"
    session.commit()

    assert place_json(session, [("u", unit.id)])[0]["label"] == "502室"
    known = place_json(session, [("u", unit.id)], Moment(known_at=now - timedelta(days=1)))
    assert known[0]["label"] == "501室"
    assert place_json(session, [("u", unit.id)], Moment(known_at=now - timedelta(days=10))) == []


def test_a_place_that_ended_is_still_found_and_says_so(session: Session) -> None:
    ended = datetime(2020, 1, 1, tzinfo=UTC)
    unit = make_unit(session, valid_from=datetime(2000, 1, 1, tzinfo=UTC), valid_to=ended)

    place = find(session, unit.identifier)

    assert place_json(session, [place.ref])[0]["status"] == "retired"
    assert place_json(session, [place.ref], Moment(valid_at=datetime(2010, 1, 1, tzinfo=UTC)))[0][
        "status"] == "current"
    assert place_json(session, [place.ref], Moment(valid_at=ended)) == []


def test_what_was_deleted_since_is_found_as_it_was_known(session: Session) -> None:
    now = datetime.now(UTC)
    unit = make_unit(session, creation_date=now - timedelta(days=9))
    name = unit.identifier
    session.delete(unit)
    session.commit()

    with pytest.raises(NotFound):
        find(session, name)
    place = find(session, name, Moment(known_at=now - timedelta(days=1)))
    assert place.identifier == name


def test_one_look_at_an_identifier_tells_its_layer(session: Session) -> None:
    unit = door(session)
    found = find(session, unit.identifier)
    assert (found.ref, found.level, found.scope) == (("u", unit.id), "unit", unit.scope)


@pytest.mark.parametrize("identifier", [
    "", "u", "u0000000000000000", "r0000000000000000", "x' OR 1=1", "u" * 99, "号", "u\x00"])
def test_what_names_no_place_is_not_found(session: Session, identifier: str) -> None:
    with pytest.raises(NotFound):
        find(session, identifier)


def test_every_layer_of_places_has_its_way_down() -> None:
    assert set(LEVELS) == set(STEPS) == set(COLUMNS)


def test_a_building_drawn_as_a_point_is_not_exact(session: Session) -> None:
    building = make_building(session, geometry=point())
    assert place_json(session, [("b", building.id)])[0]["precision_m"] == 20.0
