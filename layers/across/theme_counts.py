"""What themes count, by the numbers of the tree or by place: each thing once, never a person.

Every function gives a Sample: how many things (or what value) bear each number, or lie at each
point. Persons are counted by `layers/across/counts.py`, as everywhere; nothing here names one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import BigInteger, Float, Select, cast, exists, extract, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from layers.across.counts import METRICS, organizations
from layers.across.orders_tables import IncidentOrder
from layers.across.theme_areas import Areas
from layers.across.theme_period import Period
from layers.across.theme_spec import Theme
from layers.buildings import Building
from layers.compounds import Compound
from layers.incidents import Incident
from layers.posts import Post
from layers.residents import Residency
from layers.units import Unit
from spatial.crs import STORAGE, transformer
from spatial.database import Base
from spatial.errors import InvalidInput
from spatial.history import NOW, Moment, seen, valid
from spatial.statistics import Numbers

#: Posts that carry the work of a grid.
WORKING = ("administrator", "deputy")


def counted(session: Session, areas: Areas, things: Select[Any]) -> tuple[Numbers, float]:
    """Return how many `things` each area holds (n,), and how many lie in none of them.

    `things` selects unit_id, building_id and scope, as METRICS do.
    """
    thing = things.subquery("thing")
    if areas.cells is not None:
        return placed(areas, *points(session, thing, areas.srid))
    rows = session.execute(select(thing.c.scope, func.count()).group_by(thing.c.scope)).all()
    return gathered(areas, rows)


def gathered(areas: Areas, rows: Sequence[Any]) -> tuple[Numbers, float]:
    """Sum pairs of number and amount up by the area that owns the number."""
    numbers = np.array([row[0] for row in rows], dtype=np.int64)
    amounts = np.array([row[1] for row in rows], dtype=np.float64)
    return _summed(areas, areas.of_numbers(numbers), amounts)


def placed(areas: Areas, places: Numbers, amounts: Numbers) -> tuple[Numbers, float]:
    """Sum amounts at points (m, 2) in metres up by hexagon."""
    return _summed(areas, areas.of_points(places), amounts)


def _summed(areas: Areas, index: npt.NDArray[np.int64], amounts: Numbers
            ) -> tuple[Numbers, float]:
    owned = index >= 0
    found = np.bincount(index[owned], amounts[owned], minlength=len(areas))
    return found.astype(np.float64), float(amounts[~owned].sum())


def points(session: Session, thing: Any, srid: int) -> tuple[Numbers, Numbers]:
    """Return where things lie in metres (m, 2) and how many at each place.

    A thing lies where its own geometry is, else at its building, else at its compound; what has
    no place is left out.
    """
    spots = [func.ST_PointOnSurface(shape.geometry) for shape in (Building, Compound)]
    own = thing.c.get("geometry")
    compound = thing.c.get("compound_id")
    spot = func.coalesce(*([] if own is None else [func.ST_PointOnSurface(own)]), *spots)
    query = (select(func.ST_X(spot), func.ST_Y(spot), func.count()).select_from(thing)
             .outerjoin(Unit, Unit.id == thing.c.unit_id)
             .outerjoin(Building, Building.id == func.coalesce(thing.c.building_id,
                                                               Unit.building_id))
             .outerjoin(Compound, Compound.id == func.coalesce(
                 *(() if compound is None else (compound,)), Building.compound_id))
             .where(spot.is_not(None)).group_by(spot))
    rows = np.array([tuple(row) for row in session.execute(query)], dtype=np.float64)
    rows = rows.reshape(-1, 3)
    return transformer(STORAGE, srid)(rows[:, :2]), rows[:, 2]


def incidents(period: Period, services: Sequence[str] = (), *more: Any) -> Select[Any]:
    """Select the incidents requested within a period, never their text."""
    one = Incident.__table__.c
    query = select(one.unit_id, one.building_id, one.compound_id, one.scope, one.geometry,
                   one.requested_at).where(
        one.requested_at >= period.since, one.requested_at < period.until,
        valid(one, func.now()), *more)
    return query.where(one.service_code.in_(services)) if services else query


def overdue() -> Any:
    """Keep the incidents whose order was done, or is still open, after its deadline.

    It is the clock of the order, with its working calendar, pauses and extensions: a theme and
    the figures of orders call the same ones late.
    """
    order = IncidentOrder
    return exists().where(
        order.incident_id == Incident.__table__.c.id, order.status != "rejected",
        func.coalesce(order.done_at, order.closed_at, func.now()) > order.finish_due)


def medians(session: Session, areas: Areas, rows: Select[Any]) -> tuple[Numbers, Numbers]:
    """Return the median `amount` of each area and how many there are, of rows with a scope."""
    value, number = np.full(len(areas), np.nan), np.zeros(len(areas))
    if areas.cells is not None or not len(areas):
        return value, number
    one = rows.subquery("one")
    # Numbers between two areas fall into a bucket that begins with no area's first number.
    begins = np.unique(np.concatenate([areas.lows, areas.highs + 1]))
    bucket = func.width_bucket(one.c.scope, literal(begins.tolist(), _NUMBERS))
    middle = func.percentile_cont(0.5).within_group(one.c.amount)
    for index, median, count in session.execute(
            select(bucket, middle, func.count()).group_by(bucket)):
        area = areas.of_numbers(begins[index - 1:index]) if index else np.array([-1])
        if area.size and area[0] >= 0:
            value[area[0]], number[area[0]] = median, count
    return value, number


def hours_to_close(period: Period, services: Sequence[str] = ()) -> Select[Any]:
    """Select how many hours each closed incident of a period took."""
    one = Incident.__table__.c
    took = cast(extract("epoch", one.closed_at - one.requested_at), Float) / 3600
    return incidents(period, services, one.closed_at >= one.requested_at).with_only_columns(
        one.scope, took.label("amount"))


def days_since_recorded() -> Select[Any]:
    """Select how many days ago each present tie of a resident to a dwelling was last written."""
    tie: Any = seen(Residency)
    age = cast(extract("epoch", func.now() - tie.creation_date), Float) / 86_400
    return select(tie.scope, age.label("amount"))


def vacant_dwellings(moment: Moment = NOW) -> Select[Any]:
    """Select the dwellings in which nobody is known to live."""
    unit: Any = seen(Unit, moment)
    tie: Any = seen(Residency, moment)
    lived_in = exists().where(tie.unit_id == unit.id, tie.kind == "living")
    return select(unit.id.label("unit_id"), unit.building_id, unit.scope).where(
        unit.use == "dwelling", ~lived_in)


def tenancies(moment: Moment = NOW) -> Select[Any]:
    """Select the lettings in force."""
    table = Base.metadata.tables.get("tenancy")
    if table is None:
        raise InvalidInput("This registry keeps no tenancies.")
    return select(table.c.unit_id, table.c.building_id, table.c.scope).where(
        valid(table, moment.valid_at or func.now()))


def posts() -> Select[Any]:
    """Select the posts of grid workers."""
    post: Any = seen(Post)
    return select(literal(None).label("unit_id"), literal(None).label("building_id"),
                  post.scope).where(post.role.in_(WORKING))


def things_of(theme: Theme, name: str, period: Period, moment: Moment) -> Select[Any]:
    """Return the Select of what is called `name`, as a theme narrows it."""
    own: Mapping[str, Callable[[], Select[Any]]] = {
        "incidents": lambda: incidents(period, theme.services),
        "closed": lambda: incidents(period, theme.services,
                                    Incident.__table__.c.closed_at.is_not(None)),
        "overdue": lambda: incidents(period, theme.services, overdue()),
        "vacant_dwellings": lambda: vacant_dwellings(moment),
        "organizations": lambda: organizations(moment, theme.kinds),
        "tenancies": lambda: tenancies(moment),
        "posts": posts,
    }
    return own[name]() if name in own else METRICS[name].things(moment)


_NUMBERS = ARRAY(BigInteger)
