"""The rights of residents: corrected, protected, hidden, made nobody, erased and erased again."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import migrate, restored
from layers.access import Role
from layers.across.erasure import replay_in
from layers.across.orders_tables import IncidentCaller, IncidentEvent, IncidentNote
from layers.across.persons import PersonReader
from layers.across.retention import NOBODY, keep
from layers.emergencies import HelpContact
from layers.resident_commands import person
from layers.residents import Residency, Resident
from layers.units import Unit
from layers.visits import Visit
from spatial.audit import AuditEvent
from spatial.backup import back_up, restore_named
from spatial.config import settings
from spatial.database import Base
from spatial.errors import InvalidInput, NotFound
from spatial.history import every_version
from spatial.program import Program
from spatial.sealing import Vault
from spatial.walls import SYSTEM, token
from tests.layers.across.test_persons import PHONE, caller, lines, make_person, number, reader
from tests.support.cluster import copy_database
from tests.support.factories import (
    make_building,
    make_household,
    make_incident,
    make_residency,
    make_tree,
    make_unit,
    save,
)
from tests.support.sealed import vault
from tests.support.walls import system_engine

LONG_AGO = timedelta(days=800)


@pytest.fixture
def unit(session):
    *_, community = make_tree(session)
    return make_unit(session, make_building(session, scope=community.scope))


@pytest.fixture
def home(fresh_url, tmp_path):
    """A program whose registry holds one person, changed once, with every trace there can be."""
    environ = {"DOORPLATE_HOME": str(tmp_path), "DOORPLATE_DATABASE_URL": fresh_url}
    program, keys = Program(settings(environ), migrate, restored), Vault.open(tmp_path)
    engine = system_engine(fresh_url, keys)
    with Session(engine) as session:
        *_, community = make_tree(session)
        unit = make_unit(session, make_building(session, scope=community.scope))
        family = make_household(session, unit, number="H1", head="张小三")
        one = make_person(session, unit, household=family, source_id="R000001")
        one.id_number = keys.seal("resident", "id_number", one.identifier, number())
        one.id_number_key = keys.blind("id_number", number())
        one.phone = keys.seal("resident", "phone", one.identifier, PHONE)
        one.birth_date = keys.seal("resident", "birth_date", one.identifier, "1990-03-07")
        make_residency(session, one, kind="registered", address="某镇某村三组")
        session.execute(text("INSERT INTO review_item (text, match_class, status, candidates, "
                             "waiting) VALUES ('某镇某村三组', 'D', 'open', '[]', 1)"))
        session.commit()
        one.name = "张小叁"
        session.commit()
        yield program, session, keys, one.identifier
    engine.dispose()


def run(program, *words, **said):
    return CliRunner().invoke(person, words, obj=program, catch_exceptions=False, **said)


def everything(session):
    """Return all that the database holds, as text."""
    found = []
    for table in Base.metadata.sorted_tables:
        found += [f"{table.name}: {row}" for row in session.execute(
            text(f'SELECT to_jsonb(t) - \'geometry\' FROM "{table.name}" t')).scalars()]
    return "\n".join(map(str, found))


TRACES = ("张小三", "张小叁", "zhangxiaosan", "某镇某村", "R000001")


# Correction.

def test_a_correction_is_a_dated_order_and_a_new_version(home):
    program, session, keys, one = home
    done = run(program, "correct", "R000001", "--field", "phone", "--order", "更正单7号",
               "--dated", "2026-11-02", input="139 8765 0421\n")
    assert done.exit_code == 0 and "0421" not in done.stderr
    row = session.scalars(select(Resident)).one()
    session.refresh(row)
    assert keys.unseal("resident", "phone", one, row.phone) == "13987650421"
    assert row.phone_key == keys.blind("phone", "13987650421")
    assert row.reason == "更正单7号 (2026-11-02)"
    report = run(program, "report", one, "--language", "zh").stdout
    assert PHONE in report and "13987650421" in report
    assert run(program, "orders", one).stdout.startswith("corrected\tphone\t更正单7号\t2026-11-02")
    assert "person-correct" in session.scalars(select(AuditEvent.action)).all()


def test_a_corrected_name_is_found_and_the_old_one_is_not(home):
    program, session, keys, _ = home
    run(program, "correct", "R000001", "--field", "name", "--value", "李大四", "--order", "8")
    session.expire_all()
    who = PersonReader(session, keys, caller(), purpose="correction")
    assert who.by_name("李大四").items and who.by_name("lidasi").items
    assert not who.by_name("张小三").items


@pytest.mark.parametrize(("field", "value", "about"), [
    ("phone", "12", "phone|digits|number"), ("birth_date", "1990-13-01", "a day such as"),
    ("id_number", "15230119900307567", "17"), ("sex", "unsure", "one of"), ("name", "", "empty"),
    ("name", "x" * 101, "100"), ("place", "8号楼", "cannot be corrected")])
def test_what_cannot_be_right_is_refused_in_words(home, field, value, about):
    with pytest.raises(InvalidInput, match=about):
        run(home[0], "correct", "R000001", "--field", field, "--value", value, "--order", "9")


def test_an_order_of_tomorrow_is_refused(home):
    with pytest.raises(InvalidInput, match="future"):
        run(home[0], "erase", "R000001", "--order", "1", "--dated", "2999-01-01", "--yes")


# Protected addresses.

def test_who_is_protected_is_found_by_no_name(session, unit):
    one = make_person(session, unit)
    for shield, kept in ((1, None), (2, "wang")):
        one.shield, one.custodian = shield, kept
        session.flush()
        for role in (Role.OFFICER, Role.OPERATOR, Role.GRID_WORKER):
            assert not reader(session, role).by_name("张小三").items
            assert not reader(session, role).by_name("zhangxiaosan").items


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.GRID_WORKER, Role.STEWARD])
def test_a_shield_shows_the_contact_officer_in_the_place_of_the_address(session, unit, role):
    make_person(session, unit).shield = 1
    session.flush()
    item = reader(session, role, call="1").by_id_number(number()).items[0]
    assert item["contact"] == "officer" and not {"place", "residencies", "phone"} & set(item)
    assert unit.identifier not in json.dumps(item)
    assert "place" not in json.loads(lines(session)[-1].line)["seen"]


def test_the_officer_sees_the_address_behind_the_first_shield(session, unit):
    make_person(session, unit).shield = 1
    session.flush()
    item = reader(session, Role.OFFICER).by_id_number(number()).items[0]
    assert item["place"]["identifier"] == unit.identifier


def test_behind_the_second_shield_the_custodian_alone_knows_of_a_person(session, unit):
    one = make_person(session, unit)
    one.shield, one.custodian = 2, "li"
    session.flush()
    mine = reader(session, caller=caller(Role.OFFICER, name="li"))
    assert mine.by_id_number(number()).items[0]["place"]["identifier"] == unit.identifier
    theirs = reader(session, caller=caller(Role.OFFICER, name="wang"))
    assert theirs.by_id_number(number()).items == theirs.by_phone(PHONE).items == ()
    assert theirs.of([one.id]) == {}


def test_a_shielded_person_is_not_among_the_occupants_and_reveals_nothing(session, unit):
    one, case = make_person(session, unit), make_incident(session, unit)
    one.shield = 1
    session.flush()
    assert reader(session, Role.OPERATOR, call="1").of([one.id]) == {}
    assert one.id in reader(session, Role.OFFICER).of([one.id])
    with pytest.raises(NotFound):
        reader(session, Role.OPERATOR, case=case.source_id).reveal(one.identifier, "phone")


def test_a_shield_is_put_on_and_lifted_by_order(home):
    program, session, _, one = home
    with pytest.raises(InvalidInput, match="custodian"):
        run(program, "protect", one, "--level", "2", "--order", "3")
    with pytest.raises(InvalidInput, match="no user"):
        run(program, "protect", one, "--level", "2", "--custodian", "nobody", "--order", "3")
    for level in ("1", "0"):
        assert run(program, "protect", one, "--level", level, "--order", "3").exit_code == 0
        session.expire_all()
        assert session.scalars(select(Resident.shield)).one() == (int(level) or None)
    assert run(program, "orders", one).stdout.count("protected\t") == 2


# Hiding and anonymising.

def leave(session, one, ago):
    for tie in session.scalars(select(Residency).where(Residency.resident_id == one.id)):
        tie.valid_to = datetime.now(UTC) - ago
    session.flush()


@pytest.mark.parametrize(("ago", "found"), [(timedelta(days=89), 1), (timedelta(days=91), 0)])
def test_who_has_moved_out_is_hidden_after_ninety_days(session, unit, ago, found):
    one = make_person(session, unit)
    leave(session, one, ago)
    keep(session, apply=True)
    session.expire_all()
    assert len(reader(session).by_id_number(number()).items) == found


def test_who_has_died_is_hidden_too_and_who_comes_back_is_shown(session, unit):
    one = make_person(session, unit)
    one.valid_to = datetime.now(UTC) - timedelta(days=100)
    assert keep(session, apply=True).hidden == 1
    session.refresh(one)
    one.valid_to = None
    session.flush()
    assert keep(session, apply=True).shown_again == 1
    session.expire_all()
    assert reader(session).by_id_number(number()).items


def test_a_dry_run_counts_and_changes_nothing(session, unit):
    leave(session, make_person(session, unit), LONG_AGO)
    before = everything(session)
    assert keep(session, apply=False) == keep(session, apply=False)
    assert keep(session, apply=False).anonymised == 1 and everything(session) == before


def test_after_two_years_no_version_says_who_it_was(session, unit):
    one = make_person(session, unit, source_id="R000001", former_name="欧阳曦旖")
    session.commit()
    leave(session, one, LONG_AGO)
    assert keep(session, apply=True).anonymised == 1
    session.expire_all()
    left = everything(session)
    assert [trace for trace in (*TRACES, "欧阳曦旖") if trace in left] == []
    home = session.scalars(select(Residency).where(Residency.resident_id == one.id)).one()
    assert session.scalars(select(Resident)).one().name == NOBODY
    assert home.unit_id is None and home.building_id == unit.building_id
    assert keep(session, apply=True).anonymised == 0


def test_a_case_closed_for_a_year_knows_no_dwelling_and_no_words(session, unit):
    closed = datetime.now(UTC) - timedelta(days=366)
    old = make_incident(session, unit, description="漏水找张小三", closed_at=closed)
    new = make_incident(session, unit, description="电梯", closed_at=closed + timedelta(days=2))
    assert keep(session, apply=True).untied == 1
    session.expire_all()
    assert (old.description, old.unit_id, old.building_id) == (None, None, unit.building_id)
    assert new.description == "电梯" and "张小三" not in everything(session)


# Erasure.

def test_an_erasure_leaves_no_version_of_anything(home):
    program, session, _, one = home
    assert any(trace in everything(session) for trace in TRACES)
    assert run(program, "erase", "R000001", "--order", "删除单3号", "--yes").exit_code == 0
    session.expire_all()
    left = everything(session)
    assert [trace for trace in TRACES if trace in left] == []
    assert session.scalars(select(Resident.id)).all() == []
    assert run(program, "orders", one).stdout.startswith("erased\t-\t删除单3号")
    with pytest.raises(NotFound):
        run(program, "report", one)


def test_an_erasure_takes_the_words_of_orders_visits_and_contacts(home):
    program, session, keys, _ = home
    unit = session.scalars(select(Unit).join(Residency, Residency.unit_id == Unit.id)).first()
    other = make_unit(session, make_building(session, scope=unit.scope), designator="999")
    own = _report(session, keys, unit, "水管漏了", name="李四", phone=PHONE)
    named = _report(session, keys, unit, "邻居张小三家漏水")
    with_gaps = _report(session, keys, other, f"请打 {PHONE[:3]} {PHONE[3:7]}-{PHONE[7:]}")
    namesake = _report(session, keys, other, "张小三来电", name="张小三", phone="13900001111")
    save_contact(session, keys, unit, "张小三的女儿 13711112222")
    visit = Visit(key="v1", unit_id=unit.id, scope=unit.scope, outcome="changed", base="x",
                  seen_at=datetime.now(UTC), actor="w", state="waiting",
                  findings=keys.seal("visit", "findings", "v1", '[{"text": "张小三 已搬走"}]'))
    session.add(visit)
    session.commit()
    assert run(program, "erase", "R000001", "--order", "6", "--yes").exit_code == 0
    session.expire_all()
    assert [one.description for one in (own, named, with_gaps, namesake)] == [
        None, None, None, "张小三来电"]
    assert session.scalars(select(IncidentCaller.incident_id)).all() == [namesake.id]
    assert session.scalars(select(IncidentNote.text)).all() == ["张小三说的"] * 2
    assert session.scalars(select(HelpContact.id)).all() == []
    assert visit.findings is None and own.unit_id == unit.id
    left = everything(session).replace("张小三来电", "").replace("张小三说的", "")
    assert "漏" not in left and "张小三'" in left


def _report(session, keys, unit, words, *, name=None, phone=None):
    """Make an incident with words, a note that names the person, and a caller."""
    made = make_incident(session, unit, description="先写的:" + words)
    made.description = words
    entry = IncidentEvent(incident_id=made.id, kind="noted", at=datetime.now(UTC), actor="x")
    session.add(entry)
    session.flush()
    session.add(IncidentNote(event_id=entry.id, incident_id=made.id, scope=unit.scope,
                             text="张小三说的"))
    if phone:
        session.add(IncidentCaller(
            incident_id=made.id, scope=unit.scope, name=name,
            phone=keys.seal("incident_caller", "phone", made.identifier, phone)))
    session.flush()
    return made


def save_contact(session, keys, unit, words):
    session.add(HelpContact(
        identifier="xcontact", unit_id=unit.id, scope=unit.scope, recorded_by="x",
        contact=keys.seal("help_contact", "contact", "xcontact", words),
        expires_at=datetime.now(UTC) + timedelta(days=9)))


def test_another_person_of_the_same_name_stays(home):
    program, session, _, _ = home
    *_, community = make_tree(session)
    other = make_unit(session, make_building(session, scope=community.scope))
    family = make_household(session, other, head="张小三", number="H2")
    save(session, Resident(name="张小三", household_id=family.id))
    session.commit()
    run(program, "erase", "R000001", "--order", "4", "--yes")
    session.expire_all()
    assert session.scalars(select(Resident.name)).all() == ["张小三"]
    session.refresh(family)
    assert family.head == "张小三"


def test_a_restored_backup_does_not_bring_an_erased_person_back(home, cluster, tmp_path):
    program, _, keys, _ = home
    file = tmp_path / "before.dump"
    back_up(program.settings.database_url, file, scope=token(keys, SYSTEM))
    run(program, "erase", "R000001", "--order", "删除单3号", "--yes")
    copy_database(cluster, "restored", template="template0")
    admin = cluster.admin_url(database="restored")
    restore_named(admin, file, migrate=lambda _url: None)
    engine = system_engine(admin, keys)
    with Session(engine) as session:
        assert session.scalars(select(Resident.name)).all() == ["张小叁"]
        assert replay_in(engine, program.settings) == 1
        session.expire_all()
        left = everything(session)
        assert [trace for trace in TRACES if trace in left] == []
        assert "person-erased-again" in session.scalars(select(AuditEvent.action)).all()
    assert replay_in(engine, program.settings) == 0
    engine.dispose()


def test_a_file_that_names_an_erased_person_again_is_not_heard(home):
    """By the row of its source, and by the ID number in another source."""
    program, session, keys, _ = home
    run(program, "erase", "R000001", "--order", "5", "--yes")
    save(session, Resident(name="张小三", source="test", source_id="R000001"))
    save(session, Resident(name="张小三", source="other", source_id="X1",
                           id_number_key=keys.blind("id_number", number())))
    save(session, Resident(name="张小三", source="other", source_id="X2"))
    session.commit()
    engine = system_engine(program.settings.database_url, keys)
    assert replay_in(engine, program.settings) == 2
    engine.dispose()
    assert session.scalars(select(Resident.source_id)).all() == ["X2"]


def test_every_table_that_points_to_a_person_is_erased_with_it():
    """A new table of another layer that refers to residents is reached by its foreign key."""
    from layers.across.erasure import _referring
    found = {table.name for table in _referring(Resident.__table__)}
    declared = {table.name for table in Base.metadata.sorted_tables for key in table.foreign_keys
                if key.target_fullname == "resident.id"}
    assert found == declared and "residency" in found
    assert all(len(every_version(Base.metadata.tables[name])) == 2 for name in found)


def test_a_file_of_erasures_that_cannot_be_read_is_told(tmp_path, session):
    from layers.across.person_orders import read_back
    from spatial.errors import Unavailable
    said = settings({"DOORPLATE_HOME": str(tmp_path)})
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "erasures.jsonl").write_text("{half", encoding="ascii")
    with pytest.raises(Unavailable, match="safe copy"):
        read_back(said)


def test_a_past_home_is_told_for_registration_and_correction_only(session, unit):
    from layers.across.occupancy import PAST_WITHHELD, Period, Why, occupants
    one = make_person(session, unit)
    leave(session, one, timedelta(days=10))
    make_residency(session, one, make_unit(session, make_building(session, scope=unit.scope)))
    period = Period(first=datetime(2020, 1, 1, tzinfo=UTC), last=datetime.now(UTC))
    for purpose, found in (("service", 0), ("registration", 1), ("correction", 1)):
        said = occupants(session, vault(), caller(), unit.identifier, why=Why(purpose=purpose),
                         period=period)
        assert len(said["residents"]) == found
        assert (PAST_WITHHELD in said["remarks"]) == (found == 0)
