"""What of a person a role is shown: clear, masked or not at all. Masks are put on here.

The fields and their audiences are the layer's own; what is hidden is absent, not empty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from layers.access import Audience, Role, Sight
from layers.caller import Caller
from layers.residents import Resident
from spatial import masks

if TYPE_CHECKING:
    from spatial.sealing import Vault

CHILD = masks.CHILD
TABLE = Resident.__tablename__
#: What is shown in the place of a protected address.
CONTACT = "officer"


@dataclass(frozen=True, slots=True)
class Person:
    """One resident's row with the present residencies; sealed fields open one at a time."""

    row: Any                 # a Resident, or a row of its table
    ties: Sequence[Any]
    vault: "Vault"

    def opened(self, column: str) -> str | None:
        """Return a sealed field's value."""
        blob = getattr(self.row, column)
        return self.vault.unseal(TABLE, column, self.row.identifier, blob) if blob else None

    @property
    def birth_year(self) -> int | None:
        """Return the year of birth, where it is known."""
        text = self.opened("birth_date")
        return int(text[:4]) if text else None

    def age(self, today: date) -> int | None:
        """Return the age in years; of a partial birth date the least it can be."""
        text = self.opened("birth_date")
        if not text:
            return None
        year, month, day = (*(int(part) for part in text.split("-")), 12, 31)[:3]
        return today.year - year - ((today.month, today.day) < (month, day))

    def is_under(self, years: int, today: date) -> bool:
        """Tell whether this person is known to be younger than `years`."""
        age = self.age(today)
        return age is not None and age < years


def view(person: Person, caller: Caller, homes: Sequence[dict[str, Any] | None], *,
         today: date) -> dict[str, Any]:
    """Return what `caller` may see; `homes` are the places of the person's residencies."""
    row = person.row
    if _is_shielded(person, caller):
        return {"ref": row.identifier, "source_id": row.source_id, "contact": CONTACT,
                "name": _seen(caller, Audience.NAME, row.name, masks.name(row.name))}
    said: dict[str, Any] = {
        "ref": row.identifier, "source_id": row.source_id,
        "name": _seen(caller, Audience.NAME, row.name, masks.name(row.name)),
        **_former(person, caller), **_age(person, caller, today),
        "phone": _hint(person, caller, Audience.CONTACT, "phone"),
        "id_number": _hint(person, caller, Audience.ID_NUMBER, "id_number")}
    said = {key: value for key, value in said.items() if value is not None or key == "source_id"}
    if caller.sees(Audience.RESIDENCE) is not Sight.HIDDEN:
        said["place"] = next((home for home in homes if home), None)
        said["residencies"] = [_tie(tie.Residency, home)
                               for tie, home in zip(person.ties, homes, strict=True)]
    return said


def _is_shielded(person: Person, caller: Caller) -> bool:
    """Tell whether this caller is to ask the officer instead of knowing the address."""
    return (bool(person.row.shield) and caller.role is not Role.OFFICER
            and person.row.custodian != caller.actor)


def seen(items: Sequence[Mapping[str, Any]], caller: Caller, *, near: bool) -> tuple[str, ...]:
    """Return the names of the fields that these items show, for the audit."""
    shown = {name for item in items for name in item}
    hints = tuple(f"{name}:masked" for name in ("phone", "id_number") if name in shown)
    mask = ":masked" if caller.sees(Audience.NAME) is Sight.MASKED else ""
    names = tuple(name + mask for name in ("name", "former_name") if name in shown)
    plain = tuple(name for name in ("sex", "age_band") if name in shown)
    home = (("place" if near else "community",) if "place" in shown else ())
    return (*names, *plain, *hints, *home)


def _seen(caller: Caller, audience: Audience, clear: Any, masked: Any) -> Any:
    sight = caller.sees(audience)
    return clear if sight is Sight.CLEAR else masked if sight is Sight.MASKED else None


def _former(person: Person, caller: Caller) -> dict[str, Any]:
    former = person.row.former_name
    if not former:
        return {}
    return {"former_name": _seen(caller, Audience.NAME, former, masks.name(former))}


def _age(person: Person, caller: Caller, today: date) -> dict[str, Any]:
    if caller.sees(Audience.SEX_AGE) is Sight.HIDDEN:
        return {}
    age = person.age(today)
    return {"sex": person.row.sex, "age_band": None if age is None else masks.age_band(age)}


def _hint(person: Person, caller: Caller, audience: Audience, column: str) -> str | None:
    """Return a sealed field masked; clear it is never shown in an answer of many."""
    if caller.sees(audience) is Sight.HIDDEN:
        return None
    value = person.opened(column)
    return _MASKS[column](value) if value else None


_MASKS: Mapping[str, Any] = {"phone": masks.phone, "id_number": masks.id_number}


def _tie(one: Any, home: dict[str, Any] | None) -> dict[str, Any]:
    return {"kind": one.kind, "state": one.state,
            "from": one.valid_from.date().isoformat() if one.valid_from else None, "place": home}
