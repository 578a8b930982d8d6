"""Facilities: public things at a place (CityGML CityFurniture): cameras, stations, hydrants."""

from geoalchemy2 import WKBElement
from sqlalchemy import Boolean, Float, Integer, String, Text
from sqlalchemy.orm import Mapped

from layers.base import Feature, Layer, coded, field, keep_versions, mercator, reference, shape
from layers.symbology import By, Symbol
from layers.text import Bilingual


@keep_versions
class Facility(Feature):
    """One facility; a camera says where it looks, never whom it saw."""

    __tablename__ = "facility"
    prefix = "q"

    kind: Mapped[str] = coded("Kind", "类型", "facility_kind", required=True,
                             headers=("设施类型", "部件类型"))
    name: Mapped[str | None] = field("Name", "名称", Text, headers=("设施名称", "部件名称"))
    height: Mapped[float | None] = field("Height above ground", "安装高度", Float, unit="m",
                                         minimum=-100, maximum=1000)
    unit_id: Mapped[int | None] = reference("Unit", "房屋", "unit", ledger="place")
    building_id: Mapped[int | None] = reference("Building", "楼栋", "building", ledger="place",
                                                headers=("所在楼栋",))
    compound_id: Mapped[int | None] = reference("Compound", "小区", "compound", ledger="place")
    storey: Mapped[str | None] = field("Storey", "楼层", String(20))
    operator: Mapped[str | None] = field("Operator", "权属单位", Text, headers=("管理单位",))
    phone: Mapped[str | None] = field("Phone", "联系电话", String(40))
    hours: Mapped[str | None] = field("Hours", "开放时间", Text, headers=("服务时间",))
    services: Mapped[str | None] = field("Services", "服务内容", Text)
    azimuth: Mapped[float | None] = field("Azimuth", "方位角", Float, unit="°", minimum=0,
                                          maximum=360)
    tilt: Mapped[float | None] = field("Tilt", "俯仰角", Float, unit="°", minimum=-90, maximum=90)
    hfov: Mapped[float | None] = field("Horizontal view", "水平视场角", Float, unit="°", minimum=0,
                                       maximum=360)
    vfov: Mapped[float | None] = field("Vertical view", "垂直视场角", Float, unit="°", minimum=0,
                                       maximum=180)
    pixel_width: Mapped[int | None] = field("Pixels across", "水平像素", Integer, minimum=0)
    ptz: Mapped[bool | None] = field("Pan and tilt", "云台", Boolean)
    range_m: Mapped[float | None] = field("Range", "可视距离", Float, unit="m", minimum=0)
    service_radius_m: Mapped[float | None] = field("Service radius", "服务半径", Float, unit="m",
                                                   minimum=0)
    status: Mapped[str | None] = coded("Status", "状态", "facility_status")
    address: Mapped[str | None] = field("Address", "地址", Text)
    geometry: Mapped[WKBElement | None] = shape()
    geom_3857: Mapped[WKBElement | None] = mercator()


LAYER = Layer(
    model=Facility,
    title=Bilingual("Facilities", "设施"),
    about=Bilingual("Cameras, stations, hydrants, defibrillators and more.",
                    "摄像头、站点、消火栓、除颤器等设施。"),
    symbol=Symbol("dot", colour=By("kind", {
        "camera": "#5B6876", "police_station": "#1F6FEB", "fire_station": "#E5484D",
        "service_station": "#2F9E6E", "hydrant": "#E5484D", "aed": "#E08A00"})),
    level="facility",
    keys=(("kind", "name", "lon", "lat"),),
)
