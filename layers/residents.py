"""Residents and where they live or are registered (LADM Party; 户籍 and 居住).

A person is counted once: at most one registered and one confirmed living residency a day. ID
number, phone and birth date are sealed; names stay readable to the database, for search by
pinyin, variants and typing errors needs them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
)
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
    sealed,
    unseen,
)
from layers.text import Bilingual


@keep_versions
class Resident(Feature):
    """One natural person."""

    __tablename__ = "resident"
    prefix = "r"

    name: Mapped[str] = field("Name", "姓名", Text, required=True, audience=Audience.NAME,
                              headers=("居民姓名", "人员姓名"))
    former_name: Mapped[str | None] = field("Former name", "曾用名", Text, audience=Audience.NAME)
    id_type: Mapped[str | None] = coded("ID type", "证件类型", "id_type",
                                       audience=Audience.ID_NUMBER, headers=("证件种类",))
    id_number: Mapped[bytes | None] = sealed(
        "ID number", "身份证号", Audience.ID_NUMBER, check="id_number",
        headers=("证件号码", "身份证号码", "公民身份号码", "身份证"))
    sex: Mapped[str | None] = coded("Sex", "性别", "sex", audience=Audience.SEX_AGE)
    birth_date: Mapped[bytes | None] = sealed("Birth date", "出生日期", Audience.CONTACT,
                                              check="date", headers=("生日", "出生年月"))
    phone: Mapped[bytes | None] = sealed("Phone", "联系电话", Audience.CONTACT, check="phone",
                                         headers=("电话", "手机", "手机号", "联系方式"))
    household_id: Mapped[int | None] = reference(
        "Household", "户", "household", ledger="household", by=("source_id", "number"),
        audience=Audience.RESIDENCE, headers=("户号", "所属户"))
    relation_to_head: Mapped[str | None] = coded(
        "Relation to head", "与户主关系", "relation_to_head", audience=Audience.RESIDENCE,
        headers=("家庭关系", "关系"))
    id_number_key: Mapped[bytes | None] = unseen(LargeBinary(16), usage="person by ID number")
    phone_key: Mapped[bytes | None] = unseen(LargeBinary(16), usage="caller by phone")
    name_fold: Mapped[str | None] = unseen(Text)
    name_pinyin: Mapped[str | None] = unseen(Text)
    name_initials: Mapped[str | None] = unseen(Text)
    # A protected address: 1 shows the contact officer only, 2 the named custodian only.
    shield: Mapped[int | None] = unseen(SmallInteger)
    custodian: Mapped[str | None] = unseen(String(80))
    hidden_at: Mapped[datetime | None] = unseen(DateTime(timezone=True))

    @classmethod
    def rules(cls) -> tuple[Index, ...]:
        """Return the indexes by which a person is found by name."""
        return tuple(  # Usage: person by name, by pinyin, by initials, each by its beginning
            Index(f"resident_{column}_idx", column, postgresql_ops={column: "text_pattern_ops"})
            for column in ("name_fold", "name_pinyin", "name_initials"))


@keep_versions
class Residency(Feature):
    """A resident's tie to a dwelling; owners and tenants have rights, not residencies."""

    __tablename__ = "residency"
    prefix = "y"

    resident_id: Mapped[int] = field("Resident", "居民", BigInteger, ForeignKey("resident.id"),
                                     column={"index": True}, audience=Audience.RESIDENCE)
    kind: Mapped[str] = coded("Kind", "居住关系", "residency_kind", audience=Audience.RESIDENCE,
                             headers=("人口类型", "居住类型"))
    unit_id: Mapped[int | None] = reference("Unit", "房屋", "unit", ledger="place",
                                            audience=Audience.RESIDENCE,
                                            headers=("房屋编号", "住所"))
    building_id: Mapped[int | None] = reference("Building", "楼栋", "building", ledger="place",
                                                audience=Audience.RESIDENCE)
    address: Mapped[str | None] = field(
        "Address", "地址", Text, audience=Audience.RESIDENCE,
        headers=("家庭住址", "现住址", "居住地址", "住址", "详细地址"))
    state: Mapped[str | None] = field("State", "状态", String(12), derived=True,
                                      audience=Audience.RESIDENCE)


def search_keys(row: dict[str, Any]) -> dict[str, Any]:
    """Return the folded name, its pinyin and its initials."""
    from spatial.naming import keys

    found = keys(row["name"])
    return {"name_fold": found.fold, "name_pinyin": found.pinyin,
            "name_initials": found.initials}


LAYER = Layer(
    model=Resident,
    title=Bilingual("Residents", "居民"),
    about=Bilingual("Natural persons and where they live or are registered.",
                    "居民及其居住、户籍关系。"),
    public=False,
    natural=("id_number_key",),
    each=("name", "former_name", "id_type", "id_number", "sex", "birth_date", "phone",
          "relation_to_head"),
    links=(
        Link(model=Residency, owner="resident_id", kind="living",
             columns={"residency": "kind", "place": "place", "address": "address",
                      "from": "valid_from", "to": "valid_to"}),
        Link(model=Residency, owner="resident_id", kind="registered",
             columns={"registered_address": "address"}),
    ),
    derive=search_keys,
    keys=(("id_number",), ("name", "birth_date", "phone")),
)
