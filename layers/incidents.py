"""Incidents and requests at a place (words of Open311 GeoReport v2).

This is what a ledger tells and the map shows. The life of an order, from which its status follows,
is a log beside it (layers/across/orders_log.py).
"""

from datetime import datetime

from geoalchemy2 import WKBElement
from sqlalchemy import DateTime, Float, String, Text
from sqlalchemy.orm import Mapped

from layers.access import Audience
from layers.base import Feature, Layer, coded, field, keep_versions, mercator, reference, shape
from layers.symbology import Symbol
from layers.text import Bilingual


@keep_versions
class Incident(Feature):
    """One thing that happened or was asked for; its text is personal, its place is not."""

    __tablename__ = "incident"
    prefix = "i"

    service_code: Mapped[str] = coded("Service", "事项", "service_code", required=True,
                                     audience=Audience.INCIDENT, headers=("事件类型", "诉求类型"))
    description: Mapped[str | None] = field("Description", "描述", Text,
                                            audience=Audience.INCIDENT_TEXT,
                                            headers=("内容", "事件描述", "诉求内容"))
    requested_at: Mapped[datetime | None] = field(
        "Requested", "受理时间", DateTime(timezone=True), audience=Audience.INCIDENT,
        headers=("上报时间", "发生时间"), column={"index": True})
    channel: Mapped[str | None] = coded("Channel", "渠道", "channel", audience=Audience.INCIDENT,
                                       headers=("来源",))
    address: Mapped[str | None] = field("Address", "地址", Text, audience=Audience.INCIDENT_TEXT,
                                        headers=("事发地址", "地点"))
    unit_id: Mapped[int | None] = reference("Unit", "房屋", "unit", ledger="place",
                                            audience=Audience.INCIDENT_TEXT)
    building_id: Mapped[int | None] = reference("Building", "楼栋", "building", ledger="place",
                                                audience=Audience.INCIDENT)
    compound_id: Mapped[int | None] = reference("Compound", "小区", "compound", ledger="place",
                                                audience=Audience.INCIDENT)
    entrance_id: Mapped[int | None] = reference("Entrance", "单元", "entrance", ledger="place",
                                                audience=Audience.INCIDENT_TEXT)
    storey_id: Mapped[int | None] = reference("Storey", "楼层", "storey", ledger="place",
                                              audience=Audience.INCIDENT_TEXT)
    height: Mapped[float | None] = field("Height above ground", "离地高度", Float, unit="m",
                                         minimum=-100, maximum=1000, audience=Audience.INCIDENT)
    status: Mapped[str | None] = coded("Status", "状态", "incident_status",
                                      audience=Audience.INCIDENT)
    closed_at: Mapped[datetime | None] = field("Closed", "办结时间", DateTime(timezone=True),
                                               audience=Audience.INCIDENT)
    agency_id: Mapped[int | None] = reference(
        "Agency", "承办单位", "agency", ledger="agency", by=("source_id", "name"),
        audience=Audience.INCIDENT, headers=("责任单位",))
    external_number: Mapped[str | None] = field(
        "Number of the other system", "外部工单号", String(80), audience=Audience.INCIDENT,
        headers=("工单编号", "工单号", "热线工单号"), column={"index": True})
    external_category: Mapped[str | None] = field(
        "Category of the other system", "外部分类", String(200), audience=Audience.INCIDENT,
        headers=("工单分类", "问题分类"))
    due_at: Mapped[datetime | None] = field("Due", "办结期限", DateTime(timezone=True),
                                            audience=Audience.INCIDENT,
                                            headers=("要求办结时间", "截止时间"))
    accepted_at: Mapped[datetime | None] = field("Accepted", "接单时间", DateTime(timezone=True),
                                                 audience=Audience.INCIDENT, headers=("签收时间",))
    on_site_at: Mapped[datetime | None] = field("On site", "到场时间", DateTime(timezone=True),
                                                audience=Audience.INCIDENT, headers=("到达时间",))
    rating: Mapped[str | None] = coded("Rating", "满意度", "satisfaction",
                                      audience=Audience.INCIDENT, headers=("评价", "回访评价"))
    geometry: Mapped[WKBElement | None] = shape()
    geom_3857: Mapped[WKBElement | None] = mercator()


LAYER = Layer(
    model=Incident,
    title=Bilingual("Incidents", "事件"),
    about=Bilingual("Incidents and requests at a place.", "发生在某处的事件与诉求。"),
    symbol=Symbol("dot", colour="#E08A00"),
    public=False,
    keys=(("requested_at", "service_code", "address"),),
)
