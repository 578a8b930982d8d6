"""Signing in at an identity provider, and every way in which its answer may not hold."""

import time
from dataclasses import replace

import pytest
import requests
from sqlalchemy import select

from layers.across import user_admin
from layers.caller import system
from layers.users import OidcRequest, WebSession
from spatial.config import settings
from spatial.errors import InvalidInput
from spatial.oidc import BACK, is_safe, provider
from tests.support.provider import SECRET, running_provider
from tests.web.conftest import PASSWORD

SITE = "http://localhost"


@pytest.fixture(scope="module")
def running():
    with running_provider() as one:
        yield one


@pytest.fixture
def there(running, app, tmp_path):
    """The provider, known to the application."""
    running.claims, running.crooked, running.redirects = {}, "", {SITE + BACK}
    (tmp_path / "secret").write_text(SECRET + "\n")
    house = app.extensions["doorplate"]
    app.extensions["doorplate"] = replace(house, settings=replace(
        house.settings, oidc_issuer=running.issuer, public_url=SITE,
        oidc_secret_file=str(tmp_path / "secret")))
    return running


@pytest.fixture
def known(someone, session):
    """The user whom an admin has said the subject `s-1` means."""
    user_admin.identify(session, system("root"), someone, email="wang@example.cn", subject="s-1")
    session.commit()
    return someone


def away(client, next="/docs"):
    """Go to the provider; return the address it sends the browser back to."""
    url = client.get("/sign-in/oidc", query_string={"next": next}).location
    with requests.Session() as browser:
        browser.trust_env = False
        answer = browser.get(url, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"].removeprefix(SITE)


def said(answer):
    return answer.get_data(as_text=True)


def test_whom_an_admin_has_named_signs_in(anonymous, there, known):
    assert "/sign-in/oidc" in said(anonymous.get("/sign-in"))
    answer = anonymous.get(away(anonymous))
    assert answer.status_code == 200 and "url=/docs" in said(answer)
    assert "SameSite=Strict" in answer.headers.getlist("Set-Cookie")[0]
    assert anonymous.get("/api/me").get_json()["role"] == "officer"


def test_what_the_provider_says_of_groups_grants_nothing(anonymous, there, known):
    there.claims = {"groups": ["admin"], "roles": ["admin"]}
    anonymous.get(away(anonymous))
    mine = anonymous.get("/api/me").get_json()
    assert [one["role"] for one in mine["assignments"]] == ["officer"]


def test_an_unknown_subject_is_nobody(anonymous, there, someone, session):
    answer = anonymous.get(away(anonymous))
    assert answer.status_code == 401 and "请联系管理员" in said(answer)
    assert not session.scalars(select(WebSession)).all()


@pytest.mark.parametrize("claims, status", [
    ({"email": "Wang@Example.cn", "email_verified": True}, 200),
    ({"email": "wang@example.cn", "email_verified": False}, 401),
    ({"email": "wang@example.cn"}, 401), ({"email": "wang@example.cn", "email_verified": "true"},
                                          401)])
def test_an_address_counts_only_when_it_is_verified(anonymous, there, someone, session, claims,
                                                    status):
    user_admin.identify(session, system("root"), someone, email="wang@example.cn", subject=None)
    session.commit()
    there.claims = claims
    assert anonymous.get(away(anonymous)).status_code == status


def test_an_address_does_not_stand_in_for_another_subject(anonymous, there, known):
    there.claims = {"sub": "s-2", "email": "wang@example.cn", "email_verified": True}
    assert anonymous.get(away(anonymous)).status_code == 401


@pytest.mark.parametrize("claims", [
    {"nonce": "another"}, {"nonce": None}, {"aud": "somebody-else"}, {"iss": "https://evil.example"},
    {"exp": int(time.time()) - 3600}, {"iat": int(time.time()) + 3600}, {"azp": "somebody-else"}])
def test_a_claim_that_does_not_hold_opens_nothing(anonymous, there, known, session, claims):
    there.claims = claims
    assert anonymous.get(away(anonymous)).status_code == 401
    assert not session.scalars(select(WebSession)).all()


@pytest.mark.parametrize("crooked", ["key", "unsigned"])
def test_a_signature_of_somebody_else_opens_nothing(anonymous, there, known, crooked):
    there.crooked = crooked
    assert anonymous.get(away(anonymous)).status_code == 401


@pytest.mark.parametrize("crooked", ["issuer"])
def test_a_provider_that_is_another_is_not_asked(anonymous, there, known, crooked):
    there.crooked = crooked
    assert anonymous.get("/sign-in/oidc").status_code == 503


def test_a_secret_is_sent_only_where_it_is_safe(anonymous, there, known):
    back = away(anonymous)
    there.crooked = "endpoint"
    assert anonymous.get(back).status_code == 503


def test_an_answer_serves_once_and_only_the_browser_that_left(app, anonymous, there, known):
    back = away(anonymous)
    assert app.test_client().get(back).status_code == 401
    assert anonymous.get(back).status_code == 200
    assert app.test_client().get(back).status_code == 401
    again = app.test_client()
    first = away(again)
    assert again.get(first.replace("state=", "state=x")).status_code == 401
    assert again.get(first + "&error=access_denied").status_code == 401


def test_another_issuer_in_the_answer_is_refused(anonymous, there, known):
    assert anonymous.get(away(anonymous).replace("&iss=http", "&iss=https")).status_code == 401


def test_the_address_to_return_to_is_exactly_ours(anonymous, there, known):
    url = anonymous.get("/sign-in/oidc", base_url="http://evil.example").location
    assert "evil" not in url
    for part in ("redirect_uri=http%3A%2F%2Flocalhost%2Fsign-in%2Foidc%2Fback",
                 "code_challenge_method=S256", "nonce=", "state=", "scope=openid+email"):
        assert part in url


def test_next_stays_on_this_site(anonymous, there, known):
    assert "url=/map" in said(anonymous.get(away(anonymous, "//evil.example")))


def test_a_disabled_user_stays_outside(anonymous, there, known, session):
    user_admin.set_open(session, system("root"), known, is_open=False)
    session.commit()
    assert anonymous.get(away(anonymous)).status_code == 401


def test_without_settings_there_is_none(anonymous, someone, session):
    assert "/sign-in/oidc" not in said(anonymous.get("/sign-in"))
    assert anonymous.get("/sign-in/oidc").status_code == 404
    assert anonymous.get(BACK + "?code=x&state=y").status_code == 404
    assert not session.scalars(select(OidcRequest)).all()
    assert anonymous.post("/sign-in", data={"username": "wang", "password": PASSWORD}
                          ).status_code == 303


@pytest.mark.parametrize("url, safe", [
    ("https://id.example", True), ("http://127.0.0.1:9", True), ("http://id.example", False),
    ("ftp://id.example", False), ("https://", False), ("http://[", False), ("", False)])
def test_only_encrypted_addresses_are_asked(url, safe):
    assert is_safe(url) is safe


def test_settings_that_make_no_sense_are_told():
    said_of = {"DOORPLATE_OIDC_ISSUER": "https://id.example", "DOORPLATE_PUBLIC_URL": "x"}
    with pytest.raises(InvalidInput, match="PUBLIC_URL"):
        provider(settings(said_of))
    with pytest.raises(InvalidInput, match="SECRET_FILE"):
        provider(settings({**said_of, "DOORPLATE_PUBLIC_URL": "https://a.example"}))
