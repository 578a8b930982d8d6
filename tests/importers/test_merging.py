"""Near-matches of two sources are asked about, merged, and parted again."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from stdnum.cn import uscc

from importers.authority import Authority
from importers.finishing import finish
from importers.journal import FieldOrigin, SourceLink
from importers.loading import silent
from importers.merging import Merging
from importers.parting import take_apart
from importers.sessions import acting
from importers.withdrawing import take_back
from layers.across.pairs import SourcePair, decide
from layers.buildings import Building
from layers.entrances import Entrance
from layers.organizations import Organization, Premises
from layers.residents import Residency, Resident
from layers.storeys import Storey
from layers.units import Unit
from spatial.errors import NotFound
from spatial.history import Moment, seen
from tests.importers.conftest import rectangle

HEAD = "source_id,number,function,wkt"
OLD = f'{HEAD}\nA1,3,,"{rectangle(122.2050, 43.6050, 122.2060, 43.6052)}"'
NEW = f'{HEAD}\nC1,3甲,office,"{rectangle(122.2054, 43.6050, 122.2064, 43.6052)}"'
STOREYS = "source_id,building,label,index,base_m\nF{0},{0},1F,1,0\n"


def pairs(door):
    with Session(door.engine) as session:
        return [(one.layer, one.why, one.share and round(one.share, 2), one.same)
                for one in session.scalars(select(SourcePair).order_by(SourcePair.id))]


def settle(door, *, same, orders=None):
    with acting(door.engine, door.vault, apply=True) as session:
        for one in session.scalars(select(SourcePair).where(SourcePair.decided.is_(None))).all():
            decide(session, one, same=same, by="li")
        done = Merging(session, door.vault, Authority(orders or {})).settle()
        finish(session, silent)
        session.commit()
    return done


def part(door, layer, source, source_id, *, apply=True):
    return take_apart(door.engine, door.vault, (layer, source, source_id), by="wang", apply=apply)


def state(door, *models):
    """Return all present rows of some layers, without what tells when and why."""
    left_out = {"id", "loaded_at", "creation_date", "recorded_by", "reason", "import_id",
                "content_hash", "termination_date"}
    found = []
    with Session(door.engine) as session:
        for model in models:
            one = seen(model)
            columns = [getattr(one, c.key) for c in model.__table__.columns
                       if c.key not in left_out and c.computed is None]
            found += sorted(str([str(value) for value in row])
                            for row in session.execute(select(*columns)))
    return found


def two_surveys(door):
    door.take(door.write("buildings", OLD), source="survey")
    door.take(door.write("storeys", STOREYS.format("A1")), source="survey")
    job = door.take(door.write("buildings", NEW), source="cadastre")["buildings"]
    door.take(door.write("storeys", STOREYS.format("C1")), source="cadastre")
    door.take(door.write("units", "source_id,building,storey,designator\nU1,C1,1,101"),
              source="cadastre")
    return job


def test_a_lesser_overlap_is_stored_and_asked_once(door):
    said = two_surveys(door)
    assert said.new == 1
    assert any("side by side" in remark for remark in said.remarks)
    assert pairs(door) == [("building", ["footprint"], 0.43, None)]
    assert settle(door, same=False) == 0
    door.take(door.write("buildings", NEW.replace("office", "residential")), source="cadastre")
    assert pairs(door) == [("building", ["footprint"], 0.43, False)]


def test_what_is_the_same_becomes_one_and_is_parted_again(door):
    two_surveys(door)
    before, then = state(door, Building, Storey, Unit), datetime.now(UTC)
    assert settle(door, same=True) == 1

    assert door.count(Building, Building.valid_to.is_(None)) == 1
    assert door.column(Building.function, Building.source_id == "A1") == ["office"]
    assert door.column(Building.number, Building.source_id == "A1") == ["3"]
    kept = door.column(Building.id, Building.source_id == "A1")
    assert door.column(Unit.building_id) == kept
    assert door.count(Storey, Storey.valid_to.is_(None)) == 1, "a storey is its building's own"
    with Session(door.engine) as session:
        known = seen(Building, Moment(known_at=then))
        assert len(session.scalars(select(known.id)).all()) == 2
        reasons = session.scalars(select(Building.reason).order_by(Building.id)).all()
    name = door.column(Building.identifier, Building.source_id == "A1")[0]
    assert reasons == ["cadastre: function", f"the same as {name}"]
    again = door.take(door.write("buildings", NEW), source="cadastre")["buildings"]
    assert (again.unchanged, again.new) == (1, 0)

    dry = part(door, "buildings", "cadastre", "C1", apply=False)
    assert door.count(Building, Building.valid_to.is_(None)) == 1
    done = part(door, "buildings", "cadastre", "C1")
    assert done == dry and done.restored == ("function",)
    assert state(door, Building, Storey, Unit) == before
    assert pairs(door) == [("building", ["footprint"], 0.43, False)] + [
        ("storey", [], None, False)]
    with pytest.raises(NotFound, match="merges"):
        part(door, "buildings", "cadastre", "C1")
    again = door.take(door.write("buildings", NEW), source="cadastre")["buildings"]
    assert (again.unchanged, again.new) == (1, 0)


def test_withdrawing_an_import_undoes_the_merges_of_its_records(door):
    job = two_surveys(door).job
    settle(door, same=True)
    take_back(door.engine, door.vault, job, by="li", apply=True)
    assert door.column(Building.source_id, Building.valid_to.is_(None)) == ["A1"]
    assert door.column(Building.function, Building.source_id == "A1") == [None]


def test_a_meeting_of_two_buildings_is_parted_alone(door):
    door.take(door.write("buildings", OLD), source="survey")
    twin = OLD.replace("A1,3,,", "C7,,residential,")
    other = f'C8,9,office,"{rectangle(122.2080, 43.6050, 122.2090, 43.6052)}"'
    door.take(door.write("buildings", f"{twin}\n{other}"), source="cadastre")
    door.take(door.write("units", "source_id,building,designator\nU1,C7,101"), source="cadastre")
    assert door.column(Building.source_id) == ["A1", "C8"]

    done = part(door, "buildings", "cadastre", "C7")

    assert done.restored == ("function",)
    assert door.column(Building.source_id) == ["A1", "C7", "C8"]
    assert door.column(Building.function, Building.source_id == "A1") == [None]
    assert door.column(Building.function, Building.source_id == "C7") == ["residential"]
    assert door.column(Unit.building_id) == door.column(Building.id, Building.source_id == "C7")
    again = door.take(door.write("buildings", f"{twin}\n{other}"), source="cadastre")["buildings"]
    assert (again.unchanged, again.new) == (2, 0), "what was parted does not meet again"


ADDRESSES = {
    "compounds": "source_id,name\nK{0},阳光花园",
    "buildings": "source_id,compound,number\nB{0},K{0},3\nC{0},K{0},4",
    "entrances": "source_id,building,number\nE{0},B{0},2",
    "units": "source_id,building,entrance,designator,use\nU{0},B{0},E{0},501,{1}",
}


def test_places_meet_by_their_address(door):
    community = ("divisions", "source_id,level,code,name\nD,community,999901001001,向阳社区")
    for number, (source, use) in enumerate((("street", ""), ("housing", "住宅"))):
        door.take(door.write(*community), source=source)
        for name, lines in ADDRESSES.items():
            told = lines.format(number, use)
            if name == "compounds":
                told = told.replace("name", "name,community").replace("花园", "花园,999901001001")
            said = door.take(door.write(name, told), source=source)[name]
            assert said.rejected == 0
    assert [door.count(one) for one in (Building, Entrance, Unit)] == [2, 1, 1]
    assert door.column(Unit.use) == ["dwelling"], "what was empty is filled"
    assert pairs(door) == []


def test_an_address_that_lies_elsewhere_is_asked_about(door):
    streets = "source_id,name\nS1,建国路"
    here = rectangle(122.2050, 43.6050, 122.2060, 43.6052)
    there = rectangle(122.3050, 43.6050, 122.3060, 43.6052)
    for source, shape in (("one", here), ("two", there)):
        door.take(door.write("streets", streets), source="names")
        house = f'source_id,street,plate,wkt\nH,建国路,12,"{shape}"'
        door.take(door.write("buildings", house), source=source)
    assert door.count(Building) == 2
    assert pairs(door) == [("building", ["address"], None, None)]


def shop(source_id, name, *, code="", phone="", address=""):
    return (f"source_id,name,credit_code,phone,address\n"
            f"{source_id},{name},{code},{phone},{address}")


def coded(number):
    begun = f"91110000MA0{number:06d}"
    return begun + uscc.calc_check_digit(begun)


@pytest.mark.parametrize(("second", "why"), [
    ({"phone": "0475-8221234"}, ["name", "phone"]),
    ({"address": "向阳小区3号楼"}, ["name", "place"]),
    ({"code": coded(2), "address": "远处"}, None),
    ({"address": "远处"}, None),
    ({}, ["name"]),
])
def test_organizations_of_one_name_are_asked_about_unless_something_says_no(door, second, why):
    first = {"code": coded(999999), "phone": "0475-8221234", "address": "向阳小区3号楼"}
    door.take(door.write("organizations", shop("O1", "青禾便利店", **first)), source="street")
    door.take(door.write("organizations", shop("X9", "青禾便利店", **second)), source="tax")
    assert pairs(door) == ([("organization", why, None, None)] if why else [])


def test_the_order_of_sources_decides_and_is_kept(district):
    orders = {"organizations": {"phone": ("tax", "street"), "*": ("street",)}}
    code = coded(7)

    def take(source, phone, name="青禾便利店", industry=""):
        row = f"source_id,name,credit_code,phone,short_names\nO-{source},{name},{code},{phone},"
        return district.take(district.write("organizations", row + industry), source=source,
                             authority=Authority(orders))["organizations"]

    take("street", "0475-8221111")
    take("tax", "0475-8222222", name="青禾超市", industry="青禾")
    where = Organization.credit_code == code
    told = [Organization.phone, Organization.name, Organization.short_names]
    assert [district.column(one, where) for one in told] == [
        ["0475-8222222"], ["青禾便利店"], [["青禾"]]]
    assert district.column(Organization.reason, where) == ["tax: phone, short_names"]
    take("street", "0475-8221112", name="青禾便利")
    assert [district.column(one, where) for one in told] == [
        ["0475-8222222"], ["青禾便利"], [["青禾"]]]
    assert take("street", "0475-8221112", name="青禾便利").unchanged == 1
    take("tax", "0475-8223333", name="青禾超市", industry="青禾")
    assert district.column(Organization.phone, where) == ["0475-8223333"]
    part(district, "organizations", "tax", "O-tax")
    assert district.column(Organization.phone, Organization.source_id == "O-street") == [
        "0475-8221111"]
    take("street", "0475-8221112", name="青禾便利")
    assert district.column(Organization.phone, Organization.source_id == "O-street") == [
        "0475-8221112"], "what was kept out is told again"
    assert all(not one for one in district.column(FieldOrigin.fields))


def person(begun):
    """Return an ID number with its check character (GB 11643)."""
    total = sum(int(digit) * 2 ** (17 - at) for at, digit in enumerate(begun))
    return begun + "10X98765432"[total % 11]


def home(door, number=2):
    return door.column(Unit.identifier, Unit.source_id == f"U{number}")[0]


PEOPLE = "source_id,姓名,身份证号,联系电话,place,residency\n"


def test_persons_of_one_name_and_phone_are_asked_about_and_merged(district):
    number = person("11010119650302461")
    first = f"{PEOPLE}P1,赵小燕,{number},13800138000,{home(district, 2)},living"
    second = (f"{PEOPLE}Q1,赵小燕,,138 0013 8000,{home(district, 2)},living\n"
              "Q2,赵小燕,,13900139000,,")
    district.take(district.write("residents", first), source="police")
    district.take(district.write("residents", second), source="clinic", bad_share=1)
    assert pairs(district) == [("resident", ["name", "phone", "place"], None, None)]
    before = state(district, Resident, Residency)
    assert settle(district, same=True) == 1
    who = Resident.source_id.in_(("P1", "Q1", "Q2"))
    assert district.column(Resident.source_id, who, Resident.valid_to.is_(None)) == ["P1", "Q2"]
    confirmed = district.count(Residency, Residency.kind == "living", Residency.state.is_(None),
                               Residency.valid_to.is_(None), Residency.resident_id.in_(
                                   district.column(Resident.id, Resident.source_id == "P1")))
    assert confirmed <= 1
    part(district, "residents", "clinic", "Q1")
    assert state(district, Resident, Residency) == before


def test_a_sealed_value_moves_with_the_merge(district):
    first = f"{PEOPLE}P1,赵小燕,,13800138000,{home(district, 2)},living"
    number = person("11010119650302461")
    second = f"{PEOPLE}Q1,赵小燕,{number},13800138000,{home(district, 2)},living"
    district.take(district.write("residents", first), source="police")
    district.take(district.write("residents", second), source="clinic")
    assert settle(district, same=True) == 1
    with Session(district.engine) as session:
        one = session.scalar(select(Resident).where(Resident.source_id == "P1"))
        assert district.vault.unseal("resident", "id_number", one.identifier, one.id_number
                                     ) == number
        assert bytes(one.id_number_key) == district.vault.blind("id_number", number)


def test_persons_who_met_by_number_are_parted_for_good(district):
    number = person("11010119650302461")
    first = f"{PEOPLE}P1,赵小燕,{number},,{home(district, 1)},living"
    second = f"{PEOPLE}Q1,赵晓燕,{number},13800138000,{home(district, 2)},registered"
    district.take(district.write("residents", first), source="police")
    said = district.take(district.write("residents", second), source="clinic")["residents"]
    assert said.changed == 1
    with district.engine.connect() as connection:
        assert connection.scalar(text("SELECT said FROM source_link")) is None, "no value of theirs"
    done = part(district, "residents", "clinic", "Q1")
    assert done.other is None and done.restored == ("phone",)
    kept = district.column(Resident.id, Resident.source_id == "P1")[0]
    assert district.count(Residency, Residency.resident_id == kept,
                          Residency.source == "clinic", Residency.valid_to.is_(None)) == 0
    said = district.take(district.write("residents", second), source="clinic")["residents"]
    assert said.new == 1
    ours = district.column(Resident.id, Resident.source_id == "Q1")
    assert district.column(Residency.resident_id, Residency.source == "clinic",
                           Residency.valid_to.is_(None)) == ours
    assert district.count(SourceLink) == 1


def test_premises_go_where_their_organization_goes(door):
    first = shop("O1", "青禾便利店", phone="0475-8221234", address="向阳小区3号楼")
    second = shop("X9", "青禾便利店", phone="0475-8221234", address="向阳小区5号楼")
    door.take(door.write("organizations", first), source="street")
    door.take(door.write("organizations", second), source="tax")
    before = state(door, Organization, Premises)
    assert settle(door, same=True) == 1
    kept = door.column(Organization.id, Organization.source_id == "O1")
    assert set(door.column(Premises.organization_id)) == set(kept)
    part(door, "organizations", "tax", "X9")
    assert state(door, Organization, Premises) == before
