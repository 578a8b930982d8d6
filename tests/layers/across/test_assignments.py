"""Who may act as what: the rules in words, and the constraints behind them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from layers.access import GRANTABLE, TOKEN_ROLES, Role, roles_named
from layers.across import accounts, assignments, user_admin, web_sessions
from layers.across.assignments import Wish
from layers.across.callers import caller_named, caller_of_session
from layers.across.sign_ins import sign_in
from layers.caller import system
from layers.users import AppUser, Assignment, WebSession
from spatial.errors import InvalidInput, NotFound, RuleViolated
from tests.support.factories import make_division, make_grid, make_tree

PASSWORD = "seven-quiet-doors-open"
APPROVED = frozenset({Role.OFFICER})
IDLE = timedelta(minutes=15)


@pytest.fixture
def tree(session):
    return make_tree(session)


@pytest.fixture
def make_user(session, monkeypatch):

    def make(name, role="planner", area="*"):
        """Make a user who can never sign in, without the time a hash takes."""
        with monkeypatch.context() as quick:
            quick.setattr(accounts, "hash_password", lambda *_: "no hash")
            accounts.add_user(session, name, password=PASSWORD, role=role, area=area,
                              granted_by="machine")
        return user_admin.user_called(session, name)
    return make


@pytest.fixture
def admin(session, tree, make_user):
    make_user("boss", "admin", tree[1].code)
    return caller_named(session, "boss")


def rules_of(caught):
    return [(one.field, one.rule) for one in caught.value.violations]


def wish(tree, role=Role.PLANNER, area=None, **said):
    return Wish(role=role, area=area or tree[2].code, **said)


def test_an_admin_grants_lower_roles_in_the_own_area(session, tree, admin, make_user):
    user = make_user("wang", "planner", tree[2].code)
    one = assignments.grant(session, admin, user, wish(tree, Role.GRID_WORKER))
    assert (one.granted_by, one.approval_needed) == ("boss", False)
    assert [each.role for each in assignments.acting(session, user.id)] == [
        "planner", "grid_worker"]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
def test_an_admin_makes_no_admin_and_no_auditor(session, tree, admin, make_user, role):
    with pytest.raises(RuleViolated) as caught:
        assignments.grant(session, admin, make_user("wang"), wish(tree, role))
    assert rules_of(caught) == [("role", "role")]


@pytest.mark.parametrize("area", ["150502", "*", "nowhere", "", "150502001' OR 1=1"])
def test_what_lies_outside_is_as_unknown_as_what_is_not(session, tree, admin, make_user, area):
    with pytest.raises(RuleViolated) as caught:
        assignments.grant(session, admin, make_user("wang"), wish(tree, area=area or " "))
    assert rules_of(caught) == [("area", "area")]


def test_a_sibling_lies_outside(session, tree, admin, make_user):
    sibling = make_division(session, tree[0], name="隔壁街道", code="150502009")
    with pytest.raises(RuleViolated):
        assignments.grant(session, admin, make_user("wang"), wish(tree, area=sibling.code))


def test_nobody_grants_to_themselves(session, tree, admin):
    with pytest.raises(RuleViolated) as caught:
        assignments.grant(session, admin, user_admin.user_called(session, "boss"), wish(tree))
    assert ("role", "self") in rules_of(caught)


def test_an_admin_of_data_is_none(session, tree, make_user):
    machine = system("root")
    boss, wang, check = (make_user(name, role) for name, role in (
        ("boss", "admin"), ("wang", "officer"), ("check", "auditor")))
    for user, role in ((boss, Role.OFFICER), (wang, Role.ADMIN), (wang, Role.AUDITOR),
                       (check, Role.STEWARD), (check, Role.ADMIN)):
        with pytest.raises(RuleViolated) as caught:
            assignments.grant(session, machine, user, wish(tree, role))
        assert rules_of(caught) == [("role", "duties")]


def test_duties_may_follow_one_another(session, tree, make_user):
    user = make_user("wang", "officer")
    mine = assignments.acting(session, user.id)[0]
    assignments.revoke(session, system("root"), mine.id)
    assert assignments.grant(session, system("root"), user, wish(tree, Role.AUDITOR))


def test_some_roles_wait_for_a_second_person(session, tree, admin, make_user):
    make_user("second", "admin", tree[0].code)
    user = make_user("wang", "planner", tree[2].code)
    one = assignments.grant(session, admin, user, wish(tree, Role.OFFICER),
                            approval_roles=APPROVED)
    assert [each.role for each in assignments.acting(session, user.id)] == ["planner"]
    assert user_admin.waiting(session, admin) == [(user, one)]
    with pytest.raises(RuleViolated) as caught:
        assignments.approve(session, admin, one.id)
    assert rules_of(caught) == [("approve", "two_persons")]
    assignments.approve(session, caller_named(session, "second"), one.id)
    assert len(assignments.acting(session, user.id)) == 2
    with pytest.raises(RuleViolated):
        assignments.approve(session, caller_named(session, "second"), one.id)


def test_nobody_approves_for_themselves(session, tree, make_user):
    make_user("boss", "admin", tree[1].code)
    user = make_user("wang", "planner", tree[2].code)
    one = assignments.grant(session, caller_named(session, "boss"), user,
                            wish(tree, Role.OFFICER), approval_roles=APPROVED)
    with pytest.raises(IntegrityError, match="not_approved_by_oneself"), session.begin_nested():
        session.execute(update(Assignment).where(Assignment.id == one.id).values(
            approved_by="wang", approved_by_id=user.id, approved_at=datetime.now(UTC)))


@pytest.mark.parametrize("values, about", [
    ({"granted_by_id": "self"}, "not_for_oneself"),
    ({"approved_by": "machine", "approved_at": datetime.now(UTC)}, "two_persons"),
    ({"approved_by": "x"}, "approval_whole"),
    ({"valid_to": datetime(2000, 1, 1, tzinfo=UTC)}, "period|range lower bound")])
def test_the_table_itself_keeps_the_rules(session, make_user, values, about):
    user = make_user("wang")
    values = {name: user.id if value == "self" else value for name, value in values.items()}
    with pytest.raises(Exception, match=about), session.begin_nested():
        session.execute(update(Assignment).where(Assignment.user_id == user.id).values(values))


def test_the_table_keeps_duties_apart_whoever_writes(session, make_user):
    user = make_user("boss", "admin")
    with pytest.raises(IntegrityError, match="duties_apart"), session.begin_nested():
        session.add(Assignment(user_id=user.id, role="officer", area="*", granted_by="x"))
        session.flush()


def test_what_is_over_or_not_yet_does_not_count(session, tree, make_user):
    user, now = make_user("wang"), datetime.now(UTC)
    one = assignments.grant(session, system("root"), user, wish(
        tree, Role.OFFICER, since=now + timedelta(days=1), until=now + timedelta(days=2)))
    assert one not in assignments.acting(session, user.id)
    one.valid_from = now - timedelta(days=2)
    session.flush()
    assert one in assignments.acting(session, user.id)
    one.valid_to = now - timedelta(days=1)
    session.flush()
    assert one not in assignments.acting(session, user.id)


@pytest.mark.parametrize("since, until", [(None, -1), (3, 2), (2, 2)])
def test_a_period_that_is_none_is_refused(session, tree, make_user, since, until):
    now = datetime.now(UTC)
    with pytest.raises(RuleViolated) as caught:
        assignments.grant(session, system("root"), make_user("wang"), wish(
            tree, Role.OFFICER, since=since and now + timedelta(days=since),
            until=now + timedelta(days=until)))
    assert rules_of(caught) == [("until", "period")]


def test_the_same_twice_is_refused(session, tree, make_user):
    user = make_user("wang", "planner", tree[2].code)
    with pytest.raises(RuleViolated) as caught:
        assignments.grant(session, system("root"), user, wish(tree))
    assert rules_of(caught) == [("role", "same")]


def test_grids_bound_further_than_the_area(session, tree, make_user):
    mine, other = (make_grid(session, tree[2], code=code) for code in ("G1", "G2"))
    user = make_user("wang", "planner", tree[0].code)
    make_grid(session, make_division(session, tree[1], name="别处"), code="G9")
    with pytest.raises(RuleViolated) as caught:
        assignments.grant(session, system("root"), user, wish(
            tree, Role.GRID_WORKER, grids=("G1", "G9")))
    assert rules_of(caught) == [("grids", "grids")]
    assignments.grant(session, system("root"), user, wish(
        tree, Role.GRID_WORKER, grids=("G1", mine.identifier)))
    session.execute(update(Assignment).where(Assignment.role == "planner",
                                             Assignment.user_id == user.id)
                    .values(revoked_at=datetime.now(UTC)))
    caller = caller_named(session, "wang")
    assert caller.numbers == (mine.scope,)
    assert caller.holds(mine.scope) and not caller.holds(other.scope)
    assert not caller.holds(tree[2].low, tree[2].high)


def test_revoking_ends_the_session_at_once(session, tree, admin):
    accounts.add_user(session, "wang", password=PASSWORD, role=Role.PLANNER, area=tree[2].code,
                      granted_by="machine")
    secret = sign_in(session, "wang", PASSWORD)
    assert caller_of_session(session, secret, idle=IDLE, longest=IDLE)
    number = session.scalars(select(Assignment.id).where(Assignment.role == "planner")).one()
    assignments.revoke(session, admin, number)
    assert caller_of_session(session, secret, idle=IDLE, longest=IDLE) is None
    assert not session.scalars(select(WebSession)).all()
    with pytest.raises(RuleViolated):
        assignments.revoke(session, admin, number)


def test_an_admin_decides_nothing_elsewhere_or_above(session, tree, admin, make_user):
    for name, role, area in (("far", "planner", "*"), ("peer", "admin", tree[1].code)):
        user = make_user(name, role, area)
        number = assignments.acting(session, user.id)[0].id
        for act in (assignments.revoke, assignments.approve):
            with pytest.raises(NotFound):
                act(session, admin, number)


def test_an_admin_sees_the_users_of_the_own_area_only(session, tree, admin, make_user):
    make_user("near", "planner", tree[2].identifier)
    make_user("far", "planner", tree[0].code)
    assert [user.name for user in user_admin.users_of(session, admin)] == ["boss", "near"]
    with pytest.raises(NotFound):
        user_admin.user_of(session, admin, user_admin.user_called(session, "far").id)


def test_an_account_that_reaches_further_is_not_an_admins_to_take(session, tree, admin, make_user):
    user = make_user("near", "planner", tree[2].code)
    assert user_admin.controls(session, admin, user)
    assignments.grant(session, system("root"), user, wish(tree, area=tree[0].code))
    for act in (lambda: user_admin.reset_password(session, admin, user),
                lambda: user_admin.set_open(session, admin, user, is_open=False),
                lambda: user_admin.forget_factor(session, admin, user)):
        with pytest.raises(RuleViolated) as caught:
            act()
        assert rules_of(caught) == [("account", "elsewhere")]


def test_a_disabled_user_is_out_at_once_and_gets_nothing_new(session, tree, admin):
    accounts.add_user(session, "wang", password=PASSWORD, role=Role.PLANNER, area=tree[2].code,
                      granted_by="machine")
    secret = sign_in(session, "wang", PASSWORD)
    user = user_admin.user_called(session, "wang")
    user_admin.set_open(session, admin, user, is_open=False)
    assert caller_of_session(session, secret, idle=IDLE, longest=IDLE) is None
    assert sign_in(session, "wang", PASSWORD) is None
    with pytest.raises(RuleViolated) as caught:
        assignments.grant(session, admin, user, wish(tree, Role.ANALYST))
    assert rules_of(caught) == [("role", "closed")]
    user_admin.set_open(session, admin, user, is_open=True)
    assert sign_in(session, "wang", PASSWORD)


def test_a_session_moves_to_another_assignment_with_a_new_secret(session, tree):
    accounts.add_user(session, "wang", password=PASSWORD, role=Role.PLANNER, area="*",
                      granted_by="machine")
    user = user_admin.user_called(session, "wang")
    one = assignments.grant(session, system("root"), user, wish(tree, Role.OFFICER))
    secret = sign_in(session, "wang", PASSWORD)
    before = caller_of_session(session, secret, idle=IDLE, longest=IDLE)
    fresh = web_sessions.switch(session, secret, before, one.id)
    assert caller_of_session(session, secret, idle=IDLE, longest=IDLE) is None
    after = caller_of_session(session, fresh, idle=IDLE, longest=IDLE)
    assert (before.role, after.role) == ("planner", "officer")
    assert (after.low, after.high) == (tree[2].low, tree[2].high)
    with pytest.raises(NotFound):
        web_sessions.switch(session, fresh, after, 10**9)


def test_roles_of_tokens_see_no_persons():
    assert set(TOKEN_ROLES) == {Role.DISPLAY_WALL, Role.HANDLER, Role.ANALYST, Role.PLANNER,
                                Role.API_CLIENT}
    assert Role.ADMIN not in GRANTABLE


def test_a_setting_names_roles():
    assert roles_named(" officer, steward ,") == {Role.OFFICER, Role.STEWARD}
    with pytest.raises(InvalidInput, match="king"):
        roles_named("king")


def test_a_user_is_made_with_a_password_for_three_days(session, tree, admin):
    user, password = user_admin.create(session, admin, "李四", wish(tree), email=" Li@X.cn ")
    assert user.email == "li@x.cn" and user.password_until > datetime.now(UTC) + timedelta(days=2)
    assert sign_in(session, "李四", password)
    session.execute(update(AppUser).where(AppUser.id == user.id).values(
        password_until=datetime.now(UTC) - timedelta(minutes=1)))
    session.expire_all()
    assert sign_in(session, "李四", password) is None


@pytest.mark.parametrize("name, email, said", [
    ("", None, ("name", "name")), ("a\u202eb", None, ("name", "name")),
    ("x" * 81, None, ("name", "name")), ("ＢＯＳＳ", None, ("name", "name_taken")),
    ("li", "nothing", ("email", "email"))])
def test_a_user_of_no_sense_is_refused(session, tree, admin, name, email, said):
    with pytest.raises(RuleViolated) as caught:
        user_admin.create(session, admin, name, wish(tree), email=email)
    assert said in rules_of(caught)
