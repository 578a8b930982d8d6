"""Find a person: by ID number, by phone, by name; never without a purpose and an audit line.

`PersonReader` is the one way to the data of persons. It is made for one purpose, shows what the
role may see, and writes its line in the same transaction: who returns rows has told the audit.
An operator's answer ends at the community unless there is an open case at the person's place, or
the call in hand (security: one person is enough for a stalker).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Select
from sqlalchemy.orm import Session

from layers.access import PERSON_READERS, REVEALS, Role
from layers.across import person_queries as queries
from layers.across.callers import area_range
from layers.across.cases import Case, open_case
from layers.across.person_view import CHILD, Person, seen, view
from layers.across.places import place_json
from layers.caller import Caller
from layers.codelists import codelist
from layers.residents import Resident
from spatial import limits
from spatial.audit import Event, record
from spatial.codes import check_document, check_phone
from spatial.config import Settings
from spatial.errors import Forbidden, InvalidInput, NotFound
from spatial.naming import keys
from spatial.prepared import ask
from spatial.walls import whole_first

if TYPE_CHECKING:
    from spatial.sealing import Vault

HAN = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
LETTER = re.compile(r"[A-Za-z\u00c0-\u024f]")
HAN_LEAST, LETTERS_LEAST = 2, 3
#: A name alone gives an operator no more than this, and asks for more.
BY_NAME_ALONE = 10
LIMIT_MOST = 50
NO_CASE = "no case"


class Tie(NamedTuple):
    """A residency with the building that it is in."""

    Residency: Any
    in_building_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Who was found; `asks` names what would narrow a name that too many bear."""

    items: tuple[dict[str, Any], ...]
    asks: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


