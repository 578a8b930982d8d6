"""The steps of a sign-in after the password, and one's own account."""

import re
import time
from dataclasses import replace

import pyotp
import pytest
from sqlalchemy import select, update

from layers.access import Role
from layers.across import assignments, factors, user_admin
from layers.across.assignments import Wish
from layers.caller import system
from layers.users import RecoveryCode, SecondFactor, SignInFailure, WebSession
from spatial.errors import Conflict
from tests.support.sealed import vault
from tests.web.conftest import PASSWORD

NEW = "eight-quiet-doors-close"
FORM = {"username": "wang", "password": PASSWORD}


@pytest.fixture
def secret(someone, session):
    """The secret of a second factor in force, with a code of the past used."""
    key = factors.begin(session, vault(), someone)
    factors.confirm(session, vault(), someone, code_of(key, -1))
    session.commit()
    return key


@pytest.fixture
def signed_in(anonymous, someone):
    anonymous.post("/sign-in", data=FORM)
    return anonymous


def code_of(key, away=0):
    return pyotp.TOTP(key).generate_otp(int(time.time()) // 30 + away)


def said(answer):
    return answer.get_data(as_text=True)


def test_a_password_alone_opens_nothing_where_there_is_a_second_factor(anonymous, secret):
    answer = anonymous.post("/sign-in", data=FORM | {"next": "/docs"})
    assert answer.location == "/sign-in/step?next=/docs"
    for path in ("/api/me", "/account", "/map"):
        assert anonymous.get(path).status_code in (303, 401)
    assert "one-time-code" in said(anonymous.get("/sign-in/step"))
    wrong = anonymous.post("/sign-in/step", data={"code": "000000"})
    assert wrong.status_code == 422 and "验证码不正确" in said(wrong)
    right = anonymous.post("/sign-in/step?next=/docs", data={"code": code_of(secret)})
    assert right.location == "/docs"
    assert anonymous.get("/api/me").get_json()["name"] == "wang"


def test_a_program_is_told_that_more_is_wanted(anonymous, secret):
    answer = anonymous.post("/sign-in", json=FORM)
    assert (answer.status_code, answer.get_json()) == (202, {"step": "/sign-in/step"})


def test_a_code_is_good_once(app, secret, session):
    code = code_of(secret)
    for expected in (303, 422):
        client = app.test_client()
        client.post("/sign-in", data=FORM)
        assert client.post("/sign-in/step", data={"code": code}).status_code == expected


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "１２３４５６", "1" * 40, "\u0661" * 6])
def test_what_is_no_code_is_refused(anonymous, secret, code):
    anonymous.post("/sign-in", data=FORM)
    assert anonymous.post("/sign-in/step", data={"code": code}).status_code == 422


def test_guessing_codes_is_paused_like_guessing_passwords(app, secret, session):
    for _ in range(2):
        client = app.test_client()
        client.post("/sign-in", data=FORM)
        for _ in range(5):
            assert client.post("/sign-in/step", data={"code": "000000"}).status_code == 422
    assert client.post("/sign-in/step", data={"code": code_of(secret)}).status_code == 429
    assert len(session.scalars(select(SignInFailure)).all()) == 10


def test_a_step_waits_ten_minutes_and_no_longer(anonymous, secret, session):
    from datetime import UTC, datetime, timedelta

    anonymous.post("/sign-in", data=FORM)
    session.execute(update(WebSession).values(
        started_at=datetime.now(UTC) - timedelta(minutes=11)))
    session.commit()
    assert anonymous.get("/sign-in/step").location == "/sign-in"
    assert anonymous.post("/sign-in/step", data={"code": code_of(secret)}).location == "/sign-in"


def test_the_secret_and_the_recovery_codes_are_not_in_the_database(secret, session):
    kept = session.scalars(select(SecondFactor)).one()
    assert secret.encode() not in kept.secret
    assert len(session.scalars(select(RecoveryCode)).all()) == 10


def test_a_recovery_code_opens_the_door_once(app, someone, session):
    key = factors.begin(session, vault(), someone)
    codes = factors.confirm(session, vault(), someone, code_of(key))
    session.commit()
    for expected in (303, 422):
        client = app.test_client()
        client.post("/sign-in", data=FORM)
        assert client.post("/sign-in/step", data={"code": codes[0].upper()}
                           ).status_code == expected
    assert factors.recovery_left(session, someone.id) == 9


