"""Taking a report in: where it is, who answers, until when; then the order and its first entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from layers.across.lookup import lookup_address
from layers.across.orders import New, begin
from layers.across.orders_clocks import Clocks, calendars, clocks_of
from layers.across.orders_log import Entry, replay
from layers.across.orders_route import BORDER_M, Route, Spot, route
from layers.across.orders_tables import IncidentCaller, IncidentOrder
from layers.across.places import find, place_json
from layers.across.reach import writing_at
from layers.agencies import Agency
from layers.caller import Caller
from layers.codelists import codelist
from layers.divisions import Division
from layers.incidents import Incident
from spatial.codes import check_phone
from spatial.errors import (
    AddressNotUnderstood,
    Conflict,
    Forbidden,
    InvalidInput,
    RuleViolated,
)

if TYPE_CHECKING:
    from spatial.sealing import Vault

#: Letters of places that have a grid of their own, and the column an incident keeps them in.
INSIDE = {"u": "unit_id", "f": "storey_id", "e": "entrance_id", "b": "building_id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What somebody told the desk; the most precise place there is decides."""

    service_code: str
    channel: str
    description: str | None = None
    place: str | None = None
    point: tuple[float, float] | None = None
    height: float | None = None
    address: str | None = None
    caller_name: str | None = None
    caller_phone: str | None = None
    grid: str | None = None
    agency: str | None = None
    external_number: str | None = None
    external_category: str | None = None
    due_at: datetime | None = None
    requested_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Located:
    """Where a report is: for routing, for the incident's columns, and to be read back."""

    spot: Spot
    columns: Mapping[str, Any]
    place: Mapping[str, Any] | None


def locate(session: Session, report: Report, caller: Caller | None) -> Located:
    """Return the place of a report: the one named, else the point, else what the address says."""
    if report.place:
        return _at_place(session, report.place, report)
    if report.point:
        return _at_point(session, report.point, report)
    if not report.address:
        raise InvalidInput("A report needs a place, a point or an address.")
    try:
        found = lookup_address(session, report.address, limit=1)
    except AddressNotUnderstood:
        found = {}
    if found.get("match_class") in ("A", "B") and found.get("place"):
        return _at_place(session, found["place"]["identifier"], report)
    low = caller.low if caller and not caller.everywhere else session.scalar(
        select(func.min(Division.low))) or 0
    return Located(Spot(scope=low, by_place=True), {"address": report.address}, None)


def _at_place(session: Session, identifier: str, report: Report) -> Located:
    place = find(session, identifier)
    told = place_json(session, [place.ref])[0]
    lon, lat = told["point"] or (None, None)
    inside = place.ref.letter in INSIDE
    columns: dict[str, Any] = {"address": report.address, "height": report.height}
    if inside:
        columns[INSIDE[place.ref.letter]] = place.ref.id
        columns["building_id"] = _building(session, told)
    elif place.ref.letter == "c":
        columns["compound_id"] = place.ref.id
    elif lon is None:
        raise InvalidInput(f"{told['full_label']} has no position; give a point or a closer place.")
    if not inside and lon is not None:
        columns["geometry"] = f"SRID=4326;POINT({lon!r} {lat!r})"
    return Located(Spot(scope=place.scope, lon=lon, lat=lat, by_place=inside), columns, told)


def _building(session: Session, told: Mapping[str, Any]) -> int | None:
    for step in told["chain"]:
        if step["level"] == "building":
            return find(session, step["identifier"]).ref.id
    return None


def _at_point(session: Session, point: tuple[float, float], report: Report) -> Located:
    lon, lat = point
    row = session.execute(_UNDER, {"lon": lon, "lat": lat}).one()
    if row.scope is None:
        raise InvalidInput(f"{lon:g}, {lat:g} lies outside of every division of the registry; "
                           "check the order of longitude and latitude.")
    columns = {"geometry": f"SRID=4326;POINT({lon!r} {lat!r})", "address": report.address,
               "height": report.height, "building_id": row.building}
    refs = [("b", row.building)] if row.building else []
    told = place_json(session, refs)[0] if refs else None
    return Located(Spot(scope=row.scope, lon=lon, lat=lat), columns, told)


def routed(session: Session, report: Report, located: Located, *,
           border_m: int = BORDER_M) -> Route:
    """Return who answers for a report."""
    if report.service_code not in codelist("service_code").codes:
        raise InvalidInput(f"{report.service_code[:40]!r} is no service; GET /open311/v2/services "
                           "lists them.")
    return route(session, located.spot, report.service_code, border_m=border_m, grid=report.grid,
                 agency=report.agency)


def first_words(report: Report, way: Route, clocks: Clocks, *, indoors: bool) -> dict[str, Any]:
    """Return what the first entry of the log says: whose it is, and by which clocks."""
    due = report.due_at.isoformat() if report.due_at else None
    return {**clocks.said(indoors=indoors), "owner": way.owner.ref,
            **({"due_at": due} if due else {})}


