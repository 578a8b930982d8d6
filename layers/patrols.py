"""Patrols: planned zones, beats, routes and points. Plans only: nobody's movements are kept."""

from geoalchemy2 import WKBElement
from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped

from layers.base import Feature, Layer, coded, field, keep_versions, mercator, shape
from layers.symbology import Symbol
from layers.text import Bilingual


@keep_versions
class Patrol(Feature):
    """One planned patrol; `period` says how often it is walked, in the words of the plan."""

    __tablename__ = "patrol"
    prefix = "l"

    kind: Mapped[str] = coded("Kind", "类型", "patrol_kind", required=True,
                             headers=("巡防类型", "巡逻类型"))
    name: Mapped[str | None] = field("Name", "名称", Text,
                                     headers=("巡区名称", "路线名称", "巡逻路线", "必巡点名称"))
    period: Mapped[str | None] = field("Period", "巡逻频次", String(100),
                                       headers=("频次", "巡逻时段", "时段"))
    geometry: Mapped[WKBElement | None] = shape()
    geom_3857: Mapped[WKBElement | None] = mercator()


LAYER = Layer(
    model=Patrol,
    title=Bilingual("Patrols", "巡防"),
    about=Bilingual("Planned patrol zones, beats, routes and points.",
                    "规划的巡区、巡段、巡逻路线和必巡点。"),
    symbol=Symbol("line", colour="#2F9E6E", width=2.5),
    keys=(("kind", "name"),),
)
