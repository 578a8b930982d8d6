"""Views of the map that users keep."""

import pytest
from sqlalchemy import func, select

from layers.access import Role
from layers.across import accounts, views
from layers.saved_views import SavedView
from tests.web.conftest import PASSWORD


@pytest.fixture
def signed_in(app, session):
    def sign_in(name):
        accounts.add_user(session, name, password=PASSWORD, role=Role.OPERATOR, area="*",
                          granted_by="test")
        session.commit()
        client = app.test_client()
        client.post("/sign-in", data={"username": name, "password": PASSWORD})
        return client
    return sign_in


@pytest.fixture
def user(signed_in):
    return signed_in("wang")


def test_a_view_is_kept_under_its_name_and_dropped(user):
    kept = user.post("/api/map/views", json={"name": "向阳小区", "view": "c=122,43,16,0,50"})
    (one,) = user.get("/api/map/views").get_json()["items"]
    assert (one["name"], one["view"]) == ("向阳小区", "c=122,43,16,0,50")
    assert user.delete(f"/api/map/views/{kept.get_json()['id']}").status_code == 204
    assert user.get("/api/map/views").get_json()["items"] == []


def test_a_view_of_the_same_name_is_replaced(user, session):
    for view in ("c=1,1,1,0,0", "c=2,2,2,0,0"):
        user.post("/api/map/views", json={"name": "夜班", "view": view})
    (one,) = user.get("/api/map/views").get_json()["items"]
    assert one["view"] == "c=2,2,2,0,0"
    assert session.scalar(select(func.count()).select_from(SavedView)) == 1


def test_nobody_sees_or_drops_the_views_of_another(signed_in):
    mine, other = signed_in("wang"), signed_in("zhao")
    number = mine.post("/api/map/views", json={"name": "a", "view": "c="}).get_json()["id"]
    assert other.get("/api/map/views").get_json()["items"] == []
    assert other.delete(f"/api/map/views/{number}").status_code == 404
    assert len(mine.get("/api/map/views").get_json()["items"]) == 1


def test_a_token_keeps_no_views(client_as):
    assert client_as(Role.OPERATOR).get("/api/map/views").status_code == 403


@pytest.mark.parametrize("body", [
    {}, {"name": "a"}, {"name": "", "view": "c="}, {"name": "a" * 61, "view": "c="},
    {"name": "a", "view": "x" * 4001}, {"name": "a\x00b", "view": "c="},
    {"name": "a", "view": "c=", "user_id": 1}])
def test_a_view_that_cannot_be_kept_is_refused(user, body):
    assert user.post("/api/map/views", json=body).status_code == 400


def test_there_is_an_end_to_what_one_may_keep(user, monkeypatch):
    monkeypatch.setattr(views, "VIEWS_MOST", 1)
    assert user.post("/api/map/views", json={"name": "a", "view": "c="}).status_code == 200
    assert user.post("/api/map/views", json={"name": "a", "view": "c=1"}).status_code == 200
    refused = user.post("/api/map/views", json={"name": "b", "view": "c="})
    assert refused.status_code == 409
    assert "drop one" in refused.get_json()["detail"]
