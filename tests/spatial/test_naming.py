import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.naming import fold_name, keys, organization_keys, other_pinyin, surname_of, surnames


@pytest.mark.parametrize("dot", ["·", "•", "・", "‧", "∙", "˙", "．", ".", "-", " ", "　", ""])
def test_every_dot_is_one(dot):
    assert keys(f"阿迪力{dot}买买提").fold == keys("阿迪力·买买提").fold
    assert keys(f"阿迪力{dot}买买提").pinyin == "adilimaimaiti"


@pytest.mark.parametrize(("name", "pinyin", "initials"), [
    ("张三", "zhangsan", "zs"), ("单雄信", "shanxiongxin", "sxx"), ("仇英", "qiuying", "qy"),
    ("解缙", "xiejin", "xj"), ("曾国藩", "zengguofan", "zgf"), ("查良镛", "zhaliangyong", "zly"),
    ("朴槿惠", "piaojinhui", "pjh"), ("盖叫天", "gejiaotian", "gjt"),
    ("区小明", "ouxiaoming", "oxm"),
    ("尉迟恭", "yuchigong", "ycg"), ("万俟卨", "moqixie", "mqx"),
    ("长孙无忌", "zhangsunwuji", "zswj"),
    ("欧阳小明", "ouyangxiaoming", "oyxm"), ("吕布", "lvbu", "lb"), ("乌·娜", "wuna", "wn"),
    ("李怀wei", "lihuaiwei", "lhw"), ("Zhang San", "zhangsan", "zs"),
    ("John Smith", "johnsmith", "js")])
def test_names_sound_as_their_bearers_say_them(name, pinyin, initials):
    found = keys(name)
    assert (found.pinyin, found.initials) == (pinyin, initials)


@pytest.mark.parametrize(("one", "other"), [
    ("鍾小明", "钟小明"), ("锺小明", "钟小明"), ("張 三", "张三"), ("李\u200b四", "李四"),
    ("ＪＯＨＮ", "john"), ("葉问", "叶问")])
def test_writings_of_one_name_fold_together(one, other):
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize(("one", "other"), [
    ("萧红", "肖红"), ("付军", "傅军"), ("闫妮", "阎妮"), ("代军", "戴军"), ("丘处机", "邱处机")])
def test_variant_surnames_meet_below_the_exact_name(one, other):
    assert keys(one).fold != keys(other).fold
    assert keys(one).variant_fold == keys(other).variant_fold


def test_a_given_name_is_no_variant_surname():
    assert keys("王付").variant_fold != keys("王傅").variant_fold


@pytest.mark.parametrize(("one", "other"), [
    ("阿卜杜·热合曼", "阿不都热合曼"), ("迪丽拜尔", "迪里拜尔"), ("敖登其其格", "熬登琪琪格")])
def test_transliterations_meet_in_their_pinyin(one, other):
    first, second = keys(one), keys(other)
    assert first.pinyin == second.pinyin or second.pinyin in other_pinyin(one)


def test_other_readings_are_keys_of_a_second_class():
    assert "danxiongxin" in other_pinyin("单雄信")
    assert "zhangle" in {*other_pinyin("张乐"), keys("张乐").pinyin}
    assert keys("单雄信").pinyin not in other_pinyin("单雄信")


def test_the_persons_own_pinyin_comes_first():
    assert keys("单雄信", pinyin="Dān Xióngxìn").pinyin.startswith("d")
    assert keys("吕布", pinyin="Lü Bu").pinyin == "lvbu"


def test_parts_lie_between_the_dots():
    assert keys("阿迪力•买买提").parts == ("阿迪力", "买买提")


def test_rare_characters_are_kept():
    assert keys("李𠮷").fold == "李𠮷"
    assert keys("王㛃").fold == "王㛃"


@pytest.mark.parametrize("name", ["", " ", "···", "<script>", "=cmd|'/c'!A0", "\u202e张三", "?"])
def test_odd_names_have_keys(name):
    found = keys(name)
    assert "<" not in found.fold
    assert "\u202e" not in found.fold


@given(st.text(max_size=60))
def test_folding_again_changes_nothing(name):
    once = fold_name(name)
    assert fold_name(once) == once
    keys(name)
    organization_keys(name)


def test_the_table_gives_a_reading_a_character():
    for surname, (reading, other) in surnames().items():
        assert len(reading) == len(surname)
        assert len(other) in {0, len(surname)}
    assert surname_of("单于") == "单"


@pytest.mark.parametrize(("name", "fold"), [
    ("通辽市科尔沁区华联超市有限责任公司", "华联超市"), ("华联超市", "华联超市"),
    ("内蒙古自治区通辽市天宏商贸有限公司", "天宏商贸"), ("天宏商贸（通辽）有限公司", "天宏商贸"),
    ("通辽万达广场商业管理有限公司", "万达广场商业管理"), ("中山药房", "中山药房"),
    ("内蒙古银行", "内蒙古银行"), ("有限公司", "有限公司"), ("张三饭店（个体工商户）", "张三饭店"),
    ("通辽市第二中学", "第二中学"), ("SOHO 11（北区）店", "soho11北区店")])
def test_region_and_legal_form_are_folded(name, fold):
    assert organization_keys(name).fold == fold


def test_an_organization_keeps_its_full_name_and_reads_words():
    found = organization_keys("中国银行通辽分行")
    assert found.full == "中国银行通辽分行"
    assert "yinhang" in found.pinyin
    assert organization_keys("天鸿商贸").fold != organization_keys("天弘商贸").fold


def test_forty_seven_thousand_names_take_seconds():
    given = "明华建国伟丽静敏强磊军洋勇艳杰娟涛"
    names = [surname + one + other for surname in list(surnames())[:160]
             for one in given for other in given]
    started = time.process_time()
    for name in names:
        keys(name)
    assert len(names) > 45_000
    assert time.process_time() - started < 8
