import pytest

from spatial.addressing import building_key, entrance_key, plate_key, room_key, storey_key


@pytest.mark.parametrize(("text", "key"), [
    ("3号楼", "3"), ("03号楼", "3"), ("三号楼", "3"), ("甲3号楼", "3甲"), ("3号楼甲", "3甲"),
    ("3甲", "3甲"), ("A座", "A"), ("A3栋", "A3"), ("12-1号", "12-1"), ("综合楼", "综合楼"),
    ("A区3号楼", "A区3"), ("3#", "3"), ("门诊楼", "门诊楼"), ("3", "3"),
])  # fmt: skip
def test_a_building_has_one_key_however_it_is_called(text: str, key: str) -> None:
    assert building_key(text) == key


@pytest.mark.parametrize(("text", "key"), [
    ("0501", "501"), ("501室", "501"), ("门市3", "门市3"), ("3号门市", "门市3"), ("底商3", "门市3"),
    ("B1-103", "B1-103"), ("负101", "-101"), ("地下101", "-101"), ("3F-12", "3F-12"),
    ("东户", "东户"), ("501A", "501A"), ("12号车位", "车位12"), ("五零一", "501"),
])  # fmt: skip
def test_a_room_has_one_key_however_it_is_called(text: str, key: str) -> None:
    assert room_key(text) == key


@pytest.mark.parametrize(("text", "key"), [
    ("128号甲", "128甲"), ("甲128号", "128甲"), ("128甲", "128甲"), ("12-1号", "12-1"),
    ("12号附1号", "12附1"), ("12号", "12"), ("12号院", "12"), ("351弄", "351弄"),
])  # fmt: skip
def test_house_numbers_with_an_annex_are_numbers_of_their_own(text: str, key: str) -> None:
    assert plate_key(text) == key


def test_entrances_and_storeys_have_keys() -> None:
    assert [entrance_key(t) for t in ("2单元", "二门", "02", "东单元")] == ["2", "2", "2", "东"]
    assert [storey_key(t) for t in ("5层", "负一层", "B1", "5F", "1.0")] == [
        "5", "-1", "-1", "5", "1"]  # fmt: skip


@pytest.mark.parametrize("key_of", [building_key, entrance_key, plate_key, room_key, storey_key])
@pytest.mark.parametrize("text", ["3号楼", "0501", "B1-103", "负一层", "甲3", "", "-", "号"])
def test_the_key_of_a_key_is_itself(key_of, text: str) -> None:
    assert key_of(key_of(text)) == key_of(text)
