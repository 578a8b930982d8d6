"""Divisions: the administrative tree, province > city > district > subdistrict > community.

Words follow INSPIRE AdministrativeUnit; codes follow GB/T 2260 and GB/T 10114. The tree is
numbered (`low`..`high`, nested): `low` is the scope of every row that belongs to a division, so
that "within my area" is one range on one bigint (a range is leakproof; LIKE and ltree are not).
"""

from geoalchemy2 import WKBElement
from sqlalchemy import BigInteger, Index, Select, String, Text, select
from sqlalchemy.orm import Mapped

from layers.base import (
    Feature,
    Layer,
    coded,
    field,
    keep_versions,
    mercator,
    reference,
    shape,
    unseen,
    words,
)
from layers.symbology import Symbol
from layers.text import Bilingual


@keep_versions
class Division(Feature):
    """One administrative unit."""

    __tablename__ = "division"
    prefix = "d"

    level: Mapped[str] = coded("Level", "级别", "division_level", required=True,
                              headers=("行政级别", "层级"))
    kind: Mapped[str | None] = coded("Kind", "类型", "division_kind", headers=("类别",))
    code: Mapped[str | None] = field("Code", "区划代码", String(20),
                                     headers=("代码", "编码", "区划编码"))
    name: Mapped[str] = field("Name", "名称", Text, required=True,
                              headers=("区划名称", "社区名称", "街道名称"))
    parent_id: Mapped[int | None] = reference(
        "Parent", "上级", "division", ledger="parent", by=("source_id", "code", "name"),
        headers=("上级区划", "上级代码", "所属"))
    aliases: Mapped[list[str] | None] = words("Aliases", "别名", headers=("俗称", "又名"))
    former_names: Mapped[list[str] | None] = words("Former names", "曾用名",
                                                   headers=("原名", "旧名"))
    low: Mapped[int | None] = unseen(BigInteger)
    high: Mapped[int | None] = unseen(BigInteger)
    geometry: Mapped[WKBElement | None] = shape()
    geom_3857: Mapped[WKBElement | None] = mercator()

    @classmethod
    def rules(cls) -> tuple[Index, ...]:
        """Return the index for codes."""
        return (Index(None, "code"),)  # Usage: areas named by code, references in ledgers


def covering(scope: int) -> Select[Division]:
    """Select the divisions that hold `scope`, the largest first."""
    return (select(Division).where(Division.low <= scope, Division.high >= scope)
            .order_by(Division.low, Division.high.desc()))


LAYER = Layer(
    model=Division,
    title=Bilingual("Divisions", "行政区划"),
    about=Bilingual("Administrative units, from the province to the community.",
                    "从省到社区的行政区划。"),
    symbol=Symbol("area", colour="#F2F4F6", outline="#8FA0B2"),
    natural=("code",),
    keys=(("code",), ("name", "parent")),
)
