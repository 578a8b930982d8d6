import json
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.addressing import Node, repair, resolve
from spatial.errors import AddressNotUnderstood
from tests.spatial.addressing.memory import MemoryRegister, town

CASES = [
    pytest.param(*case, id=f"{path.stem}: {case[0]}")
    for path in sorted((Path(__file__).parent / "cases").glob("*.json"))
    for case in json.loads(path.read_text(encoding="utf-8"))["cases"]
]
STYLES = (
    "{c}{b}号楼{e}单元{r}", "{c}{b}号楼{e}单元{r}室", "{c}{b}-{e}-{r}", "{c}{b}/{e}/{r}",
    "{c} {b} {e} {r}", "{c}{b}栋{e}门{r}", "{c}{b}幢{e}单元{r}号", "{c}{b}#{e}-{r}",
    "{c}，{b}号楼{e}单元{r}室", "地址：{c}{b}号楼{e}单元{r} 13812345678", "{c}{b}—{e}—{r}",
)  # fmt: skip


@lru_cache(maxsize=1)
def register() -> MemoryRegister:
    return town()


def units() -> list[Node]:
    return [n for n in register().nodes.values() if n.level == "unit" and n.key.isdigit()]


@pytest.mark.parametrize(("text", "status", "level", "ref", "grade"), CASES)
def test_a_text_means_what_people_mean_by_it(
    text: str, status: str, level: str | None, ref: str | None, grade: str | None
) -> None:
    answer = resolve(text, register())

    assert (answer.status, answer.level) == (status, level)
    assert ref is None or answer.ref == ref
    assert grade is None or answer.match_class == grade


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(units()), st.sampled_from(STYLES))
def test_every_door_is_found_by_its_address_in_every_style(unit: Node, style: str) -> None:
    steps = {n.level: n for n in unit.chain()}
    if "compound" not in steps or "entrance" not in steps or "甲" in steps["building"].key:
        return
    compound = steps["compound"]
    name = (compound.parent.label if compound.parent else "") + compound.label
    text = style.format(c=name, b=steps["building"].key, e=steps["entrance"].key, r=unit.key)

    answer = resolve(text, register())

    assert (answer.status, answer.ref, answer.match_class) == ("match", unit.ref, "A")


@settings(deadline=None, max_examples=400)
@given(st.text(max_size=220) | st.text("阳光花园和平小区号楼单元室0123-、，()甲东户 ", max_size=60))
def test_no_text_breaks_the_resolver(text: str) -> None:
    try:
        answer = resolve(text, register())
    except AddressNotUnderstood:
        assert not text.strip() or len(text) > 200
        return
    assert answer.status in {"match", "partial", "ambiguous", "none"}
    assert (answer.ref is not None) == (answer.status in {"match", "partial"})
    assert all(0 <= p.span[0] <= p.span[1] <= len(text) for p in answer.parsed)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(units()), st.integers(1, 60), st.integers(1, 9), st.integers(101, 3599))
def test_numbers_of_an_answer_all_stand_in_the_text(
    unit: Node, building: int, entrance: int, room: int
) -> None:
    compound = next((n for n in unit.chain() if n.level == "compound"), None)
    if compound is None or unit.chain()[-2].level != "entrance":
        return
    text = f"{compound.label}{building}号楼{entrance}单元{room}室"

    answer = resolve(text, register())

    if answer.status == "match" and answer.level == "unit":
        steps = {n.level: n.key for n in answer.path}
        assert (steps["building"], steps["entrance"], steps["unit"]) == (
            str(building), str(entrance), str(room))  # fmt: skip


@pytest.mark.parametrize("text", ["", "   ", "\n", "阳" * 201])
def test_an_empty_or_overlong_text_is_refused(text: str) -> None:
    with pytest.raises(AddressNotUnderstood):
        resolve(text, register())


def test_an_answer_explains_itself() -> None:
    answer = resolve("阳光花圆3-2-501", register())

    assert [f.as_json() for f in answer.faults][0] | {"penalty": 0} == {
        "element": "compound", "fault": "misspelt(homophone)", "from": "圆", "to": "园",
        "penalty": 0}  # fmt: skip
    assert [s.step for s in answer.explain] == ["read", "descend", "grade"]
    assert answer.parsed[0].span == (0, 4)


def test_candidates_say_what_tells_them_apart() -> None:
    answer = resolve("和平小区3-2-302", register())

    assert [c.differs_by for c in answer.candidates] == ["subdistrict", "subdistrict"]
    assert {c.node.ref for c in answer.candidates} == {"C2/3/2/302", "C3/3/2/302"}


@pytest.mark.parametrize("text", ["乙A" * 100, "号楼" * 100, "A花区" * 66, "旗Ⅷ" * 100,
                                  "洞井盖1" * 50, "${x}" * 50, "ﷺ" * 200, "heping①" * 28])
def test_a_hostile_text_is_compared_with_few_names(text, monkeypatch) -> None:
    nearest, asked = repair._nearest, []
    monkeypatch.setattr(repair, "_nearest", lambda found: asked.append(1) or nearest(found))

    answer = resolve(text, register())

    assert answer.status in {"none", "partial"}
    assert len(asked) < 12_000
