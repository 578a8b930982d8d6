"""Two records side by side: who may see and settle them, what is shown, what is kept apart."""

import re

import pytest
from sqlalchemy import select

from layers.access import Role
from layers.across.pairs import SourcePair, SourcePairVote
from spatial.audit import AuditEvent
from spatial.state import remembered
from tests.support.factories import (
    make_building,
    make_residency,
    make_resident,
    make_tree,
    make_unit,
)

PATH = "/desk/review/pairs"


@pytest.fixture
def houses(session, tree):
    """Two buildings that overlap, of two sources, and the question whether they are one."""
    community = tree[2]
    first = make_building(session, number="3", function="residential", scope=community.low,
                          source="survey", source_id="A1")
    second = make_building(session, number="3甲", function="office", scope=community.low,
                           source="cadastre", source_id="C1")
    return asked(session, "building", first, second, why=["footprint"], share=0.43,
                 scope=community.low)


def asked(session, layer, first, second, **said):
    one = SourcePair(layer=layer, first_id=first.id, second_id=second.id, **said)
    session.add(one)
    session.commit()
    return one


def shown(client, path=PATH):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def words(page):
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page))


def answer(client, one, do, **more):
    return client.post(f"{PATH}/{one.id}", data={"do": do, **more})


def test_both_records_stand_side_by_side_in_both_languages(sign_in, houses):
    page = shown(sign_in("li"))
    assert "survey · A1" in words(page) and "cadastre · C1" in words(page)
    assert "3甲" in page and "住宅" in page and "办公" in page and "轮廓重合 43%" in page
    assert page.count('<tr class="differs">') == 2, "the number and the use"
    assert 'data-key="1"' in page and 'data-key="0"' in page and "<svg viewBox" in page
    english = words(shown(sign_in("wang"), f"{PATH}?lang=en"))
    assert "Are these one?" in english and "43 % of both footprints" in english
    assert "there before" in english.lower() and "Office" in english


def test_two_people_settle_a_pair_and_the_merge_is_owed(sign_in, session, houses):
    li, wang = sign_in("li"), sign_in("wang")
    assert "done=said" in answer(li, houses, "same").location
    assert "没有待判断" in shown(li)
    assert "li 认为是同一个" in shown(wang)
    assert "done=settled" in answer(wang, houses, "same").location
    session.expire_all()
    assert (houses.same, houses.decided_by, houses.merged) == (True, "li, wang", None)
    assert remembered(session, "finish_owed") == "yes"
    assert "done=decided" in answer(wang, houses, "different").location


def test_people_who_differ_settle_nothing_and_may_take_it_back(sign_in, session, houses):
    li, wang = sign_in("li"), sign_in("wang")
    answer(li, houses, "same")
    answer(wang, houses, "different")
    assert "done=withdrawn" in answer(wang, houses, "withdraw").location
    session.expire_all()
    assert houses.decided is None
    votes = session.scalars(select(SourcePairVote).order_by(SourcePairVote.id)).all()
    assert [(one.by, one.same, one.withdrawn is None) for one in votes] == [
        ("li", True, True), ("wang", False, False)]
    acts = session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("pair-%"))).all()
    assert acts == ["pair-same", "pair-different", "pair-withdraw"]


def test_what_was_merged_is_not_taken_back_here(sign_in, session, houses):
    li, wang = sign_in("li"), sign_in("wang")
    answer(li, houses, "same")
    answer(wang, houses, "same")
    session.expire_all()
    houses.merged = houses.decided
    session.commit()
    assert "done=decided" in answer(wang, houses, "withdraw").location


def test_persons_are_shown_masked_and_on_the_record(sign_in, session, app, tree):
    unit = make_unit(session, make_building(session, scope=tree[2].low), scope=tree[2].low)
    both = [make_resident(session, name="赵小燕", scope=tree[2].low, source=source, source_id=key)
            for source, key in (("police", "P1"), ("clinic", "Q1"))]
    for one in both:
        make_residency(session, one, unit)
    pair = asked(session, "resident", *both, why=["name", "place"], scope=tree[2].low)
    page = words(shown(sign_in("li")))
    assert "police · P1" in page and "赵*燕" in page and "赵小燕" not in page
    line = session.scalars(select(AuditEvent).where(AuditEvent.action == "pair-review")).one()
    assert (line.purpose, sorted(line.subjects)) == (
        "verification", sorted(one.identifier for one in both))
    assert answer(sign_in("wang"), pair, "different").status_code == 303


def test_a_pair_of_another_area_is_unknown(sign_in, session, houses):
    elsewhere = make_tree(session)[2]
    client = sign_in("far", Role.OFFICER, elsewhere.identifier)
    assert "没有待判断" in shown(client)
    assert client.get(f"{PATH}?pair={houses.id}").status_code == 404
    assert answer(client, houses, "same").status_code == 404


@pytest.mark.parametrize("role", [Role.ANALYST, Role.ADMIN, Role.PLANNER])
def test_only_who_may_read_persons_enters(sign_in, houses, role):
    client = sign_in("other", role)
    assert client.get(PATH).status_code == 403
    assert answer(client, houses, "same").status_code == 403
