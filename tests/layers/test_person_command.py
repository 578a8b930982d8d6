"""`lookup person`: with somebody's eyes, for a purpose, on the record."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import migrate
from layers.across import accounts
from layers.lookup_commands import lookup
from spatial.audit import AuditEvent
from spatial.config import settings
from spatial.errors import Forbidden, InvalidInput
from spatial.program import Program
from spatial.sealing import Vault
from tests.layers.across.test_persons import make_person
from tests.support.factories import make_building, make_tree, make_unit
from tests.support.walls import system_engine

PASSWORD = "seven-quiet-doors-open"


@pytest.fixture
def database(fresh_url, tmp_path):
    engine = system_engine(fresh_url, Vault.open(tmp_path))
    with Session(engine) as session:
        *_, community = make_tree(session)
        home = make_unit(session, make_building(session, scope=community.scope))
        someone = make_person(session, home)
        for role in ("officer", "operator", "planner"):
            accounts.add_user(session, role, password=PASSWORD, role=role, area="*",
                              granted_by="test")
        # This home's own keys open nothing here: the person is found by name alone.
        for column in ("id_number", "birth_date", "phone"):
            setattr(someone, column, None)
        session.commit()
        yield session
    engine.dispose()


@pytest.fixture
def call(fresh_url, tmp_path):
    environ = {"DOORPLATE_HOME": str(tmp_path), "DOORPLATE_DATABASE_URL": fresh_url}
    program = Program(settings(environ), migrate)

    def call(*words):
        return CliRunner().invoke(lookup, ("person", *words), obj=program, catch_exceptions=False)
    return call


def test_an_officer_sees_the_name_and_it_is_recorded(call, database):
    said = call("--name", "张小三", "--purpose", "service", "--as", "officer", "--json")
    assert json.loads(said.stdout)["items"][0]["name"] == "张小三"
    line = database.scalars(select(AuditEvent)).one()
    assert (line.actor, line.action, line.purpose) == ("officer", "person-by-name", "service")


def test_an_operator_sees_less_and_is_told_why(call, database):
    said = call("--name", "zhangxiao", "--purpose", "service", "--as", "operator")
    assert "张*三" in said.stdout and "ends at the community" in said.stderr


def test_what_cannot_be_is_refused(call, database):
    words = ("--name", "张小三", "--purpose", "service", "--as")
    with pytest.raises(Forbidden):
        call(*words, "planner")
    with pytest.raises(InvalidInput, match="no user 'nobody'"):
        call(*words, "nobody")
    with pytest.raises(InvalidInput, match="One of"):
        call("--purpose", "service", "--as", "officer")
    assert call("--name", "x", "--as", "officer").exit_code == 2
