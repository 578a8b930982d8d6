"""What a ledger says becomes what the registry says: links, parents, meetings, endings."""

import pytest
from sqlalchemy import text
from stdnum.cn import ric, uscc

from layers.compounds import Compound
from layers.divisions import Division
from layers.organizations import Organization, Premises
from layers.residents import Residency, Resident
from layers.storeys import Storey
from layers.units import Unit
from spatial.errors import InvalidInput, RuleViolated
from spatial.history import history_of
from tests.importers.conftest import DISTRICT

# Of a county withdrawn long before the birth: it can belong to no one.
NUMBER = "11022319990307123"
NUMBER += ric.calc_check_digit(NUMBER + "0")
CODE = "91150502MA0N1X1A0" + uscc.calc_check_digit("91150502MA0N1X1A0")


def rows_of(door, statement):
    with door.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def residencies(door):
    return rows_of(door, "SELECT y.source_id, y.valid_to IS NULL, coalesce(u.source_id, y.address) "
                         "FROM residency y LEFT JOIN unit u ON u.id = y.unit_id ORDER BY 1")


def test_a_changed_name_ends_no_registration_told_by_its_address(district):
    district.write("residents", DISTRICT["residents"].replace("李梅", "李玫"))
    assert district.take()["residents"].changed == 1
    assert all(open_ for _, open_, _ in residencies(district))


def test_a_kind_that_is_told_again_lives_again(district):
    once = DISTRICT["residents"]
    district.write("residents", once.replace("U1,living;registered", "U1,living"))
    district.take()
    assert ("R1#registered", False, "U1") in residencies(district)
    district.write("residents", once)
    district.take()
    assert ("R1#registered", True, "U1") in residencies(district)


def test_a_kind_that_stands_twice_in_a_cell_counts_once(district):
    district.write("residents", DISTRICT["residents"].replace("living;registered", "living;居住"))
    assert district.take()["residents"].rejected == 0
    assert ("R1#living", True, "U1") in residencies(district)


def test_a_new_address_leaves_the_old_dwelling(district):
    path = district.write("people.csv", "source_id,name,address\nP1,赵云,阳光花园3号楼502\n")
    district.take(path, layer="residents")
    assert ("P1#living", True, "U2") in residencies(district)
    district.write("people.csv", "source_id,name,address\nP1,赵云,遥远路99号\n")
    district.take(path, layer="residents")
    assert ("P1#living", True, "遥远路99号") in residencies(district)


def test_an_address_that_was_linked_stays_so_when_the_row_changes(district):
    path = district.write("people.csv", "source_id,name,address\nP1,赵云,阳光花园3号楼502\n")
    district.take(path, layer="residents")
    district.write("people.csv", "source_id,name,address\nP1,赵芸,阳光花园3号楼502\n")
    district.take(path, layer="residents")
    past = history_of(Residency.__table__)
    assert ("P1#living", True, "U2") in residencies(district)
    assert district.count(past, past.c.source_id == "P1#living") <= 1


def test_who_leaves_with_a_snapshot_leaves_the_dwelling_too(district):
    district.write("residents", "\n".join(DISTRICT["residents"].strip().splitlines()[:2]))
    result = district.take(mode="snapshot", confirm_ending=1)["residents"]
    assert result.ended == 1
    assert {one: open_ for one, open_, _ in residencies(district)} == {
        "R1#living": True, "R1#registered": True, "R2#living": False, "R2#registered": False}


def test_a_refused_row_is_no_missing_row(door):
    door.write("compounds", "source_id,name\nK1,阳光花园\nK2,和平小区\n")
    door.take()
    door.write("compounds", "source_id,name\nK1,阳光花园\nK2,\n")
    result = door.take(mode="snapshot")["compounds"]
    assert (result.ended, result.rejected) == (0, 1)


def test_a_snapshot_of_rows_that_nobody_can_read_ends_nothing(door):
    door.write("compounds", "name,source_id\n阳光花园,K1\n和平小区,K2\n")
    door.take()
    door.write("compounds", "name,source_id\n阳光花园,K1\n和平小区\n")
    with pytest.raises(RuleViolated, match="cannot be read"):
        door.take(mode="snapshot")
    assert door.count(Compound, Compound.valid_to.is_not(None)) == 0


def test_a_past_end_that_is_told_twice_changes_nothing(door):
    door.write("compounds", "source_id,name,valid_to\nK1,阳光花园,2020\n")
    door.take()
    assert door.take()["compounds"].unchanged == 1
    assert door.count(history_of(Compound.__table__)) == 0


