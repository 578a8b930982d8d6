from typing import Any

import pytest
from sqlalchemy.orm import Session

from layers.across.lookup import lookup_address
from layers.across.review import ReviewItem, choose, reopen
from layers.across.suggestions import suggest
from spatial.errors import Conflict
from spatial.state import bump
from tests.support.factories import (
    make_building,
    make_compound,
    make_entrance,
    make_tree,
    make_unit,
)

TEXT = "老粮站后院 3 2 501"


def question(session: Session, text: str = TEXT) -> tuple[Any, int]:
    building = make_building(session, make_compound(session, make_tree(session)[2]))
    entrance = make_entrance(session, building, number_key="2")
    unit = make_unit(session, building, entrance=entrance, room_key="501")
    one = ReviewItem(text=text, match_class="D", status="none", candidates=[])
    session.add(one)
    session.flush()
    bump(session)
    return unit, one.id


def test_a_decided_text_is_an_alias_from_then_on(session: Session) -> None:
    unit, number = question(session)
    assert lookup_address(session, TEXT)["status"] == "none"

    choose(session, number, unit.identifier, by="clerk")
    answer = lookup_address(session, f" {TEXT.replace('3', '３')}")

    assert (answer["status"], answer["ref"], answer["match_class"]) == (
        "match", unit.identifier, "A")
    assert [one["fault"] for one in answer["faults"]] == ["alias"]
    assert answer["place"]["identifier"] == unit.identifier


@pytest.mark.parametrize("text", ["老粮站后院 32 501", "老粮站后院 3 2 5011", "老粮站后院 3 2 502",
                                  "东风老粮站后院 3 2 501", "老粮站后院"])
def test_a_decision_says_nothing_of_any_other_text(session: Session, text: str) -> None:
    unit, number = question(session)
    choose(session, number, unit.identifier, by="clerk")

    assert lookup_address(session, text)["ref"] != unit.identifier


def test_a_decision_can_be_taken_back(session: Session) -> None:
    unit, number = question(session)
    choose(session, number, unit.identifier, by="clerk")
    with pytest.raises(Conflict):
        choose(session, number, unit.identifier, by="another")

    reopen(session, number)

    assert lookup_address(session, TEXT)["status"] == "none"
    with pytest.raises(Conflict):
        reopen(session, number)


def test_a_decision_for_a_place_that_is_gone_is_not_followed(session: Session) -> None:
    unit, number = question(session)
    choose(session, number, unit.identifier, by="clerk")
    session.delete(unit)
    bump(session)
    session.flush()

    assert lookup_address(session, TEXT)["status"] == "none"


def test_a_decided_text_is_suggested_while_it_is_typed(session: Session) -> None:
    unit, number = question(session)
    choose(session, number, unit.identifier, by="clerk")

    begun, whole = (suggest(session, text)["items"] for text in ("老粮站", TEXT))

    assert unit.identifier in [one["ref"] for one in begun]
    assert whole[0]["ref"] == unit.identifier and TEXT in whole[0]["display"]


def test_aliases_of_units_and_buildings_are_names(session: Session) -> None:
    unit, _ = question(session)
    unit.aliases = ["老邮局值班室"]
    building = make_building(session, make_compound(session, make_tree(session)[2]),
                             aliases=["钟楼红房子"])
    bump(session)
    session.flush()

    for text, ref in (("老邮局值班室", unit.identifier), ("钟楼红房子", building.identifier)):
        answer = lookup_address(session, text)
        assert (answer["ref"], answer["match_class"]) == (ref, "A")
        assert suggest(session, text[:3])["items"][0]["ref"] == ref
