"""Things of the registry with sensible defaults: a test states only what it is about.

Every `make_…` writes through the session and returns the row. The tree is numbered as it grows:
each division has room for a thousand below it, each grid and each row a number inside.
"""

from itertools import count
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from layers.base import Feature
from layers.buildings import Building
from layers.compounds import Compound
from layers.divisions import Division
from layers.entrances import Entrance
from layers.facilities import Facility
from layers.grids import Grid
from layers.households import Household
from layers.incidents import Incident
from layers.organizations import Organization, Premises
from layers.plates import Plate
from layers.residents import Residency, Resident
from layers.storeys import Storey
from layers.streets import Street
from layers.units import Unit

Made = TypeVar("Made", bound=Feature)
LEVELS = ("province", "city", "district", "subdistrict", "community", "group")
#: How many numbers a division of each level takes, so that ranges nest.
WIDTHS = {"province": 10**16, "city": 10**13, "district": 10**10, "subdistrict": 10**7,
          "community": 10**4, "group": 10}
#: Where things stand that say nothing of it: the corner of the demonstration district.
WEST, SOUTH = 122.22, 43.60
_number = count(1)


def save(session: Session, thing: Made) -> Made:
    """Write one row and return it with its key."""
    if thing.source is None:
        thing.source = "test"
        thing.source_id = thing.source_id or f"{thing.prefix.upper()}{next(_number):06d}"
    session.add(thing)
    session.flush()
    return thing


def square(west: float = WEST, south: float = SOUTH, *, side: float = 0.0003,
           height: float | None = None) -> str:
    """Return a rectangle as EWKT, by default about 24 by 33 metres."""
    east, north = west + side, south + (height or side)
    ring = ", ".join(f"{x!r} {y!r}" for x, y in ((west, south), (east, south), (east, north),
                                                 (west, north), (west, south)))
    return f"SRID=4326;POLYGON(({ring}))"


def point(lon: float = WEST, lat: float = SOUTH) -> str:
    """Return a point as EWKT."""
    return f"SRID=4326;POINT({lon!r} {lat!r})"


def make_division(session: Session, parent: Division | None = None, **said: Any) -> Division:
    """Make a division one level below `parent`, by default a district."""
    level = LEVELS[LEVELS.index(parent.level) + 1] if parent else "district"
    level = said.setdefault("level", level)
    width = WIDTHS[level]
    if parent is None:
        low = (next(_number) % 900 + 1) * WIDTHS["province"]
    else:
        low = (parent.low or 0) + (next(_number) % 998 + 1) * width
    said = {"name": f"{level}{next(_number)}", "code": None, "low": low,
            "high": low + width - 1, "scope": low, **said}
    return save(session, Division(parent_id=parent.id if parent else None, **said))


def make_tree(session: Session) -> tuple[Division, Division, Division]:
    """Make a district, a subdistrict and a community with the names of the documents."""
    district = make_division(session, name="科尔沁区", code="150502")
    subdistrict = make_division(session, district, name="明仁街道", code="150502001")
    community = make_division(session, subdistrict, name="向阳社区", code="150502001001")
    return district, subdistrict, community


def make_grid(session: Session, community: Division | None = None, **said: Any) -> Grid:
    """Make a grid with a number inside its community."""
    community = community or make_tree(session)[2]
    scope = (community.low or 0) + next(_number) % 998 + 1
    said = {"name": "第1网格", "scope": scope, "kind": "general", **said}
    return save(session, Grid(community_id=community.id, **said))


def make_street(session: Session, district: Division | None = None, **said: Any) -> Street:
    """Make a street."""
    said = {"name": "建设路", "scope": district.scope if district else 0,
            "district_id": district.id if district else None, **said}
    return save(session, Street(**said))


def make_compound(session: Session, community: Division | None = None, **said: Any) -> Compound:
    """Make a compound."""
    said = {"name": "向阳小区", "scope": community.scope if community else 0,
            "community_id": community.id if community else None, **said}
    return save(session, Compound(**said))