def test_parents_are_found_across_chunks_and_make_no_version(door, monkeypatch):
    monkeypatch.setattr("importers.staging.CHUNK_ROWS", 2)
    children = "".join(f"C{n},community,社区{n},S1\n" for n in range(5))
    door.write("divisions", f"source_id,level,name,parent\n{children}S1,subdistrict,明仁街道,D1\n"
                            "D1,district,青禾区,\n")
    assert door.take()["divisions"].new == 7
    assert door.count(Division, Division.parent_id.is_(None)) == 1
    assert door.count(history_of(Division.__table__)) == 0
    assert door.take()["divisions"].unchanged == 7


def test_a_parent_of_the_same_file_is_named_only_by_what_is_unique(door):
    door.write("divisions", "source_id,level,name,parent\nD1,district,青禾区,\n"
                            "S1,subdistrict,明仁街道,青禾区\nS2,subdistrict,明仁街道,青禾区\n"
                            "C1,community,向阳社区,明仁街道\n")
    door.take()
    assert rows_of(door, "SELECT d.source_id, p.source_id FROM division d LEFT JOIN division p "
                         "ON p.id = d.parent_id ORDER BY 1") == [
        ("C1", None), ("D1", None), ("S1", "D1"), ("S2", "D1")]


def test_divisions_above_themselves_are_told_and_never_hang_the_import(door):
    door.write("divisions", "source_id,level,name,parent\nD1,district,甲区,D2\n"
                            "D2,district,乙区,D1\nD3,district,丙区,D3\n")
    result = door.take()["divisions"]
    assert (result.new, result.rejected) == (3, 0)
    assert any("2 rows stand above themselves" in remark for remark in result.remarks)
    assert door.take()["divisions"].unchanged == 3


def test_lists_keep_quotes_commas_and_backslashes(door):
    door.write("compounds", 'source_id,name,aliases\nK1,阳光花园,"a""b;c\\d;{e},f;NULL"\n')
    door.take()
    assert door.column(Compound.aliases) == [['a"b', "c\\d", "{e},f", "NULL"]]


def test_a_part_of_the_columns_leaves_search_keys_alone(district):
    before = district.column(Unit.room_key)
    path = district.write("part.csv", "source_id,building,use\nU1,B1,办公\n")
    district.take(path, layer="units")
    assert district.column(Unit.room_key) == before


def test_the_same_person_of_two_sources_is_one_with_both_homes(district):
    district.write("a.csv", "source_id,name,id_number,address,residency\n"
                            f"A1,赵云,{NUMBER},阳光花园3号楼501,living\n")
    district.write("b.csv", "source_id,name,id_number,phone,address,residency\n"
                            f"B7,赵云,{NUMBER.lower()},13812345678,阳光花园3号楼502,registered\n")
    district.take(district.folder / "a.csv", layer="residents", source="a")
    second = district.take(district.folder / "b.csv", layer="residents", source="b")["residents"]
    assert (second.new, second.changed) == (0, 1)
    people = rows_of(district, "SELECT identifier, phone FROM resident WHERE name = '赵云'")
    assert len(people) == 1
    assert district.vault.unseal("resident", "phone", *people[0]) == "13812345678"
    assert {("A1#living", True, "U1"), ("B7#registered", True, "U2")} <= set(residencies(district))
    again = district.take(district.folder / "b.csv", layer="residents", source="b")["residents"]
    assert (again.changed, again.unchanged) == (0, 1)


def test_a_second_living_residency_is_kept_as_reported(district):
    for source, room in (("a", 501), ("b", 502)):
        path = district.write(f"{source}.csv", "source_id,name,id_number,address,residency\n"
                                               f"1,赵云,{NUMBER},阳光花园3号楼{room},living\n")
        order = {"layer": "residents", "source": source}
        result = district.take(path, **order)["residents"]
    assert "1 residencies contradict" in " ".join(result.remarks)
    assert rows_of(district, "SELECT source, state FROM residency WHERE source IN ('a', 'b') "
                             "ORDER BY 1") == [("a", None), ("b", "reported")]


def test_one_person_on_two_rows_of_a_file_is_one_person(district):
    path = district.write("p.csv", "source_id,name,id_number,place,residency\n"
                                   f"1,赵云,{NUMBER},U1,living\n2,赵云,{NUMBER},U2,registered\n")
    assert district.take(path, layer="residents")["residents"].rejected == 0
    assert district.count(Resident, Resident.name == "赵云") == 1
    assert {("1#living", True, "U1"), ("2#registered", True, "U2")} <= set(residencies(district))
    again = district.take(path, layer="residents")["residents"]
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)


