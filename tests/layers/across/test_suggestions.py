import pytest
from sqlalchemy.orm import Session

from layers.across.firms import lookup_organization
from layers.across.suggestions import suggest
from spatial.errors import InvalidInput
from spatial.naming import organization_keys
from spatial.state import bump
from tests.support.counting import statements
from tests.support.factories import (
    make_building,
    make_compound,
    make_entrance,
    make_organization,
    make_tree,
    make_unit,
)


def estate(session: Session) -> None:
    """Make 阳光花园3号楼2单元501, and what else begins alike."""
    _d, _s, community = make_tree(session)
    compound = make_compound(session, community, name="阳光花园", aliases=["电业局家属院"])
    building = make_building(session, compound, number="3", number_key="3")
    entrance = make_entrance(session, building, number="2", number_key="2")
    for room in ("501", "502", "601"):
        make_unit(session, building, entrance=entrance, designator=room, room_key=room)
    bump(session)


@pytest.mark.parametrize(("text", "texts"), [
    ("yghy", ["阳光花园"]), ("阳光花园3", ["阳光花园3号楼"]), ("电业局", ["阳光花园"]),
    ("阳光花园3-2-5", ["阳光花园3号楼2单元501室", "阳光花园3号楼2单元502室"]),
])  # fmt: skip
def test_typing_leads_from_the_name_to_the_door(
    session: Session, text: str, texts: list[str]
) -> None:
    estate(session)

    items = suggest(session, text)["items"]

    assert [item["text"] for item in items] == texts
    assert all(item["place"]["identifier"] == item["ref"] for item in items)
    assert items[0]["context"] == "向阳社区"


def test_only_what_stands_before_the_caret_counts(session: Session) -> None:
    estate(session)

    assert suggest(session, "阳光花园9号楼", caret=4)["items"][0]["text"] == "阳光花园"


def test_a_list_takes_a_fixed_number_of_statements(session: Session) -> None:
    estate(session)
    suggest(session, "阳光")

    with statements(session) as sent:
        suggest(session, "阳光")

    assert len(sent) <= 4


def firm(session: Session, name: str, **said: object) -> str:
    keys = organization_keys(name)
    made = make_organization(session, make_building(session), name=name, name_fold=keys.fold,
                             name_pinyin=keys.pinyin, name_initials=keys.initials, **said)
    return made.identifier


def test_an_organization_is_found_by_every_way_of_naming_it(session: Session) -> None:
    first = firm(session, "科尔沁区第一人民医院", credit_code="12150502MB0000001X")
    firm(session, "科尔沁区第二人民医院")
    market = firm(session, "通辽市华联超市有限公司", short_names=["老华联"])

    for text, ref in (("科尔沁区第一人民医院", first), ("区一院", first), ("华联超市", market),
                      ("老华联", market), ("huaLian", market), ("hlcs", market)):
        assert [i["ref"] for i in lookup_organization(session, text)["items"]] == [ref], text
    found = lookup_organization(session, credit_code="12150502mb0000001x")["items"]
    assert found[0]["ref"] == first and found[0]["place"]["level"] == "building"


@pytest.mark.parametrize("text", ["市三院", "区三院", "天弘商贸", "完颜商行"])
def test_another_firm_is_never_guessed(session: Session, text: str) -> None:
    firm(session, "科尔沁区第一人民医院")
    firm(session, "天鸿商贸有限公司")

    assert lookup_organization(session, text)["items"] == []


def test_a_name_must_be_given(session: Session) -> None:
    with pytest.raises(InvalidInput):
        lookup_organization(session, "  ")