def test_a_first_password_has_to_be_changed(anonymous, someone, session):
    first = user_admin.reset_password(session, system("root"), someone)
    session.commit()
    anonymous.post("/sign-in", data={"username": "wang", "password": first})
    assert anonymous.get("/api/me").status_code == 401
    for chosen, about in (({"password": NEW, "again": "x"}, "不一致"),
                          ({"password": "short", "again": "short"}, "15 到 200"),
                          ({"password": first, "again": first}, "不能与当前"), ({}, "必填")):
        answer = anonymous.post("/sign-in/step", data=chosen)
        assert answer.status_code == 422 and about in said(answer)
        assert first not in said(answer)
    assert anonymous.post("/sign-in/step", data={"password": NEW, "again": NEW}
                          ).location == "/map"
    assert anonymous.get("/api/me").status_code == 200
    assert anonymous.post("/sign-in", data={"username": "wang", "password": first}
                          ).status_code == 401


@pytest.fixture
def strict(app):
    """The application where officers need a second factor."""
    house = app.extensions["doorplate"]
    app.extensions["doorplate"] = replace(house, settings=replace(
        house.settings, second_factor_roles="officer"))
    return app.test_client()


def test_a_role_that_wants_a_second_factor_enrols_one(strict, someone, session):
    assert strict.post("/sign-in", data=FORM).location == "/sign-in/step?next=/map"
    page = said(strict.get("/sign-in/step"))
    assert "<svg" in page and "style=" not in page and "<script>" not in page
    key = re.search(r'class="key">([^<]+)<', page)[1].replace(" ", "")
    assert strict.get("/api/me").status_code == 401
    assert strict.post("/sign-in/step", data={"code": "000000"}).status_code == 422
    done = strict.post("/sign-in/step", data={"code": code_of(key)})
    assert done.status_code == 200 and said(done).count("<li>") == 10
    assert strict.get("/api/me").status_code == 200


def test_switching_is_no_way_around_the_second_factor(strict, someone, session):
    session.execute(update(assignments.Assignment).values(role="planner"))
    one = assignments.grant(session, system("root"), someone, Wish(role=Role.OFFICER, area="*"))
    session.commit()
    strict.post("/sign-in", data=FORM)
    refused = strict.post("/api/me/assignment", json={"assignment": one.id})
    assert refused.status_code == 409
    page = strict.post("/account", data={"do": "switch", "assignment": one.id})
    assert page.status_code == 422 and "双因素" in said(page)


def test_one_switches_on_the_page_of_the_account(signed_in, someone, session):
    one = assignments.grant(session, system("root"), someone, Wish(role=Role.ANALYST, area="*"))
    session.commit()
    answer = signed_in.post("/account", data={"do": "switch", "assignment": one.id})
    assert answer.location == "/account?done=switched"
    assert signed_in.get("/api/me").get_json()["role"] == "analyst"
    assert "分析人员" in said(signed_in.get("/account"))
    assert "Analyst" in said(signed_in.get("/account?lang=en"))


def test_another_password_ends_the_other_sessions(app, signed_in, someone):
    other = app.test_client()
    other.post("/sign-in", data=FORM)
    chosen = {"do": "password", "password": NEW, "again": NEW}
    wrong = signed_in.post("/account", data={**chosen, "present": "wrong-wrong-wrong"})
    assert wrong.status_code == 422 and "当前密码不正确" in said(wrong)
    assert signed_in.post("/account", data={**chosen, "present": PASSWORD}
                          ).location == "/account?done=password"
    assert signed_in.get("/api/me").status_code == 200
    assert other.get("/api/me").status_code == 401


def test_a_second_factor_is_set_up_and_turned_off(signed_in, someone, session):
    page = said(signed_in.post("/account", data={"do": "begin"}))
    key = re.search(r'class="key">([^<]+)<', page)[1].replace(" ", "")
    wrong = signed_in.post("/account", data={"do": "confirm", "code": "000000"})
    assert wrong.status_code == 422 and "<svg" in said(wrong)
    assert "恢复码" in said(signed_in.post("/account", data={
        "do": "confirm", "code": code_of(key, -1)}))
    with pytest.raises(Conflict):
        factors.begin(session, vault(), someone)
    assert signed_in.post("/account", data={"do": "remove", "code": "1"}).status_code == 422
    assert signed_in.post("/account", data={"do": "remove", "code": code_of(key)}
                          ).location == "/account?done=factor_off"
    assert not factors.has_factor(session, someone.id)


def test_a_token_has_no_account(officer):
    assert officer.get("/account").status_code == 403
    assert officer.post("/account", data={"do": "begin"}).status_code == 403