def make_building(session: Session, compound: Compound | None = None, *,
                  grid: Grid | None = None, **said: Any) -> Building:
    """Make a building of six storeys, in `grid` where one is given."""
    said = {"number": "8", "function": "residential", "storeys_above_ground": 6, "height": 18.0,
            "geometry": square(), "scope": grid.scope if grid else 0, **said}
    said.setdefault("community_id", (grid and grid.community_id) or
                    (compound and compound.community_id))
    return save(session, Building(compound_id=compound.id if compound else None,
                                  grid_id=grid.id if grid else None, **said))


def make_entrance(session: Session, building: Building | None = None, **said: Any) -> Entrance:
    """Make an entrance at the corner of its building."""
    building = building or make_building(session)
    said = {"number": "3", "geometry": point(), "scope": building.scope, **said}
    return save(session, Entrance(building_id=building.id, **said))


def make_storey(session: Session, building: Building | None = None, **said: Any) -> Storey:
    """Make a storey, three metres high."""
    building = building or make_building(session)
    index = said.setdefault("index", 1.0)
    base = (index - 1) * 3 if index > 0 else index * 3
    said = {"base_m": base, "top_m": base + 3, "scope": building.scope, **said}
    return save(session, Storey(building_id=building.id, **said))


def make_unit(session: Session, building: Building | None = None, *,
              entrance: Entrance | None = None, storey: Storey | None = None,
              **said: Any) -> Unit:
    """Make a dwelling with a volume, on `storey` where one is given."""
    building = building or make_building(session)
    said = {"designator": "501", "use": "dwelling", "geometry": square(side=0.0001),
            "base_m": storey.base_m if storey else 0.0, "scope": building.scope,
            "top_m": storey.top_m if storey else 3.0, "volume_source": "derived", **said}
    return save(session, Unit(building_id=building.id,
                              entrance_id=entrance.id if entrance else None,
                              storey_id=storey.id if storey else None, **said))


def make_plate(session: Session, street: Street | None = None, **said: Any) -> Plate:
    """Make a plate on a street."""
    street = street or make_street(session)
    said = {"number": "12", "geometry": point(), "scope": street.scope, **said}
    return save(session, Plate(street_id=street.id, **said))


def make_facility(session: Session, **said: Any) -> Facility:
    """Make a hydrant at a point."""
    return save(session, Facility(**{"kind": "hydrant", "geometry": point(), **said}))


def make_household(session: Session, place: Unit | Building | None = None,
                   **said: Any) -> Household:
    """Make a family that lives at `place`."""
    said = {"number": f"H{next(_number)}", "kind": "family", **at(place), **said}
    return save(session, Household(**said))


def make_resident(session: Session, household: Household | None = None, **said: Any) -> Resident:
    """Make a resident; sealed fields stay empty unless given as sealed bytes."""
    said = {"name": "张三", "sex": "male", "scope": household.scope if household else 0, **said}
    return save(session, Resident(household_id=household.id if household else None, **said))


def make_residency(session: Session, resident: Resident, place: Unit | Building | None = None,
                   **said: Any) -> Residency:
    """Make a confirmed living residency of `resident` at `place`."""
    said = {"kind": "living", "state": "confirmed", **at(place), **said}
    return save(session, Residency(resident_id=resident.id, **said))


def make_organization(session: Session, place: Unit | Building | Compound | None = None,
                      **said: Any) -> Organization:
    """Make an organization that operates at `place`, where one is given."""
    scope = place.scope if place else 0
    made = save(session, Organization(**{"name": "向阳超市", "kind": "business",
                                         "scope": scope, **said}))
    if place is not None:
        save(session, Premises(organization_id=made.id, kind="operates", **at(place)))
    return made


def make_incident(session: Session, place: Unit | Building | Compound | None = None,
                  **said: Any) -> Incident:
    """Make an incident at `place`."""
    return save(session, Incident(**{"service_code": "noise", "status": "open",
                                     **at(place), **said}))


def at(place: Unit | Building | Compound | None) -> dict[str, Any]:
    """Return the columns by which a row points to its place."""
    if place is None:
        return {}
    return {f"{place.__tablename__}_id": place.id, "scope": place.scope}
