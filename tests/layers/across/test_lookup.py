import pytest
from sqlalchemy.orm import Session

from layers.across.lookup import lookup_address
from layers.across.reverse import reverse
from layers.units import Unit
from spatial.errors import AddressNotUnderstood, NotFound
from spatial.state import bump
from tests.support.counting import statements
from tests.support.factories import (
    make_building,
    make_compound,
    make_entrance,
    make_grid,
    make_organization,
    make_plate,
    make_storey,
    make_street,
    make_tree,
    make_unit,
)


def door(session: Session) -> Unit:
    """Make 向阳小区8号楼3单元501, with its keys, on 建设路12号."""
    district, _subdistrict, community = make_tree(session)
    street = make_street(session, district)
    compound = make_compound(session, community, aliases=["电业局家属院"])
    building = make_building(session, compound, grid=make_grid(session, community), number_key="8")
    entrance = make_entrance(session, building, number_key="3")
    storey = make_storey(session, building, index=5.0)
    make_plate(session, street, number_key="12", building_id=building.id)
    unit = make_unit(session, building, entrance=entrance, storey=storey, room_key="501")
    make_organization(session, unit, name="向阳社区图书馆")
    bump(session)
    return unit


@pytest.mark.parametrize("text", [
    "向阳小区8号楼3单元501", "科尔沁区明仁街道向阳社区向阳小区八号楼三单元五零一室",
    "电业局家属院8-3-501", "建设路12号3单元501", "向阳社区图书馆",
])
def test_a_dwelling_is_found_however_it_is_written(session: Session, text: str) -> None:
    unit = door(session)

    answer = lookup_address(session, text)

    assert (answer["status"], answer["ref"], answer["match_class"]) == (
        "match", unit.identifier, "A")
    assert answer["place"]["identifier"] == unit.identifier
    assert answer["standard_address"] == "科尔沁区明仁街道向阳社区向阳小区8号楼3单元501室"


def test_a_door_that_does_not_exist_ends_at_its_entrance(session: Session) -> None:
    unit = door(session)

    answer = lookup_address(session, "向阳小区8号楼3单元901")

    assert (answer["status"], answer["level"], answer["unmatched"]) == (
        "partial", "entrance", ["901"])
    assert answer["ref"] != unit.identifier


def test_names_are_known_as_soon_as_the_registry_changes(session: Session) -> None:
    door(session)
    assert lookup_address(session, "新星花园")["status"] == "none"
    made = make_compound(session, make_tree(session)[2], name="新星花园")
    bump(session)

    assert lookup_address(session, "新星花园")["ref"] == made.identifier


def test_twins_are_told_apart_by_the_area_that_is_asked_in(session: Session) -> None:
    _d, _s, community = make_tree(session)
    first = make_compound(session, community, name="和平小区")
    make_compound(session, make_tree(session)[2], name="和平小区")
    bump(session)

    both = lookup_address(session, "和平小区")
    one = lookup_address(session, "和平小区", within=community.identifier)

    assert both["status"] == "ambiguous" and len(both["candidates"]) == 2
    assert all(c["place"] for c in both["candidates"])
    assert one["ref"] == first.identifier
    with pytest.raises(NotFound):
        lookup_address(session, "和平小区", within="d0000")


def test_a_lookup_takes_few_statements(session: Session) -> None:
    door(session)
    lookup_address(session, "向阳小区8号楼3单元501")

    with statements(session) as seen:
        lookup_address(session, "向阳小区8号楼3单元501")

    assert len(seen) <= 6


def test_an_empty_address_is_refused(session: Session) -> None:
    with pytest.raises(AddressNotUnderstood):
        lookup_address(session, "  ")


def test_a_point_in_a_dwelling_is_that_dwelling_at_its_height(session: Session) -> None:
    unit = door(session)
    lon, lat = 122.22005, 43.60005

    assert reverse(session, lon, lat)["level"] == "building"
    assert reverse(session, lon, lat, floor=5)["ref"] == unit.identifier
    assert reverse(session, lon, lat, height=13.0)["ref"] == unit.identifier
    assert reverse(session, lon, lat, height=1.0)["level"] == "building"


def test_a_point_outside_is_none_and_tells_of_the_building_near(session: Session) -> None:
    door(session)

    answer = reverse(session, 122.2204, 43.6001)

    assert (answer["status"], answer["place"]) == ("none", None)
    assert answer["near"]["relation"] == "near" and 3 < answer["near"]["metres"] < 20
