"""Storeys: the levels of a building. The label is what people say; the index is the order.

Index 1 is the ground floor, -1 the first basement, 1.5 a mezzanine (NENA Floor / FloorIndex).
"""

from sqlalchemy import Float, Index, String
from sqlalchemy.orm import Mapped

from layers.base import Feature, Layer, coded, field, keep_versions, reference
from layers.text import Bilingual


@keep_versions
class Storey(Feature):
    """One level of one building."""

    __tablename__ = "storey"
    prefix = "f"

    building_id: Mapped[int] = reference("Building", "楼栋", "building", ledger="building",
                                         required=True, headers=("所属楼栋", "楼号"))
    label: Mapped[str | None] = field("Label", "楼层", String(40), headers=("楼层名称", "层名"))
    index: Mapped[float] = field("Index", "层序", Float, required=True,
                                 headers=("层号", "楼层序号"))
    base_m: Mapped[float | None] = field("Base above ground", "底面高度", Float, unit="m",
                                         minimum=-200, maximum=1000)
    top_m: Mapped[float | None] = field("Top above ground", "顶面高度", Float, unit="m",
                                        minimum=-200, maximum=1000)
    lifecycle: Mapped[str | None] = coded("Life cycle", "生命周期", "lifecycle",
                                          headers=("生命周期状态",))

    @classmethod
    def rules(cls) -> tuple[Index, ...]:
        """Return the index by which units find their storey."""
        return (Index(None, "building_id", "index"),)  # Usage: units, the opened building


LAYER = Layer(
    model=Storey,
    title=Bilingual("Storeys", "楼层"),
    about=Bilingual("Levels of buildings, below and above ground.", "楼栋的地上与地下楼层。"),
    level="storey",
    natural=("building_id", "index"),
    keys=(("building", "index"),),
)
