"""Orders over HTTP: taken in, listed, opened, worked on. The map's points are in web/scene.py."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, request
from sqlalchemy import select

from layers.across import orders_hints
from layers.across.duty import duty_of
from layers.across.orders import New, say
from layers.across.orders_clocks import clocks_of
from layers.across.orders_intake import (
    Report,
    clocks_for,
    deadlines,
    first_words,
    locate,
    routed,
    take,
)
from layers.across.orders_log import ALLOWED
from layers.across.orders_photos import keep_photo
from layers.across.orders_read import LIMIT_MOST, Wish, one, orders, row_of
from layers.across.orders_rights import may_say, may_take
from layers.across.orders_route import unit_names
from layers.across.orders_tables import IncidentPhoto
from layers.across.reach import writing_at
from layers.codelists import codelist
from spatial.audit import Event, record
from spatial.errors import InvalidInput, NotFound
from spatial.pictures import BYTES_MOST
from web.endpoint import endpoint
from web.params import choice, moment, number, position, text, whole, words, yes

bp = Blueprint("incidents", __name__)
WORDS_MOST = 4_000
SERVICE = choice("service_code", "What kind of request: a code of the list of services.",
                 tuple(codelist("service_code").codes))
WHERE = (
    text("place", "Identifier of the most precise place known: unit, storey, entrance …", most=20),
    position("point", "Where it is out of doors: lon,lat in degrees."),
    number("height", "Metres above ground.", least=-100, most=1000),
    text("address", "Where it is, as it was said.", most=500),
)
CHOSEN = (text("grid", "The clerk's choice where a border is near.", most=20),
          text("agency", "The clerk's choice where several agencies answer.", most=20))
OUTSIDE = (text("external_number", "The number of another system's order.", most=80),
           text("external_category", "The category of another system.", most=200),
           moment("due_at", "The deadline that another system has set."),
           moment("requested_at", "When it was reported; by default now."))
DESCRIPTION = words("description", "What was reported; only its handlers read it.",
                    most=WORDS_MOST)
TAKE = (SERVICE.needed(), choice("channel", "How it came in.", tuple(codelist("channel").codes),
                                 default="hotline"),
        DESCRIPTION, *WHERE, *CHOSEN, *OUTSIDE,
        text("caller_name", "Who reported.", most=100),
        text("caller_phone", "A phone for calling back; stored sealed.", most=40))
STATUSES = ("active", *codelist("incident_status").codes)
LIST = (choice("status", "One status, or all that are active.", STATUSES), SERVICE,
        text("owner", "A unit that owns the order or helps.", most=20),
        choice("level", "Only what has risen to this level.", tuple(codelist("post_level").codes)),
        yes("overdue", "Only what is not done after its deadline."),
        text("receipt", "The beginning of a receipt number, or another system's number.", most=80),
        whole("limit", "How many at most.", least=1, most=LIMIT_MOST, default=50),
        text("cursor", "What `next` of the page before said.", most=80))
REASON = text("reason", "Why: a word of ours; kept in the log.", most=200)
STEP = (
    choice("kind", "What happened.", tuple(ALLOWED)).needed(), REASON,
    words("note", "Words beside it; only the order's handlers read them.", most=WORDS_MOST),
    text("to", "The unit that takes the order, or a part of it.", most=20),
    text("into", "The order that goes on after a merge.", most=20),
    text("by_time", "How much longer: 30min, 48h, 3d.", most=20),
    yes("ok", "Whether a check on the spot passed."),
    choice("rating", "The caller's rating.", tuple(codelist("satisfaction").codes)),
    SERVICE, whole("version", "How many entries you have seen; others since then are a 409.",
                   least=1, most=1_000_000))
SAID = {"passed": ("to", "reason"), "shared": ("to",), "merged": ("into",),
        "extended": ("by_time", "reason"), "checked": ("ok", "reason"), "rated": ("rating",)}


@bp.post("/api/incidents")
@endpoint(body=TAKE, personal=True, status=201)
def create(**said: Any) -> tuple[dict[str, Any], int]:
    """Take a report in; the answer has its receipt number, its owner and its deadlines.

    Where the place lies at a border of grids, or several agencies answer alike, the answer is
    409 with the choices: send `grid` or `agency` with the one that is meant.
    """
    may_take(g.caller)
    order = take(g.session, g.vault, g.caller, Report(**said), zone=g.zone,
                 border_m=g.settings.border_metres)
    record(g.session, g.vault, Event(actor=g.caller.actor, role=g.caller.role,
                                     action="order-take", subjects=(order.receipt,)))
    return _opened(order.receipt), 201


@bp.post("/api/incidents/preview")
@endpoint(body=(SERVICE.needed(), *WHERE, *CHOSEN), personal=True)
def preview(**said: Any) -> dict[str, Any]:
    """Tell, before it is saved, where a report is, who answers, until when, and what is alike."""
    may_take(g.caller)
    report = Report(channel="hotline", **said)
    located = locate(g.session, report, g.caller)
    way = routed(g.session, report, located, border_m=g.settings.border_metres)
    clocks = clocks_for(g.session, report, way)
    said = first_words(report, way, clocks, indoors="unit_id" in located.columns)
    on_site, finish = deadlines(g.session, said, datetime.now(g.zone), g.zone)
    return {"place": located.place, "asks": way.asks, "owner": _unit(way.owner),
            "grids": [_unit(each) for each in way.grids],
            "agencies": [_unit(each) for each in way.agencies], "posts": list(way.posts),
            "duty": duty_of(g.session, way.owner.ref, g.zone),
            "on_site_due": on_site and on_site.isoformat(),
            "finish_due": finish and finish.isoformat(), "sensitive": clocks.sensitive,
            "alike": orders_hints.alike(g.session, g.caller, located, report.service_code,
                                        g.language)}


@bp.post("/api/incidents/guess")
@endpoint(body=(DESCRIPTION.needed(),), personal=True)
def guess(description: str) -> dict[str, Any]:
    """Tell what kind of request a description may be, and by which words."""
    return {"items": orders_hints.guess(description, g.language), "next": None}


@bp.get("/api/incidents/orders")
@endpoint(*LIST, personal=True)
def listed(service_code: str | None, **said: Any) -> dict[str, Any]:
    """List the orders that the caller may see, the most pressing first. The read is recorded."""
    found = orders(g.session, g.caller, Wish(service=service_code, **said), g.language)
    if found["items"]:
        record(g.session, g.vault, Event(
            actor=g.caller.actor, role=g.caller.role, action="orders", purpose="service",
            subjects=tuple(one["identifier"] for one in found["items"]), seen=("incident_text",)))
    return found


@bp.get("/api/incidents/<name>")
@endpoint(personal=True)
def opened(name: str) -> dict[str, Any]:
    """Return one order with its log: by identifier or receipt number. The read is recorded."""
    return _opened(name)


@bp.post("/api/incidents/<name>/events")
@endpoint(body=STEP, personal=True, status=201)
def step(name: str, kind: str, note: str | None, version: int | None, **said: Any,
         ) -> tuple[dict[str, Any], int]:
    """Say what happened to an order: accept, return, pass on, pause, be on site, and so on.

    Who passes an order on may not see it any longer: the answer is then its receipt alone.
    """
    found = row_of(g.session, g.caller, name)
    may_say(g.caller, kind)
    told = step_words(kind, said, indoors=found.unit_id is not None)
    order = found.IncidentOrder
    with writing_at(g.session, g.vault, g.caller, order.scope):
        say(g.session, order, New(kind=kind, by=g.caller.actor, said=told, note=note),
            zone=g.zone, version=version)
    record(g.session, g.vault, Event(actor=g.caller.actor, role=g.caller.role, note=kind,
                                     action="order-step", case=found.identifier))
    try:
        return _opened(found.identifier), 201
    except NotFound:
        return {"identifier": found.identifier, "receipt": order.receipt}, 201


@bp.post("/api/incidents/<name>/photos")
@endpoint(personal=True, most_bytes=BYTES_MOST, status=201)
def add_photo(name: str) -> tuple[dict[str, Any], int]:
    """Keep a picture of the place: the body is a JPEG, PNG or WebP; it is encoded anew."""
    found = row_of(g.session, g.caller, name)
    may_say(g.caller, "photo")
    order = found.IncidentOrder
    with writing_at(g.session, g.vault, g.caller, order.scope):
        photo = keep_photo(g.session, order, request.get_data())
        say(g.session, order, New(kind="photo", by=g.caller.actor, said={"photo": photo.id}),
            zone=g.zone)
    return {"photo": photo.id}, 201


@bp.get("/api/incidents/<name>/photos/<int:number>")
@endpoint(personal=True, media="image/jpeg")
def photo(name: str, number: int) -> Response:
    """Show a picture of an order to who may see the order; the read is recorded."""
    found = row_of(g.session, g.caller, name)
    image = g.session.scalar(select(IncidentPhoto.image).where(
        IncidentPhoto.id == number, IncidentPhoto.incident_id == found.id))
    if image is None:
        raise NotFound("There is no such picture here.")
    record(g.session, g.vault, Event(actor=g.caller.actor, role=g.caller.role,
                                     action="order-photo", case=found.identifier))
    return Response(image, mimetype="image/jpeg")


def step_words(kind: str, said: dict[str, Any], *, indoors: bool) -> dict[str, Any]:
    """Return what the log keeps of a step; refuse what this kind does not take."""
    if kind == "retyped":
        if not said["service_code"]:
            raise InvalidInput("retyped needs `service_code`: the right kind of request.")
        return clocks_of(g.session, said["service_code"]).said(indoors=indoors)
    wanted = SAID.get(kind, ("reason",))
    if extra := [name for name, value in said.items() if value and name not in wanted]:
        raise InvalidInput(f"{kind} takes no {extra[0]}; it takes: {', '.join(wanted)}.")
    if said["to"] and said["to"] not in unit_names(g.session, [said["to"]]):
        raise InvalidInput(f"There is no unit {said['to']!r}; give the identifier of an agency, a "
                           "division or a grid.")
    return {name: said[name] for name in wanted if said[name] not in (None, "")}


def _opened(name: str) -> dict[str, Any]:
    """Return one order, and who is on duty now at the unit that owns it."""
    found = one(g.session, g.vault, g.caller, name, g.language)
    return found | {"duty": duty_of(g.session, found["owner"]["ref"], g.zone)}


def _unit(one: Any) -> dict[str, Any]:
    return {"ref": one.ref, "name": one.name, "phone": one.phone}
