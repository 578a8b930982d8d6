"""Users and tokens from the command line."""

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import migrate
from layers.access import Role
from layers.across import accounts, assignments, user_admin
from layers.across.callers import caller_named, caller_of_token
from layers.across.sign_ins import sign_in
from layers.commands import token
from layers.user_commands import user
from spatial.audit import AuditEvent
from spatial.config import settings
from spatial.database import connect
from spatial.errors import Conflict, InvalidInput, NotFound, RuleViolated
from spatial.program import Program
from tests.support.factories import make_tree

PASSWORD = "seven-quiet-doors-open"


@pytest.fixture
def program(fresh_url, tmp_path):
    return Program(settings({"DOORPLATE_HOME": str(tmp_path), "DOORPLATE_DATABASE_URL": fresh_url}),
                   migrate)


@pytest.fixture
def call(program):
    def call(command, *words, input=""):
        return CliRunner().invoke(command, words, obj=program, catch_exceptions=False, input=input)
    return call


@pytest.fixture
def database(fresh_url):
    engine = connect(fresh_url)
    with Session(engine) as session:
        yield session
    engine.dispose()


def test_a_user_is_added_listed_and_signs_in(call, database):
    added = call(user, "add", "王芳", "--role", "officer", "--area", "*", "--password-stdin",
                 input=PASSWORD + "\n")
    assert added.exit_code == 0 and added.stdout == ""
    assert call(user, "list").stdout.startswith("王芳\tofficer\t*\t")
    assert sign_in(database, "王芳", PASSWORD)
    assert database.scalars(select(AuditEvent.action)).all() == ["user-add"]


def test_where_nobody_can_be_asked_a_password_is_drawn(call, database):
    drawn = call(user, "add", "wang", "--role", "operator", "--area", "*").stdout.strip()
    assert len(drawn) >= 15 and sign_in(database, "wang", drawn)


@pytest.mark.parametrize("password, about", [
    ("", "no password"), ("short", "5 characters"), ("x" * 201, "201 characters"),
    ("aaaaaaaaaaaaaaaaaaaa", "too easily"), ("wang-wang-wang-2024-x", "too easily")])
def test_a_weak_password_is_refused(call, database, password, about):
    with pytest.raises(InvalidInput, match=about):
        call(user, "add", "wang", "--role", "officer", "--area", "*", "--password-stdin",
             input=password + "\n")
    assert not accounts.users(database)


def test_what_cannot_be_is_refused(call):
    words = ("--role", "officer", "--area", "*", "--password-stdin")
    call(user, "add", "Wang", *words, input=PASSWORD)
    with pytest.raises(Conflict):
        call(user, "add", "ｗａｎｇ", *words, input=PASSWORD)
    with pytest.raises(InvalidInput, match="no division '000000'"):
        call(token, "add", "x", "--role", "officer", "--area", "000000")
    with pytest.raises(InvalidInput, match="visible"):
        call(token, "add", "a\x00b", "--role", "officer", "--area", "*")
    with pytest.raises(NotFound):
        call(token, "revoke", "99")
    assert call(user, "add", "x", "--role", "king", "--area", "*").exit_code == 2


def test_a_tokens_secret_is_the_last_line_and_works_until_revoked(call, database):
    added = call(token, "add", "qgis", "--role", "analyst", "--area", "*", "--unlimited")
    secret = added.stdout.splitlines()[-1]
    caller = caller_of_token(database, secret)
    assert (caller.name, caller.role, caller.unlimited) == ("qgis", "analyst", True)
    database.commit()
    listed = call(token, "list").stdout
    assert "qgis" in listed and secret not in listed
    call(token, "revoke", listed.split("\t")[0])
    database.expire_all()
    assert caller_of_token(database, secret) is None


def test_an_area_is_the_range_of_its_division(session):
    district, _subdistrict, community = make_tree(session)
    for area, division in ((community.code, community), (district.identifier, district)):
        accounts.add_user(session, f"u-{area}", password=PASSWORD, role="officer", area=area,
                          granted_by="test")
        caller = caller_named(session, f"u-{area}")
        assert (caller.low, caller.high) == (division.low, division.high)


def test_the_area_of_a_division_that_is_gone_holds_nothing(session):
    _district, _subdistrict, community = make_tree(session)
    accounts.add_user(session, "wang", password=PASSWORD, role="officer", area=community.identifier,
                      granted_by="test")
    community.low = community.high = None
    session.flush()
    caller = caller_named(session, "wang")
    assert caller.low > caller.high


def test_demonstration_sign_ins_are_new_each_time_and_private(session, tmp_path):
    first = accounts.demo_sign_ins(session, tmp_path, area="*")
    second = accounts.demo_sign_ins(session, tmp_path, area="*")
    assert [role for role, _, _ in first] == [str(role) for role in accounts.DEMO_ROLES]
    assert {p for _, _, p in first}.isdisjoint(p for _, _, p in second)
    file = tmp_path / accounts.DEMO_FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().splitlines() == [" ".join(line) for line in second]
    assert sign_in(session, second[0][1], first[0][2]) is None
    assert sign_in(session, second[0][1], second[0][2])
    assert accounts.has_demo_sign_ins(session)


def test_a_user_is_assigned_unassigned_disabled_and_reset(call, database):
    call(user, "add", "wang", "--role", "officer", "--area", "*", "--password-stdin",
         input=PASSWORD)
    call(user, "assign", "wang", "--role", "planner", "--area", "*", "--to", "2099-12-31")
    with pytest.raises(RuleViolated, match="no other kind of role"):
        call(user, "assign", "wang", "--role", "auditor", "--area", "*")
    officer, planner = (line.split("\t") for line in call(user, "list").stdout.splitlines())
    assert (planner[1], planner[4], planner[6]) == ("planner", "2099-12-31", "open")
    call(user, "unassign", officer[7])
    assert "revoked" in call(user, "list").stdout
    call(user, "disable", "wang")
    assert sign_in(database, "wang", PASSWORD) is None
    database.rollback()
    call(user, "enable", "wang")
    drawn = call(user, "reset-password", "wang").stdout.strip()
    assert sign_in(database, "wang", PASSWORD) is None and sign_in(database, "wang", drawn)
    database.rollback()
    call(user, "identify", "wang", "--subject", "s-1")
    call(user, "forget-factor", "wang")
    database.rollback()
    assert database.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all() == [
        "user-add", "user-assign", "user-unassign", "user-disable", "user-enable",
        "user-reset-password", "user-identify", "user-forget-factor"]


def test_what_an_admin_proposed_is_approved_at_the_machine(call, database):
    for name, role in (("boss", "admin"), ("wang", "planner")):
        call(user, "add", name, "--role", role, "--area", "*", "--password-stdin", input=PASSWORD)
    one = assignments.grant(database, caller_named(database, "boss"),
                            user_admin.user_called(database, "wang"),
                            assignments.Wish(role=Role.OFFICER, area="*"),
                            approval_roles=frozenset({Role.OFFICER}))
    number = str(one.id)
    database.commit()
    assert "waits for approval" in call(user, "list").stdout
    call(user, "approve", number)
    assert "waits for approval" not in call(user, "list").stdout
    with pytest.raises(RuleViolated, match="already"):
        call(user, "approve", number)
    with pytest.raises(NotFound):
        call(user, "unassign", "999999")
    with pytest.raises(NotFound, match="nobody"):
        call(user, "disable", "nobody")