def test_the_second_row_of_a_person_stands_where_the_first_was_refused(district):
    path = district.write("p.csv", "source_id,name,id_number,place\n"
                                   f"1,赵云,{NUMBER},U99\n2,赵云,{NUMBER},U2\n")
    assert district.take(path, layer="residents")["residents"].new == 1
    assert district.column(Resident.source_id, Resident.name == "赵云") == ["2"]


def test_a_firm_with_two_shops_is_one_firm(district):
    path = district.write("o.csv", "source_id,name,credit_code,place\n"
                                   f"1,青禾超市,{CODE},U4\n2,青禾超市,{CODE},U3\n")
    district.take(path, layer="organizations")
    assert district.count(Organization, Organization.credit_code == CODE) == 1
    assert district.count(Premises, Premises.source_id.in_(["1#operates", "2#operates"])) == 2


@pytest.mark.parametrize(("column", "value", "rule"), [
    ("valid_to", "2018", "period"), ("valid_from", "2019-05-31 14:30+99:00", "date"),
    ("valid_from", "己亥年", "date"), ("recorded_from", "2999", "date"),
    ("name", "长" * 201, "length"), ("source_id", "x" * 181, "length"),
    ("aliases", "；".join("x" * 101), "length"), ("document", "x" * 1001, "length"),
])
def test_what_a_table_cannot_hold_is_refused_by_row(door, column, value, rule):
    row = {"source_id": "K1", "name": "阳光花园", "valid_from": "2019", column: value}
    door.write("compounds", f"{','.join(row)}\n{','.join(row.values())}\n")
    assert [(i.column, i.rule) for i in door.take()["compounds"].issues] == [(column, rule)]


@pytest.mark.parametrize("written", [
    "2019/5/31", "2019年5月31日", "20190531", "2019.05.31", "2019-05-31T00:00:00+08:00"])
def test_a_day_is_read_in_every_usual_writing(door, written):
    door.write("compounds", f"source_id,name,valid_from\nK1,阳光花园,{written}\n")
    door.take()
    assert rows_of(door, "SELECT (valid_from AT TIME ZONE 'Asia/Shanghai')::date::text "
                         "FROM compound") == [("2019-05-31",)]


def test_one_bad_point_refuses_its_own_row_only(door):
    door.write("buildings", "source_id,lon,lat\nA,122.2,43.6\nB,5e9,1\nC,122.2,\nD,122.3,43.6\n")
    result = door.take(crs="EPSG:4490")["buildings"]
    assert [i.line for i in result.issues] == [3, 4]
    assert result.new == 2


def test_a_table_without_a_required_column_says_which(door):
    path = door.write("people.csv", "编号,性别,联系电话\nA,男,\n")
    with pytest.raises(InvalidInput, match=r"lacks name \(姓名\)"):
        door.take(path, layer="residents")


def test_refused_values_of_persons_are_masked(door):
    path = door.write("p.csv", "source_id,name,id_number,address\n"
                               f"A,张三,{NUMBER[:-1]}?,{'某' * 501}\n")
    issues = door.take(path, layer="residents")["residents"].issues
    assert {issue.value for issue in issues} == {"*" * 18}


def test_what_a_reader_refuses_of_persons_is_masked_too(door):
    path = door.write("p.csv", f'source_id,name,id_number\nA,张三,{NUMBER}"\nB,"李四"x,{NUMBER}\n')
    issues = door.take(path, layer="residents")["residents"].issues
    assert issues and not any(NUMBER[:6] in (issue.value or "") for issue in issues)


def test_storeys_of_one_index_are_their_buildings_own(district):
    """A storey is known by building and index: another building's is no other word for it."""
    path = district.write("storeys", """
        source_id,building,label,index,base_m,top_m
        F1,B1,9F,9,24,27
        F2,B2,9F,9,24,27
        F3,B1,5F,5,12,15
    """)
    before = district.count(Storey)
    result = district.take(path)["storeys"]
    # The fifth was made for the units on it; the ledger says the same of it, and owns it now.
    assert (result.new, result.unchanged) == (2, 1)
    assert district.count(Storey) == before + 2
    assert district.count(Storey, Storey.source_id == "F3", Storey.index == 5) == 1
    assert district.take(path)["storeys"].unchanged == 3
