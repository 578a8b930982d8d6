"""Plates: numbers on a street, each a place of its own (INSPIRE AddressLocator)."""

from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped

from layers.base import Feature, Layer, field, keep_versions, mercator, reference, shape, unseen
from layers.symbology import Symbol
from layers.text import Bilingual
from spatial.addressing.keys import plate_key


@keep_versions
class Plate(Feature):
    """One number on one street; it may belong to a building, a compound or nothing yet."""

    __tablename__ = "plate"
    prefix = "p"

    street_id: Mapped[int | None] = reference(
        "Street", "街路巷", "street", ledger="street", by=("source_id", "name"),
        headers=("道路", "街道名称"))
    number: Mapped[str] = field("Number", "门牌号", String(40), required=True,
                                headers=("号码", "门牌"))
    building_id: Mapped[int | None] = reference("Building", "楼栋", "building",
                                                ledger="belongs_to", headers=("所属",))
    compound_id: Mapped[int | None] = reference("Compound", "小区", "compound",
                                                ledger="belongs_to")
    number_key: Mapped[str | None] = unseen(String(40))
    geometry: Mapped[WKBElement | None] = shape()
    geom_3857: Mapped[WKBElement | None] = mercator()

    @classmethod
    def rules(cls) -> tuple[Index, ...]:
        """Return the index of addresses."""
        return (Index(None, "street_id", "number_key"),)  # Usage: the plate of an address


def search_keys(row: dict[str, Any]) -> dict[str, Any]:
    """Return what an address calls the plate."""
    said = row.get("number")
    return {"number_key": plate_key(said)[:40] if said else None}


LAYER = Layer(
    model=Plate,
    title=Bilingual("Plates", "门牌"),
    about=Bilingual("Numbers along the streets.", "沿街门牌号。"),
    symbol=Symbol("dot", colour="#5B6876"),
    level="plate",
    derive=search_keys,
    addresses=(("street_id", "number_key"),),
    keys=(("street", "number"),),
)
