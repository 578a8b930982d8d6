"""Each error of the house has its status; a bug tells nothing of itself."""

import pytest

from spatial import errors
from web.errors import TITLES, status_of


def every(cls=errors.RegistryError):
    """Yield the class and all below it."""
    yield cls
    for below in cls.__subclasses__():
        yield from every(below)


@pytest.mark.parametrize("error, status", [
    (errors.InvalidGeometry("x"), 400), (errors.NotSignedIn("x"), 401),
    (errors.Forbidden("x"), 403), (errors.NotFound("x"), 404), (errors.StaleVersion("x"), 409),
    (errors.RuleViolated("x"), 409), (errors.TooManyRequests("x"), 429),
    (errors.Unavailable("x"), 503), (errors.RegistryError("x"), 500)])
def test_an_errors_status_is_its_nearest_kinds(error, status):
    assert status_of(error) == status


def test_every_title_has_its_chinese_words():
    assert not [cls.__name__ for cls in every() if cls.title not in TITLES]


def test_a_bug_tells_nothing_of_itself(app, officer):
    def broken():
        raise KeyError("the secret of the house")

    app.view_functions["me.me"] = broken
    answer = officer.get("/api/me")
    assert answer.status_code == 500 and answer.mimetype == "application/problem+json"
    assert "secret" not in answer.get_data(as_text=True)


def test_violations_are_all_told(app, officer):
    def broken():
        raise errors.RuleViolated("two rules", ["too large", "in two parts"])

    app.view_functions["me.me"] = broken
    assert officer.get("/api/me").get_json()["violations"] == ["too large", "in two parts"]


def test_what_is_refused_is_on_the_record(app, officer, session):
    from sqlalchemy import select

    from spatial.audit import AuditEvent

    def broken():
        raise errors.Forbidden("not you")

    app.view_functions["me.me"] = broken
    assert officer.get("/api/me").status_code == 403
    line = session.scalars(select(AuditEvent)).one()
    assert (line.actor, line.action) == ("token:test-officer", "me.me")
