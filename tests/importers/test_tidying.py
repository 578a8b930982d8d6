"""Cells as offices fill them: several persons in one, 同上, dates of any style, phones in notes."""

import pytest

from importers.base import Batch
from importers.tidying import Tidier
from importers.values import Unfit, civil, phones_in
from layers import catalogue
from layers.across.review import ReviewItem
from layers.households import Household
from layers.residents import Residency, Resident

ZONE = "Asia/Shanghai"


def tidy(columns, **texts):
    rows = len(next(iter(texts.values())))
    tidier = Tidier(catalogue()["residents"], frozenset({*texts, *columns}))
    batch, tidied, problems = tidier.tidy(
        Batch({}, list(range(2, rows + 2))), {name: list(cells) for name, cells in texts.items()})
    return batch.lines, tidied, {name: set(rows) for name, rows in problems.items()}


@pytest.mark.parametrize("written", [
    "1965-03-02", "1965/3/2", "1965.3.2", "1965年3月2日", "19650302", "23803", "一九六五年三月二日",
    "1965年3月2日生"])
def test_a_day_is_read_in_every_style(written):
    moment, precision = civil(written, ZONE)
    assert (moment.date().isoformat(), precision) == ("1965-03-02", "day")


@pytest.mark.parametrize(("written", "month"), [
    ("一九八〇年十二月", "1980-12"), ("二〇〇一年十月", "2001-10"),
    ("一九九九年三月廿一日", "1999-03"),
    ("一九九九年三月三十一日", "1999-03"), ("一九九九年三月十日", "1999-03")])
def test_chinese_numbers_of_months_and_days_are_read(written, month):
    assert civil(written, ZONE)[0].strftime("%Y-%m") == month


@pytest.mark.parametrize("written", [
    "一九六五年十三月", "一九九九年二月十十日", "己亥年", "65.3.2"])
def test_a_date_that_is_none_is_refused(written):
    with pytest.raises(Unfit):
        civil(written, ZONE)


def test_persons_in_one_cell_become_a_row_each():
    lines, texts, problems = tidy(
        (), name=["王建国、李梅;王小明", "赵刚"], id_number=["a；b；", "c"], phone=["1、2、3", "4"],
        address=["阳光花园3-2-501", "和平小区1-1-101"], source_id=["7", "8"])
    assert lines == [2, 2, 2, 3] and not problems
    assert texts["name"] == ["王建国", "李梅", "王小明", "赵刚"]
    assert texts["id_number"] == ["a", "b", None, "c"]
    assert texts["phone"] == ["1", "2", "3", "4"]
    assert texts["address"] == ["阳光花园3-2-501"] * 3 + ["和平小区1-1-101"]
    assert texts["source_id"] == ["7", "7/2", "7/3", "8"]


def test_one_phone_of_several_persons_is_the_first_ones():
    _, texts, problems = tidy((), name=["王建国,李梅"], phone=["12001234567"])
    assert texts["phone"] == ["12001234567", None] and not problems


def test_a_cell_that_lists_another_number_of_values_is_a_problem():
    lines, _, problems = tidy((), name=["王建国、李梅"], id_number=["a；b；c"])
    assert lines == [2, 2] and problems == {"id_number": {0}}


def test_a_name_that_counts_others_is_a_problem():
    assert tidy((), name=["王建国等3人"])[2] == {"name": {0}}


@pytest.mark.parametrize("name", ["阿迪力·买买提", "Smith, John", "等等"])
def test_a_name_of_one_person_stays_one(name):
    lines, texts, problems = tidy((), name=[name])
    assert (lines, texts["name"], problems) == ([2], [name], {})


def test_relations_in_brackets_go_where_relations_go():
    _, texts, _ = tidy({"relation_to_head"}, name=["王建国（户主）、李梅(妻)", "赵刚（大）"])
    assert texts["name"] == ["王建国", "李梅", "赵刚（大）"]
    assert texts["relation_to_head"] == ["户主", "妻", None]


def test_the_cell_above_is_repeated_across_batches():
    tidier = Tidier(catalogue()["residents"], frozenset())
    for cells, read in ((["甲", "同上", "〃"], ["甲", "甲", "甲"]), (["同上", "乙"], ["甲", "乙"])):
        batch = Batch({}, list(range(len(cells))))
        assert tidier.tidy(batch, {"address": list(cells)})[1]["address"] == read


def test_the_address_beside_is_taken_where_a_cell_says_so():
    _, texts, problems = tidy((), name=["甲", "乙", "丙"],
                              address=["阳光花园3-2-501", "同户籍地", None],
                              registered_address=["同现住址", "石家庄市", "同现住址"])
    assert texts["address"] == ["阳光花园3-2-501", "石家庄市", None]
    assert texts["registered_address"] == ["阳光花园3-2-501", "石家庄市", None]
    assert problems == {"registered_address": {2}}


def test_a_phone_in_the_remarks_serves_who_has_none():
    _, texts, _ = tidy({"phone"}, name=["甲", "乙", "丙"], phone=["12001234567", None, None],
                       notes=["联系120-0999-8888", "租户 电话12009998888（儿子）",
                              "身份证132728200005071855"])
    assert texts["phone"] == ["12001234567", "12009998888", None]


def test_a_number_of_papers_holds_no_phone():
    assert phones_in("13272820000507185X 和 0475-8234567、1200 1234 567") == ["0475-8234567"]


def test_a_household_of_several_in_a_cell_comes_in_whole_or_not_at_all(district):
    door = district
    path = door.write("户表.csv", """
        户号,姓名,身份证号,现住址,户籍地址,备注
        8001,王建军（户主）、李芳（妻）,132728200005071855；132728200005072110,阳光花园3号楼501,同现住址,电话12009990001
        8002,赵刚（户主）、钱多（子）,132728200005071856；,阳光花园3号楼502,河北省石家庄市,
    """)
    result = door.take(path, layer="residents", source="户表")["residents"]
    assert (result.read, result.new, result.rejected) == (2, 2, 1)
    assert door.column(Resident.name, Resident.source == "户表") == ["李芳", "王建军"]
    assert door.count(Residency, Residency.source == "户表", Residency.unit_id.is_not(None)) == 4
    assert door.count(Resident, Resident.phone_key.is_not(None)) == 1
    assert door.column(Household.head, Household.number == "8001") == ["王建军"]
    assert door.count(Household, Household.number == "8001", Household.unit_id.is_not(None)) == 1
    again = door.take(path, layer="residents", source="户表")["residents"]
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)


def test_a_question_that_a_new_building_answers_is_asked_no_more(district):
    """Texts are asked again when places change, and only then; an answered one leaves the queue."""
    door = district
    people = door.write("人.csv", "姓名,身份证号,现住址\n王建军,132728200005071855,和平小区9号楼\n"
                                  "李芳,132728200005072110,石家庄市桥西区")
    result = door.take(people, layer="residents", source="人")["residents"]
    assert (result.new, result.queued) == (2, 1)
    again = door.write("又.csv", "姓名,身份证号,现住址\n赵刚,132728200005071871,和平小区9号楼\n")
    assert door.take(again, layer="residents", source="人")["residents"].queued == 1
    assert door.column(ReviewItem.waiting) == [2]
    door.write("buildings", "source_id,compound,number\nB9,K2,9\n")
    door.take(door.folder / "buildings.csv", layer="buildings")
    assert door.column(ReviewItem.text) == []
    assert door.count(Residency, Residency.source == "人", Residency.building_id.is_not(None)) == 2
