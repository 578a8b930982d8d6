"""Staff: the people who hold posts. They are reached through their post, in duty hours."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped

from layers.access import Audience
from layers.base import Feature, Layer, field, keep_versions
from layers.text import Bilingual


@keep_versions
class Staff(Feature):
    """One member of staff with the office phone that callers may be given."""

    __tablename__ = "staff"
    prefix = "w"

    name: Mapped[str] = field("Name", "姓名", Text, required=True, audience=Audience.STAFF,
                              headers=("人员姓名", "工作人员"))
    phone: Mapped[str | None] = field("Phone", "办公电话", String(40), audience=Audience.STAFF,
                                      headers=("联系电话", "电话"))


LAYER = Layer(
    model=Staff,
    title=Bilingual("Staff", "工作人员"),
    about=Bilingual("People who hold posts.", "担任岗位的工作人员。"),
    public=False,
)
