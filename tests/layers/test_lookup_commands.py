"""Where is this? on the command line, over one small registry that is committed."""

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from app import migrate
from importers.journal import owe_finish
from importers.review_commands import review
from layers.across.lookup import lookup_address
from layers.across.review import ReviewItem, choose
from layers.lookup_commands import lookup
from layers.organizations import Premises
from spatial.config import settings
from spatial.program import Program
from spatial.state import bump
from tests.support.factories import (
    make_building,
    make_compound,
    make_entrance,
    make_organization,
    make_tree,
    make_unit,
    save,
)

SETTLED = "老粮站后院 3 2 501"


@pytest.fixture
def program(fresh_url, tmp_path):
    return Program(settings({"DOORPLATE_HOME": str(tmp_path), "DOORPLATE_DATABASE_URL": fresh_url}),
                   migrate)


@pytest.fixture
def database(program):
    engine = program.engine()
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def unit(database):
    building = make_building(database, make_compound(database, make_tree(database)[2]),
                             number_key="8")
    entrance = make_entrance(database, building, number_key="3")
    made = make_unit(database, building, entrance=entrance, room_key="501")
    bump(database)
    database.commit()
    return made


@pytest.fixture
def call(program):
    def call(command, *words):
        return CliRunner().invoke(command, words, obj=program, catch_exceptions=False)
    return call


def test_the_commands_explain_link_and_keep_a_habit(call, database, unit):
    told = call(lookup, "address", "向阳小区8号楼3单元601", "--explain")
    assert told.exit_code == 0 and told.stdout.startswith("partial\tentrance\tD")
    assert "试作这样的读法" in told.stderr and "no such room" in told.stderr
    assert "= 只有一部分存在 / only a part of it exists" in told.stderr

    assert call(lookup, "habit").stdout == "default\n"
    assert call(lookup, "habit", "shanghai").stdout == "shanghai\n"
    assert call(lookup, "habit").stdout == "shanghai\n"


def test_a_settled_text_is_linked_by_a_command(call, database, unit):
    firm = make_organization(database)
    waits = save(database, Premises(organization_id=firm.id, kind="operates", address=SETTLED))
    asked = ReviewItem(text=SETTLED, match_class="D", status="none", candidates=[], waiting=1)
    database.add(asked)
    database.commit()
    number, premises = asked.id, waits.id

    assert "nothing is owed" in call(review, "link").stderr
    choose(database, number, unit.identifier, by="clerk")
    owe_finish(database)
    database.commit()
    linked = call(review, "link")

    assert (linked.exit_code, linked.stderr) == (0, "linked; 0 records still wait\n")
    database.expire_all()
    assert database.get(Premises, premises).unit_id == unit.id
    assert lookup_address(database, SETTLED)["ref"] == unit.identifier
    assert "nothing is owed" in call(review, "link").stderr
