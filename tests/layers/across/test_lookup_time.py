from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from layers.across.lookup import lookup_address
from spatial.history import Moment
from spatial.state import bump
from tests.support.factories import (
    make_building,
    make_compound,
    make_entrance,
    make_street,
    make_tree,
    make_unit,
    square,
)

THEN = datetime(2015, 6, 1, tzinfo=UTC)
CHANGE = datetime(2020, 3, 1, tzinfo=UTC)
LONG_AGO = datetime.now(UTC) - timedelta(days=9)


def faults(answer: dict[str, Any]) -> list[str]:
    return [one["fault"] for one in answer["faults"]]


def test_a_name_that_was_changed_leads_to_the_place_and_says_so(session: Session) -> None:
    home = make_compound(session, make_tree(session)[2], name="红旗小区", creation_date=LONG_AGO)
    session.commit()
    home.name = "锦绣花园"
    bump(session)
    session.commit()

    answer = lookup_address(session, "红旗小区")

    assert (answer["status"], answer["ref"], answer["match_class"]) == (
        "match", home.identifier, "A")
    assert faults(answer) == ["former_name"] and answer["current_ref"] == home.identifier
    assert answer["path"][-1]["name"] == "锦绣花园"


def replaced(session: Session) -> tuple[Any, Any]:
    community = make_tree(session)[2]
    old = make_compound(session, community, name="红旗大院", geometry=square(), valid_to=CHANGE,
                        creation_date=LONG_AGO)
    new = make_compound(session, community, name="锦绣花园", geometry=square(side=0.001),
                        valid_from=CHANGE)
    for home in (old, new):
        building = make_building(session, home, number="3", number_key="3", geometry=square(),
                                 creation_date=LONG_AGO, valid_to=home.valid_to)
        make_unit(session, building, creation_date=LONG_AGO, valid_to=home.valid_to,
                  entrance=make_entrance(session, building, number_key="2",
                                         creation_date=LONG_AGO, valid_to=home.valid_to),
                  designator="501", room_key="501")
    bump(session)
    session.commit()
    return old, new


def test_what_stood_here_before_leads_to_what_stands_here_now(session: Session) -> None:
    _, new = replaced(session)

    answer = lookup_address(session, "红旗大院")

    assert (answer["ref"], answer["current_ref"]) == (new.identifier, new.identifier)
    assert faults(answer) == ["former_name"] and answer["match_class"] == "C"


def test_a_door_of_what_is_gone_never_links_by_itself(session: Session) -> None:
    replaced(session)

    assert lookup_address(session, "红旗大院3号楼2单元501")["match_class"] in {"C", "D"}


def test_asked_as_of_a_day_the_place_of_that_day_answers(session: Session) -> None:
    old, new = replaced(session)

    then = Moment(valid_at=THEN)
    answer = lookup_address(session, "红旗大院3号楼2单元501", valid_at=then)
    later = lookup_address(session, "锦绣花园3号楼2单元501", valid_at=then)

    assert (answer["status"], answer["level"], answer["match_class"]) == ("match", "unit", "A")
    assert answer["path"][-4]["ref"] == old.identifier
    assert answer["valid"]["to"] == "2020-03-01"
    assert answer["place"]["identifier"] == answer["ref"] != answer["current_ref"]
    assert later["status"] == "none"
    assert lookup_address(session, "锦绣花园3号楼2单元501")["path"][-4]["ref"] == new.identifier


def test_what_ended_without_a_successor_answers_for_itself(session: Session) -> None:
    gone = make_street(session, make_tree(session)[0], name="胜利巷", valid_to=CHANGE)
    bump(session)

    answer = lookup_address(session, "胜利巷")

    assert (answer["ref"], answer["current_ref"]) == (gone.identifier, None)
    assert (answer["match_class"], answer["valid"]["to"]) == ("C", "2020-03-01")
