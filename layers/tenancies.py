"""Tenancies: who lets a dwelling to whom, and how it is managed (a right, not a residency)."""

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped

from layers.access import Audience
from layers.base import Feature, Layer, coded, field, keep_versions, reference
from layers.text import Bilingual


@keep_versions
class Tenancy(Feature):
    """One letting of a unit, or of a building without units; its time is the world's."""

    __tablename__ = "tenancy"
    prefix = "t"

    unit_id: Mapped[int | None] = reference(
        "Unit", "房屋", "unit", ledger="place", audience=Audience.RESIDENCE,
        headers=("房屋编号", "出租房屋"))
    building_id: Mapped[int | None] = reference("Building", "楼栋", "building", ledger="place",
                                                audience=Audience.RESIDENCE)
    landlord: Mapped[str | None] = field("Landlord", "出租人", Text, audience=Audience.NAME,
                                         headers=("房东", "出租方", "房主"))
    tenant: Mapped[str | None] = field("Tenant", "承租人", Text, audience=Audience.NAME,
                                       headers=("租客", "租户", "承租方"))
    kind: Mapped[str | None] = coded("Kind of management", "管理类型", "tenancy_kind",
                                    audience=Audience.RESIDENCE, headers=("出租房类型",))
    beds: Mapped[int | None] = field("Beds", "床位数", Integer, minimum=0, maximum=2000,
                                     audience=Audience.RESIDENCE, headers=("床位",))
    filing_number: Mapped[str | None] = field(
        "Filing number", "备案号", String(60), audience=Audience.RESIDENCE,
        headers=("备案编号", "租赁备案号"))


LAYER = Layer(
    model=Tenancy,
    title=Bilingual("Tenancies", "租赁"),
    about=Bilingual("Lettings of dwellings with landlord, tenant and kind of management.",
                    "房屋出租登记：出租人、承租人与管理类型。"),
    public=False,
    keys=(("filing_number",), ("place", "tenant", "valid_from"), ("place", "tenant")),
)
