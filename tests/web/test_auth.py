"""Signing in and out, and what other sites' pages may not do."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from layers.across import accounts
from layers.users import SignInFailure, WebSession
from spatial.audit import AuditEvent, broken
from tests.support.sealed import vault
from tests.web.conftest import PASSWORD
from web.auth import safe_next

FORM = {"username": "wang", "password": PASSWORD}


def sign_in(client, **said):
    return client.post("/sign-in", data=FORM | said)


def cookie(answer):
    return answer.headers["Set-Cookie"]


def test_a_form_leads_to_the_page_that_was_wanted(anonymous, someone):
    answer = sign_in(anonymous, next="/docs?lang=en")
    assert (answer.status_code, answer.location) == (303, "/docs?lang=en")
    assert anonymous.get("/docs").status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_sites(anonymous, someone):
    set_cookie = cookie(sign_in(anonymous))
    assert "HttpOnly" in set_cookie and "SameSite=Strict" in set_cookie
    secure = anonymous.post("/sign-in", data=FORM, base_url="https://localhost")
    assert cookie(secure).startswith("__Host-") and "Secure" in cookie(secure)


def test_json_answers_who_signed_in(anonymous, someone):
    answer = anonymous.post("/sign-in", json=FORM)
    assert answer.get_json() == {"name": "wang", "role": "officer", "area": "*", "token": False,
                                 "demonstration": False}
    assert anonymous.get("/api/me").get_json()["name"] == "wang"


def test_names_are_compared_without_case_and_width(anonymous, someone):
    assert sign_in(anonymous, username="  ＷＡＮＧ ").status_code == 303


def test_a_wrong_password_and_an_unknown_name_answer_alike(anonymous, someone):
    wrong = sign_in(anonymous, password="not-the-right-words")
    unknown = sign_in(anonymous, username="nobody")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.data == unknown.data
    as_json = [anonymous.post("/sign-in", json=FORM | said) for said in (
        {"password": "not-the-right-words"}, {"username": "nobody"})]
    assert as_json[0].status_code == 401 and as_json[0].data == as_json[1].data


@pytest.mark.parametrize("said", [
    {"username": ""}, {"username": "x" * 300}, {"password": "x" * 2000}, {"username": "a\x00b"},
    {"next": "//evil.example"}, {"colour": "red"}, {"username": "' OR 1=1 --"},
    {"username": "\u202egnaw"}, {"username": "<script>alert(1)</script>"}])
def test_bad_fields_are_refused_and_never_repeated(anonymous, someone, said):
    answer = sign_in(anonymous, **({"password": "no"} | said))
    assert answer.status_code == 401
    assert "<script>alert" not in answer.get_data(as_text=True)


def test_fields_may_be_missing_altogether(anonymous, someone):
    assert anonymous.post("/sign-in").status_code == 401
    assert anonymous.post("/sign-in", json={}).status_code == 400
    assert anonymous.post("/sign-in", json=[1]).status_code == 400
    assert anonymous.post("/sign-in", data="{", content_type="application/json").status_code == 400


def test_the_eleventh_attempt_has_to_wait(anonymous, someone, session, monkeypatch):
    monkeypatch.setattr("layers.across.sign_ins.matches", lambda *_: False)
    for _ in range(10):
        assert sign_in(anonymous).status_code == 401
    paused = sign_in(anonymous)
    assert paused.status_code == 429 and int(paused.headers["Retry-After"]) > 0
    assert anonymous.post("/sign-in", json=FORM).status_code == 429
    session.execute(update(SignInFailure).values(at=datetime.now(UTC) - timedelta(minutes=16)))
    session.commit()
    assert sign_in(anonymous).status_code == 401


def test_two_sessions_at_once_and_the_oldest_ends(app, someone):
    clients = [app.test_client() for _ in range(3)]
    for client in clients:
        sign_in(client)
    assert [client.get("/api/me").status_code for client in clients] == [401, 200, 200]


def test_a_session_ends_idle_and_ends_anyhow(anonymous, someone, session):
    sign_in(anonymous)
    for column, ago in ((WebSession.seen_at, timedelta(minutes=16)),
                        (WebSession.started_at, timedelta(hours=13))):
        now = datetime.now(UTC)
        session.execute(update(WebSession).values({column: now - ago}))
        session.commit()
        assert anonymous.get("/api/me").status_code == 401
        session.execute(update(WebSession).values({column: now}))
        session.commit()
        assert anonymous.get("/api/me").status_code == 200


def test_signing_out_ends_the_session_on_the_server(anonymous, someone, session):
    secret = cookie(sign_in(anonymous)).partition("=")[2].partition(";")[0]
    assert anonymous.post("/sign-out").location == "/sign-in"
    anonymous.set_cookie("doorplate", secret)
    assert anonymous.get("/api/me").status_code == 401


def test_an_assignment_that_is_over_ends_the_session(anonymous, someone, session):
    sign_in(anonymous)
    one = accounts.users(session)[0][1]
    one.valid_from = datetime.now(UTC) - timedelta(days=2)
    one.valid_to = datetime.now(UTC) - timedelta(days=1)
    session.commit()
    assert anonymous.get("/api/me").status_code == 401
    assert sign_in(anonymous).status_code == 401


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://localhost.evil.example"}])
def test_other_sites_pages_change_nothing(anonymous, someone, headers):
    sign_in(anonymous)
    assert anonymous.post("/sign-out", headers=headers).status_code == 403
    assert anonymous.post("/sign-in", data=FORM, headers=headers).status_code == 403
    assert anonymous.get("/api/me").status_code == 200


@pytest.mark.parametrize("headers", [
    {}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin", "Origin": "null"}])
def test_our_own_pages_may(anonymous, someone, headers):
    sign_in(anonymous)
    assert anonymous.post("/sign-out", headers=headers).status_code == 303


@pytest.mark.parametrize("wanted", [
    None, "", "https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)",
    "/sign-out", "/x\r\nSet-Cookie: a=b", "map", "///evil", "/[", "\\\\evil"])
def test_next_stays_on_this_site(wanted):
    assert safe_next(wanted) == "/map" or wanted == "/["


def test_a_token_serves_as_bearer_and_as_basic_password(anonymous, session):
    secret = accounts.add_token(session, "qgis", role="officer", area="*")
    session.commit()
    bearer = anonymous.get("/api/me", headers={"Authorization": f"Bearer {secret}"})
    basic = anonymous.get("/api/me", auth=("anything", secret))
    assert bearer.get_json() == basic.get_json()
    accounts.revoke_token(session, accounts.tokens(session)[0].id)
    session.commit()
    assert anonymous.get("/api/me", auth=("anything", secret)).status_code == 401


@pytest.mark.parametrize("header", [
    "Bearer", "Bearer ", "Basic", "Basic !!!", "Basic eDo=", "Digest x", "x",
    "Bearer " + "y" * 9999])
def test_no_authorization_header_is_worse_than_a_refusal(anonymous, header):
    assert anonymous.get("/api/me", headers={"Authorization": header}).status_code == 401


def test_sign_ins_leave_lines_that_hold(anonymous, someone, session):
    sign_in(anonymous, password="wrong-wrong-wrong")
    sign_in(anonymous)
    anonymous.post("/sign-out")
    said = [(one.actor, one.action) for one in session.scalars(
        select(AuditEvent).order_by(AuditEvent.id))]
    assert said == [("?", "sign-in"), ("wang", "sign-in"), ("wang", "sign-out")]
    assert list(broken(session, vault())) == []
    line = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).first()
    session.execute(text("ALTER TABLE audit_event DISABLE TRIGGER USER"))
    line.line = line.line.replace("refused", "granted")
    session.flush()
    assert list(broken(session, vault())) == [line.id]


def test_the_page_shows_itself_in_both_languages(anonymous):
    assert "登录" in anonymous.get("/sign-in").get_data(as_text=True)
    assert "Sign in" in anonymous.get("/sign-in?lang=en").get_data(as_text=True)
