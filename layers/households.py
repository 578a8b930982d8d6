"""Households: people who keep house together, or a collective one (LADM group party)."""

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped

from layers.access import Audience
from layers.base import Feature, Layer, coded, field, keep_versions, reference
from layers.text import Bilingual


@keep_versions
class Household(Feature):
    """One household; it lives in a unit, or in a building that has no units."""

    __tablename__ = "household"
    prefix = "h"

    number: Mapped[str | None] = field("Household number", "户号", String(40),
                                       audience=Audience.RESIDENCE, headers=("户编号", "户口簿号"))
    kind: Mapped[str | None] = coded("Kind", "户类型", "household_kind",
                                    audience=Audience.RESIDENCE, headers=("户别",))
    head: Mapped[str | None] = field("Head", "户主", String(200), audience=Audience.RESIDENCE)
    unit_id: Mapped[int | None] = reference(
        "Unit", "房屋", "unit", ledger="place", audience=Audience.RESIDENCE,
        headers=("住所", "房屋编号"))
    building_id: Mapped[int | None] = reference("Building", "楼栋", "building", ledger="place",
                                                audience=Audience.RESIDENCE)

    @classmethod
    def rules(cls) -> tuple[Index, ...]:
        """Return the index for household numbers."""
        return (Index(None, "number"),)  # Usage: residents that name their household


LAYER = Layer(
    model=Household,
    title=Bilingual("Households", "家庭户"),
    about=Bilingual("Families and collective households.", "家庭户与集体户。"),
    public=False,
    keys=(("number",),),
)
