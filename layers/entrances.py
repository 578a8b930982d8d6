"""Entrances: the ways into a building, each the anchor of an address.

Terms follow the Swiss register (GWR): an entrance belongs to one building and keeps its
identifier when its number changes. A building may have none.
"""

from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy import Index, String
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
)
from layers.symbology import Symbol
from layers.text import Bilingual
from spatial.addressing.keys import entrance_key


@keep_versions
class Entrance(Feature):
    """One way in, 单元."""

    __tablename__ = "entrance"
    prefix = "e"

    building_id: Mapped[int] = reference("Building", "楼栋", "building", ledger="building",
                                         required=True, headers=("所属楼栋", "楼号"))
    number: Mapped[str | None] = field("Number", "单元号", String(40), headers=("单元",))
    label: Mapped[str | None] = field("Label", "单元名称", String(80))
    lifecycle: Mapped[str | None] = coded("Life cycle", "生命周期", "lifecycle",
                                          headers=("生命周期状态",))
    number_key: Mapped[str | None] = unseen(String(40))
    geometry: Mapped[WKBElement | None] = shape()
    geom_3857: Mapped[WKBElement | None] = mercator()

    @classmethod
    def rules(cls) -> tuple[Index, ...]:
        """Return the index of addresses."""
        return (Index(None, "building_id", "number_key"),)  # Usage: the entrance of an address


def search_keys(row: dict[str, Any]) -> dict[str, Any]:
    """Return what an address calls the entrance."""
    said = row.get("number") or row.get("label")
    return {"number_key": entrance_key(said)[:40] if said else None}


LAYER = Layer(
    model=Entrance,
    title=Bilingual("Entrances", "单元门"),
    about=Bilingual("Ways into buildings.", "楼栋的单元门。"),
    symbol=Symbol("dot", colour="#1F6FEB"),
    level="entrance",
    derive=search_keys,
    addresses=(("building_id", "number_key"),),
    keys=(("building", "number"),),
)
