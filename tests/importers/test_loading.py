"""Ledgers in, counts out: nothing lost, nothing doubled, every refusal told."""

from pathlib import Path

import pytest
from sqlalchemy import text
from stdnum.cn import uscc

from importers.loading import TooBad
from layers.buildings import Building
from layers.compounds import Compound
from layers.divisions import Division
from layers.organizations import Organization, Premises
from layers.residents import Residency, Resident
from layers.storeys import Storey
from layers.units import Unit
from spatial.errors import InvalidInput, RuleViolated, UnreadableSource
from spatial.history import history_of
from tests.importers.conftest import DISTRICT


def rows(results):
    return {name: (r.read, r.new, r.rejected) for name, r in results.items()}


def test_a_folder_of_ledgers_goes_in_whole(district):
    assert rows(district.results) == {
        "divisions": (4, 4, 0), "grids": (2, 2, 0), "compounds": (2, 2, 0),
        "buildings": (2, 2, 0), "units": (4, 4, 0), "households": (1, 1, 0),
        "residents": (2, 2, 0), "organizations": (1, 1, 0)}


def test_a_dry_run_counts_the_same_and_stores_nothing(door):
    for name, content in DISTRICT.items():
        door.write(name, content)
    dry = door.take(apply=False)
    assert door.count(Division) == door.count(Resident) == 0
    assert rows(door.take()) == rows(dry)


def test_the_same_folder_again_changes_nothing(district):
    again = district.take()
    assert all(r.unchanged == r.read and not (r.new or r.changed) for r in again.values())
    assert district.count(history_of(Resident.__table__)) == 0


def test_the_tree_names_parents_by_id_and_by_code_in_one_file(district):
    with district.engine.connect() as connection:
        pairs = connection.execute(text(
            "SELECT d.name, p.name FROM division d JOIN division p ON p.id = d.parent_id"))
        assert dict(tuple(pair) for pair in pairs) == {
            "明仁街道": "青禾区", "向阳社区": "明仁街道", "民航社区": "明仁街道"}


def test_numbers_of_the_tree_nest(district):
    with district.engine.connect() as connection:
        assert connection.scalar(text(
            "SELECT bool_and(d.low > p.low AND d.high <= p.high) FROM division d "
            "JOIN division p ON p.id = d.parent_id"))


def test_every_row_of_a_place_lies_in_the_scope_of_its_grid(district):
    with district.engine.connect() as connection:
        for table in ("building", "unit", "storey", "household", "residency", "resident",
                      "premises", "organization"):
            loose = connection.scalar(text(
                f"SELECT count(*) FROM {table} t WHERE NOT EXISTS (SELECT FROM grid g "  # noqa: S608
                "WHERE g.scope = t.scope)" + (" AND t.unit_id IS NOT NULL"
                                              if table == "residency" else "")))
            assert loose == 0, table


def test_a_building_gets_the_grid_that_covers_it(district):
    with district.engine.connect() as connection:
        assert connection.execute(text(
            "SELECT b.source_id, g.name FROM building b JOIN grid g ON g.id = b.grid_id "
            "ORDER BY 1")).all() == [("B1", "一网格"), ("B2", "二网格")]


def test_missing_storeys_come_as_a_whole_stack(district):
    assert district.column(Storey.label, Storey.building_id == 1) == [
        "1F", "2F", "3F", "4F", "5F", "6F", "B1"]


def test_a_unit_of_the_fifth_floor_is_twelve_metres_up(district):
    with district.engine.connect() as connection:
        assert connection.execute(text(
            "SELECT base_m, top_m, volume_source FROM unit WHERE source_id = 'U1'"
        )).one() == (12.0, 15.0, "derived")


def test_one_row_makes_two_residencies(district):
    kinds = district.column(Residency.source_id)
    assert kinds == ["R1#living", "R1#registered", "R2#living", "R2#registered"]
    assert district.column(Residency.address, Residency.address.is_not(None)) == [
        "河北省石家庄市桥西区"]


def test_premises_are_operated_unless_the_ledger_says_more(district):
    assert district.column(Premises.kind) == ["operates"]


def test_sensitive_values_are_not_in_the_database(district):
    with district.engine.connect() as connection:
        dump = connection.scalar(text("SELECT string_agg(r::text, '') FROM resident r"))
    assert "1965" not in dump
    assert b"1965-03-02".hex() not in dump


def test_a_partial_date_keeps_its_precision(door):
    door.write("compounds", "source_id,name,valid_from\nK1,阳光花园,2019-05\n")
    door.take()
    with door.engine.connect() as connection:
        assert connection.execute(text(
            "SELECT valid_from AT TIME ZONE 'Asia/Shanghai', valid_from_precision FROM compound"
        )).one() == (__import__("datetime").datetime(2019, 5, 1), "month")


