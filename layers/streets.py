"""Streets: named thoroughfares (INSPIRE ThoroughfareName) and where they run."""

from geoalchemy2 import WKBElement
from sqlalchemy import Text
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
from layers.symbology import By, Symbol
from layers.text import Bilingual


@keep_versions
class Street(Feature):
    """One street with all its sections."""

    __tablename__ = "street"
    prefix = "s"

    name: Mapped[str | None] = field("Name", "名称", Text,
                                     headers=("道路名称", "街道名称", "街路巷", "路名"))
    aliases: Mapped[list[str] | None] = words("Aliases", "别名", headers=("俗称",))
    former_names: Mapped[list[str] | None] = words("Former names", "曾用名", headers=("原名",))
    street_class: Mapped[str | None] = coded("Class", "等级", "street_class", ledger="class",
                                            headers=("道路等级", "类别"))
    district_id: Mapped[int | None] = reference(
        "District", "区县", "division", ledger="district", by=("source_id", "code", "name"),
        headers=("所属区县", "所在区"))
    geometry: Mapped[WKBElement | None] = shape()
    geom_3857: Mapped[WKBElement | None] = mercator()


LAYER = Layer(
    model=Street,
    title=Bilingual("Streets", "街路巷"),
    about=Bilingual("Named streets and lanes.", "有名称的街、路、巷。"),
    symbol=Symbol("line", width=2.0,
                  colour=By("street_class", {"main": "#D8A65B", "road": "#9FB2C4",
                                             "back": "#B8C5D1", "lane": "#CDD6DE"})),
    level="street",
    addresses=(("name", "district_id"),),
    keys=(("name", "district"), ("name",)),
)
