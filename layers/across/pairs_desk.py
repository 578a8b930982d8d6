"""Two records side by side for people at a page: what each says, what differs, what they share.

Of places and organizations the fields are shown as they are. Persons are read by the one door to
them (persons.py), for verification: masked as the role has it, within the area, on the record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from layers import catalogue
from layers.access import Sight
from layers.across.pairs import SourcePair, SourcePairVote, refuse_decided
from layers.across.persons import PersonReader
from layers.across.places import place_json
from layers.across.review_desk import reviewer
from layers.base import Field, Layer
from layers.caller import Caller
from layers.codelists import codelist
from layers.text import Bilingual
from spatial.config import Settings
from spatial.errors import Conflict, NotFound

if TYPE_CHECKING:
    from spatial.sealing import Vault

#: Pairs that are numbered on the page; the rest follows as these are answered.
MOST_QUEUED = 500
#: The first half of the advisory lock on a pair.
_LOCK = 7_302
#: What is shown of a person, with its title and the column that tells whether both are equal.
PERSON: Mapping[str, tuple[Bilingual, str]] = {
    "name": (Bilingual("Name", "姓名"), "name"),
    "former_name": (Bilingual("Former name", "曾用名"), "former_name"),
    "sex": (Bilingual("Sex", "性别"), "sex"),
    "age_band": (Bilingual("Age", "年龄"), "age_band"),
    "id_number": (Bilingual("ID number", "身份证号"), "id_number_key"),
    "phone": (Bilingual("Phone", "联系电话"), "phone_key"),
    "place": (Bilingual("Home", "住所"), "place"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One field of both records; a value is text, or words in both languages."""

    title: Bilingual
    first: Any
    second: Any
    differs: bool


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A pair as the page shows it; `points` are where the two lie, as far as they lie anywhere."""

    pair: SourcePair
    layer: Layer
    sources: tuple[tuple[str, str, Any], tuple[str, str, Any]]     # source, id, known since
    lines: tuple[Line, ...]
    points: tuple[tuple[float, float] | None, ...]
    votes: tuple[SourcePairVote, ...]


def queue(session: Session, caller: Caller) -> list[int]:
    """Return the open pairs of the caller's area that they have not answered yet."""
    mine = select(SourcePairVote.pair_id).where(SourcePairVote.by == caller.actor,
                                                SourcePairVote.withdrawn.is_(None))
    return list(session.scalars(
        _visible(caller, select(SourcePair.id)).where(
            SourcePair.decided.is_(None), SourcePair.id.not_in(mine))
        .order_by(SourcePair.id).limit(MOST_QUEUED)))


def counts(session: Session, caller: Caller) -> dict[str, int]:
    """Return how many pairs are open, wait for a second person, and were settled."""
    voted = select(SourcePairVote.pair_id).where(SourcePairVote.withdrawn.is_(None))
    wanted: Any = select(
        func.count().filter(SourcePair.decided.is_(None)),
        func.count().filter(SourcePair.decided.is_(None), SourcePair.id.in_(voted)),
        func.count().filter(SourcePair.decided.is_not(None)))
    row: Any = session.execute(_visible(caller, wanted)).one()
    return {"open": row[0], "second": row[1], "settled": row[2]}


def asked(session: Session, caller: Caller, number: int) -> SourcePair:
    """Return one pair of the caller's area."""
    one: SourcePair | None = session.scalar(
        _visible(caller, select(SourcePair)).where(SourcePair.id == number))
    if one is None:
        raise NotFound(f"There is no pair {number} in your area.")
    return one


def side_by_side(session: Session, vault: "Vault", settings: Settings, caller: Caller,
                 number: int) -> SideBySide:
    """Return both records of a pair, as the caller may see them."""
    one = asked(session, reviewer(caller), number)
    layer = layer_of(one)
    rows = _rows(session, layer, one)
    if layer.public:
        lines = _lines(session, layer, caller, *rows)
    else:
        reader = PersonReader(session, vault, caller, purpose="verification", settings=settings)
        lines = _persons(reader.of([row["id"] for row in rows], action="pair-review"), *rows)
    first, second = ((str(row["source"] or ""), str(row["source_id"] or ""), row["creation_date"])
                     for row in rows)
    return SideBySide(one, layer, (first, second), tuple(lines),
                      _points(session, layer, rows), tuple(standing(session, number)))


def vote(session: Session, caller: Caller, number: int, *, same: bool, persons: int) -> bool:
    """Say whether a pair is one thing; tell if that settles it.

    It is settled when `persons` different people say the same. Raises Conflict when it was
    settled in the meantime.
    """
    one = asked(session, reviewer(caller), number)
    session.execute(select(func.pg_advisory_xact_lock(_LOCK, number)))
    session.refresh(one)
    refuse_decided(one)
    _withdraw_own(session, caller, number)
    session.add(SourcePairVote(pair_id=number, same=same, by=caller.actor))
    session.flush()
    agreed = list(dict.fromkeys(v.by for v in standing(session, number) if v.same is same))
    if len(agreed) < persons:
        return False
    one.same, one.decided, one.decided_by = same, func.now(), ", ".join(agreed)[:80]
    session.flush()
    return True


