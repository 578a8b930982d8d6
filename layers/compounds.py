"""Compounds: estates and enclosed grounds that hold buildings (CityGML CityObjectGroup)."""

from geoalchemy2 import WKBElement
from sqlalchemy import String, Text
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
    words,
)
from layers.symbology import Symbol
from layers.text import Bilingual


@keep_versions
class Compound(Feature):
    """One estate, courtyard, village or campus."""

    __tablename__ = "compound"
    prefix = "c"

    name: Mapped[str] = field("Name", "小区名称", Text, required=True,
                              headers=("小区", "院落", "名称", "小区名"))
    kind: Mapped[str | None] = coded("Kind", "类型", "compound_kind", headers=("小区类型",))
    community_id: Mapped[int | None] = reference(
        "Community", "社区", "division", ledger="community", by=("source_id", "code", "name"),
        headers=("所属社区",))
    aliases: Mapped[list[str] | None] = words("Aliases", "别名", headers=("俗称", "又名"))
    former_names: Mapped[list[str] | None] = words("Former names", "曾用名",
                                                   headers=("原名", "旧名"))
    street_id: Mapped[int | None] = reference(
        "Street", "街路巷", "street", ledger="street", by=("source_id", "name"),
        headers=("道路", "所在道路"))
    plate: Mapped[str | None] = field("Plate", "门牌号", String(40), headers=("门牌",))
    geometry: Mapped[WKBElement | None] = shape()
    geom_3857: Mapped[WKBElement | None] = mercator()


LAYER = Layer(
    model=Compound,
    title=Bilingual("Compounds", "小区院落"),
    about=Bilingual("Estates, courtyards, villages and campuses.", "小区、院落、村庄与校园。"),
    symbol=Symbol("area", colour="#F2F4F6", outline="#C8D1DA"),
    level="compound",
    addresses=(("community_id", "name"),),
    keys=(("name", "community"), ("name",)),
)
