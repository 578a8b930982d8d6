"""What a page must know before it draws anything: how far the data reach, and where to begin."""

from sqlalchemy import func, literal, select, union
from sqlalchemy.orm import Session

from layers.buildings import Building
from layers.compounds import Compound
from layers.divisions import Division
from layers.facilities import Facility
from layers.grids import Grid
from layers.grounds import Ground
from layers.streets import Street
from spatial.history import seen

#: How many places the list begins with where there is no division to begin with.
ROOTS_MOST = 300


def extent_of(session: Session) -> tuple[float, float, float, float] | None:
    """Return the box of what is worth seeing first: buildings, else streets, else divisions."""
    for model in (Building, Street, Division):
        box = func.ST_Extent(model.geometry)
        found = session.execute(select(func.ST_XMin(box), func.ST_YMin(box), func.ST_XMax(box),
                                       func.ST_YMax(box))).one()
        if found[0] is not None:
            west, south, east, north = (float(value) for value in found)
            return west, south, east, north
    return None


def roots(session: Session) -> list[dict[str, str]]:
    """Return the places that a list begins with: divisions without parent, else what there is."""
    division, compound, building = seen(Division), seen(Compound), seen(Building)
    called = func.coalesce(building.label, building.name, building.number, building.identifier)
    choices = (
        select(division.identifier, division.level, division.name).where(
            division.parent_id.is_(None)).order_by(division.code),
        select(compound.identifier, literal("compound"), compound.name).order_by(compound.name),
        select(building.identifier, literal("building"), called).order_by(called),
    )
    for choice in choices:
        rows = session.execute(choice.limit(ROOTS_MOST)).all()
        if rows:
            return [{"identifier": one, "level": level, "label": name}
                    for one, level, name in rows]
    return []


def characters(session: Session) -> str:
    """Return every character that labels on the map are written with, each once."""
    names = union(*(select(column) for column in (
        Division.name, Grid.name, Street.name, Compound.name, Building.name, Building.label,
        Ground.name, Facility.name))).subquery("names")
    split = select(func.regexp_split_to_table(names.c[0], "").label("one")).subquery("split")
    return str(session.scalar(select(func.string_agg(split.c.one.distinct(), ""))) or "")
