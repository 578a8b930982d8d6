"""What is counted, one Select a measure: each counted thing once, with the place it belongs to.

People are counted once (registry.md): of a resident's residencies of one kind the confirmed one
counts, then the latest. The measures are never mixed: registered 户籍, living 常住, floating 流动
(living, and registered nowhere here), registered elsewhere 人户分离 (living here, registered at
another place here), vacant registered 空挂 (registered where no one lives). So

    living = floating + registered elsewhere + those registered where they live.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Select, case, cast, null, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from layers.access import Audience
from layers.buildings import Building
from layers.households import Household
from layers.incidents import Incident
from layers.organizations import Organization, Premises
from layers.residents import Residency, Resident
from layers.text import Bilingual
from layers.units import Unit
from spatial.history import Moment, seen, seen_in_part

Things = Select[Any]


@dataclass(frozen=True, slots=True)
class Metric:
    """One measure; `things` selects unit_id, building_id and scope of each thing it counts."""

    title: Bilingual
    things: Callable[[Moment], Things]
    audience: Audience = Audience.PLACE


def _units(moment: Moment) -> Things:
    unit: Any = seen(Unit, moment)
    return select(unit.id.label("unit_id"), unit.building_id, unit.scope)


def _dwellings(moment: Moment) -> Things:
    unit: Any = seen(Unit, moment)
    return select(unit.id.label("unit_id"), unit.building_id, unit.scope).where(
        unit.use == "dwelling")


def _buildings(moment: Moment) -> Things:
    building: Any = seen(Building, moment)
    no_unit = cast(null(), BigInteger)
    return select(no_unit.label("unit_id"), building.id.label("building_id"), building.scope)


def _households(moment: Moment) -> Things:
    home: Any = seen(Household, moment)
    return select(home.unit_id, home.building_id, home.scope)


def _incidents(moment: Moment) -> Things:
    table: Any = Incident.__table__
    one = seen_in_part(table, ("unit_id", "building_id", "scope"), moment)
    return select(one.unit_id, one.building_id, one.scope)


def organizations(moment: Moment, kinds: Sequence[str] = ()) -> Things:
    """Count each organization once: where it operates, else is registered, else what it owns."""
    firm: Any = seen(Organization, moment)
    site: Any = seen(Premises, moment)
    best = case((site.kind == "operates", 0), (site.kind == "registered", 1), else_=2)
    return (select(site.unit_id, site.building_id,
                   case((site.id.is_(None), firm.scope), else_=site.scope).label("scope"))
            .select_from(firm).outerjoin(site, site.organization_id == firm.id)
            .where(*([firm.kind.in_(kinds)] if kinds else []))
            .ext(distinct_on(firm.id)).order_by(firm.id, best, _placed_first(site), site.id))


def _homes(kind: str, moment: Moment) -> Any:
    """Return each resident's one residency of `kind` that counts, with a key of its place."""
    tie: Any = seen(Residency, moment)
    person: Any = seen(Resident, moment)
    doubt = case((tie.state == "reported", 1), else_=0)
    key = case((tie.unit_id.is_not(None), tie.unit_id * 2),
               (tie.building_id.is_not(None), tie.building_id * 2 + 1))
    return (select(tie.resident_id, tie.unit_id, tie.building_id, tie.scope, key.label("key"))
            .join(person, person.id == tie.resident_id)
            .where(tie.kind == kind, or_(tie.state.is_(None), tie.state != "disputed"))
            .ext(distinct_on(tie.resident_id))
            .order_by(tie.resident_id, doubt, _placed_first(tie),
                      tie.valid_from.desc().nulls_last(), tie.id.desc())).cte(kind)


def _placed_first(link: Any) -> Any:
    return case((or_(link.unit_id.is_not(None), link.building_id.is_not(None)), 0), else_=1)


def _residents(kind: str) -> Callable[[Moment], Things]:
    def things(moment: Moment) -> Things:
        home = _homes(kind, moment)
        return select(home.c.unit_id, home.c.building_id, home.c.scope)

    return things


def _apart(*, here: bool) -> Callable[[Moment], Things]:
    """Return who lives somewhere and is registered elsewhere: here, or nowhere here."""
    def things(moment: Moment) -> Things:
        living, registered = _homes("living", moment), _homes("registered", moment)
        rows = select(living.c.unit_id, living.c.building_id, living.c.scope).outerjoin(
            registered, registered.c.resident_id == living.c.resident_id)
        if here:
            return rows.where(registered.c.key.is_not(None),
                              registered.c.key.is_distinct_from(living.c.key))
        return rows.where(registered.c.key.is_(None))

    return things


def _vacant(moment: Moment) -> Things:
    living, registered = _homes("living", moment), _homes("registered", moment)
    lived_in = select(living.c.key).where(living.c.key.is_not(None)).distinct().subquery()
    return (select(registered.c.unit_id, registered.c.building_id, registered.c.scope)
            .outerjoin(lived_in, lived_in.c.key == registered.c.key)
            .where(registered.c.key.is_not(None), lived_in.c.key.is_(None)))


_PERSONS = Audience.RESIDENCE
METRICS: Mapping[str, Metric] = {
    "units": Metric(Bilingual("Units", "房屋"), _units),
    "dwellings": Metric(Bilingual("Dwellings", "住宅"), _dwellings),
    "buildings": Metric(Bilingual("Buildings", "楼栋"), _buildings),
    "households": Metric(Bilingual("Households", "户"), _households, Audience.NAME),
    "residents_registered": Metric(Bilingual("Registered residents", "户籍人口"),
                                   _residents("registered"), _PERSONS),
    "residents_living": Metric(Bilingual("Living residents", "常住人口"),
                               _residents("living"), _PERSONS),
    "floating": Metric(Bilingual("Floating residents", "流动人口"), _apart(here=False), _PERSONS),
    "registered_elsewhere": Metric(Bilingual("Living apart from their registration", "人户分离"),
                                   _apart(here=True), _PERSONS),
    "vacant_registered": Metric(Bilingual("Registered where no one lives", "空挂户籍"),
                                _vacant, _PERSONS),
    "organizations": Metric(Bilingual("Organizations", "单位"), organizations,
                            Audience.ORGANIZATION),
    "incidents": Metric(Bilingual("Incidents", "事件"), _incidents, Audience.INCIDENT),
}
