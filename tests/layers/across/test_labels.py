import pytest

from layers.across import labels


@pytest.mark.parametrize(("designator", "label"), [
    ("501", "501室"), ("0501", "0501室"), ("1-2", "1-2室"), ("门市3", "门市3"),
    ("B1-103", "B1-103"), ("501室", "501室"), ("301甲", "301甲室"),
])
def test_only_plain_room_numbers_are_given_the_word_room(designator: str, label: str) -> None:
    assert labels.unit_label({"designator": designator, "position": None}) == label


def test_a_unit_without_designator_is_told_by_its_position() -> None:
    assert labels.unit_label({"designator": None, "position": "东户"}) == "东户"


@pytest.mark.parametrize(("row", "label"), [
    ({"number": "3"}, "3号楼"), ({"number": "3甲"}, "3甲号楼"), ({"number": "甲3"}, "甲3号楼"),
    ({"number": "3", "label": "三号楼"}, "三号楼"), ({"name": "金融大厦"}, "金融大厦"),
    ({"number": "A座"}, "A座"), ({"plate": "12"}, "12号"), ({}, "未编号楼"),
])
def test_a_building_is_called_as_signed_then_by_number_name_or_plate(
        row: dict[str, str], label: str) -> None:
    empty = dict.fromkeys(("label", "number", "name", "plate"))
    assert labels.building_label(empty | row) == label


@pytest.mark.parametrize(("label", "index", "said"), [
    (None, 5.0, "5层"), (None, -1.0, "B1"), (None, 1.5, "1层夹层"), ("夹层", 1.5, "夹层"),
    ("1F", 1.0, "1F"), ("3", 3.0, "3层"),
])
def test_storeys_are_called_by_label_else_counted(
        label: str | None, index: float, said: str) -> None:
    assert labels.storey_label(label, index) == said


def test_an_entrance_number_is_given_its_word() -> None:
    assert labels.entrance_label({"label": None, "number": "2"}) == "2单元"
    assert labels.entrance_label({"label": None, "number": "东单元"}) == "东单元"


def test_the_full_label_names_neither_grid_nor_storey_nor_anything_twice() -> None:
    chain = [{"level": level, "label": label} for level, label in (
        ("community", "西屯村"), ("grid", "第1网格"), ("compound", "西屯村"),
        ("building", "12号"), ("storey", "1层"), ("unit", "101室"))]
    assert labels.full_label(chain) == "西屯村12号101室"
    assert labels.full_label(chain[:2]) == "西屯村第1网格"
