"""Grounds: green and water, the quiet part of a map that makes a city readable."""

from geoalchemy2 import WKBElement
from sqlalchemy import Text
from sqlalchemy.orm import Mapped

from layers.base import Feature, Layer, coded, field, keep_versions, mercator, shape
from layers.symbology import By, Symbol
from layers.text import Bilingual


@keep_versions
class Ground(Feature):
    """One park, lawn, river or lake."""

    __tablename__ = "ground"
    prefix = "a"

    kind: Mapped[str] = coded("Kind", "类型", "ground_kind", required=True)
    name: Mapped[str | None] = field("Name", "名称", Text)
    geometry: Mapped[WKBElement | None] = shape()
    geom_3857: Mapped[WKBElement | None] = mercator()


LAYER = Layer(
    model=Ground,
    title=Bilingual("Grounds", "绿地水系"),
    about=Bilingual("Parks, lawns, rivers and lakes.", "公园、绿地、河流与湖泊。"),
    symbol=Symbol("area", colour=By("kind", {"water": "#BFD7E6", "river": "#BFD7E6"},
                                    other="#D7E5D4")),
)
