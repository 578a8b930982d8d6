"""Which pages there are for whom: every page leads to the others that the caller may open."""

from dataclasses import dataclass

from layers.access import Role
from layers.across.orders_rights import READERS, TAKERS
from layers.across.visit_list import VISITORS
from layers.across.visiting import SUPERVISORS
from layers.caller import Caller
from layers.text import Bilingual

_EVERYONE = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Room:
    """One page, and who may open it."""

    path: str
    title: Bilingual
    roles: frozenset[Role]


#: In the order in which they are shown; the server refuses the others anyway.
ROOMS = (
    Room("/map", Bilingual("Map", "地图"), _EVERYONE),
    Room("/desk/intake", Bilingual("Intake", "受理登记"), frozenset(TAKERS)),
    Room("/desk/orders", Bilingual("Orders", "工单"), frozenset(READERS)),
    Room("/desk/review", Bilingual("Address review", "地址复核"), frozenset(
        {Role.GRID_WORKER, Role.OFFICER, Role.OPERATOR, Role.STEWARD})),
    Room("/field", Bilingual("Visits", "入户走访"), frozenset(VISITORS)),
    Room("/desk/visits", Bilingual("Findings of visits", "走访核对"), frozenset(SUPERVISORS)),
    Room("/themes", Bilingual("Thematic maps", "专题地图"), _EVERYONE - {Role.DISPLAY_WALL}),
    Room("/audit", Bilingual("Audit", "审计"), frozenset({Role.AUDITOR})),
    Room("/admin", Bilingual("Users and access", "用户与权限"), frozenset({Role.ADMIN})),
)


def rooms_of(caller: Caller | None, language: str) -> list[dict[str, str]]:
    """Return path and title of each page that the caller may open, the map first."""
    return [{"path": one.path, "title": one.title.in_language(language)}
            for one in ROOMS if caller is not None and caller.role in one.roles]
