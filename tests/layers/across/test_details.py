from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from layers.across.details import detail
from spatial.errors import InvalidInput, NotFound
from spatial.history import Moment
from spatial.state import remember
from tests.support.counting import statements
from tests.support.factories import (
    SOUTH,
    WEST,
    make_building,
    make_compound,
    make_entrance,
    make_facility,
    make_grid,
    make_storey,
    make_tree,
    make_unit,
    square,
)


def test_a_unit_is_told_with_its_volume_and_its_words_in_both_languages(session: Session) -> None:
    building = make_building(session)
    unit = make_unit(session, building, storey=make_storey(session, building, index=2.0),
                     area_m2=88.5)

    said = detail(session, unit.identifier)

    assert said["attributes"] == {"designator": "501", "use": "dwelling", "area_m2": 88.5,
                                  "base_m": 3.0, "top_m": 6.0, "volume_source": "derived"}
    assert said["fields"]["use"]["label"] == {"en": "Dwelling", "zh": "住宅"}
    assert said["fields"]["area_m2"]["unit"] == "m²"
    assert (said["volume"]["base_m"], said["volume"]["top_m"]) == (3.0, 6.0)
    assert said["volume"]["polygon"]["type"] == said["geometry"]["type"] == "Polygon"


def test_the_camera_looks_at_the_wall_behind_which_the_unit_lies(session: Session) -> None:
    remember(session, "metric_srid", "4548")
    building = make_building(session, geometry=square(side=0.0004, height=0.0002))
    south = make_unit(session, building,
                      geometry=square(WEST, SOUTH, side=0.0004, height=0.0001))
    north = make_unit(session, building,
                      geometry=square(WEST, SOUTH + 0.0001, side=0.0004, height=0.0001))

    bearings = [detail(session, one.identifier)["camera"]["bearing"] for one in (south, north)]

    assert bearings[0] == pytest.approx(0, abs=5) or bearings[0] > 355
    assert bearings[1] == pytest.approx(180, abs=5)


def test_parts_come_kind_by_kind_in_natural_order_and_in_pages(session: Session) -> None:
    building = make_building(session)
    make_entrance(session, building, number="1")
    make_storey(session, building, index=-1.0)
    make_storey(session, building, index=10.0)
    make_storey(session, building, index=2.0)
    for designator in ("1001", "201", "门市12", "门市2"):
        make_unit(session, building, designator=designator)

    first = detail(session, building.identifier, limit=5)["children"]
    rest = detail(session, building.identifier, limit=5, cursor=first["next"])["children"]

    labels = [part["label"] for part in first["items"] + rest["items"]]
    assert labels == ["1单元", "B1", "2层", "10层", "201室", "1001室", "门市2", "门市12"]
    assert (first["count"], rest["next"]) == (8, None)
    with pytest.raises(InvalidInput, match="begin again"):
        detail(session, building.identifier, cursor="unknown")


def test_what_divisions_grids_and_compounds_hold_is_told(session: Session) -> None:
    district, subdistrict, community = make_tree(session)
    compound, grid = make_compound(session, community), make_grid(session, community)
    building = make_building(session, compound, grid=grid)

    def held(identifier: str) -> set[str]:
        parts = detail(session, identifier)["children"]["items"]
        return {part["identifier"] for part in parts}

    assert held(district.identifier) == {subdistrict.identifier}
    assert held(community.identifier) == {compound.identifier, grid.identifier}
    assert held(grid.identifier) == held(compound.identifier) == {building.identifier}


def test_a_retired_building_says_what_stands_there_now(session: Session) -> None:
    end = datetime(2015, 5, 1, tzinfo=UTC)
    old = make_building(session, valid_to=end)
    new = make_building(session, number="9", valid_from=end)

    said = detail(session, old.identifier)

    assert said["status"] == "retired"
    assert [one["identifier"] for one in said["replaced_by"]] == [new.identifier]
    assert detail(session, new.identifier)["replaced_by"] == []


def test_a_place_is_told_as_of_a_day(session: Session) -> None:
    unit = make_unit(session, valid_from=datetime(2010, 1, 1, tzinfo=UTC))
    assert detail(session, unit.identifier,
                  Moment(valid_at=datetime(2012, 1, 1, tzinfo=UTC)))["label"] == "501室"
    with pytest.raises(NotFound):
        detail(session, unit.identifier, Moment(valid_at=datetime(2009, 1, 1, tzinfo=UTC)))


def test_a_facility_and_a_place_without_shape_are_told(session: Session) -> None:
    assert detail(session, make_facility(session).identifier)["camera"]["pitch"] == 60.0
    bare = detail(session, make_building(session, geometry=None).identifier)
    assert (bare["geometry"], bare["camera"], bare["volume"]) == (None, None, None)


@pytest.mark.parametrize("units", [1, 30])
def test_a_detail_takes_a_fixed_number_of_statements(session: Session, units: int) -> None:
    building = make_building(session)
    for number in range(units):
        make_unit(session, building, designator=str(number))
    with statements(session) as sent:
        detail(session, building.identifier)
    assert len(sent) == 7
