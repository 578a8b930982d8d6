"""The application on the test's own transaction, and callers of every kind."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from layers.access import Role
from layers.across import accounts
from spatial.config import settings
from tests.support.browsing import browser, desk, ground, page, site
from tests.support.factories import make_tree
from tests.support.sealed import vault
from tests.support.walls import see_all
from web import create_app
from web.endpoint import contract_of

__all__ = ["browser", "desk", "ground", "page", "site"]  # fixtures

PASSWORD = "seven-quiet-doors-open"


@pytest.fixture
def app(session: Session) -> Flask:
    """The application; its sessions are savepoints of the test's transaction."""
    new_session = sessionmaker(session.get_bind(), expire_on_commit=False,
                               join_transaction_mode="create_savepoint")
    app = create_app(new_session, vault(), settings({}))
    app.testing = True
    # A stream says hello and ends, so that whoever walks all doors gets on.
    app.config["LIVE_S"] = 0

    @app.after_request
    def as_described(answer):
        """Whatever a test asks: a success has the status that its contract names."""
        contract = contract_of(request.endpoint)
        if 200 <= answer.status_code < 300 and request.url_rule:
            assert answer.status_code in (
                contract.status, 202 if contract.page else 204 if contract.empty else 206)
        return answer

    @app.teardown_appcontext
    def leave(_error: BaseException | None) -> None:
        see_all(session.get_bind())
    return app


@pytest.fixture
def tree(session: Session):
    """District, subdistrict and community, with their numbers."""
    return make_tree(session)


@pytest.fixture
def anonymous(app: Flask) -> FlaskClient:
    """A client that has not signed in."""
    return app.test_client()


@pytest.fixture
def client_as(app: Flask, session: Session) -> Iterator[Callable[..., FlaskClient]]:
    """Make clients that ask with a token of a role over an area, everywhere by default."""
    def make(role: Role | str, area: str = "*") -> FlaskClient:
        secret = accounts.add_token(session, f"test-{role}", role=Role(role), area=area)
        session.commit()
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        return client
    yield make


@pytest.fixture
def sign_in(app: Flask, session: Session) -> Callable[..., FlaskClient]:
    """Make users of a role over an area, and clients that have signed in as them."""
    def make(name: str, role: Role = Role.STEWARD, area: str = "*") -> FlaskClient:
        accounts.add_user(session, name, password=PASSWORD, role=role, area=area,
                          granted_by="machine")
        session.commit()
        client = app.test_client()
        assert client.post("/sign-in", json={"username": name, "password": PASSWORD}
                           ).status_code == 200
        return client
    return make


@pytest.fixture
def officer(client_as) -> FlaskClient:
    """A client that sees most."""
    return client_as(Role.OFFICER)


@pytest.fixture
def someone(session: Session):
    """A user of the name `wang` with PASSWORD, an officer everywhere."""
    user = accounts.add_user(session, "wang", password=PASSWORD, role=Role.OFFICER, area="*",
                             granted_by="test")
    session.commit()
    return user


@pytest.fixture
def signed_in(app: Flask, session: Session) -> Callable[..., FlaskClient]:
    """Make clients of users who have signed in."""
    def make(role: Role, area: str = "*", name: str = "zhao") -> FlaskClient:
        accounts.add_user(session, name, password=PASSWORD, role=role, area=area,
                          granted_by="test")
        session.commit()
        client = app.test_client()
        answer = client.post("/sign-in", data={"username": name, "password": PASSWORD})
        assert answer.status_code == 303
        return client
    return make
