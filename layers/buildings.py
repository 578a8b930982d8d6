"""Buildings: roofed constructions that stand alone or behind a fire wall.

Terms follow CityGML 3.0 (function, storeysAboveGround). The identifier is drawn once and says
nothing about place or owner; it survives renumbering and rebuilding, as the Swiss EGID does.
"""

from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy import (
    CheckConstraint,
    Float,
    Index,
    Select,
    SmallInteger,
    String,
    Text,
    func,
    select,
)
from sqlalchemy.orm import Mapped

from layers.base import (
    Feature,
    Layer,
    body,
    coded,
    field,
    keep_versions,
    mercator,
    reference,
    shape,
    unseen,
    words,
)
from layers.symbology import By, Symbol
from layers.text import Bilingual
from spatial.addressing.keys import building_key


@keep_versions
class Building(Feature):
    """One building, drawn as a footprint and a height."""

    __tablename__ = "building"
    prefix = "b"

    compound_id: Mapped[int | None] = reference(
        "Compound", "小区", "compound", ledger="compound", by=("source_id", "name"),
        headers=("小区名称", "所属小区", "院落"))
    community_id: Mapped[int | None] = reference(
        "Community", "社区", "division", ledger="community", by=("source_id", "code", "name"),
        headers=("所属社区",))
    given_grid_id: Mapped[int | None] = reference(
        "Grid by order", "指定网格", "grid", ledger="grid", by=("source_id", "code"),
        headers=("网格", "网格编码"))
    number: Mapped[str | None] = field("Number", "楼号", String(40),
                                       headers=("楼栋号", "幢号", "栋号"))
    label: Mapped[str | None] = field("Label", "楼栋", String(80), headers=("楼栋名称", "楼牌"))
    name: Mapped[str | None] = field("Name", "名称", Text, headers=("建筑名称", "大厦名称"))
    aliases: Mapped[list[str] | None] = words("Aliases", "别名", headers=("俗称",))
    street_id: Mapped[int | None] = reference(
        "Street", "街路巷", "street", ledger="street", by=("source_id", "name"),
        headers=("道路", "所在道路"))
    plate: Mapped[str | None] = field("Plate", "门牌号", String(40), headers=("门牌",))
    function: Mapped[str | None] = coded("Function", "用途", "building_function",
                                        headers=("建筑用途", "房屋用途"))
    storeys_above_ground: Mapped[int | None] = field(
        "Storeys above ground", "地上层数", SmallInteger, minimum=0, maximum=200,
        headers=("层数", "楼层数", "总层数"))
    storeys_below_ground: Mapped[int | None] = field(
        "Storeys below ground", "地下层数", SmallInteger, minimum=0, maximum=20)
    height: Mapped[float | None] = field("Height", "高度", Float, unit="m", minimum=0,
                                         maximum=1000, headers=("建筑高度", "楼高"))
    year_built: Mapped[int | None] = field("Year built", "建成年份", SmallInteger, minimum=1000,
                                           maximum=2100, headers=("建成年代", "竣工年份"))
    ground_m: Mapped[float | None] = field(
        "Ground level", "地面高程", Float, unit="m", minimum=-500, maximum=9000,
        headers=("地面标高", "室外地坪标高"))
    lifecycle: Mapped[str | None] = coded("Life cycle", "生命周期", "lifecycle",
                                          headers=("生命周期状态",))
    grid_id: Mapped[int | None] = reference("Grid", "网格", "grid", ledger="", derived=True)
    number_key: Mapped[str | None] = unseen(String(40))
    geometry: Mapped[WKBElement | None] = shape()
    geom_3857: Mapped[WKBElement | None] = mercator()
    solid: Mapped[WKBElement | None] = body()

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        """Return what must hold of every building, and the index of addresses."""
        return (
            CheckConstraint("height > 0", name="height"),
            # Usage: the building of an address.
            Index(None, "compound_id", "number_key"),
        )


def covering(point: Any) -> Select[Any]:
    """Select the buildings whose footprint covers `point` (storage CRS)."""
    return select(Building).where(func.ST_Covers(Building.geometry, point))


def search_keys(row: dict[str, Any]) -> dict[str, Any]:
    """Return what an address calls the building: its number, else its label or name."""
    said = row.get("number") or row.get("label") or row.get("name")
    return {"number_key": building_key(said)[:40] if said else None}


LAYER = Layer(
    model=Building,
    title=Bilingual("Buildings", "楼栋"),
    about=Bilingual("Buildings with footprint, storeys and height.", "楼栋及其轮廓、层数与高度。"),
    symbol=Symbol("solid", height="height", colour=By(
        "function", {"residential": "#F7F4EF", "mixed": "#F1E9DC", "public": "#DCE5F0",
                     "school": "#EFE6D3", "hospital": "#E6DDE0", "commercial": "#E0DDEC",
                     "office": "#D9E3E8"}, other="#ECEAE6")),
    level="building",
    derive=search_keys,
    meets=True,
    addresses=(("compound_id", "number_key"), ("street_id", "plate")),
    keys=(("compound", "number"), ("compound", "label"), ("street", "plate"), ("name",)),
)
