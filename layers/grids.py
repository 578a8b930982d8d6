"""Grids: the cells of responsibility that partition a community (GB/T 34300, CJ/T 349)."""

from geoalchemy2 import WKBElement
from sqlalchemy import Index, String, Text
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
)
from layers.symbology import Symbol
from layers.text import Bilingual


@keep_versions
class Grid(Feature):
    """One cell: who looks after this place."""

    __tablename__ = "grid"
    prefix = "g"

    code: Mapped[str | None] = field("Code", "网格编码", String(20), headers=("网格代码", "编码"))
    name: Mapped[str] = field("Name", "网格名称", Text, required=True, headers=("网格", "名称"))
    community_id: Mapped[int] = reference(
        "Community", "社区", "division", ledger="community", required=True,
        by=("source_id", "code", "name"), headers=("所属社区",))
    kind: Mapped[str | None] = coded("Kind", "类型", "grid_kind", headers=("网格类型",))
    geometry: Mapped[WKBElement | None] = shape()
    geom_3857: Mapped[WKBElement | None] = mercator()

    @classmethod
    def rules(cls) -> tuple[Index, ...]:
        """Return the index for codes."""
        return (Index(None, "code"),)  # Usage: references in ledgers, areas named by code


LAYER = Layer(
    model=Grid,
    title=Bilingual("Grids", "网格"),
    about=Bilingual("Cells of responsibility; they partition a community.",
                    "社区划分的责任网格。"),
    symbol=Symbol("area", colour="#EAF2F8", outline="#559AC4"),
    level="grid",
    natural=("code",),
    keys=(("code",), ("name", "community")),
)
