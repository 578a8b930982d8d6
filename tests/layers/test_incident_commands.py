"""`incident`: orders taken in, worked on, counted and handed on from the command line."""

import csv
import io
import json
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from app import migrate
from layers.across import accounts
from layers.across.orders_adopt import adopt
from layers.incident_commands import incident
from spatial.config import settings
from spatial.errors import Conflict, Forbidden
from spatial.program import Program
from spatial.sealing import Vault
from tests.support.factories import make_building, make_grid, make_incident, make_tree, make_unit
from tests.support.walls import system_engine


@pytest.fixture
def call(fresh_url, tmp_path):
    """Run a command on a registry with one dwelling; yields that and the dwelling."""
    engine = system_engine(fresh_url, Vault.open(tmp_path))
    with Session(engine) as session:
        *_, community = make_tree(session)
        home = make_unit(session, make_building(session, grid=make_grid(session, community)))
        for role in ("operator", "planner"):
            accounts.add_user(session, role, password="seven-quiet-doors-open", role=role,
                              area="*", granted_by="test")
        make_incident(session, home, external_number="=12345", description="张三家")
        session.commit()
        place = home.identifier
    engine.dispose()
    program = Program(settings({"DOORPLATE_HOME": str(tmp_path),
                                "DOORPLATE_DATABASE_URL": fresh_url}), migrate)

    def run(*words):
        return CliRunner().invoke(incident, words, obj=program, catch_exceptions=False)
    return run, place


def test_an_order_lives_on_the_command_line(call):
    run, place = call
    hers = ("--as", "operator")
    taken = run("take", *hers, "--service", "water_leak", "--place", place, "--description",
                "漏水", "--json")
    order = json.loads(taken.stdout)
    assert order["description"] == "漏水" and order["owner"]["name"] == "向阳社区"
    said = run("say", order["receipt"], "accepted", *hers)
    assert said.stdout.split("\t")[:2] == [order["receipt"], "accepted"]
    with pytest.raises(Conflict, match="cannot be closed"):
        run("say", order["receipt"], "closed", *hers)
    listed = json.loads(run("list", *hers, "--json").stdout)["items"]
    assert [one["receipt"] for one in listed] == [order["receipt"]]
    shown = json.loads(run("show", order["receipt"], *hers).stdout)
    assert [one["kind"]["code"] for one in shown["log"]] == ["received", "accepted"]
    found = json.loads(run("figures", "--by", "status", "--json").stdout)
    assert found["total"]["received"] == 1 and found["rows"][0]["key"] == "accepted"
    assert run("replay").exit_code == 0


def test_who_sees_figures_only_does_nothing_here(call):
    run, place = call
    for words in (("list",), ("take", "--service", "noise", "--place", place)):
        with pytest.raises(Forbidden):
            run(*words, "--as", "planner")


def test_what_is_handed_on_has_no_words_and_computes_nothing(call, fresh_url, tmp_path):
    engine = system_engine(fresh_url, Vault.open(tmp_path))
    with Session(engine) as session:
        adopt(session, ZoneInfo("Asia/Shanghai"))
        session.commit()
    engine.dispose()
    text = call[0]("hand-on").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["external_number"] for row in rows] == ["'=12345"]
    assert rows[0]["status"] == "open" and "张三" not in text
