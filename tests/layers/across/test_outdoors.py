from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy.orm import Session

from layers.across.lookup import lookup_address
from layers.across.reverse import metres_between
from spatial.state import bump
from tests.support.factories import (
    make_compound,
    make_facility,
    make_street,
    make_tree,
    point,
    square,
)

#: About the metres of a thousandth of a degree at 43.6° N: eastwards, northwards.
EAST, NORTH = 80.6, 111.1


def line(*spots: tuple[float, float]) -> str:
    return "SRID=4326;LINESTRING(" + ", ".join(f"{x} {y}" for x, y in spots) + ")"


def roads(session: Session) -> Any:
    """Lay 建设路 west to east, crossed by 人民路 and 青年路, and one long numbered road."""
    district, _, community = make_tree(session)
    make_street(session, district, name="建设路", former_names=["胜利路"],
                geometry=line((122.20, 43.60), (122.24, 43.60)))
    make_street(session, district, name="人民路",
                geometry=line((122.21, 43.59), (122.21, 43.61)))
    make_street(session, district, name="青年路",
                geometry=line((122.23, 43.59), (122.23, 43.5999)))
    make_street(session, district, name="东环路",
                geometry=line((122.30, 43.59), (122.30, 43.61)))
    make_street(session, district, name="304国道",
                geometry=line((122.0, 43.70), (122.3, 43.70)))
    bump(session)
    return district, community


def asked(session: Session, text: str) -> dict[str, Any]:
    return lookup_address(session, text)


@pytest.mark.parametrize(("text", "name", "placement", "spot"), [
    ("建设路与人民路交叉口", "建设路", "intersection", (122.21, 43.60)),
    ("人民路建设路路口", "人民路", "intersection", (122.21, 43.60)),
    ("建设路与青年路交汇处", "建设路", "intersection", (122.23, 43.60)),
    ("建设路人民路至青年路段", "建设路", "section", (122.22, 43.60)),
    ("建设路（人民路-青年路）", "建设路", "section", (122.22, 43.60)),
    ("人民路–青年路路段", "建设路", "section", (122.22, 43.60)),
    ("从人民路到青年路", "建设路", "section", (122.22, 43.60)),
    ("304国道12公里", "304国道", "kilometre", (122.149, 43.70)),
    ("G304 K12+0", "304国道", "kilometre", (122.149, 43.70)),
])
def test_a_place_along_streets_has_its_point(
    session: Session, text: str, name: str, placement: str, spot: tuple[float, float]
) -> None:
    roads(session)

    answer = asked(session, text)

    assert (answer["status"], answer["level"], answer["placement"]) == (
        "match", "street", placement)
    assert answer["path"][-1]["name"] == name
    assert metres_between(spot, tuple(answer["point"])) < 40
    assert answer["place"]["point"] == answer["point"]
    assert answer["precision_m"] >= 15


@pytest.mark.parametrize("text", [
    "人民路与青年路交叉口", "建设路与东环路路口", "304国道62公里", "建设路与解放路交叉口",
    "东环路从建设路到人民路",
])
def test_streets_that_do_not_meet_have_no_crossing(session: Session, text: str) -> None:
    roads(session)

    answer = asked(session, text)

    assert (answer["status"], answer["match_class"]) == ("partial", "D")
    assert answer["unmatched"]


@pytest.mark.parametrize(("words", "east", "north", "least"), [
    ("往北200米", 0, 200, 20), ("东侧50米", 50, 0, 15), ("西北角", -7, 7, 15), ("附近", 0, 0, 100),
    ("对面", 0, 0, 40), ("往南二百米", 0, -200, 20),
])
def test_a_relation_moves_the_point_and_widens_it(
    session: Session, words: str, east: float, north: float, least: float
) -> None:
    roads(session)
    here = (122.21 + east / EAST / 1000, 43.60 + north / NORTH / 1000)

    answer = asked(session, f"建设路与人民路交叉口{words}")

    assert (answer["match_class"], answer["relation"]) == ("C", words)
    assert metres_between(here, tuple(answer["point"])) < 8
    assert answer["precision_m"] >= least
    assert answer["precision_m"] > asked(session, "建设路与人民路交叉口")["precision_m"]


def test_words_of_nearness_never_make_an_answer_more_exact(session: Session) -> None:
    _, community = roads(session)
    make_compound(session, community, name="阳光花园", geometry=square(side=0.002))
    bump(session)

    sizes = [asked(session, f"阳光花园{words}")["precision_m"] for words in ("", "旁边", "附近")]

    assert all(one < other for one, other in pairwise(sizes)), sizes


def test_things_by_the_street_are_found_by_their_number(session: Session) -> None:
    roads(session)
    lamp = make_facility(session, kind="lamp", name="建设路路灯012", geometry=point(122.205, 43.6))
    make_facility(session, kind="lamp", name="人民路路灯012", geometry=point(122.21, 43.595))
    pole = make_facility(session, kind="lamp", name="路灯杆A0123", geometry=point(122.206, 43.6))
    stop = make_facility(session, kind="bus_stop", name="万达公交站", geometry=point())
    bump(session)

    for text in ("建设路012号路灯", "建设路路灯12号", "建设路12号路灯杆", "胜利路路灯012"):
        assert asked(session, text)["ref"] == lamp.identifier
    assert asked(session, "路灯杆A0123")["ref"] == pole.identifier
    assert asked(session, "万达公交车站")["ref"] == stop.identifier
    answer = asked(session, "建设路路灯13")
    assert (answer["status"], answer["level"], answer["unmatched"]) == (
        "partial", "street", ["路灯13"])


def test_a_gate_is_known_by_every_name_of_its_compound(session: Session) -> None:
    _, community = roads(session)
    home = make_compound(session, community, name="阳光花园", aliases=["电业局家属院"])
    gate = make_facility(session, kind="gate", name="阳光花园北门", compound_id=home.id,
                         geometry=point())
    bump(session)

    for text in ("阳光花园北门", "电业局家属院北大门"):
        answer = asked(session, text)
        assert (answer["ref"], answer["placement"]) == (gate.identifier, "facility")
    assert asked(session, "阳光花园南门")["ref"] == home.identifier
