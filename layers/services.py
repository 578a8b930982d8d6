"""Services: types of request (Open311 service), each with two clocks and who answers for it.

`on_site_minutes` is how soon somebody must be on the spot, `finish` how soon all must be done:
`30min`, `48h`, `3d`, `same_day`, `at_once`, in the service's calendar (round the clock or working
time). What a ledger does not say is taken from data/orders/services.json.
"""

from sqlalchemy import Boolean, Index, Integer, Text
from sqlalchemy.orm import Mapped

from layers.base import Feature, Layer, coded, field, keep_versions, reference
from layers.text import Bilingual


@keep_versions
class Service(Feature):
    """One type of request, perhaps of one agency only: two agencies may share a code by area."""

    __tablename__ = "service"
    prefix = "v"

    code: Mapped[str] = coded("Code", "事项代码", "service_code", required=True,
                             headers=("代码", "事项编码", "诉求类别"))
    name: Mapped[str | None] = field("Name", "事项名称", Text, headers=("名称", "事项"))
    agency_id: Mapped[int | None] = reference(
        "Agency", "承办单位", "agency", ledger="agency", by=("source_id", "name"),
        headers=("责任单位", "主办单位"))
    on_site_minutes: Mapped[int | None] = field(
        "On site within", "到场时限", Integer, unit="min", minimum=0, maximum=43_200,
        headers=("到场时限分钟",))
    finish: Mapped[str | None] = field("Finish within", "办结时限", Text, check="duration",
                                       headers=("处理时限", "办理时限"))
    calendar: Mapped[str | None] = coded("Calendar", "时限日历", "service_calendar",
                                        headers=("计时方式",))
    sensitive: Mapped[bool | None] = field("Sensitive", "是否敏感", Boolean, headers=("敏感",))
    needs_check: Mapped[bool | None] = field("Checked before closing", "办结前核查", Boolean,
                                             headers=("是否核查",))

    @classmethod
    def rules(cls) -> tuple[Index, ...]:
        """Return the index for codes."""
        return (Index(None, "code"),)  # Usage: the clocks and agencies of an order's type


LAYER = Layer(
    model=Service,
    title=Bilingual("Services", "事项"),
    about=Bilingual("Types of request with their two clocks and the agency that answers.",
                    "诉求事项及其到场、办结两个时限和承办单位。"),
    keys=(("code", "agency"), ("code",)),
)
