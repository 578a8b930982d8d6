"""Ready or not, said in one answer; and what a lost database does to all others."""

import pytest
from sqlalchemy.orm import sessionmaker

from spatial.config import settings
from spatial.database import connect
from spatial.migrations import head
from spatial.version import VERSION
from tests.support.sealed import vault
from web import create_app


@pytest.fixture
def lost():
    """A client of an application whose database is away."""
    engine = connect("postgresql://nobody@/nothing?host=/nowhere")
    app = create_app(sessionmaker(engine), vault(), settings({}))
    yield app.test_client()
    engine.dispose()


def test_a_ready_registry_tells_its_versions(anonymous):
    answer = anonymous.get("/health")
    assert answer.status_code == 200
    assert answer.get_json() == {"status": "ok", "version": VERSION, "schema": head(), "lag_s": 0.0}


def test_a_schema_of_another_program_is_not_ready(anonymous, monkeypatch):
    monkeypatch.setattr("web.health.head", lambda: "9999")
    answer = anonymous.get("/health")
    assert answer.status_code == 503 and answer.get_json()["status"] == "unavailable"


def test_without_a_database_health_still_answers(lost):
    answer = lost.get("/health")
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert answer.get_json()["schema"] is None


def test_without_a_database_all_else_says_try_again(lost):
    answer = lost.get("/api/me", headers={"Authorization": "Bearer x"})
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert "nowhere" not in answer.get_data(as_text=True)
    page = lost.post("/sign-in", data={"username": "wang", "password": "x" * 15})
    assert page.status_code == 503 and page.mimetype == "text/html"


def test_a_busy_pool_answers_within_seconds(fresh_url, monkeypatch):
    monkeypatch.setattr("spatial.database.POOL_WAIT_S", 0.2)
    engine = connect(fresh_url, pool_size=1)
    client = create_app(sessionmaker(engine), vault(), settings({})).test_client()
    with engine.connect():
        assert client.get("/api/me", auth=("x", "y")).status_code == 503
    assert client.get("/api/me", auth=("x", "y")).status_code == 401
    engine.dispose()
