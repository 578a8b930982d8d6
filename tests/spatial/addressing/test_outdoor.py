from functools import lru_cache

import pytest

from spatial.addressing import resolve
from spatial.addressing.offsets import moves
from tests.spatial.addressing.memory import MemoryRegister, town


@lru_cache(maxsize=1)
def register() -> MemoryRegister:
    r = town()
    for ref, name, parent in (("Q1", "阳光花园北门", "C1"), ("Q2", "建设路012号路灯", None),
                              ("Q3", "万达公交站", None), ("Q4", "建设路检查井007", None),
                              ("Q5", "明仁大街路灯A0123", None)):  # fmt: skip
        r.named("facility", ref, name, r.nodes[parent] if parent else None)
    r.named("street", "S9", "304国道", r.nodes["D"])
    r.meet |= {frozenset(("S3", other)) for other in ("S1", "S4", "S5")}
    return r


@pytest.mark.parametrize(("text", "ref", "placement", "grade"), [
    ("建设路与人民路交叉口", "S3", "intersection", "A"),
    ("建设路人民路口", "S3", "intersection", "A"),
    ("建设路，人民路口", "S3", "intersection", "A"),
    ("明仁街道建设路与人民路交汇处", "S3", "intersection", "A"),
    ("胜利大街与建设路交叉口", "S1", "intersection", "A"),
    ("建设路人民路交叉口西北角", "S3", "intersection", "C"),
    ("建设路(青年路-人民路)路段", "S3", "section", "A"),
    ("建设路从人民路到青年路", "S3", "section", "A"),
    ("人民路–青年路路段", "S3", "section", "B"),
    ("304国道12公里", "S9", "kilometre", "A"), ("G304 K12+300", "S9", "kilometre", "A"),
    ("国道304线十二公里三百米处", "S9", "kilometre", "A"),
])
def test_a_place_along_streets_is_known(text: str, ref: str, placement: str, grade: str) -> None:
    answer = resolve(text, register())

    assert (answer.status, answer.ref, answer.match_class) == ("match", ref, grade)
    assert answer.located is not None and answer.located.placement == placement


@pytest.mark.parametrize(("text", "ref", "grade"), [
    ("建设路12号路灯", "Q2", "A"), ("建设路路灯杆012", "Q2", "A"), ("建设路十二号路灯", "Q2", "A"),
    ("建设路7号井盖", "Q4", "A"), ("路灯杆编号A0123", "Q5", "A"),
    ("胜利大街路灯杆A0123", "Q5", "A"),
    ("万达公交车站", "Q3", "A"), ("阳光小区北门", "Q1", "A"), ("阳光花园北大门", "Q1", "A"),
    ("电业局家属院北门往北50米", "Q1", "C"),
])
def test_a_thing_by_the_street_is_known(text: str, ref: str, grade: str) -> None:
    answer = resolve(text, register())

    assert (answer.status, answer.level, answer.ref, answer.match_class) == (
        "match", "facility", ref, grade)


@pytest.mark.parametrize(("text", "status", "ref"), [
    ("建设路与胜利路交叉口", "partial", "S3"), ("世纪大道与建设路交叉口", "partial", "S3"),
    ("人民路与青年路交叉口", "partial", "S4"), ("建设路8号井盖", "partial", "S3"),
    ("建设路66号路灯", "partial", "S3"), ("建设路与人民路交叉口3号楼", "partial", "S3"),
    ("304国道120公里", "partial", "S9"), ("S304 12公里", "none", None), ("012号路灯", "none", None),
])
def test_what_is_not_there_outdoors_ends_at_its_street(
    text: str, status: str, ref: str | None
) -> None:
    answer = resolve(text, register())

    assert (answer.status, answer.ref, answer.match_class) == (status, ref, "D")
    assert answer.unmatched or ref is None


@pytest.mark.parametrize("text", [
    "建设路与人民路交叉口西北角阳光花园3号楼2单元501", "阳光花园3号楼2单元501建设路与人民路交叉口",
    "阳光花园北门3号楼2单元501",
])
def test_a_door_named_beside_a_crossing_is_the_answer(text: str) -> None:
    answer = resolve(text, register())

    assert (answer.ref, answer.match_class) == ("C1/3/2/501", "C")


@pytest.mark.parametrize("text", ["明仁大街与建设路66号", "建设路和人民路66号"])
def test_two_streets_and_a_number_are_no_crossing(text: str) -> None:
    answer = resolve(text, register())

    assert answer.located is None
    assert answer.match_class in {"C", "D"} or answer.level == "plate"


def test_words_of_relation_say_how_far_and_how_vague() -> None:
    assert [(m.bearing, m.metres) for m in moves("往北200米")] == [(0.0, 200.0)]
    assert [(m.bearing, m.edge) for m in moves("西北角")] == [(315.0, True)]
    assert [(m.bearing, m.metres) for m in moves("东南方向1公里")] == [(135.0, 1000.0)]
    assert moves("附近")[0].vague_m > moves("对面")[0].vague_m > moves("楼下")[0].vague_m > 0
    assert moves("") == ()
