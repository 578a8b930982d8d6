"""Text garbled before it came is refused, with row and column; real text is stored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.garbled import garbled, told
from layers.compounds import Compound

WORDS = ("阳光花园", "和平小区", "张三", "明仁街道向阳社区3号楼", "通辽市")


def spoilt(text, *, saved, read):
    return text.encode(saved).decode(read, "replace")


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize(("saved", "read", "said"), [
    ("utf-8", "latin-1", "UTF-8 was read as a Western code page"),
    ("utf-8", "cp1252", "UTF-8 was read as a Western code page"),
    ("utf-8", "gb18030", "UTF-8 was read as GBK"),
    ("gb18030", "latin-1", "GBK was read as a Western code page"),
])
def test_a_garbled_word_is_known_and_read_right(word, saved, read, said):
    what, better = told(spoilt(word, saved=saved, read=read))
    assert what == said
    assert better[:1] in word and len(set(better) & set(word)) >= len(set(word)) / 2


def test_what_was_replaced_is_lost():
    assert told("锟斤拷小区") == ("undecodable bytes were replaced, and are lost", None)


@pytest.mark.parametrize("text", [
    "联通", "喆龘小区", "㛃", "镕基路", "Müller", "Jägerstraße 3", "Łódź", "ÉCOLE", "Señor", "ÄÄNI",
    "Martićeva - Šubićeva", "№ 5", "Café 咖啡", "阿迪力·买买提", "𠮷野家", "ᠮᠣᠩᠭᠣᠯ", "3°25′", "…",
    "“春苑”", "——", "①", "Ⅱ期", "㎡", "朴槿惠路",
])
def test_real_text_is_left_alone(text):
    assert told(text) is None


@given(st.lists(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1,
                        max_size=8), max_size=20))
def test_no_chinese_name_is_taken_for_garbled(names):
    plain = [name for name in names if _everyday(name)]
    assert list(garbled(plain)) == []


def _everyday(name):
    return name == name.encode("gb2312", "ignore").decode("gb2312")


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le-sig", "utf-16-be-sig"])
def test_utf16_with_its_mark_is_read(door, codec):
    text = "source_id,name\nK1,阳光花园\n"
    raw = {"utf-16": text.encode("utf-16"), "utf-16-le-sig": b"\xff\xfe" + text.encode("utf-16-le"),
           "utf-16-be-sig": b"\xfe\xff" + text.encode("utf-16-be")}[codec]
    path = door.folder / "compounds.csv"
    path.write_bytes(raw)
    assert door.take(path)["compounds"].new == 1
    assert door.column(Compound.name) == ["阳光花园"]


def test_a_garbled_row_is_refused_with_its_column_and_the_rest_is_stored(door):
    bad = spoilt("和平小区", saved="utf-8", read="gb18030")
    path = door.write("compounds", f"source_id,name,kind,aliases\nK1,阳光花园,,\nK2,{bad},,\n"
                      f"K3,春苑,,{spoilt('老院', saved='utf-8', read='latin-1')}")
    said = door.take(path)["compounds"]
    assert (said.new, said.rejected) == (1, 2)
    assert [(one.line, one.column, one.rule) for one in said.issues] == [
        (3, "name", "encoding"), (4, "aliases", "encoding")]
    assert "和平小" in said.issues[0].remedy and "UTF-8" in said.issues[0].remedy
    assert door.column(Compound.name) == ["阳光花园"]


def test_a_western_code_page_is_read_when_it_is_named(door):
    from importers.base import Options
    from importers.intake import Intake, take_in
    from importers.loading import Order

    for codec, name in (("cp1250", "Martićeva"), ("cp1251", "Ленина"), ("cp1252", "Jägerstraße"),
                        ("cp1254", "Çıkmaz")):
        path = door.folder / "compounds.csv"
        path.write_bytes(f"source_id,name\n{codec},{name}\n".encode(codec))
        take_in(door.engine, door.vault, path, Intake(
            order=Order(source="west"), options=Options(encoding=codec), apply=True))
    assert door.column(Compound.name) == sorted(
        ["Martićeva", "Ленина", "Jägerstraße", "Çıkmaz"])
