"""Calendar days: which days are worked and which are free against the rule of the week.

The General Office of the State Council moves days each autumn for the year to come (调休), so
this is a ledger and no rule. A day that it does not name follows the week.
"""

from datetime import datetime

from sqlalchemy import DateTime, Index, Text
from sqlalchemy.orm import Mapped

from layers.base import Feature, Layer, coded, field, keep_versions
from layers.text import Bilingual


@keep_versions
class CalendarDay(Feature):
    """One day, in the registry's zone, that does not follow the week."""

    __tablename__ = "calendar_day"
    prefix = "n"

    day: Mapped[datetime] = field("Day", "日期", DateTime(timezone=True), required=True)
    kind: Mapped[str] = coded("Kind", "类型", "day_kind", required=True, headers=("日期类型",))
    name: Mapped[str | None] = field("Name", "名称", Text, headers=("节日", "节假日"))

    @classmethod
    def rules(cls) -> tuple[Index, ...]:
        """Return the index for days."""
        return (Index(None, "day"),)  # Usage: the days between an order and its deadline


LAYER = Layer(
    model=CalendarDay,
    title=Bilingual("Calendar days", "工作日历"),
    about=Bilingual("Days that are worked or free against the rule of the week.",
                    "与周历不同的工作日与休息日（法定节假日与调休）。"),
    keys=(("day",),),
)
