"""Checks: findings at a place, when they are due and when they were mended; never of a person."""

from datetime import datetime

from sqlalchemy import DateTime, Text
from sqlalchemy.orm import Mapped

from layers.base import Feature, Layer, coded, field, keep_versions, reference
from layers.text import Bilingual


@keep_versions
class Check(Feature):
    """One finding at a place; without `mended_on` it is open."""

    __tablename__ = "site_check"
    prefix = "m"

    unit_id: Mapped[int | None] = reference("Unit", "房屋", "unit", ledger="place",
                                            headers=("房屋编号", "检查地点", "检查场所"))
    building_id: Mapped[int | None] = reference("Building", "楼栋", "building", ledger="place")
    compound_id: Mapped[int | None] = reference("Compound", "小区", "compound", ledger="place")
    kind: Mapped[str] = coded("Kind", "类型", "check_kind", required=True,
                             headers=("检查类型", "隐患类型"))
    finding: Mapped[str | None] = field("Finding", "检查发现", Text,
                                        headers=("隐患描述", "检查情况", "问题"))
    found_on: Mapped[datetime | None] = field("Found on", "检查日期", DateTime(timezone=True),
                                              headers=("发现日期",))
    due_on: Mapped[datetime | None] = field("Due on", "整改期限", DateTime(timezone=True),
                                            headers=("限期", "整改时限"))
    mended_on: Mapped[datetime | None] = field("Mended on", "整改日期", DateTime(timezone=True),
                                               headers=("完成日期", "整改完成日期"))


LAYER = Layer(
    model=Check,
    title=Bilingual("Checks", "检查"),
    about=Bilingual("Findings at places: when due, when mended. Never about a person.",
                    "场所检查发现的问题及整改期限、整改日期；不涉及个人。"),
    keys=(("place", "kind", "found_on"), ("place", "kind")),
)