def withdraw(session: Session, caller: Caller, number: int) -> None:
    """Take the caller's own vote back; what it settled is open again, unless it was merged."""
    one = asked(session, reviewer(caller), number)
    if one.merged is not None:
        raise Conflict(f"The records of pair {number} are one by now; a steward parts them.")
    if not _withdraw_own(session, caller, number):
        raise Conflict(f"You have said nothing of pair {number} that could be taken back.")
    if one.decided is not None:
        one.same = one.decided = one.decided_by = None
        session.flush()


def standing(session: Session, number: int) -> list[SourcePairVote]:
    """Return the votes on a pair that were not withdrawn, the oldest first."""
    return list(session.scalars(select(SourcePairVote).where(
        SourcePairVote.pair_id == number, SourcePairVote.withdrawn.is_(None))
        .order_by(SourcePairVote.id)))


def identifiers(session: Session, one: SourcePair) -> tuple[str, str]:
    """Return the public identifiers of both records."""
    first, second = _rows(session, layer_of(one), one)
    return first["identifier"], second["identifier"]


def layer_of(one: SourcePair) -> Layer:
    """Return the layer that both records of a pair belong to."""
    return next(layer for layer in catalogue().values() if layer.table.name == one.layer)


def _visible(caller: Caller, query: Select[Any]) -> Select[Any]:
    """Keep the pairs that lie in the caller's area, both of each."""
    return query if caller.everywhere else query.where(caller.within(SourcePair.scope))


def _withdraw_own(session: Session, caller: Caller, number: int) -> bool:
    own = [v for v in standing(session, number) if v.by == caller.actor]
    for said in own:
        said.withdrawn = func.now()
    session.flush()
    return bool(own)


def _rows(session: Session, layer: Layer, one: SourcePair) -> list[Any]:
    columns = [c for c in layer.table.c if c.name not in ("geometry", "geom_3857", "solid")]
    found = {row["id"]: row for row in session.execute(select(*columns).where(
        layer.table.c.id.in_((one.first_id, one.second_id)))).mappings()}
    if len(found) < 2:  # noqa: PLR2004
        raise NotFound(f"One of the records of pair {one.id} is gone.")
    return [found[one.first_id], found[one.second_id]]


def _lines(session: Session, layer: Layer, caller: Caller, first: Mapping[str, Any],
           second: Mapping[str, Any]) -> list[Line]:
    lines = []
    for key, about in layer.ledger_fields().items():
        if about.sealed or caller.sees(about.audience) is not Sight.CLEAR or (
                first[key] is None and second[key] is None):
            continue
        one, two = (_shown(session, about, row[key]) for row in (first, second))
        lines.append(Line(about.title, one, two, None not in (first[key], second[key])
                          and first[key] != second[key]))
    return lines


def _shown(session: Session, about: Field, value: Any) -> Any:
    """Return a value in words: that of a code list, the label of a place, a list in one line."""
    if value is None:
        return None
    if about.refers:
        layer = next(one for one in catalogue().values() if one.table.name == about.refers)
        places = place_json(session, [(layer.model.prefix, value)]) if layer.level else []
        return places[0]["label"] if places else str(value)
    if about.codelist:
        return codelist(about.codelist).codes.get(str(value), value)
    if isinstance(value, list):
        return "、".join(map(str, value))
    return f"{value} {about.unit}" if about.unit else str(value)


def _persons(seen: Mapping[int, dict[str, Any]], first: Mapping[str, Any],
             second: Mapping[str, Any]) -> list[Line]:
    told = [seen.get(row["id"], {}) for row in (first, second)]
    lines = []
    for name, (title, column) in PERSON.items():
        one, two = (_of_person(name, said.get(name)) for said in told)
        if one is None and two is None:
            continue
        key = first.get(column, one), second.get(column, two)
        lines.append(Line(title, one, two, None not in key and key[0] != key[1]))
    return lines


def _of_person(name: str, value: Any) -> Any:
    if name == "place" and value:
        return value["full_label"] if "full_label" in value else value["label"]
    if name == "sex" and value:
        return codelist("sex").codes.get(str(value), value)
    return value


def _points(session: Session, layer: Layer, rows: list[Mapping[str, Any]]
            ) -> tuple[tuple[float, float] | None, ...]:
    if not layer.level:
        return ()
    found = {place["identifier"]: place for place in place_json(
        session, [(layer.model.prefix, row["id"]) for row in rows])}
    points = [(found.get(row["identifier"]) or {}).get("point") for row in rows]
    return tuple(tuple(point) if point else None for point in points)
