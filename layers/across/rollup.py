"""Totals by area that balance: the rows and the residual always add up to the total.

A thing belongs to at most one area of a level, by its scope (layers/across/scopes.py); what
belongs to none is the residual, never dropped. Whoever may not see persons gets counts of fixed
areas only, by the rule of layers/across/disclosure.py.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from sqlalchemy import exists, func, literal_column, select
from sqlalchemy.orm import Session

from layers.access import Role
from layers.across.chains import COLUMNS
from layers.across.counts import METRICS
from layers.across.disclosure import LEAST, STEP, published
from layers.across.labels import building_label, unit_label
from layers.buildings import Building
from layers.caller import Caller
from layers.codelists import codelist
from layers.compounds import Compound
from layers.divisions import Division
from layers.grids import Grid
from layers.units import Unit
from spatial.errors import Forbidden, InvalidInput, NotFound
from spatial.history import NOW, Moment, seen
from spatial.prepared import ask, written
from spatial.walls import everywhere

#: Roles that may have exact counts of persons; planners have exact households.
EXACT = frozenset({Role.GRID_WORKER, Role.OFFICER, Role.OPERATOR, Role.STEWARD})
EXACT_FOR = {"households": EXACT | {Role.PLANNER}, "incidents": EXACT | {Role.DISPLAY_WALL}}
#: Roles that handle cases: they alone are told which dwelling has incidents.
HANDLING = frozenset({Role.GRID_WORKER, Role.OFFICER, Role.OPERATOR})
EVERYONE = frozenset({"units", "dwellings", "buildings", "organizations"})
#: Levels whose areas are fixed and large enough to round; units and buildings are not.
SMALL = ("unit", "building")
ALL = (-(2**63), 2**63 - 1)


@dataclass(frozen=True, slots=True)
class Row:
    """One area with its value; `suppressed` where the value is withheld and told as 0."""

    identifier: str
    source_id: str | None
    label: str
    value: int
    suppressed: bool = False


@dataclass(frozen=True, slots=True)
class Rollup:
    """A table that balances."""

    metric: str
    level: str
    rows: tuple[Row, ...]
    residual: int
    total: int
    rounded: bool = False
    at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the shape that answers use; `rounded` says by which rule, where one binds."""
        rows = [{"identifier": r.identifier, "source_id": r.source_id, "label": r.label,
                 "value": r.value} | ({"suppressed": True} if r.suppressed else {})
                for r in self.rows]
        said: dict[str, Any] = {"metric": self.metric, "level": self.level, "rows": rows,
                                "residual": self.residual, "total": self.total}
        if self.rounded:
            said["rounded"] = {"to": STEP, "least": LEAST,
                               "as_of": self.at.isoformat() if self.at else None}
        return said


def levels() -> tuple[str, ...]:
    """Return every level that totals are given by, the largest first."""
    divisions = [code for code in codelist("division_level").codes if code != "group"]
    return (*divisions, "grid", "building", "unit")


def division_called(session: Session, text: str) -> Division:
    """Return the division with this identifier or code; NotFound if there is none."""
    found = session.scalars(select(Division).where(
        (Division.identifier == text) | (Division.code == text))
        .order_by(Division.valid_to.desc().nulls_first()).limit(1)).first()
    if found is None:
        raise NotFound(f"No division is called {text[:40]!r}; give its code or identifier.")
    return found


def reach(session: Session, division: Division | None) -> tuple[int, int]:
    """Return the range of numbers that a division's total covers.

    Where no other division stands beside it or above it, everything the registry counts is its
    own, so that what has no place yet shows in its residual.
    """
    if division is None:
        return ALL
    low, high = division.low or 0, division.high or 0
    beside = exists().where(Division.low.is_not(None), ~Division.low.between(low, high),
                            ~((Division.low < low) & (Division.high >= high)))
    return (low, high) if session.scalar(select(beside)) else ALL


def rollup(session: Session, metric: str, *, level: str, division: Division | None = None,
           moment: Moment = NOW) -> Rollup:
    """Return the exact totals of `metric` by the areas of `level` within `division`.

    Areas are all listed, with 0 where nothing is; buildings and units only where something is.
    """
    if metric not in METRICS:
        raise InvalidInput(f"metric {metric[:40]!r} is unknown; it is one of {', '.join(METRICS)}")
    if level not in levels():
        raise InvalidInput(f"level {level[:40]!r} is unknown; it is one of {', '.join(levels())}")
    within = reach(session, division)
    # Who is registered elsewhere is told by rows of other areas; what leaves is a number.
    with everywhere(session):
        if level in SMALL:
            rows, residual = by_place(session, metric, level=level, within=within, moment=moment)
        else:
            counted = by_scope(session, metric, within=within, moment=moment)
            rows, residual = share(areas(session, level, within=within, moment=moment), counted)
    return Rollup(metric, level, tuple(rows), residual, sum(r.value for r in rows) + residual)


def rollup_for(caller: Caller, session: Session, *, metric: str, level: str,
               division: str | None, moment: Moment = NOW) -> Rollup:
    """Return the totals as `caller` may have them: of its own area, exact or rounded."""
    area = _area(caller, session, division)
    if (metric, level) == ("incidents", "unit") and caller.role not in HANDLING:
        raise Forbidden("A dwelling's incidents are its case's; ask by building.")
    if caller.role in EXACT_FOR.get(metric, EXACT) or metric in EVERYONE:
        return rollup(session, metric, level=level, division=area, moment=moment)
    if level in SMALL:
        raise Forbidden(f"{metric} by {level} tell of persons; ask by grid or a larger area.")
    if not moment.is_now:
        raise Forbidden("Rounded counts are those of the last midnight; leave the day out.")
    return rounded(session, metric, level=level, division=area)


