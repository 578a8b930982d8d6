"""`audit` and `person report`: what a resident may be given, and what a check finds."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import migrate
from layers.access import Role
from layers.across.persons import PersonReader
from layers.audit_commands import audit, person
from spatial.audit import AuditEvent
from spatial.config import settings
from spatial.database import connect
from spatial.errors import NotFound
from spatial.program import Program
from spatial.sealing import Vault
from tests.layers.across.test_persons import PHONE, caller, number
from tests.support.factories import (
    make_building,
    make_household,
    make_residency,
    make_resident,
    make_tree,
    make_unit,
)
from tests.support.walls import system_engine


@pytest.fixture
def home(fresh_url, tmp_path):
    """The program over a database where 王五 has read about 张小三, sealed by this home's keys."""
    environ = {"DOORPLATE_HOME": str(tmp_path), "DOORPLATE_DATABASE_URL": fresh_url}
    program, keys = Program(settings(environ), migrate), Vault.open(tmp_path)
    engine = system_engine(fresh_url, keys)
    with Session(engine) as session:
        *_, community = make_tree(session)
        unit = make_unit(session, make_building(session, scope=community.scope))
        family = make_household(session, unit, number="H1")
        one = make_resident(session, family, name="张小三", source_id="R000001",
                            scope=unit.scope)
        one.id_number = keys.seal("resident", "id_number", one.identifier, number())
        one.id_number_key = keys.blind("id_number", number())
        one.phone = keys.seal("resident", "phone", one.identifier, PHONE)
        make_residency(session, one, unit)
        session.commit()
        reader = PersonReader(session, keys, caller(Role.OFFICER, name="王五"),
                              purpose="verification")
        assert reader.by_id_number(number()).items
        session.commit()
        yield program, one.identifier
    engine.dispose()


def run(group, program, *words):
    return CliRunner().invoke(group, words, obj=program, catch_exceptions=False)


def test_a_resident_is_told_who_read_when_why_and_what(home):
    program, _ = home
    said = run(audit, program, "report", "R000001").stdout
    assert "王五 (社区工作人员) · 按证件号码查询 · 目的: 信息核实" in said
    assert "看到: 姓名、性别、电话 (部分隐藏)、证件号码 (部分隐藏)、住所" in said
    assert "王五 (Community officer) · looked up by ID number · purpose: Verification" in said
    assert number() not in said and PHONE not in said


def test_the_report_is_in_one_language_when_asked(home):
    program, identifier = home
    said = run(audit, program, "report", identifier, "--language", "en").stdout
    assert "Who looked at" in said and "查阅" not in said


def test_drawing_up_a_report_is_itself_told(home):
    program, identifier = home
    run(audit, program, "report", identifier)
    run(person, program, "report", identifier)
    found = json.loads(run(audit, program, "report", identifier, "--json").stdout)
    assert [one["action"] for one in found] == ["person-by-id", "audit-report", "person-report"]
    assert found[2]["role"] == "machine" and found[2]["seen"] == ["everything"]


def test_a_resident_is_told_all_that_is_held_and_from_where(home):
    program, identifier = home
    said = run(person, program, "report", identifier, "--language", "zh").stdout
    for words in ("姓名: 张小三", f"身份证号: {number()}", f"联系电话: {PHONE}", "test R000001",
                  "户号: H1", "居住关系: ", "科尔沁区", "查阅记录"):
        assert words in said


def test_versions_of_the_past_are_told(home, fresh_url, tmp_path):
    program, identifier = home
    engine = system_engine(fresh_url, Vault.open(tmp_path))
    with engine.begin() as connection:
        connection.execute(text("UPDATE resident SET name = '张小四'"))
    engine.dispose()
    said = run(person, program, "report", identifier, "--language", "en").stdout
    assert "张小三" in said and "张小四" in said
    held = json.loads(run(person, program, "report", identifier, "--json").stdout)
    assert [one["known_to"] is None for one in held if one["table"] == "resident"] == [False, True]


def test_nobody_is_told_of_nobody(home):
    program, _ = home
    with pytest.raises(NotFound):
        run(audit, program, "report", "R999999")


def test_an_honest_audit_verifies_and_a_tampered_one_exits_3(home, cluster):
    program, _ = home
    assert run(audit, program, "seal").exit_code == 0
    said = run(audit, program, "verify")
    assert said.exit_code == 0 and "0 findings" in said.stderr
    admin = connect(cluster.admin_url(database="fresh"))
    with admin.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE audit_event SET line = replace(line, '王五', '李四')"))
    admin.dispose()
    said = run(audit, program, "verify")
    assert said.exit_code == 3 and said.stdout.startswith("line 1: ")
    found = json.loads(run(audit, program, "verify", "--json").stdout)
    assert found["findings"][0]["line"] == 1


def test_a_report_waits_for_the_disk(home, fresh_url, monkeypatch):
    durable = []

    def note(session, keys, event, *, durable: bool = False, seen=durable):
        seen.append(durable)

    monkeypatch.setattr("spatial.audit.record", note)
    run(audit, home[0], "report", home[1])
    assert durable == [True]
    with Session(connect(fresh_url)) as session:
        assert session.scalars(select(AuditEvent.action)).all() == ["person-by-id"]
        session.get_bind().dispose()
