"""Visits come in from phones, are kept once, and wait for a supervisor where they differ.

Two values for one door are both kept, side by side; nothing is overwritten until somebody who did
not make the visit has chosen.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from layers.access import Role
from layers.across import findings as said_of
from layers.across import visit_photos
from layers.across.places import place_json
from layers.across.visit_list import CARRIED_H, VISITORS, present_stamp
from layers.caller import Caller
from layers.units import Unit
from layers.visits import OUTCOMES, Visit
from spatial.audit import Event, record
from spatial.errors import Conflict, Forbidden, InvalidInput, NotFound
from spatial.history import valid

if TYPE_CHECKING:
    from spatial.sealing import Vault

TABLE = Visit.__tablename__
#: Who settles what differs, in their own area.
SUPERVISORS = (Role.OFFICER,)
RECORDS_MOST, WAITING_MOST = 200, 100
MEMBERS = frozenset({"key", "unit", "outcome", "findings", "base", "seen_at"})
#: A phone's clock may be a little fast.
AHEAD = timedelta(minutes=5)


def take_in(session: Session, vault: "Vault", caller: Caller,
            records: Any) -> list[dict[str, Any]]:
    """Keep records of visits, each once; tell of each whether it was kept, and if not, why."""
    if caller.role not in VISITORS:
        raise Forbidden(f"The role {caller.role} makes no visits.")
    if not isinstance(records, list) or not 0 < len(records) <= RECORDS_MOST:
        raise InvalidInput(f"records is a list of 1 to {RECORDS_MOST} visits.")
    told = [_one(session, vault, caller, one) for one in records]
    record(session, vault, Event(actor=caller.actor, role=caller.role, action="visit",
                                 purpose="verification",
                                 subjects=tuple(one["unit"] for one in told if one.get("unit"))))
    return told


def _one(session: Session, vault: "Vault", caller: Caller, one: Any) -> dict[str, Any]:
    key = one.get("key") if isinstance(one, dict) else None
    try:
        with session.begin_nested():
            return {"key": key, **_kept(session, vault, caller, one)}
    except (InvalidInput, NotFound) as error:
        return {"key": key if isinstance(key, str) else None, "state": "wrong",
                "why": str(error)}


def _kept(session: Session, vault: "Vault", caller: Caller,
          one: Mapping[str, Any]) -> dict[str, Any]:
    key, at = _checked(one)
    known = session.scalars(select(Visit).where(Visit.key == key)).first()
    if known is not None:
        return {"unit": one["unit"], "state": known.state, "again": True}
    unit = session.execute(select(Unit.id, Unit.scope).where(
        Unit.identifier == one["unit"], valid(Unit, func.now()))).first()
    if unit is None or not caller.holds(unit.scope):
        raise NotFound("There is no such door in your area.")
    found = said_of.checked(one.get("findings") or [])
    conflict = _differs(session, unit.id, one["base"]) if found else False
    made = Visit(key=key, unit_id=unit.id, scope=unit.scope, outcome=one["outcome"],
                 base=one["base"], seen_at=at, actor=caller.actor, is_conflict=conflict,
                 state="waiting" if found or one["outcome"] == "gone" else "noted",
                 findings=_sealed(vault, key, found))
    session.add(made)
    session.flush()
    return {"unit": one["unit"], "state": made.state, "conflict": conflict}


def _checked(one: Any) -> tuple[str, datetime]:
    if not isinstance(one, dict) or set(one) - MEMBERS or not MEMBERS - {"findings"} <= set(one):
        raise InvalidInput(f"a visit has {', '.join(sorted(MEMBERS))}, and nothing else.")
    try:
        key, at = str(UUID(one["key"])), datetime.fromisoformat(one["seen_at"])
    except (ValueError, TypeError, AttributeError):
        raise InvalidInput("key is a UUID, and seen_at a time with its zone.") from None
    if at.tzinfo is None:
        raise InvalidInput("seen_at is a time with its zone.")
    now = datetime.now(UTC)
    if not now - timedelta(hours=CARRIED_H) <= at <= now + AHEAD:
        raise InvalidInput(f"seen_at is not within the last {CARRIED_H} hours; visit again.")
    if one["outcome"] not in OUTCOMES:
        raise InvalidInput(f"outcome is one of {', '.join(OUTCOMES)}.")
    if not all(isinstance(one[name], str) and len(one[name]) <= 64 for name in ("unit", "base")):
        raise InvalidInput("unit and base are texts as they were given.")
    if (one["outcome"] == "changed") != bool(one.get("findings")):
        raise InvalidInput("findings go with the outcome changed, and with no other.")
    return key, at


def _differs(session: Session, unit: int, base: str) -> bool:
    """Tell whether the register, or another visit, says something else than the phone showed."""
    others = session.scalar(select(func.count()).where(Visit.unit_id == unit,
                                                       Visit.state == "waiting"))
    return bool(others) or present_stamp(session, unit) != base


def _sealed(vault: "Vault", key: str, found: Sequence[Mapping[str, str]]) -> bytes | None:
    if not found:
        return None
    return vault.seal(TABLE, "findings", key, json.dumps(found, ensure_ascii=False))


def waiting(session: Session, vault: "Vault", caller: Caller) -> list[dict[str, Any]]:
    """Return what waits in a supervisor's area, by door, the oldest first."""
    _supervisor(caller)
    rows = session.scalars(select(Visit).where(
        Visit.state == "waiting", caller.within(Visit.scope))
        .order_by(Visit.unit_id, Visit.seen_at).limit(WAITING_MOST)).all()
    places = place_json(session, [("u", row.unit_id) for row in rows])
    names = {place["identifier"]: place for place in places}
    keys = {key: name for key, name in session.execute(select(Unit.id, Unit.identifier).where(
        Unit.id.in_([row.unit_id for row in rows])))}
    record(session, vault, Event(
        actor=caller.actor, role=caller.role, action="visit-review", purpose="verification",
        subjects=tuple(dict.fromkeys(keys.values()))))
    photos = visit_photos.keys_of(session, [row.id for row in rows])
    return [{**_told(vault, row, names.get(keys[row.unit_id], {})),
             "photos": photos.get(row.id, [])} for row in rows]