class PersonReader:
    """Reads persons for one caller and one purpose."""

    def __init__(self, session: Session, vault: "Vault", caller: Caller, *, purpose: str,
                 case: str | None = None, call: str | None = None,
                 settings: Settings | None = None) -> None:
        if caller.role not in PERSON_READERS:
            raise Forbidden(f"The role {caller.role} looks up no persons.")
        if purpose not in codelist("purposes").codes:
            raise InvalidInput("purpose is wanted: one of "
                               f"{', '.join(codelist('purposes').codes)}.")
        self._session, self._vault, self._caller = session, vault, caller
        self._purpose, self._case, self._call = purpose, case, call
        self._settings = settings or Settings()
        self._today = datetime.now(ZoneInfo(self._settings.zone)).date()
        self._open_case: Case | None = open_case(session, caller, case) if case else None

    def by_id_number(self, text: str) -> Found:
        """Find the one person with this ID number; a wrong number is explained."""
        key = self._vault.blind("id_number", _checked(check_document(text)))
        who = (self._session, self._settings, self._caller.actor)
        limits.spend(*who, "id", "id_day", unspent=("id_miss",))
        found = self._exactly("person-by-id", Resident.id_number_key, key)
        if not found.items:
            limits.note(*who, "id_miss")
        return found

    def by_phone(self, text: str) -> Found:
        """Find the persons who can be called at this number."""
        key = self._vault.blind("phone", _checked(check_phone(text)))
        limits.spend(self._session, self._settings, self._caller.actor, "open")
        return self._exactly("person-by-phone", Resident.phone_key, key)

    def by_name(self, text: str, *, street: str | None = None, birth_year: int | None = None,
                within: str | None = None, limit: int = BY_NAME_ALONE) -> Found:
        """Find persons by name, pinyin or initials; children are never found this way."""
        query = self._named(text, within)
        limits.spend(self._session, self._settings, self._caller.actor, "name")
        if street:
            query = query.where(queries.on_street(street))
        found = [one for one in self._load(query.limit(queries.CANDIDATES_MOST))
                 if not one.is_under(CHILD, self._today)
                 and (birth_year is None or one.birth_year == birth_year)]
        alone = self._caller.role is Role.OPERATOR and not (street or birth_year)
        most = min(limit, BY_NAME_ALONE if alone else LIMIT_MOST)
        asks = ("street", "birth_year") if alone and len(found) > most else ()
        return self._tell("person-by-name", found[:most], asks)

    def of(self, residents: Sequence[int], action: str = "occupants") -> dict[int, dict[str, Any]]:
        """Return what may be seen of these residents, by key; others' area leaves them out."""
        limits.spend(self._session, self._settings, self._caller.actor, "open")
        query = queries.unshielded(self._caller).where(Resident.id.in_(residents))
        found = self._load(query)
        items = self._tell(action, found, ()).items
        return {one.row.id: item for one, item in zip(found, items, strict=True)}

    def reveal(self, ref: str, field: str) -> dict[str, Any]:
        """Show one field of one person in full, this once; counted, and on the record for good."""
        role = self._caller.role
        if field not in REVEALS.get(role, ()):
            raise Forbidden(f"The role {role} is not shown {field} in full.")
        if self._open_case is None:
            raise Forbidden("An open case in your area is wanted to show a field in full.")
        limits.spend(self._session, self._settings, self._caller.actor, "reveal")
        found = self._load(queries.unshielded(self._caller).where(Resident.identifier == ref))
        if not found:
            raise NotFound("No person is called so here; check the ref.")
        if not self._may_see_home(found[0]):
            raise Forbidden("The case is not at this person's place.")
        record(self._session, self._vault, Event(
            actor=self._caller.actor, role=role, action="reveal", purpose=self._purpose,
            case=self._case, subjects=(ref,), seen=(field,)), durable=True)
        value = found[0].row.name if field == "name" else found[0].opened(field)
        return {"ref": ref, "field": field, "value": value}

    def _exactly(self, action: str, column: Any, key: bytes) -> Found:
        return self._tell(action, self._persons(self._by_key(column, key)), ())

    def _by_key(self, column: Any, key: bytes) -> Sequence[Any]:
        """Return the rows of a blind index: prepared, unless single grids bound the caller."""
        caller = self._caller
        if caller.numbers is not None:
            return self._session.scalars(queries.by_key(caller, column, key)).all()
        return ask(self._session, f"person_by_{column.key}",
                   sql=lambda: queries.by_key_prepared(column),
                   values=(caller.low, caller.high, caller.actor, key))

    def _named(self, text: str, within: str | None) -> Select[Any]:
        caller = _narrowed(self._session, self._caller, within)
        name = keys(text)
        if len(HAN.findall(text)) >= HAN_LEAST:
            if queries.has_gaps(text):
                return queries.by_gaps(caller, text)
            return queries.by_han(caller, name.fold, name.pinyin)
        letters = "".join(LETTER.findall(text)).lower().replace("ü", "v")
        if HAN.search(text) or len(letters) < LETTERS_LEAST:
            raise InvalidInput(f"name is too short: {HAN_LEAST} Chinese characters or "
                               f"{LETTERS_LEAST} letters are wanted.")
        return queries.by_letters(caller, letters)

    def _load(self, query: Select[Any]) -> list[Person]:
        return self._persons(self._session.scalars(query).all())

    def _persons(self, rows: Sequence[Any]) -> list[Person]:
        tied: dict[int, list[Tie]] = {row.id: [] for row in rows}
        if not tied:
            return []
        # Their ties outside the area are told too, by the community only (_ref).
        with whole_first(self._session) as first:
            found = ask(self._session, "person_ties", sql=queries.ties_prepared,
                        values=(list(tied),), first=first)
        for tie in found:
            tied[tie.resident_id].append(Tie(tie, tie.in_building_id))
        return [Person(row, tied[row.id], self._vault) for row in rows]

    def _tell(self, action: str, found: Sequence[Person], asks: tuple[str, ...]) -> Found:
        """Show what may be seen, and write the audit line of just that."""
        near = [self._may_see_home(one) for one in found]
        places = self._places(found, near)
        items = tuple(view(one, self._caller, homes, today=self._today)
                      for one, homes in zip(found, places, strict=True))
        note = NO_CASE if not all(near) else "call" if self._call else None
        record(self._session, self._vault, Event(
            actor=self._caller.actor, role=self._caller.role, action=action,
            purpose=self._purpose, case=self._case or self._call, note=note,
            subjects=tuple(one.row.identifier for one in found),
            seen=seen(items, self._caller, near=all(near))))
        remarks = ("Without an open case at the person's place the answer ends at the community.",)
        return Found(items=items, asks=asks, remarks=() if all(near) else remarks)

    def _may_see_home(self, one: Person) -> bool:
        if self._caller.role is not Role.OPERATOR or self._call:
            return True
        return self._open_case is not None and self._open_case.is_at(one.ties)

    def _places(self, found: Sequence[Person], near: Sequence[bool]
                ) -> list[list[dict[str, Any] | None]]:
        """Return the place of each tie of each person, as exact as the caller may know it."""
        wanted = [[self._ref(tie, exact) for tie in one.ties]
                  for one, exact in zip(found, near, strict=True)]
        coarse = self._communities(ref[1] for refs in wanted for ref in refs if ref[0] == "scope")
        refs = [[coarse.get(ref[1]) if ref[0] == "scope" else ref for ref in one]
                for one in wanted]
        flat = list(dict.fromkeys(ref for one in refs for ref in one if ref and ref[1]))
        known = dict(zip(flat, place_json(self._session, flat), strict=True))
        return [[known.get(ref) if ref else None for ref in one] for one in refs]

    def _ref(self, tie: Any, exact: bool) -> tuple[str, int]:
        one = tie.Residency
        inside = self._caller.holds(one.scope)
        if not (exact and inside):
            return "scope", one.scope
        return ("u", one.unit_id) if one.unit_id else ("b", one.building_id or 0)

    def _communities(self, scopes: Iterable[int]) -> dict[int, tuple[str, int]]:
        wanted = sorted(set(scopes))
        rows = self._session.execute(queries.communities(wanted)) if wanted else ()
        return {scope: ("d", division) for scope, division in rows}


def _narrowed(session: Session, caller: Caller, within: str | None) -> Caller:
    """Return the caller with the smaller of its area and `within`."""
    if within is None:
        return caller
    low, high = area_range(session, within)
    return replace(caller, low=max(low, caller.low), high=min(high, caller.high))


def _checked(report: Any) -> str:
    if not report.valid:
        raise InvalidInput("; ".join(str(one) for one in report.problems))
    return str(report.normalized)
