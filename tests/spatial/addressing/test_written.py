import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.addressing import canonical, resolve
from tests.spatial.addressing.towns import TOWNS
from tests.spatial.addressing.written_cases import all_written, answered, known, register


@pytest.mark.parametrize("town", sorted({case.town for case in all_written()}))
def test_only_known_cases_of_a_town_fail(town: str) -> None:
    own = [case for case in all_written() if case.town == town]

    failed = {case.name for case in own if not case.right(answered(case))}

    assert failed <= known()


def test_no_written_case_links_to_a_false_door() -> None:
    assert [case.text for case in all_written() if case.false_door(answered(case))] == []


@pytest.mark.parametrize("town", sorted(TOWNS))
def test_every_place_that_a_written_case_means_exists(town: str) -> None:
    own = [case for case in all_written() if case.town == town]

    assert {ref for case in own for ref in case.refs} <= set(register(town).nodes)


def test_every_known_failure_is_a_case_and_fails() -> None:
    failed = {case.name for case in all_written() if not case.right(answered(case))}

    assert known() <= failed


def names(town: str) -> list[str]:
    """Return what the places of a town are called, divisions and streets too."""
    return [entry.name for entry in register(town).names.entries if entry.name]


def numbers_said(text: str) -> set[str]:
    return set(re.findall(r"\d+", canonical(text))) | {
        run.lstrip("0") for run in re.findall(r"\d+", canonical(text))}


def borne_out(key: str, said: set[str]) -> bool:
    """Tell whether each number of a key stands in the text; 502 may be 5楼2号."""
    return all(run in said or (run[:-2] in said and run[-2:].lstrip("0") in said)
               for run in re.findall(r"\d+", key))


WORDS = st.sampled_from(["号楼", "栋", "幢", "座", "单元", "门", "室", "号", "-", "/", " ", "，",
                         "弄", "楼", "层", "组", "舍", "对面", "东户", "（", "）", "甲", "附", "之",
                         "#"])
NUMBERS = st.sampled_from(["1", "2", "3", "5", "12", "28", "101", "301", "1102", "五", "二零一"])


@settings(deadline=None, max_examples=250)
@given(st.sampled_from(sorted(TOWNS)), st.data())
def test_no_answer_holds_a_number_that_the_text_does_not(town: str, data: st.DataObject) -> None:
    parts = data.draw(st.lists(st.sampled_from(names(town)) | WORDS | NUMBERS, min_size=1,
                               max_size=9))
    text = "".join(parts)[:200]
    if not text.strip():
        return
    answer = resolve(text, register(town))

    if answer.node is None or "inferred_building" in answer.flags:
        return
    assert register(town).nodes[answer.node.ref] is answer.node
    # Of names, the numbers are the name's own; below the named place each must have been said.
    said = numbers_said(text)
    for step in answer.path:
        free = {"building": "inferred_building", "entrance": "inferred_entrance"}.get(step.level)
        if step.level in {"building", "entrance", "unit"} and free not in answer.flags:
            target = any(p.role in {"building", "organization", "plate"} for p in answer.parsed)
            assert borne_out(step.key, said) or (step.level == "building" and target)
