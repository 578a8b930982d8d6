"""The rows a place's chain is made of, for many places of any layer by two statements.

A place hangs on its building, its grid, its compound or its street by keys; the statement
follows every such key at once by outer joins over primary keys. The same statement reads the
present (prepared once a connection) or a day in the past (spatial.history.seen).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from typing import Any

from sqlalchemy import Select, bindparam, case, column, func, literal_column, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session, aliased

from layers import catalogue
from layers.base import Feature
from spatial.history import NOW, Moment, seen
from spatial.prepared import run_prepared, written

#: What each rung contributes to labels, beside its identity.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "q": ("kind", "name", "height"),
    "u": ("designator", "position", "base_m", "top_m"),
    "f": ("label", "index", "base_m", "top_m"),
    "e": ("number", "label"),
    "p": ("number",),
    "b": ("label", "number", "name", "plate"),
    "c": ("name",),
    "s": ("name",),
    "g": ("name", "code"),
    "d": ("level", "kind", "name", "code"),
}
#: Whose geometry answers for a place, the most exact first.
ANCHORS: Mapping[str, str] = {"q": "qubc", "u": "uebc", "f": "bc", "e": "ebc", "p": "pbc",
                              "b": "bc", "c": "c", "s": "s", "g": "g", "d": "d"}
_IDENTITY = ("id", "identifier", "source_id")
#: More than any tree of divisions is deep; it ends a tree that bites its tail.
DEEPEST = 12
Tables = Mapping[str, Any]


@cache
def models() -> Mapping[str, type[Feature]]:
    """Return the model of each layer of places by the letter of its identifiers."""
    by_letter = {layer.model.prefix: layer.model for layer in catalogue().values()}
    return {letter: by_letter[letter] for letter in COLUMNS}


def rungs(session: Session, refs: Sequence[tuple[str, int]], *,
          moment: Moment = NOW) -> Sequence[Any]:
    """Return one row for each of `refs` that exists: `rank` (its position) and all its rungs."""
    values = [letter for letter, _ in refs], [key for _, key in refs]
    if moment.is_now:
        return run_prepared(session, "place_rungs", sql=_present_rungs(), values=values)
    asked = func.unnest(bindparam("letters", type_=_TEXTS), bindparam("keys", type_=_KEYS))
    statement = _rungs(asked, partial(_as_of, moment))
    return session.execute(statement, {"letters": values[0], "keys": values[1]}).all()


def ancestors(session: Session, divisions: Iterable[int], *,
              moment: Moment = NOW) -> dict[int, list[Any]]:
    """Return for each division the rows from the top of the tree down to itself."""
    wanted = sorted(set(divisions))
    if moment.is_now:
        rows = run_prepared(session, "place_ancestors", sql=_present_ancestors(), values=[wanted])
    else:
        statement = _ancestors(seen(models()["d"], moment), func.unnest(
            bindparam("keys", type_=_KEYS)))
        rows = session.execute(statement, {"keys": wanted}).all()
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.home, []).append(row)
    return found


_TEXTS = postgresql.ARRAY(postgresql.TEXT)
_KEYS = postgresql.ARRAY(postgresql.BIGINT)


@cache
def _present_rungs() -> str:
    return written(_rungs(func.unnest(literal_column("(SELECT $1::text[])"),
                                       literal_column("(SELECT $2::bigint[])")), _present))


@cache
def _present_ancestors() -> str:
    return written(_ancestors(aliased(models()["d"]),
                               func.unnest(literal_column("(SELECT $1::bigint[])"))))


def _present(letter: str, key: Any) -> tuple[Any, Any, Any]:
    """Return a rung's columns, what to join, and by which condition."""
    one: Any = aliased(models()[letter])
    return one, one, one.id == key


def _as_of(moment: Moment, letter: str, key: Any) -> tuple[Any, Any, Any]:
    """The same as of a moment: from inside, `key` reaches the index of either table."""
    one: Any = seen(models()[letter], moment)
    columns = [getattr(one, column.name) for column in models()[letter].__table__.columns]
    found = select(*columns).where(one.id == key).correlate_except(one).offset(
        literal_column("0")).lateral()
    return found.c, found, found.c.id == key


def _rungs(asked: Any, attach: Callable[[str, Any], tuple[Any, Any, Any]]) -> Select[Any]:
    a = asked.table_valued("letter", "id", with_ordinality="rank",
                           name="a").render_derived()
    source: Any = a
    t: dict[str, Any] = {}
    joined = [a]
    for letter, key in KEYS.items():
        t[letter], one, condition = attach(letter, key(t, a))
        source = source.outerjoin(one, condition)
        joined.append(one)
    anchor = _once(_first_shape(t, a).label("shape"), *joined).lateral("anchor")
    shape = anchor.c.shape
    point = _once(func.ST_PointOnSurface(shape).label("point"), anchor).lateral("spot")
    own, begins, ends = (case(*((a.c.letter == letter, getattr(t[letter], name)) for letter in t))
                         for name in ("id", "valid_from", "valid_to"))
    return (select(a.c.rank, a.c.letter, a.c.id, _home(t, a).label("home"),
                   _anchor_letter(t, a).label("anchor"), begins.label("valid_from"),
                   ends.label("valid_to"),
                   func.ST_X(point.c.point).label("x"), func.ST_Y(point.c.point).label("y"),
                   *(f(shape).label(n) for n, f in _BOX.items()), *_described(t))
            .select_from(source.join(anchor, text("true")).join(point, text("true")))
            .where(own.is_not(None)).order_by(a.c.rank))


