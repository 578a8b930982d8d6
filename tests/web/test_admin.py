"""The admin's pages: who may open them, what they change, how they say no."""

import re

import pytest
from sqlalchemy import select

from layers.access import Role
from layers.across import accounts, assignments, user_admin
from layers.across.assignments import Wish
from layers.across.callers import caller_named
from layers.caller import system
from layers.users import ApiToken, AppUser, Assignment, WebSession
from spatial.audit import AuditEvent
from tests.web.conftest import PASSWORD


@pytest.fixture
def boss(sign_in, tree):
    """The admin of the subdistrict."""
    return sign_in("boss", Role.ADMIN, tree[1].code)


@pytest.fixture
def wang(session, tree):
    accounts.add_user(session, "wang", password=PASSWORD, role=Role.PLANNER, area=tree[2].code,
                      granted_by="machine")
    session.commit()
    return user_admin.user_called(session, "wang")


def said(answer):
    return answer.get_data(as_text=True)


def actions(session):
    return [one.action for one in session.scalars(select(AuditEvent).order_by(AuditEvent.id))
            if one.action != "sign-in"]


PAGES = ("/admin", "/admin/users/new", "/admin/tokens", "/admin/sessions")


@pytest.mark.parametrize("path", PAGES)
def test_only_an_admin_who_signed_in_enters(client_as, sign_in, boss, path):
    assert boss.get(path).status_code == 200
    assert client_as(Role.ADMIN).get(path).status_code == 403
    assert client_as(Role.OFFICER).get(path).status_code == 403
    assert sign_in("cop", Role.OFFICER).get(path).status_code == 403


def test_an_area_of_users_is_shown_in_both_languages(boss, wang, session, tree):
    page = said(boss.get("/admin"))
    assert "用户" in page and "wang" in page and "规划人员" in page and "向阳社区" in page
    assert "Planner" in said(boss.get("/admin?lang=en"))


def test_users_are_found_and_paged(boss, session, tree, monkeypatch):
    monkeypatch.setattr("web.admin.PAGE", 2)
    monkeypatch.setattr("layers.across.accounts.hash_password", lambda *_: "x")
    for name in ("王一", "王二", "li_1"):
        accounts.add_user(session, name, password="", role=Role.PLANNER, area=tree[2].code,
                          granted_by="m")
    session.commit()
    first = said(boss.get("/admin?lang=en"))
    assert "boss" in first and "li_1" in first and "王一" not in first
    following = re.search(r'href="(/admin\?after=[^"]*)"', first)[1]
    assert "王一" in said(boss.get(following))
    found = said(boss.get("/admin", query_string={"q": "LI_"}))
    assert "li_1" in found and "王" not in found.split("<main")[1]
    assert "li_1" not in said(boss.get("/admin", query_string={"q": "%"})).split("<main")[1]


def test_a_user_is_added_with_a_password_shown_once(boss, app, session, tree):
    answer = boss.post("/admin/users/new", data={
        "name": "<b>李四</b>", "email": "li@example.cn", "role": "grid_worker",
        "area": tree[2].code, "grids": "", "since": "", "until": "2099-12-31"})
    page = said(answer)
    assert answer.status_code == 200 and "<b>李四" not in page and "&lt;b&gt;李四" in page
    assert answer.headers["Cache-Control"] == "no-store"
    password = re.search(r'<output id="secret">([^<]+)</output>', page)[1]
    user = user_admin.user_called(session, "<b>李四</b>")
    assert user.password_until is not None and password not in user.password_hash
    assert [one.role for one in assignments.acting(session, user.id)] == ["grid_worker"]
    assert actions(session) == ["user-add"]
    assert password not in said(boss.get(f"/admin/users/{user.id}"))


@pytest.mark.parametrize("wrong, field, words", [
    ({"name": ""}, "name", "此项必填"), ({"name": "BOSS"}, "name", "已有同名用户"),
    ({"role": "admin"}, "role", "无法识别"), ({"area": "*"}, "area", "您的辖区内没有"),
    ({"area": "150502"}, "area", "您的辖区内没有"), ({"grids": "G404"}, "grids", "没有这个网格"),
    ({"until": "2001-01-01"}, "until", "结束日期"), ({"until": "2023-02-30"}, "until", "无法识别"),
    ({"email": "x"}, "email", "邮箱")])
def test_what_is_wrong_is_told_beside_the_field(boss, session, tree, wrong, field, words):
    answer = boss.post("/admin/users/new", data={
        "name": "li", "role": "planner", "area": tree[2].code, **wrong})
    assert answer.status_code == 422
    beside = re.search(rf'id="{field}-fault">([^<]*)<', said(answer))
    assert beside and words in beside[1]
    assert not session.scalar(select(AppUser.id).where(AppUser.name == "li"))


def test_a_field_nobody_asked_for_is_refused(boss, tree):
    assert boss.post("/admin/users/new", data={"colour": "red"}).status_code == 400


def test_a_role_waits_for_another_admin(boss, sign_in, wang, session, tree):
    path = f"/admin/users/{wang.id}"
    answer = boss.post(path, data={"do": "grant", "role": "officer", "area": tree[2].code})
    assert answer.location.endswith("done=proposed")
    one = session.scalars(select(Assignment).where(Assignment.role == "officer")).one()
    assert "须由他人审批" in said(boss.get("/admin"))
    refused = boss.post(f"/admin/assignments/{one.id}", data={"do": "approve"})
    assert refused.status_code == 422 and "第二人" in said(refused)
    second = sign_in("second", Role.ADMIN, tree[0].code)
    assert second.post(f"/admin/assignments/{one.id}", data={"do": "approve"}).status_code == 303
    assert len(assignments.acting(session, wang.id)) == 2
    assert actions(session)[-1] == "user-approve"


