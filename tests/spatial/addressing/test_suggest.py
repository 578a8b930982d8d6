from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.addressing.suggest import suggest
from spatial.addressing.typing import TypingIndex
from tests.spatial.addressing.memory import MemoryRegister, town


@lru_cache(maxsize=1)
def made() -> tuple[MemoryRegister, TypingIndex]:
    register = town()
    return register, TypingIndex(register.names)


def refs(text: str, **said: object) -> list[str]:
    return [s.node.ref for s in suggest(text, *made(), **said)]  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "ref"), [
    ("阳", "C1"), ("阳光", "C1"), ("阳光花园", "C1"), ("yang", "C1"), ("yangguang", "C1"),
    ("ygh", "C1"), ("yghy", "C1"), ("阳光hy", "C1"), ("阳ghy", "C1"), ("阳光huay", "C1"),
    ("电业局", "C1"), ("dianyeju", "C1"), ("学府一", "C6"), ("学府1", "C6"), ("xuefuyi", "C6"),
    ("xfyh", "C6"), ("万d", "B1"), ("wandaxie", "B1"), ("wdxzl", "B1"), ("龙泉", "C12"),
    ("明仁大", "S1"), ("mrdj", "S1"), ("qulvdoesnotexist", None), ("区一", "O1"),
    ("陽光花園", "C1"), ("YANGGUANG", "C1"), ("阳光花圆", "C1"),
])  # fmt: skip
def test_a_name_is_suggested_however_it_is_typed(text: str, ref: str | None) -> None:
    found = refs(text)

    assert (ref in found[:3]) if ref else not found


def test_the_name_itself_comes_before_longer_ones_and_its_buildings_follow() -> None:
    assert refs("阳光花园", limit=4) == ["C1", "C1/1", "C1/2", "C1/3"]


@pytest.mark.parametrize(("text", "found"), [
    ("阳光花园3", ["C1/3", "C1/3甲"]),
    ("阳光花园1", ["C1/1", "C1/12"]),
    ("阳光花园3-", ["C1/3", "C1/3/1", "C1/3/2", "C1/3/3"]),
    ("阳光花园3号楼", ["C1/3", "C1/3/1", "C1/3/2", "C1/3/3"]),
    ("阳光花园三号楼", ["C1/3", "C1/3/1", "C1/3/2", "C1/3/3"]),
    ("阳光花园3-2-5", ["C1/3/2/501", "C1/3/2/502"]),
    ("阳光花园3号楼2单元50", ["C1/3/2/501", "C1/3/2/502"]),
    ("yangguanghuayuan3-2-5", ["C1/3/2/501", "C1/3/2/502"]),
    ("万达写字楼120", [f"B1/120{n}" for n in range(1, 9)]),
    ("阳光花园99", []),
])  # fmt: skip
def test_digits_lead_down_the_tree_in_natural_order(text: str, found: list[str]) -> None:
    assert refs(text, limit=8) == found


def test_twins_show_their_community_and_ones_own_comes_first() -> None:
    both = suggest("和平小区", *made())
    assert {s.context for s in both[:2]} == {"向阳社区", "和平社区"}
    assert refs("和平小区", within="D2")[0] == "C3"
    assert refs("和平小区", within="D1")[0] == "C2"


def test_an_alias_shows_the_present_name() -> None:
    first = suggest("电业局", *made())[0]
    assert (first.text, first.display, first.caret) == ("阳光花园", "阳光花园（电业局家属院）", 4)


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=40) | st.text("阳光花园yangghy0123-号楼 ", max_size=20))
def test_no_typing_breaks_the_suggestions(text: str) -> None:
    assert len(suggest(text, *made())) <= 8
