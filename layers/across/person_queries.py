"""Selects of persons within an area. Only layers/across/persons.py runs them, for it audits."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from layers.access import Role
from layers.buildings import Building
from layers.caller import Caller
from layers.compounds import Compound
from layers.divisions import Division
from layers.residents import Residency, Resident
from layers.streets import Street
from layers.units import Unit
from spatial.history import valid
from spatial.naming import fold_name
from spatial.prepared import written

#: Stand for characters of a name that nobody can read or type.
_OPEN = re.compile("[?？□*＊]")
#: Of how many namesakes the birth years are looked at.
CANDIDATES_MOST = 200
#: The last rung of an answer to an operator who has no case at the person's place.
LAST_WITHOUT_CASE = "community"
#: The shield under which only the named custodian knows of a person.
CUSTODIAN_ONLY = 2


def visible(caller: Caller) -> Select[Any]:
    """Select the residents who live or are registered in the caller's area, or belong to it.

    Who has been gone for long is nobody's to look up; whom a custodian keeps is the custodian's.
    """
    tie = select(Residency.id).where(Residency.resident_id == Resident.id,
                                     valid(Residency, func.now()), caller.within(Residency.scope))
    kept = or_(Resident.shield.is_(None), Resident.shield < CUSTODIAN_ONLY,
               Resident.custodian == caller.actor)
    return select(Resident).where(valid(Resident, func.now()), Resident.hidden_at.is_(None), kept,
                                  or_(caller.within(Resident.scope), tie.exists()))


def unshielded(caller: Caller) -> Select[Any]:
    """Select the visible residents whose home the caller may know."""
    if caller.role is Role.OFFICER:
        return visible(caller)
    return visible(caller).where(or_(Resident.shield.is_(None),
                                     Resident.custodian == caller.actor))


def by_key(caller: Caller, column: Any, key: Any) -> Select[Any]:
    """Select the persons of a blind index."""
    return visible(caller).where(column == key).order_by(Resident.id).limit(CANDIDATES_MOST)


def by_han(caller: Caller, fold: str, pinyin: str) -> Select[Any]:
    """Select by Chinese characters: the very name, then its beginning, then what sounds so."""
    same, begins = Resident.name_fold == fold, begins_with(Resident.name_fold, fold)
    sounds = Resident.name_pinyin == pinyin
    rank = case((same, 0), (begins, 1), else_=2)
    return (_by_name(caller).where(or_(same, begins, sounds))
            .order_by(rank, Resident.name_fold, Resident.id))


def by_gaps(caller: Caller, text: str) -> Select[Any]:
    """Select by a name with characters left open: 李?伟 and 李□伟 for one, 李*伟 for some."""
    head = _OPEN.split(text, maxsplit=1)[0]
    fold = "".join("." if c in "?？□" else ".*" if c in "*＊" else fold_name(c) for c in text)
    fits = Resident.name_fold.op("~", is_comparison=True)(f"^{fold}$")
    begins = begins_with(Resident.name_fold, fold_name(head))
    return (_by_name(caller).where(and_(begins, fits))
            .order_by(Resident.name_fold, Resident.id))


def has_gaps(text: str) -> bool:
    """Tell whether a name leaves characters open, behind a surname at least."""
    return bool(_OPEN.search(text)) and bool(fold_name(_OPEN.split(text, maxsplit=1)[0]))


def by_letters(caller: Caller, letters: str) -> Select[Any]:
    """Select by pinyin, its beginning, or initials."""
    same = Resident.name_pinyin == letters
    begins = begins_with(Resident.name_pinyin, letters)
    initials = Resident.name_initials == letters
    rank = case((same, 0), (initials, 1), else_=2)
    return (_by_name(caller).where(or_(same, begins, initials))
            .order_by(rank, Resident.name_fold, Resident.id))


def _by_name(caller: Caller) -> Select[Any]:
    """Select whom a name may find at all: nobody whose address is protected."""
    return visible(caller).where(Resident.shield.is_(None))


def begins_with(column: Any, text: str) -> ColumnElement[bool]:
    """Keep the values that begin with a text, by bytes.

    LIKE would not do: it is not leakproof, so behind row-level security no index serves it.
    """
    following = ord(text[-1]) + 1
    # The numbers between are halves of characters, which no text holds.
    after = text[:-1] + chr(0xE000 if following == 0xD800 else min(following, 0x10FFFF))
    return and_(column.op("~>=~", is_comparison=True)(text),
                column.op("~<~", is_comparison=True)(after))


def on_street(name: str) -> ColumnElement[bool]:
    """Keep who lives in a building on this street, or whose compound has a plate on it."""
    streets = select(Street.id).where(or_(Street.name == name, Street.aliases.contains([name])))
    homes = (select(Residency.resident_id)
             .outerjoin(Unit, Unit.id == Residency.unit_id)
             .join(Building, Building.id == func.coalesce(Residency.building_id, Unit.building_id))
             .outerjoin(Compound, Compound.id == Building.compound_id)
             .where(valid(Residency, func.now()),
                    or_(Unit.street_id.in_(streets), Building.street_id.in_(streets),
                        Compound.street_id.in_(streets))))
    return Resident.id.in_(homes)


#: A caller of whom a prepared statement is told only when it runs.
_SOMEONE = Caller(name=literal_column("$3::text"), role=Role.OFFICER,  # type: ignore[arg-type]
                  low=literal_column("$1::bigint"),  # type: ignore[arg-type]
                  high=literal_column("$2::bigint"))  # type: ignore[arg-type]


@cache
def by_key_prepared(column: Any) -> str:
    """Return `by_key` as a statement of low, high, actor and key ($1 to $4)."""
    return written(by_key(_SOMEONE, column, literal_column("$4::bytea")))


@cache
def ties_prepared() -> str:
    """Return `ties` as a statement of the persons' keys ($1)."""
    return written(ties(literal_column("$1::bigint[]")))


def ties(residents: Any) -> Any:
    """Select the present residencies of these persons with their building, living first."""
    building = func.coalesce(Residency.building_id, Unit.building_id).label("in_building_id")
    return (select(Residency, building).outerjoin(Unit, Unit.id == Residency.unit_id)
            .where(Residency.resident_id == func.any(residents), valid(Residency, func.now()))
            .order_by(Residency.resident_id, Residency.kind != "living", Residency.id))


def communities(scopes: Sequence[int]) -> Select[Any]:
    """Select (scope, division) of the community, or what stands for it, around each scope."""
    asked = func.unnest(list(scopes)).column_valued("around")
    return (select(asked, Division.id).ext(distinct_on(asked))
            .join(Division, and_(Division.low <= asked, Division.high >= asked,
                                 valid(Division, func.now())))
            .order_by(asked, Division.level != LAST_WITHOUT_CASE, Division.low.desc()))