def rounded(session: Session, metric: str, *, level: str, division: Division | None) -> Rollup:
    """Return the totals as those have them who may not see persons: sums of whole blocks."""
    within, told = reach(session, division), published(session, metric)
    rows = tuple(Row(one.identifier, one.source_id, one.label, told.of(one.identifier),
                     told.of(one.identifier) < LEAST)
                 for one in areas(session, level, within=within))
    total = told.of(division.identifier if division and within != ALL else None)
    return Rollup(metric, level, rows, total - sum(r.value for r in rows), total, rounded=True,
                  at=told.at)


class Area(Protocol):
    """One area of a level and the numbers it owns."""

    low: int
    high: int
    identifier: str
    source_id: str | None
    label: str


def areas(session: Session, level: str, *, within: tuple[int, int],
          moment: Moment = NOW) -> Sequence[Area]:
    """Return the areas of a level within a range of numbers, in the order of the tree."""
    if moment.is_now:
        return ask(session, f"areas_of_{level}", sql=lambda: _areas_prepared(level), values=within)
    return list(session.execute(_areas(level, within, moment)))


def _areas(level: str, within: tuple[Any, Any], moment: Moment) -> Any:
    one: Any = seen(Grid if level == "grid" else Division, moment)
    low, high = (one.scope, one.scope) if level == "grid" else (one.low, one.high)
    query = select(low.label("low"), high.label("high"), one.identifier, one.source_id,
                   one.name.label("label"))
    if level != "grid":
        query = query.where(one.level == level)
    return query.where(low.between(*within), low > 0).order_by(low, one.id)


#: A range of numbers that a prepared statement is told when it runs.
_SOME: tuple[Any, Any] = literal_column("$1::bigint"), literal_column("$2::bigint")


@cache
def _areas_prepared(level: str) -> str:
    return written(_areas(level, _SOME, NOW))


@cache
def _counted_prepared(metric: str) -> str:
    return written(_counted(metric, _SOME, NOW))


def _counted(metric: str, within: tuple[Any, Any], moment: Moment) -> Any:
    thing = METRICS[metric].things(moment).subquery("thing")
    return (select(thing.c.scope, func.count().label("value"))
            .where(thing.c.scope.between(*within)).group_by(thing.c.scope))


def share(found: Sequence[Area], counted: dict[int, int]) -> tuple[list[Row], int]:
    """Give each counted number to the one area that owns it; return rows and what is left."""
    lows = [area.low for area in found]
    values = [0] * len(found)
    residual = 0
    for scope, count in counted.items():
        position = bisect_right(lows, scope) - 1
        if position >= 0 and scope <= found[position].high:
            values[position] += count
        else:
            residual += count
    return [Row(a.identifier, a.source_id, a.label, v)
            for a, v in zip(found, values, strict=True)], residual


def by_scope(session: Session, metric: str, *, within: tuple[int, int],
             moment: Moment) -> dict[int, int]:
    """Return how many things bear each number within a range."""
    if moment.is_now:
        rows: Any = ask(session, f"counted_{metric}", sql=lambda: _counted_prepared(metric),
                        values=within)
    else:
        rows = session.execute(_counted(metric, within, moment))
    return {scope: count for scope, count in rows}


def by_place(session: Session, metric: str, *, level: str, within: tuple[int, int],
             moment: Moment) -> tuple[list[Row], int]:
    """Return a row for each unit or building that has something, and what is left over."""
    unit: Any = seen(Unit, moment)
    building: Any = seen(Building, moment)
    compound: Any = seen(Compound, moment)
    counted = _by_key(metric, level=level, within=within, moment=moment).subquery("counted")
    one: Any = unit if level == "unit" else building
    query = select(counted.c.value, one.identifier, one.source_id,
                   *(getattr(building, name) for name in COLUMNS["b"]),
                   compound.name.label("compound")).select_from(counted)
    if level == "unit":
        query = query.add_columns(unit.designator, unit.position).outerjoin(
            unit, unit.id == counted.c.key).outerjoin(building, building.id == unit.building_id)
    else:
        query = query.outerjoin(building, building.id == counted.c.key)
    query = query.outerjoin(compound, compound.id == building.compound_id)
    return _named(session.execute(query.order_by(compound.name, one.id)).mappings(), level)


def _by_key(metric: str, *, level: str, within: tuple[int, int], moment: Moment) -> Any:
    """Select each unit or building with its count; those without one have no key."""
    thing = METRICS[metric].things(moment).subquery("thing")
    unit: Any = seen(Unit, moment)
    key: Any = thing.c.unit_id
    source: Any = thing
    if level == "building":
        key = func.coalesce(thing.c.building_id, unit.building_id)
        source = thing.outerjoin(unit, unit.id == thing.c.unit_id)
    return (select(key.label("key"), func.count().label("value")).select_from(source)
            .where(thing.c.scope.between(*within)).group_by(key))


def _named(rows: Any, level: str) -> tuple[list[Row], int]:
    found, residual = [], 0
    for row in rows:
        if row["identifier"] is None:
            residual += row["value"]
            continue
        label = (row["compound"] or "") + building_label(row)
        if level == "unit":
            label += unit_label(row)
        found.append(Row(row["identifier"], row["source_id"], label, row["value"]))
    return found, residual


def _area(caller: Caller, session: Session, division: str | None) -> Division | None:
    """Return the division asked for; one outside the caller's area is as unknown as any."""
    if division is None:
        if caller.everywhere:
            return None
        return division_called(session, caller.area)
    found = division_called(session, division)
    if not caller.holds(found.low or 0, found.high or 0):
        raise NotFound(f"No division is called {division[:40]!r}; give its code or identifier.")
    return found