def _once(expression: Any, *given: Any) -> Select[Any]:
    """Select `expression` so that it is computed once a row, however often it is named."""
    return select(expression).correlate(*given).offset(literal_column("0"))


_BOX = {"west": func.ST_XMin, "south": func.ST_YMin, "east": func.ST_XMax, "north": func.ST_YMax}


def _described(t: Tables) -> list[Any]:
    """Return every rung's columns, named after its letter."""
    return [getattr(t[letter], name).label(f"{letter}_{name}")
            for letter, names in COLUMNS.items() for name in (*_IDENTITY, *names)]


def _own(a: Any, letter: str) -> Any:
    return case((a.c.letter == letter, a.c.id))


def _building(t: Tables, a: Any) -> Any:
    return func.coalesce(_own(a, "b"), *(t[letter].building_id for letter in "ufepq"))


def _grid(t: Tables, a: Any) -> Any:
    """Return the building's grid; what hangs on no building has the grid of its number."""
    grid = aliased(models()["g"])
    scope = func.coalesce(*(t[letter].scope for letter in "qpbc"))
    by_scope = (select(grid.id).where(grid.scope == scope).limit(literal_column("1"))
                .correlate_except(grid).scalar_subquery())
    return func.coalesce(_own(a, "g"), t["b"].grid_id, by_scope)


#: How each rung is reached from the rungs before it, in the order of joining.
KEYS: Mapping[str, Callable[[Tables, Any], Any]] = {
    "q": lambda _, a: _own(a, "q"),
    "u": lambda t, a: func.coalesce(_own(a, "u"), t["q"].unit_id),
    "f": lambda t, a: func.coalesce(_own(a, "f"), t["u"].storey_id),
    "e": lambda t, a: func.coalesce(_own(a, "e"), t["u"].entrance_id),
    "p": lambda _, a: _own(a, "p"),
    "b": _building,
    "c": lambda t, a: func.coalesce(_own(a, "c"), *(t[k].compound_id for k in "bpq")),
    "s": lambda t, a: func.coalesce(_own(a, "s"), t["p"].street_id,
                                    case((t["c"].id.is_(None), t["b"].street_id))),
    "g": _grid,
    "d": lambda _, a: _own(a, "d"),
}


def _home(t: Tables, a: Any) -> Any:
    """Return the division that a place lies in, by its keys, else by its scope."""
    q, p, b, c, s, g, d = (t[letter] for letter in "qpbcsgd")
    division: Any = aliased(models()["d"])
    scope = func.coalesce(q.scope, p.scope, b.scope, c.scope, s.scope)
    by_scope = (select(division.id).where(division.scope == scope).order_by(division.high)
                .limit(literal_column("1")).scalar_subquery())
    return func.coalesce(d.id, g.community_id, b.community_id, c.community_id,
                         case((a.c.letter == "s", s.district_id)), by_scope, s.district_id)


def _first_shape(t: Tables, a: Any) -> Any:
    return case(*((a.c.letter == letter, func.coalesce(*(t[k].geometry for k in order)))
                  for letter, order in ANCHORS.items()))


def _anchor_letter(t: Tables, a: Any) -> Any:
    """Return the letter of the rung whose geometry was taken."""
    def first(order: str) -> Any:
        return case(*((t[k].geometry.is_not(None), k) for k in order))

    return case(*((a.c.letter == letter, first(order)) for letter, order in ANCHORS.items()))


def _ancestors(division: Any, homes: Any) -> Any:
    h = homes.table_valued("home", name="h").render_derived()
    up = (select(column("home"), division.id.label("id"), division.parent_id.label("parent_id"),
                 literal_column("0").label("depth"))
          .select_from(h).join(division, division.id == h.c.home).cte("up", recursive=True))
    above = aliased(division)
    up = up.union_all(select(up.c.home, above.id, above.parent_id, up.c.depth + 1)
                      .join(above, above.id == up.c.parent_id).where(up.c.depth < DEEPEST))
    one = aliased(division)
    return (select(up.c.home, *(getattr(one, n) for n in (*_IDENTITY, *COLUMNS["d"])))
            .join(one, one.id == up.c.id).order_by(up.c.home, up.c.depth.desc()))
