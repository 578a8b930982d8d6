"""The review page: who may answer, when an answer is an alias, what it shows."""

import re

import pytest
from sqlalchemy import select

from layers.access import Role
from layers.across.lookup import lookup_address
from layers.across.review import ReviewItem, ReviewVote, scope_of
from layers.divisions import Division
from spatial.addressing import Node
from spatial.audit import AuditEvent
from spatial.state import bump, remembered
from tests.support.factories import make_building, make_compound, make_tree, square

TEXT = "和平小区（老粮站后院）"


@pytest.fixture
def twins(session, tree):
    """Two compounds of one name in two communities, and the question which is meant."""
    other = make_tree(session)[2]
    other.name = "新建社区"
    places = [make_compound(session, home, name="和平小区", geometry=square())
              for home in (tree[2], other)]
    for place in places:
        make_building(session, place, number_key="1")
    one = ReviewItem(text=TEXT, match_class="C", status="ambiguous", candidates=[], waiting=7)
    session.add(one)
    bump(session)
    session.commit()
    return one, places


def said(client, path="/desk/review"):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def words_of(page):
    return re.sub("<[^>]+>", "", page)


def answer(client, one, do="choose", **more):
    return client.post(f"/desk/review/{one.id}", data={"do": do, **more})


def test_a_question_shows_the_record_and_its_candidates(sign_in, twins):
    one, places = twins
    page = said(sign_in("li"))
    assert TEXT in words_of(page) and "7 条记录在等待" in page and "还是" in page
    assert all(place.identifier in page for place in places)
    assert page.count('class="choice"') == 2 and "<svg viewBox" in page and "differs" in page
    assert "7 records wait" in said(sign_in("wang"), "/desk/review?lang=en")


def test_two_people_make_an_alias(sign_in, session, twins):
    one, (place, _) = twins
    li, wang = sign_in("li"), sign_in("wang")

    assert "done=chosen" in answer(li, one, place=place.identifier).location
    assert lookup_address(session, TEXT)["status"] == "ambiguous"
    assert "没有待复核" in said(li)
    assert "li 已选择" in said(wang)
    assert "done=settled" in answer(wang, one, place=place.identifier).location

    session.expire_all()
    assert lookup_address(session, TEXT)["ref"] == place.identifier
    assert (one.choice, one.decided_by) == (place.identifier, "li, wang")
    assert remembered(session, "finish_owed") == "yes"


def test_one_person_saying_it_twice_is_one_person(sign_in, session, twins):
    one, (place, _) = twins
    li = sign_in("li")
    for _ in range(2):
        answer(li, one, place=place.identifier)
    session.expire_all()
    assert one.decided is None


def test_people_who_differ_settle_nothing(sign_in, session, twins):
    one, places = twins
    for name, place in zip(("li", "wang"), places, strict=True):
        answer(sign_in(name), one, place=place.identifier)
    session.expire_all()
    assert one.decided is None


def test_what_was_said_is_taken_back_and_kept_as_history(sign_in, session, twins):
    one, (place, _) = twins
    li, wang = sign_in("li"), sign_in("wang")
    answer(li, one, place=place.identifier)
    answer(wang, one, place=place.identifier)

    assert "done=withdrawn" in answer(wang, one, do="withdraw").location

    session.expire_all()
    assert lookup_address(session, TEXT)["status"] == "ambiguous"
    votes = session.scalars(select(ReviewVote).order_by(ReviewVote.id)).all()
    assert [(v.by, v.withdrawn is None) for v in votes] == [("li", True), ("wang", False)]
    acts = session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("review%"))).all()
    assert acts == ["review-choose", "review-choose", "review-withdraw"]


def test_two_may_agree_that_there_is_no_such_place(sign_in, session, twins):
    one, _ = twins
    for name in ("li", "wang"):
        answer(sign_in(name), one, do="nowhere")
    session.expire_all()
    assert one.decided is not None and one.choice is None
    assert lookup_address(session, TEXT)["status"] == "ambiguous"


def test_the_page_offers_a_place_that_somebody_looks_for(sign_in, session, twins):
    one, places = twins
    hall = make_building(session, places[0], name="向阳会堂", number=None, label="向阳会堂")
    bump(session)
    session.commit()
    page = said(sign_in("li"), f"/desk/review?item={one.id}&elsewhere=向阳会堂")
    assert page.index(hall.identifier) < page.index(places[0].identifier)


@pytest.mark.parametrize("role", [Role.ANALYST, Role.ADMIN, Role.PLANNER])
def test_only_who_may_read_addresses_of_persons_enters(sign_in, twins, role):
    one, (place, _) = twins
    client = sign_in("other", role)
    assert client.get("/desk/review").status_code == 403
    assert answer(client, one, place=place.identifier).status_code == 403


def test_no_token_answers(client_as, twins):
    assert client_as(Role.STEWARD).get("/desk/review").status_code == 403


def test_a_question_is_for_those_whose_area_holds_all_its_answers(sign_in, session, tree, twins):
    one, (place, _) = twins
    district, _sub, community = tree
    own = ReviewItem(text="向阳小区后楼", match_class="C", status="partial", candidates=[],
                     scope=community.low)
    session.add(own)
    session.commit()
    near, wide = sign_in("near", area=community.code), sign_in("wide")
    assert "向阳小区后楼" in words_of(said(near)) and TEXT not in words_of(said(near))
    assert near.get(f"/desk/review?item={one.id}").status_code == 404
    assert answer(near, one, place=place.identifier).status_code == 404
    assert "向阳小区后楼" in words_of(said(wide, f"/desk/review?item={own.id}"))


def test_the_scope_of_a_question_is_the_division_that_holds_its_answers(session, tree):
    district, subdistrict, community = tree
    nodes = {}
    for one, above in ((district, None), (subdistrict, district), (community, subdistrict)):
        nodes[one.id] = Node(one.level, one.identifier, one.name, id=one.id,
                             parent=nodes.get(above.id) if above else None)
    homes = [Node("compound", f"c{n}", "x", id=n, parent=nodes[division.id])
             for n, division in enumerate((community, community, subdistrict))]
    low = {row.id: row.low for row in session.execute(select(Division.id, Division.low))}
    assert scope_of(session, homes[:2]) == low[community.id]
    assert scope_of(session, homes) == low[subdistrict.id]
    assert scope_of(session, []) is None


def test_a_stale_or_empty_answer_changes_nothing(sign_in, session, twins):
    one, (place, _) = twins
    li, wang, zhao = sign_in("li"), sign_in("wang"), sign_in("zhao")
    assert "done=decided" in answer(li, one).location
    assert answer(li, one, place="b0000").status_code == 404
    answer(li, one, place=place.identifier)
    answer(wang, one, place=place.identifier)
    assert "done=decided" in answer(zhao, one, place=place.identifier).location


def test_what_a_record_says_cannot_become_markup(sign_in, session, tree):
    session.add(ReviewItem(text="<script>alert(1)</script>和平", match_class="D", status="none",
                           candidates=[]))
    session.commit()
    page = said(sign_in("li"))
    assert "<script>alert" not in page and "&lt;script&gt;" in page
