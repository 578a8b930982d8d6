"""Agencies: bodies that answer for a kind of request, with their areas, hours and duty roster.

The area is a division or a grid of the tree, a polygon of its own (the district of a heating
company follows its pipes, not the border of a community), or both: then the polygon decides.
"""

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
class Agency(Feature):
    """One responsible body; its phone is an office's, never a person's own."""

    __tablename__ = "agency"
    prefix = "j"

    name: Mapped[str] = field("Name", "名称", Text, required=True,
                              headers=("单位名称", "承办单位", "部门名称", "机构名称"))
    kind: Mapped[str | None] = coded("Kind", "类型", "agency_kind", headers=("单位类型",))
    division_id: Mapped[int | None] = reference(
        "Area", "责任区", "division", ledger="area", by=("source_id", "code", "name"),
        headers=("辖区", "责任范围", "服务区域"))
    grid_id: Mapped[int | None] = reference("Area", "责任区", "grid", ledger="area",
                                            by=("source_id", "code"))
    hours: Mapped[str | None] = field("Hours", "办公时间", String(100), headers=("服务时间",))
    phone: Mapped[str | None] = field("Phone", "联系电话", String(40),
                                      headers=("电话", "办公电话", "值班电话"))
    roster: Mapped[list[str] | None] = words("Duty roster", "值班表", headers=("值班安排",))
    geometry: Mapped[WKBElement | None] = shape()
    geom_3857: Mapped[WKBElement | None] = mercator()


LAYER = Layer(
    model=Agency,
    title=Bilingual("Agencies", "承办单位"),
    about=Bilingual("Bodies that answer for requests, with their areas, hours and duty rosters.",
                    "承办诉求的责任单位及其责任区、办公时间和值班表。"),
    symbol=Symbol("area", colour="#F3ECFA", outline="#8E6BBF"),
    keys=(("name", "area"), ("name",)),
)
