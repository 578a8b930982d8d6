"""Posts: roles at a grid or a division, each held by a member of staff for a time."""

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped

from layers.access import Audience
from layers.base import Feature, Layer, coded, field, keep_versions, reference
from layers.text import Bilingual


@keep_versions
class Post(Feature):
    """One role at one place of duty."""

    __tablename__ = "post"
    prefix = "k"

    grid_id: Mapped[int | None] = reference(
        "Grid", "网格", "grid", ledger="area", by=("source_id", "code"), audience=Audience.STAFF,
        headers=("网格编码", "责任区"))
    division_id: Mapped[int | None] = reference(
        "Division", "行政区划", "division", ledger="area", by=("source_id", "code"),
        audience=Audience.STAFF)
    role: Mapped[str] = coded("Role", "岗位", "post_role", required=True, audience=Audience.STAFF,
                             headers=("职务", "角色"))
    staff_name: Mapped[str | None] = field("Held by", "姓名", Text, audience=Audience.STAFF,
                                           headers=("人员姓名", "网格员"))
    phone: Mapped[str | None] = field("Phone", "联系电话", String(40), audience=Audience.STAFF,
                                      headers=("电话", "办公电话"))
    level: Mapped[str | None] = coded("Level", "层级", "post_level", audience=Audience.STAFF)
    staff_id: Mapped[int | None] = field("Staff", "工作人员", BigInteger, ForeignKey("staff.id"),
                                         derived=True, column={"index": True})


LAYER = Layer(
    model=Post,
    title=Bilingual("Posts", "岗位"),
    about=Bilingual("Roles at grids and divisions, and who holds them.",
                    "网格与区划的岗位及任职人员。"),
    public=False,
    keys=(("area", "role", "staff_name"),),
)