def test_a_changed_row_makes_a_version(district):
    district.write("compounds", DISTRICT["compounds"].replace("阳光花园", "阳光家园"))
    result = district.take()["compounds"]
    assert (result.changed, result.unchanged) == (1, 1)
    past = history_of(Compound.__table__)
    assert district.column(past.c.name) == ["阳光花园"]


def test_a_move_ends_the_residency_that_the_row_no_longer_says(district):
    district.write("residents", DISTRICT["residents"].replace(
        "U1,living;registered,H1,户主,", "U2,居住,H1,户主,"))
    assert district.take()["residents"].changed == 1
    ended = district.column(Residency.source_id, Residency.valid_to.is_not(None))
    assert ended == ["R1#registered"]


def test_a_reference_to_nothing_is_refused_with_its_row_and_remedy(district):
    district.write("units", DISTRICT["units"] + "U9,B9,1,901,住宅\n")
    result = district.take()["units"]
    (issue,) = result.issues
    assert (result.rejected, issue.line, issue.column, issue.rule, issue.value) == (
        1, 6, "building", "reference", "B9")
    assert "import it first" in issue.remedy


def test_refused_rows_can_be_mended_and_imported_again(district):
    district.write("units", DISTRICT["units"] + "U9,B9,1,901,住宅\n")
    refused = district.take()["units"].rejected_file
    content = Path(refused).read_text("utf-8-sig")
    assert content.splitlines()[0].startswith("source_id,building,storey,designator,use,_row")
    path = district.write("units.csv", content.replace("U9,B9", "U9,B1"))
    assert district.take(path)["units"].new == 1
    assert district.count(Unit, Unit.source_id == "U9") == 1


@pytest.mark.parametrize(("column", "value", "rule"), [
    ("storeys_above_ground", "six", "number"), ("storeys_above_ground", "-1", "range"),
    ("storeys_above_ground", "1.5", "number"), ("height", "nan", "required"),
    ("function", "宫殿", "code"), ("wkt", "POLYGON((1 1,2 2))", "geometry"),
    ("wkt", "POLYGON((0 0,1 0,1 95,0 0))", "geometry"), ("valid_from", "2023-02-30", "date"),
    ("number", "9" * 41, "length"),
])
def test_a_value_that_cannot_be_is_refused_by_its_rule(door, column, value, rule):
    door.write("buildings", f'source_id,{column}\nB1,"{value}"\nB2,\n')
    result = door.take()["buildings"]
    if rule == "required":      # "nan" means nothing was said
        assert (result.new, result.rejected) == (2, 0)
        return
    assert [(i.line, i.column.replace("geometry", "wkt"), i.rule) for i in result.issues] == [
        (2, column, rule)]
    assert door.column(Building.source_id) == ["B2"]


def test_a_second_row_with_the_same_id_is_refused(door):
    door.write("compounds", "source_id,name\nK1,阳光花园\nK1,和平小区\n")
    result = door.take()["compounds"]
    assert (result.new, [i.rule for i in result.issues]) == (1, ["duplicate"])


def test_a_file_that_is_mostly_bad_is_not_applied_at_all(door):
    bad = "\n".join(f"K{n}," for n in range(3))
    door.write("compounds", f"source_id,name\nK8,阳光花园\nK9,和平小区\n{bad}\n")
    with pytest.raises(TooBad, match="3 of 5 rows are bad"):
        door.take(bad_share=0.2)
    assert door.count(Compound) == 0


def test_a_snapshot_ends_what_it_does_not_name(door):
    door.write("compounds", "source_id,name\nK1,阳光花园\nK2,和平小区\n")
    door.take()
    door.write("compounds", "source_id,name\nK1,阳光花园\n")
    assert door.take(mode="snapshot", confirm_ending=1)["compounds"].ended == 1
    assert door.column(Compound.source_id, Compound.valid_to.is_not(None)) == ["K2"]


def test_what_comes_back_after_a_snapshot_lives_again(door):
    door.write("compounds", "source_id,name\nK1,阳光花园\nK2,和平小区\n")
    door.take()
    both = (door.folder / "compounds.csv").read_text("utf-8")
    door.write("compounds", "source_id,name\nK1,阳光花园\n")
    door.take(mode="snapshot", confirm_ending=1)
    door.write("compounds", both)
    assert door.take()["compounds"].changed == 1
    assert door.count(Compound, Compound.valid_to.is_not(None)) == 0