def test_revoking_ends_sessions(boss, app, wang, session):
    client = app.test_client()
    client.post("/sign-in", json={"username": "wang", "password": PASSWORD})
    assert "wang" in said(boss.get("/admin/sessions"))
    number = assignments.acting(session, wang.id)[0].id
    assert boss.post(f"/admin/assignments/{number}", data={"do": "revoke"}).status_code == 303
    assert client.get("/api/me").status_code == 401


def test_a_session_is_ended_at_once(boss, app, wang, session):
    client = app.test_client()
    client.post("/sign-in", json={"username": "wang", "password": PASSWORD})
    number = session.scalars(select(WebSession.number).where(
        WebSession.user_id == wang.id)).one()
    assert boss.post(f"/admin/sessions/{number}/end").status_code == 303
    assert client.get("/api/me").status_code == 401
    assert boss.post(f"/admin/sessions/{number}/end").status_code == 404


def test_an_account_is_disabled_enabled_reset_and_recognised(boss, wang, session):
    path = f"/admin/users/{wang.id}"
    for what in ("disable", "enable", "forget"):
        assert boss.post(path, data={"do": what}).status_code == 303
    reset = boss.post(path, data={"do": "reset"})
    assert 'id="secret"' in said(reset)
    assert boss.post(path, data={"do": "identify", "email": "W@x.cn", "subject": "s-1"}
                     ).status_code == 303
    session.expire_all()
    assert (wang.email, wang.subject) == ("w@x.cn", "s-1")
    assert actions(session) == ["user-disable", "user-enable", "user-forget-factor",
                                "user-reset-password", "user-identify"]


def test_what_is_not_the_admins_is_as_unknown_as_nothing(boss, sign_in, session, tree):
    sign_in("far", Role.PLANNER, tree[0].code)
    far = user_admin.user_called(session, "far")
    number = assignments.acting(session, far.id)[0].id
    unknown = boss.get("/admin/users/999999")
    for answer in (boss.get(f"/admin/users/{far.id}"),
                   boss.post(f"/admin/users/{far.id}", data={"do": "disable"}),
                   boss.post(f"/admin/assignments/{number}", data={"do": "revoke"})):
        assert answer.status_code == unknown.status_code == 404


def test_an_admin_is_not_to_change_the_own_account(boss, session, tree):
    me = user_admin.user_called(session, "boss")
    for data in ({"do": "disable"}, {"do": "reset"},
                 {"do": "grant", "role": "officer", "area": tree[2].code}):
        assert boss.post(f"/admin/users/{me.id}", data=data).status_code == 422
    number = assignments.acting(session, me.id)[0].id
    assert boss.post(f"/admin/assignments/{number}", data={"do": "revoke"}).status_code == 404


def test_what_is_elsewhere_of_a_user_is_not_shown(boss, wang, session, tree):
    assignments.grant(session, system("root"), wang, Wish(role=Role.ANALYST, area=tree[0].code))
    session.commit()
    page = said(boss.get(f"/admin/users/{wang.id}"))
    assert "规划人员" in page and 'scope="row">分析人员' not in page and "辖区外" in page


def test_a_token_is_made_shown_once_listed_and_revoked(boss, app, session, tree):
    made = boss.post("/admin/tokens", data={"name": "qgis", "role": "analyst",
                                            "area": tree[2].code, "days": "30"})
    secret = re.search(r'<output id="secret">([^<]+)</output>', said(made))[1]
    program = app.test_client()
    program.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    assert program.get("/api/me").get_json()["role"] == "analyst"
    listed = said(boss.get("/admin/tokens"))
    assert "qgis" in listed and secret not in listed
    number = session.scalars(select(ApiToken.id)).one()
    assert boss.post(f"/admin/tokens/{number}/revoke").status_code == 303
    assert program.get("/api/me").status_code == 401
    assert actions(session) == ["token-add", "token-revoke"]


@pytest.mark.parametrize("wrong", [
    {"role": "officer"}, {"role": "admin"}, {"role": "steward"}, {"area": "*"}, {"days": "0"},
    {"days": "99999"}, {"name": ""}])
def test_a_token_that_would_reach_further_is_none(boss, session, tree, wrong):
    answer = boss.post("/admin/tokens", data={"name": "x", "role": "analyst",
                                              "area": tree[2].code, "days": "30", **wrong})
    assert answer.status_code == 422 and not session.scalars(select(ApiToken)).all()


def test_other_sites_pages_change_no_user(boss, wang, session):
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    answer = boss.post(f"/admin/users/{wang.id}", data={"do": "disable"}, headers=headers)
    assert answer.status_code == 403
    assert caller_named(session, "wang")


def test_one_acts_in_one_assignment_and_may_change(app, wang, session, tree):
    assignments.grant(session, system("root"), wang, Wish(role=Role.ANALYST, area=tree[0].code))
    session.commit()
    client = app.test_client()
    client.post("/sign-in", json={"username": "wang", "password": PASSWORD})
    mine = client.get("/api/me").get_json()["assignments"]
    assert [(one["role"], one["area_name"], one["active"]) for one in mine] == [
        ("planner", "向阳社区", True), ("analyst", "科尔沁区", False)]
    moved = client.post("/api/me/assignment", json={"assignment": mine[1]["id"]})
    assert moved.get_json()["role"] == "analyst"
    assert client.get("/api/me").get_json()["assignments"][1]["active"]
    assert client.post("/api/me/assignment", json={"assignment": 10**9}).status_code == 404
    assert actions(session)[0] == "switch"


def test_a_token_changes_nothing(officer):
    assert officer.post("/api/me/assignment", json={"assignment": 1}).status_code == 403
    assert officer.get("/api/me").get_json()["assignments"] == []