def clocks_for(session: Session, report: Report, way: Route) -> Clocks:
    """Return the clocks of a report's service at the agency that takes it."""
    agency = session.scalar(select(Agency.id).where(Agency.identifier == way.owner.ref))
    return clocks_of(session, report.service_code, agency)


def deadlines(session: Session, said: Mapping[str, Any], at: datetime, zone: ZoneInfo,
              ) -> tuple[datetime | None, datetime | None]:
    """Return until when somebody is on the spot and all is done, were it received at `at`."""
    known = calendars(session, zone)
    state = replay([Entry(kind="received", at=at, by="", said=said)], known)
    return state.on_site_due(), state.finish_due(known)


def take(session: Session, vault: "Vault", caller: Caller, report: Report, *, zone: ZoneInfo,
         border_m: int = BORDER_M, silently: bool = False) -> IncidentOrder:
    """Store a report as an order and return it.

    Raises RuleViolated naming what must be chosen where the grid or the agency is in doubt, unless
    `silently` (the public form, where nobody can be asked: the first in line is taken, and the
    order says so to the desk by its first note).
    """
    _refuse_twice(session, report, caller)
    located = locate(session, report, caller)
    way = routed(session, report, located, border_m=border_m)
    if way.asks and not silently:
        options = [f"{name}: {one.ref} {one.name}" for name, several in (
            ("grid", way.grids), ("agency", way.agencies)) if len(several) > 1 for one in several]
        raise RuleViolated(f"Choose the {' and the '.join(way.asks)}: the place lies at a border.",
                           options)
    scope = _scope_of(session, way) if way.asks and way.grids else way.scope
    if not silently and not caller.holds(scope):
        raise Forbidden("This place lies outside of your area.")
    clocks = clocks_for(session, report, way)
    incident = _incident(session, report, located, caller, scope)
    note = f"归属待核：{'、'.join(one.name for one in way.grids)}" if way.asks else None
    said = first_words(report, way, clocks, indoors="unit_id" in located.columns)
    with writing_at(session, vault, caller, scope):
        order = begin(session, incident, New(kind="received", by=caller.actor, note=note, said=said,
                                             at=incident.requested_at),
                      zone=zone, sensitive=clocks.sensitive)
        _keep_caller(session, vault, report, incident)
    return order


def _scope_of(session: Session, way: Route) -> int:
    from layers.grids import Grid

    return session.scalar(select(Grid.scope).where(
        Grid.identifier == way.grids[0].ref)) or way.scope


def _refuse_twice(session: Session, report: Report, caller: Caller) -> None:
    """An outside number comes in once from each system."""
    if report.external_number and session.scalar(select(Incident.id).where(
            Incident.external_number == report.external_number,
            Incident.recorded_by == caller.actor).limit(1)):
        raise Conflict(f"{report.external_number[:80]} has been taken in already.")


def _incident(session: Session, report: Report, located: Located, caller: Caller,
              scope: int) -> Incident:
    at = report.requested_at or datetime.now(UTC)
    if at > datetime.now(UTC):
        raise InvalidInput("requested_at lies in the future.")
    incident = Incident(
        service_code=report.service_code, channel=report.channel, description=report.description,
        requested_at=at, scope=scope, recorded_by=caller.actor, status="open",
        external_number=report.external_number, external_category=report.external_category,
        due_at=report.due_at, **located.columns)
    session.add(incident)
    session.flush()
    return incident


def _keep_caller(session: Session, vault: "Vault", report: Report, incident: Incident) -> None:
    if not (report.caller_name or report.caller_phone):
        return
    phone = None
    if report.caller_phone:
        checked = check_phone(report.caller_phone)
        if not checked.valid:
            raise InvalidInput("phone: " + "; ".join(str(one) for one in checked.problems))
        phone = vault.seal("incident_caller", "phone", incident.identifier,
                           str(checked.normalized))
    session.add(IncidentCaller(incident_id=incident.id, scope=incident.scope,
                               name=report.caller_name, phone=phone))
    session.flush()


_UNDER = text(
    "WITH spot AS (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS p) SELECT "
    "(SELECT b.id FROM building b, spot WHERE b.valid_to IS NULL AND ST_Covers(b.geometry, p) "
    "ORDER BY b.id LIMIT 1) AS building, coalesce("
    "(SELECT g.scope FROM grid g, spot WHERE g.valid_to IS NULL AND ST_Covers(g.geometry, p) "
    "ORDER BY g.kind = 'exclusive' DESC, g.id LIMIT 1), "
    "(SELECT d.low FROM division d, spot WHERE d.valid_to IS NULL AND ST_Covers(d.geometry, p) "
    "ORDER BY d.high - d.low LIMIT 1)) AS scope")
