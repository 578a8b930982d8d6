"""Orders as their readers see them: a work list, and one order with its log and its words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, Select, func, literal, or_, select, text, tuple_
from sqlalchemy.orm import Session

from layers.access import Role
from layers.across.orders_levels import LEVEL
from layers.across.orders_log import ACTIVE
from layers.across.orders_rights import has_part, next_steps, visible
from layers.across.orders_route import area_names, unit_names
from layers.across.orders_tables import (
    IncidentCaller,
    IncidentEvent,
    IncidentNote,
    IncidentOrder,
    IncidentPhoto,
)
from layers.across.places import place_json
from layers.caller import Caller
from layers.codelists import codelist
from layers.incidents import Incident
from spatial import masks
from spatial.audit import Event, record
from spatial.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from spatial.sealing import Vault

LIMIT_MOST = 200
#: Columns of an incident that name its place, the closest first, with their layer's letter.
PLACES = (("unit_id", "u"), ("storey_id", "f"), ("entrance_id", "e"), ("building_id", "b"),
          ("compound_id", "c"))
LEVELS = ("community", "subdistrict", "district")
_NEVER = literal(datetime(9999, 1, 1, tzinfo=UTC), DateTime(timezone=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What of the orders is wanted."""

    status: str | None = None            # one status, or `active`
    service: str | None = None
    owner: str | None = None
    level: str | None = None             # grid, or the level that it has risen to
    overdue: bool = False
    receipt: str | None = None
    limit: int = 50
    cursor: str | None = None


def orders(session: Session, caller: Caller, wish: Wish, language: str) -> dict[str, Any]:
    """Return a page of orders, the most pressing first: `{items, next}`."""
    due = func.coalesce(IncidentOrder.finish_due, _NEVER)
    query = _rows().where(visible(caller), *_narrowed(wish)).order_by(
        due, IncidentOrder.incident_id).limit(wish.limit + 1)
    if wish.cursor:
        at, key = _cursor(wish.cursor)
        query = query.where(tuple_(due, IncidentOrder.incident_id) > tuple_(
            literal(at, DateTime(timezone=True)), literal(key)))
    rows = session.execute(query).all()
    items = told(session, rows[:wish.limit], language)
    more = rows[wish.limit - 1] if len(rows) > wish.limit else None
    return {"items": items, "next": more and _written(more)}


def one(session: Session, vault: "Vault", caller: Caller, name: str, language: str,
        ) -> dict[str, Any]:
    """Return one order with its log, its words and who reported it; the read is recorded."""
    row = row_of(session, caller, name)
    order, said = row.IncidentOrder, told(session, [row], language)[0]
    said |= {"version": order.entries, "next_steps": next_steps(caller, order.status),
             "log": _log(session, order.incident_id, language),
             "caller": _reporter(session, vault, caller, row),
             "photos": list(session.scalars(select(IncidentPhoto.id).where(
                 IncidentPhoto.incident_id == order.incident_id).order_by(IncidentPhoto.id)))}
    record(session, vault, Event(actor=caller.actor, role=caller.role, action="order",
                                 purpose="service", case=row.identifier,
                                 subjects=(row.identifier,), seen=("incident_text",)))
    return said


def row_of(session: Session, caller: Caller, name: str) -> Any:
    """Return the order called so, by identifier or receipt, that this caller may see."""
    row = session.execute(_rows().where(visible(caller), or_(
        Incident.identifier == name, IncidentOrder.receipt == name))).first()
    if row is None:
        raise NotFound("There is no such order here.")
    return row


def _rows() -> Select[Any]:
    return select(IncidentOrder, Incident.identifier, Incident.id, Incident.external_number,
                  *(getattr(Incident, name) for name, _ in PLACES),
                  func.ST_X(func.ST_PointOnSurface(Incident.geometry)).label("lon"),
                  func.ST_Y(func.ST_PointOnSurface(Incident.geometry)).label("lat"),
                  ).join(Incident, Incident.id == IncidentOrder.incident_id)


def _narrowed(wish: Wish) -> list[Any]:
    found: list[Any] = []
    if wish.status == "active":
        found.append(IncidentOrder.status.in_(ACTIVE))
    elif wish.status:
        found.append(IncidentOrder.status == wish.status)
    if wish.service:
        found.append(IncidentOrder.service_code == wish.service)
    if wish.owner:
        found.append(has_part(wish.owner))
    if wish.level:
        found.append(wish.level == LEVEL)
    if wish.overdue:
        found += [IncidentOrder.finish_due < func.now(), IncidentOrder.status.in_(ACTIVE),
                  IncidentOrder.done_at.is_(None)]
    if wish.receipt:
        found.append(or_(IncidentOrder.receipt.startswith(wish.receipt, autoescape=True),
                         Incident.external_number == wish.receipt))
    return found


def told(session: Session, rows: Sequence[Any], language: str) -> list[dict[str, Any]]:
    """Return orders as data; words are those that the wall lets this transaction see."""
    names = unit_names(session, [ref for row in rows for ref in (
        row.IncidentOrder.owner, *row.IncidentOrder.helpers)], language)
    refs = {row.id: ref for row in rows if (ref := _ref(row))}
    places = _places(session, refs.values())
    words = {word.id: word for word in session.execute(_WORDS, {"ids": [r.id for r in rows]})}
    now = datetime.now(UTC)
    areas = area_names(session, [row.IncidentOrder.scope for row in rows])
    return [_order(row, names, areas, places.get(refs.get(row.id)), words.get(row.id), now,
                   language) for row in rows]