def test_a_snapshot_that_would_end_much_wants_a_yes(door):
    door.write("compounds", "source_id,name\n" + "\n".join(f"K{n},小区{n}" for n in range(10)))
    door.take()
    door.write("compounds", "source_id,name\nK1,小区1\n")
    with pytest.raises(RuleViolated, match="--confirm-ending 9"):
        door.take(mode="snapshot")
    assert door.count(Compound, Compound.valid_to.is_not(None)) == 0
    assert door.take(mode="snapshot", confirm_ending=9)["compounds"].ended == 9


def test_another_source_meets_the_same_firm_and_fills_what_was_empty(door):
    code = "91150502MA0N1X1A0" + uscc.calc_check_digit("91150502MA0N1X1A0")
    door.write("organizations", f"source_id,name,credit_code\nO1,青禾便利店,{code}\n")
    door.take()
    door.write("organizations", f"source_id,name,credit_code,phone\nX7,青禾超市,{code},12001\n")
    assert door.take(source="tax")["organizations"].new == 0
    assert door.column(Organization.name) == ["青禾便利店"]
    assert door.column(Organization.phone) == ["12001"]


def test_a_file_of_no_known_ledger_asks_for_its_layer(door):
    path = door.write("numbers.csv", "a,b\n1,2\n")
    with pytest.raises(UnreadableSource, match="--into"):
        door.take(path)


def test_an_unknown_layer_is_named_with_those_there_are(door):
    path = door.write("numbers.csv", "a,b\n1,2\n")
    with pytest.raises(InvalidInput, match="no layer 'towers'.*buildings"):
        door.take(path, layer="towers")


def test_a_missing_file_is_said_plainly(door):
    with pytest.raises(UnreadableSource, match="does not exist"):
        door.take(door.folder / "nothing.csv")


def test_headers_of_chinese_ledgers_are_known(door):
    door.write("小区台账.csv", "编号,小区名称,俗称,曾用名\nK1,阳光花园,电业局家属院,光明小区\n",
               encoding="gb18030")
    assert door.take()["compounds"].new == 1
    assert door.column(Compound.former_names) == [["光明小区"]]


def test_a_clerks_mapping_is_kept_for_the_source(door):
    path = door.write("buildings.csv", "key,colour,n\nB1,red,3\n")
    decided = {"columns": {"key": "source_id", "n": "number", "colour": None}}
    door.take(path, decided=decided)
    door.write("buildings.csv", "key,colour,n\nB1,blue,3\nB2,red,4\n")
    assert door.take(path)["buildings"].new == 1
    assert door.column(Building.number) == ["3", "4"]


def test_a_mapping_to_a_column_that_is_none_is_refused(door):
    path = door.write("buildings.csv", "key,n\nB1,3\n")
    with pytest.raises(InvalidInput, match="no column colour"):
        door.take(path, layer="buildings", decided={"columns": {"key": "colour"}})


def test_a_file_that_changes_while_it_is_read_is_refused_and_can_come_again(door):
    path = door.write("compounds", "source_id,name\nK1,阳光花园\n")

    def writing(step, done, of):
        if step == "reading" and not changed:
            changed.append(path.write_text(path.read_text("utf-8") + "K2,和平小区\n", "utf-8"))

    changed = []
    with pytest.raises(UnreadableSource, match="changed while it was read"):
        door.take(progress=writing)
    assert door.count(Compound) == 0
    assert door.take()["compounds"].new == 2


def test_each_number_is_checked_by_the_kind_of_document_that_its_row_names(door):
    """A passport has no check digit and no birth date; a number without a kind is a resident's."""
    door.write("residents", """
        source_id,name,id_type,id_number,address,residency
        R1,约翰,passport,E12345678,北京市海淀区,registered
        R2,陈大文,港澳台居民居住证,H10293847,北京市海淀区,registered
        R3,玛丽,外国人永久居留身份证,CHN310112345678,北京市海淀区,registered
        R4,李四,,E12345678,北京市海淀区,registered
        R5,王五,居民身份证,E12345678,北京市海淀区,registered
    """)
    said = door.take(bad_share=1)["residents"]
    assert (said.new, said.rejected) == (3, 2)
    assert {(one.line, one.column) for one in said.issues} == {(5, "id_number"), (6, "id_number")}
    with door.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(id_number_key) FROM resident "
                                      "WHERE birth_date IS NULL")) == 3


def test_a_tables_fid_is_no_id_beside_its_source_id(door):
    door.write("streets", """
        fid,source_id,name
        1,T1,明仁大街
        2,T2,建设路
    """)
    door.take()
    with door.engine.connect() as connection:
        assert set(connection.scalars(text("SELECT source_id FROM street"))) == {"T1", "T2"}
