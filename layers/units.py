"""Units: dwellings, shops, offices, garages; the last step of an address (CityGML BuildingUnit).

A unit's volume is measured or derived (spatial/solids.py): `geometry` is its floor area,
`base_m` and `top_m` its extent in metres above ground, `volume_source` says which it is; a
measured one is kept in `solid` as well, facet by facet.
"""

from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy import Float, Index, String
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
from spatial.addressing.keys import room_key


@keep_versions
class Unit(Feature):
    """One lockable part of a building with a door of its own."""

    __tablename__ = "unit"
    prefix = "u"

    building_id: Mapped[int] = reference(
        "Building", "楼栋", "building", ledger="building", through=("entrance_id", "storey_id"),
        required=True, headers=("所属楼栋", "楼号"))
    entrance_id: Mapped[int | None] = reference(
        "Entrance", "单元", "entrance", ledger="entrance", by=("source_id", "number"),
        within="building_id", headers=("单元号",))
    storey_id: Mapped[int | None] = reference(
        "Storey", "楼层", "storey", ledger="storey", by=("index", "label", "source_id"),
        within="building_id", headers=("层号", "所在层"))
    designator: Mapped[str | None] = field("Designator", "房号", String(60),
                                           headers=("室号", "户室号", "房间号", "门户号"))
    position: Mapped[str | None] = field("Position", "户位", String(20), headers=("朝向位置",))
    use: Mapped[str | None] = coded("Use", "用途", "unit_use", headers=("房屋用途", "使用性质"))
    street_id: Mapped[int | None] = reference("Street", "街路巷", "street", ledger="street",
                                              by=("source_id", "name"), headers=("道路",))
    plate: Mapped[str | None] = field("Plate", "门牌号", String(40), headers=("门牌",))
    aliases: Mapped[list[str] | None] = words("Aliases", "别名", headers=("俗称",))
    area_m2: Mapped[float | None] = field("Floor area", "建筑面积", Float, unit="m²", minimum=0,
                                          maximum=10_000_000, headers=("面积",))
    lifecycle: Mapped[str | None] = coded("Life cycle", "生命周期", "lifecycle",
                                          headers=("生命周期状态",))
    room_key: Mapped[str | None] = unseen(String(60))
    base_m: Mapped[float | None] = field("Base above ground", "底面高度", Float, unit="m",
                                         derived=True)
    top_m: Mapped[float | None] = field("Top above ground", "顶面高度", Float, unit="m",
                                        derived=True)
    volume_source: Mapped[str | None] = field("Volume", "体积来源", String(12), derived=True)
    geometry: Mapped[WKBElement | None] = shape(derived=True)
    geom_3857: Mapped[WKBElement | None] = mercator()
    solid: Mapped[WKBElement | None] = body()

    @classmethod
    def rules(cls) -> tuple[Index, ...]:
        """Return the index of addresses."""
        # Usage: the unit of an address.
        return (Index(None, "building_id", "room_key", "entrance_id"),)


def search_keys(row: dict[str, Any]) -> dict[str, Any]:
    """Return what an address calls the unit."""
    said = row.get("designator")
    return {"room_key": room_key(said)[:60] if said else None}


LAYER = Layer(
    model=Unit,
    title=Bilingual("Units", "房屋"),
    about=Bilingual("Dwellings, shops, offices and garages with their volumes.",
                    "住宅、商铺、办公与车库及其空间体。"),
    symbol=Symbol("solid", height="top_m", colour=By(
        "use", {"dwelling": "#B4CBE0", "shop": "#EBCF9A", "office": "#EBA698"},
        other="#E6E9EC")),
    level="unit",
    derive=search_keys,
    addresses=(("building_id", "room_key", "entrance_id?", "storey_id?"),),
    keys=(("building", "entrance", "designator"),
          ("building", "storey", "designator"),
          ("building", "designator")),
)
