"""Around every request: nobody enters unsigned, nothing unknown is passed over in silence."""

import re

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from web.endpoint import contract_of

OPEN = {"health.health", "auth.sign_in", "auth.sign_in_page", "steps.step", "steps.take",
        "oidc.leave", "oidc.arrive", "docs.favicon", "static", "field.worker",
        # A phone asks it when its sign-in is no longer taken; it tells of nothing else.
        "field.standing"}
#: For everyone, and bounded by address: Open311 and the page of the district's people.
PUBLIC = ("here.", "open311.")
CALM = hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture],
                           max_examples=6, deadline=None)


def every_route(app):
    """Yield (endpoint, path, method) of each route, its variables filled with something."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<any\(([a-z]+)[^>]*>", r"\1", rule.rule)
        path = re.sub(r"<(?:(int|float)[^>]*:)?[^>]*>", lambda m: "1" if m[1] else "x", path)
        for method in sorted(rule.methods - {"OPTIONS", "HEAD"}):
            yield rule.endpoint, path, method


def is_public(endpoint):
    return endpoint.startswith(PUBLIC)


def test_only_what_must_be_is_open(app):
    with app.app_context():
        assert {rule.endpoint for rule in app.url_map.iter_rules()
                if contract_of(rule.endpoint).open and not is_public(rule.endpoint)
                } | {"static"} == OPEN


def test_nothing_else_answers_the_unsigned(app, anonymous):
    for endpoint, path, method in every_route(app):
        if endpoint in OPEN or is_public(endpoint):
            continue
        answer = anonymous.open(path, method=method, buffered=True)
        if answer.status_code == 303:
            assert answer.location.startswith("/sign-in?next=/"), path
        else:
            assert answer.status_code == 401, path
            assert answer.mimetype in ("application/problem+json", "text/html")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_nothing_answers_a_wrong_token(app, anonymous):
    for endpoint, path, method in every_route(app):
        if endpoint not in OPEN and not is_public(endpoint):
            answer = anonymous.open(path, method=method, headers={"Authorization": "Bearer x"})
            assert answer.status_code == 401, path


def test_an_unknown_path_is_not_told_to_the_unsigned(anonymous):
    assert anonymous.get("/api/nowhere").status_code == 401
    assert anonymous.get("/nowhere").location == "/sign-in?next=/nowhere"


def test_every_route_refuses_parameters_it_does_not_know(app, officer):
    for endpoint, path, method in every_route(app):
        if endpoint == "static" or method != "GET":
            continue
        answer = officer.get(path + "?colour=red")
        assert answer.status_code == 400, path
        assert "colour" in answer.get_data(as_text=True)


def test_every_answer_carries_the_headers_of_security(app, officer):
    for _endpoint, path, method in every_route(app):
        headers = officer.open(path, method=method, buffered=True).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy, path
        assert "frame-ancestors 'none'" in policy and "worker-src 'self'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] in ("no-referrer", "same-origin")
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_personal_answers_are_never_stored(app, officer):
    with app.app_context():
        personal = [(path, method) for endpoint, path, method in every_route(app)
                    if contract_of(endpoint).personal]
    for path, method in personal:
        answer = officer.open(path, method=method, buffered=True)
        assert answer.headers["Cache-Control"] == "no-store", path


def test_what_did_not_change_is_not_sent_again(officer):
    first = officer.get("/openapi.json")
    again = officer.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.data


def test_long_answers_are_compressed_for_those_who_can_read_that(officer):
    plain = officer.get("/openapi.json")
    packed = officer.get("/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip" and len(packed.data) < len(plain.data)


@pytest.mark.parametrize("path", ["/api/%00", "/api/me%0d%0aSet-Cookie:x", "/%1b[31m"])
def test_control_characters_in_a_path_are_refused(officer, path):
    answer = officer.get(path)
    assert answer.status_code == 400 and "Set-Cookie" not in answer.headers


def test_a_body_above_the_limit_is_refused(officer):
    answer = officer.post("/api/lookup/person", data=b" " * (1024 * 1024 + 1),
                          content_type="application/json")
    assert answer.status_code == 413


def test_pages_speak_the_language_asked_for(officer):
    assert 'lang="zh-CN"' in officer.get("/docs").get_data(as_text=True)
    english = officer.get("/docs?lang=en")
    assert 'lang="en"' in english.get_data(as_text=True)
    assert 'lang="en"' in officer.get("/docs").get_data(as_text=True)


def test_problems_say_what_and_where_in_both_languages(officer):
    body = officer.get("/api/nowhere").get_json()
    assert body["status"] == 404 and body["title"] == "Not Found" and body["title_zh"] == "没有找到"


@CALM
@given(query=st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_no_query_string_is_worse_than_a_refusal(officer, app, query):
    for endpoint, path, method in every_route(app):
        if endpoint != "static" and method == "GET":
            answer = officer.get(path, buffered=True, environ_overrides={
                "QUERY_STRING": query.encode().decode("latin-1")})
            assert answer.status_code < 500 or endpoint == "health.health", (path, query)


@CALM
@given(body=st.one_of(st.binary(max_size=200), st.builds(
    lambda one: repr(one).encode(), st.dictionaries(st.text(max_size=9), st.text(max_size=9)))))
def test_no_body_is_worse_than_a_refusal(officer, app, body):
    for _endpoint, path, method in every_route(app):
        if method != "GET":
            answer = officer.open(path, method=method, data=body, content_type="application/json")
            assert answer.status_code < 500, (path, body)