def settle(session: Session, vault: "Vault", caller: Caller, key: str, *, accept: bool,
           reason: str | None) -> dict[str, Any]:
    """Accept a visit's findings into the register, or refuse them with a reason.

    Nobody settles their own; what is settled stays so (Conflict).
    """
    _supervisor(caller)
    row = session.scalars(select(Visit).where(Visit.key == key).with_for_update()).first()
    if row is None or not caller.holds(row.scope):
        raise NotFound("There is no such visit in your area.")
    if row.actor == caller.actor:
        raise Forbidden("Nobody settles their own visit.")
    if row.state != "waiting":
        raise Conflict(f"The visit is {row.state} already.")
    if not accept and not reason:
        raise InvalidInput("reason is wanted to refuse a visit.")
    if accept:
        door = said_of.Door(row.unit_id, row.scope, row.seen_at, row.actor)
        said_of.apply(session, door, _opened(vault, row), caller.actor)
    row.state, row.reason = "accepted" if accept else "refused", reason
    row.findings = None      # what was accepted stands in the register, with its history
    visit_photos.drop_of(session, row.id)
    row.settled_by, row.settled_at = caller.actor, datetime.now(UTC)
    record(session, vault, Event(actor=caller.actor, role=caller.role, action="visit-settle",
                                 purpose="verification", note=row.state, subjects=(key,)))
    return {"key": key, "state": row.state}


def _supervisor(caller: Caller) -> None:
    if caller.role not in SUPERVISORS:
        raise Forbidden(f"The role {caller.role} settles no visits.")


def _opened(vault: "Vault", row: Visit) -> list[dict[str, str]]:
    if row.findings is None:
        return []
    found: list[dict[str, str]] = json.loads(
        vault.unseal(TABLE, "findings", row.key, row.findings))
    return found


def _told(vault: "Vault", row: Visit, place: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": row.key, "unit": place.get("identifier"), "label": place.get("full_label"),
            "outcome": row.outcome, "findings": _opened(vault, row), "by": row.actor,
            "seen_at": row.seen_at.isoformat(), "conflict": row.is_conflict}