def _ref(row: Any) -> tuple[str, int] | None:
    return next(((letter, getattr(row, name)) for name, letter in PLACES
                 if getattr(row, name) is not None), None)


def _places(session: Session, refs: Iterable[tuple[str, int]]) -> dict[Any, dict[str, Any]]:
    wanted = list(dict.fromkeys(refs))
    return dict(zip(wanted, place_json(session, wanted), strict=True))


def _order(row: Any, names: Mapping[str, str], areas: Mapping[int, str],
           place: dict[str, Any] | None, words: Any, now: datetime, language: str,
           ) -> dict[str, Any]:
    order = row.IncidentOrder
    return {
        "identifier": row.identifier, "receipt": order.receipt,
        "external_number": row.external_number,
        "service": _coded("service_code", order.service_code, language),
        "status": _coded("incident_status", order.status, language),
        "channel": _coded("channel", order.channel, language),
        "level": _coded("post_level", level_of(order, now), language),
        "owner": {"ref": order.owner, "name": names.get(order.owner, order.owner)},
        "helpers": [{"ref": ref, "name": names.get(ref, ref)} for ref in order.helpers],
        "overdue": is_overdue(order, now), **_moments(order),
        "urged": order.urged, "reopened": order.reopened, "merged_into": order.merged_into,
        "rating": _coded("satisfaction", order.rating, language),
        "description": words.description if words else None,
        "address": words.address if words else None, "place": place,
        "area": areas.get(order.scope), "point": _point(row, place)}


def _point(row: Any, place: dict[str, Any] | None) -> list[float] | None:
    if row.lon is not None:
        return [round(row.lon, 7), round(row.lat, 7)]
    return place["point"] if place else None


def _moments(order: IncidentOrder) -> dict[str, str | None]:
    names = ("received_at", "accepted_at", "on_site_at", "done_at", "closed_at", "on_site_due",
             "finish_due")
    return {name: at.isoformat() if (at := getattr(order, name)) else None for name in names}


def is_overdue(order: IncidentOrder, now: datetime) -> bool:
    """Tell whether an order is not done, or was done, after its deadline."""
    end = order.done_at or order.closed_at or now
    return order.finish_due is not None and order.status != "rejected" and end > order.finish_due


def level_of(order: IncidentOrder, now: datetime) -> str:
    """Return the level that an order has risen to: the highest whose moment has come."""
    end = order.done_at or order.closed_at or now
    reached = [level for level in LEVELS
               if (at := getattr(order, f"{level}_at")) is not None and at <= end]
    return reached[-1] if reached else "grid"


def _coded(name: str, code: str | None, language: str) -> dict[str, str] | None:
    return {"code": code, "label": codelist(name).label(code, language) or code} if code else None


def _log(session: Session, incident_id: int, language: str) -> list[dict[str, Any]]:
    rows = session.execute(
        select(IncidentEvent, IncidentNote.text).outerjoin(
            IncidentNote, IncidentNote.event_id == IncidentEvent.id)
        .where(IncidentEvent.incident_id == incident_id).order_by(IncidentEvent.id)).all()
    refs = [str(row.IncidentEvent.said[key]) for row in rows for key in ("owner", "to")
            if key in row.IncidentEvent.said]
    names = unit_names(session, refs, language)
    return [{"id": row.IncidentEvent.id, "at": row.IncidentEvent.at.isoformat(),
             "kind": _coded("order_step", row.IncidentEvent.kind, language),
             "by": row.IncidentEvent.actor, "said": row.IncidentEvent.said, "note": row.text,
             "to": names.get(str(row.IncidentEvent.said.get("to") or
                                 row.IncidentEvent.said.get("owner")))} for row in rows]


def _reporter(session: Session, vault: "Vault", caller: Caller, row: Any) -> dict[str, Any] | None:
    """Return who reported: clear to the handler of an open order, else masked."""
    found = session.get(IncidentCaller, row.id)
    if found is None:
        return None
    phone = vault.unseal("incident_caller", "phone", row.identifier, found.phone) if (
        found.phone) else None
    if caller.role is Role.HANDLER and row.IncidentOrder.status in ACTIVE:
        return {"name": found.name, "phone": phone}
    return {"name": masks.name(found.name) if found.name else None,
            "phone": masks.phone(phone) if phone else None}


def _written(row: Any) -> str:
    order = row.IncidentOrder
    return f"{order.finish_due.isoformat() if order.finish_due else '-'}~{order.incident_id}"


def _cursor(text_: str) -> tuple[datetime, int]:
    at, _, key = text_.partition("~")
    try:
        when = datetime(9999, 1, 1, tzinfo=UTC) if at == "-" else datetime.fromisoformat(at)
        if when.tzinfo is None or not 0 <= int(key) < 2**63:
            raise ValueError
        return when, int(key)
    except ValueError:
        raise InvalidInput("The cursor is none of ours; begin again without one.") from None


_WORDS = text("SELECT id, description, address FROM incident_words(:ids)")
