"""Organizations and their premises (W3C ORG; codes by GB 32100)."""

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped

from layers.access import Audience
from layers.base import (
    Feature,
    Layer,
    Link,
    coded,
    field,
    keep_versions,
    reference,
    unseen,
    words,
)
from layers.text import Bilingual


@keep_versions
class Organization(Feature):
    """One business or institution."""

    __tablename__ = "organization"
    prefix = "o"

    name: Mapped[str] = field("Name", "单位名称", Text, required=True,
                              audience=Audience.ORGANIZATION,
                              headers=("企业名称", "机构名称", "名称", "商户名称"))
    short_names: Mapped[list[str] | None] = words("Short names", "简称",
                                                  audience=Audience.ORGANIZATION)
    former_names: Mapped[list[str] | None] = words("Former names", "曾用名",
                                                   audience=Audience.ORGANIZATION)
    credit_code: Mapped[str | None] = field(
        "Credit code", "统一社会信用代码", String(18), audience=Audience.ORGANIZATION,
        check="credit_code", headers=("信用代码", "社会信用代码"), column={"index": True})
    kind: Mapped[str | None] = coded("Kind", "类型", "organization_kind",
                                    audience=Audience.ORGANIZATION, headers=("单位类型",))
    industry: Mapped[str | None] = coded("Industry", "行业", "industry",
                                        audience=Audience.ORGANIZATION, headers=("行业类别",))
    phone: Mapped[str | None] = field("Phone", "联系电话", String(40),
                                      audience=Audience.ORGANIZATION, headers=("电话",))
    name_fold: Mapped[str | None] = unseen(Text)
    name_pinyin: Mapped[str | None] = unseen(Text)
    name_initials: Mapped[str | None] = unseen(Text)

    @classmethod
    def rules(cls) -> tuple[Index, ...]:
        """Return the indexes by which an organization is found by name."""
        return tuple(  # Usage: organization by name, pinyin or initials
            Index(f"organization_{column}_idx", column,
                  postgresql_ops={column: "text_pattern_ops"})
            for column in ("name_fold", "name_pinyin", "name_initials"))


@keep_versions
class Premises(Feature):
    """Where an organization operates, is registered, or what it owns."""

    __tablename__ = "premises"
    prefix = "z"

    organization_id: Mapped[int] = field(
        "Organization", "单位", BigInteger, ForeignKey("organization.id"), column={"index": True})
    kind: Mapped[str] = field("Kind", "类型", String(12), derived=True)
    unit_id: Mapped[int | None] = reference("Unit", "房屋", "unit", ledger="place",
                                            headers=("房屋编号",))
    building_id: Mapped[int | None] = reference("Building", "楼栋", "building", ledger="place")
    compound_id: Mapped[int | None] = reference("Compound", "小区", "compound", ledger="place")
    address: Mapped[str | None] = field("Address", "地址", Text,
                                        headers=("经营地址", "住所", "注册地址", "单位地址"))
    state: Mapped[str | None] = field("State", "状态", String(12), derived=True)


def search_keys(row: dict[str, Any]) -> dict[str, Any]:
    """Return the folded name, its pinyin and its initials."""
    from spatial.naming import organization_keys

    found = organization_keys(row["name"])
    return {"name_fold": found.fold, "name_pinyin": found.pinyin,
            "name_initials": found.initials}


LAYER = Layer(
    model=Organization,
    title=Bilingual("Organizations", "单位"),
    about=Bilingual("Businesses and institutions with their premises.", "企业、机构及其经营场所。"),
    natural=("credit_code",),
    links=(Link(model=Premises, owner="organization_id", kind="operates",
                columns={"place": "place", "address": "address", "from": "valid_from",
                         "to": "valid_to"}),),
    derive=search_keys,
    keys=(("credit_code",), ("name", "address"), ("name",)),
)
