"""Open311 GeoReport v2: services, requests and tokens, in JSON and XML, open to everybody.

The words are the specification's (https://wiki.open311.org/GeoReport_v2/). Answers carry street or
compound, category, status and dates; coordinates, text and pictures are taken and never given.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Blueprint, Response, g, jsonify, request

from layers.across.orders_clocks import clocks_of
from layers.across.orders_intake import Report, take
from layers.across.orders_photos import keep_photo
from layers.across.orders_public import OVER, PERIOD, PUBLIC, Sought, by_receipt, public_orders
from layers.across.orders_tables import IncidentOrder
from layers.across.reach import writing_at
from layers.codelists import codelist
from spatial.errors import InvalidInput, NotFound, RegistryError
from spatial.pictures import BYTES_MOST
from web import limiting
from web.endpoint import endpoint
from web.errors import status_of
from web.params import Parameter, moment, read_pairs, text

bp = Blueprint("open311", __name__, url_prefix="/open311/v2")
FORMATS = ("json", "xml")
IDS_MOST = 50
JURISDICTION = text("jurisdiction_id", "Taken and not needed: there is one jurisdiction.", most=200)
API_KEY = text("api_key", "Taken and not needed.", most=200)
COMMON = (JURISDICTION, API_KEY)
WANTED = (
    text("service_request_id", "Numbers of requests, separated by commas.", most=1000),
    text("service_code", "Codes of services, separated by commas.", most=1000),
    moment("start_date", "Received since then; by default 90 days ago."),
    moment("end_date", "Received until then.", end_of_day=True),
    text("status", "open, closed or both.", most=20),
    text("extensions", "Taken and not needed.", most=20))
ADDRESS = (text("lat", "Latitude in degrees.", most=30), text("long", "Longitude in degrees.",
                                                              most=30),
           text("address_string", "Where it is, in words.", most=500),
           text("address_id", "Identifier of a place.", most=20))
PERSON = tuple(text(name, about, most=200) for name, about in (
    ("first_name", "Given name."), ("last_name", "Family name."), ("phone", "A phone."),
    ("email", "Taken and not kept."), ("device_id", "Taken and not kept."),
    ("account_id", "Taken and not kept."), ("media_url", "Taken and not fetched.")))
POSTED = (*COMMON, text("service_code", "The service.", most=40), *ADDRESS,
          text("description", "What is the matter.", most=4000), *PERSON)


@bp.errorhandler(RegistryError)
def failed(error: RegistryError) -> Response:
    """Answer an error as the specification has it: code and description."""
    g.session.rollback()
    status = status_of(error)
    answer = _answer("errors", "error", [{"code": status, "description": str(error)}])
    answer.status_code = status
    if retry := getattr(error, "retry_after", None):
        answer.headers["Retry-After"] = str(retry)
    return answer


@bp.get("/discovery.<any(json, xml):form>")
@endpoint(*COMMON, open=True)
def discovery(form: str, **_: Any) -> Response:
    """Tell where the service is and what it speaks."""
    end = {"specification": "http://wiki.open311.org/GeoReport_v2", "type": "production",
           "url": request.url_root.rstrip("/") + "/open311/v2",
           "formats": ["application/json", "text/xml"]}
    if form == "json":
        return jsonify({"contact": "", "key_service": "", "endpoints": [end]})
    return _answer("discovery", "endpoint", [end])


@bp.get("/services.<any(json, xml):form>")
@endpoint(*COMMON, open=True)
def services(form: str, **_: Any) -> Response:
    """List the types of request."""
    limiting.admit_public()
    return _answer("services", "service", [_service(code) for code in
                                           codelist("service_code").codes])


@bp.get("/services/<code>.<any(json, xml):form>")
@endpoint(*COMMON, open=True)
def definition(code: str, form: str, **_: Any) -> Response:
    """Describe one type of request; none of ours asks for more than place and words."""
    limiting.admit_public()
    if code not in codelist("service_code").codes:
        raise NotFound("service_code was not found.")
    if form == "json":
        return jsonify([{"service_code": code, "attributes": []}])
    root = Element("service_definition")
    SubElement(root, "service_code").text = code
    SubElement(root, "attributes")
    return _xml(root)


@bp.get("/requests.<any(json, xml):form>")
@endpoint(*COMMON, *WANTED, open=True)
def requests(form: str, service_request_id: str | None, service_code: str | None,
             start_date: datetime | None, end_date: datetime | None, status: str | None,
             **_: Any) -> Response:
    """List requests, those of the last 90 days by default; by their numbers at any age."""
    limiting.admit_public()
    receipts = _several(service_request_id)
    since = start_date or (end_date or datetime.now(UTC)) - PERIOD
    if end_date and end_date < since:
        raise InvalidInput("end_date lies before start_date.")
    states = _several(status)
    if wrong := [one for one in states if one not in ("open", "closed")]:
        raise InvalidInput(f"status is {wrong[0][:20]!r}; open or closed is wanted.")
    found = public_orders(g.session, Sought(
        receipts=receipts, services=_several(service_code), states=states,
        since=None if receipts else since, until=None if receipts else end_date))
    return _answer("service_requests", "request", [_request(one) for one in found])


@bp.get("/requests/<receipt>.<any(json, xml):form>")
@endpoint(*COMMON, text("extensions", "Taken and not needed.", most=20), open=True)
def one_request(receipt: str, form: str, **_: Any) -> Response:
    """Tell how one request stands."""
    limiting.admit_public()
    found = by_receipt(g.session, receipt)
    if found is None:
        raise NotFound("service_request_id was not found.")
    return _answer("service_requests", "request", [_request(found)])


@bp.get("/tokens/<token>.<any(json, xml):form>")
@endpoint(*COMMON, open=True)
def tokens(token: str, form: str, **_: Any) -> Response:
    """Give the number of a request for a token; here they are the same, known at once."""
    limiting.admit_public()
    if by_receipt(g.session, token) is None:
        raise NotFound("token was not found.")
    return _answer("service_requests", "request",
                   [{"service_request_id": token, "token": token}])


@bp.post("/requests.<any(json, xml):form>")
@endpoint(open=True, personal=True, status=201, most_bytes=BYTES_MOST + 64 * 1024)
def post(form: str) -> tuple[Response, int]:
    """Take a request in, as a form; a picture may come as `media`. Answers its number."""
    limiting.admit_report()
    said = posted(POSTED)
    order = report(said, channel="web")
    notice = clocks_of(g.session, order.service_code)
    answer = [{"service_request_id": order.receipt, "account_id": None,
               "service_notice": _notice(order, notice.finish)}]
    return _answer("service_requests", "request", answer), 201


def report(said: Mapping[str, Any], *, channel: str) -> IncidentOrder:
    """Take in what somebody without a sign-in reported, with a picture where one came along."""
    if not said.get("service_code"):
        raise InvalidInput("service_code must be given.")
    if said["service_code"] not in codelist("service_code").codes:
        raise NotFound("service_code was not found.")
    raw = _media()
    who = "".join(said.get(name) or "" for name in ("last_name", "first_name"))
    order = take(g.session, g.vault, PUBLIC, Report(
        service_code=said["service_code"], channel=channel, description=said.get("description"),
        place=said.get("address_id"), point=_point(said), address=said.get("address_string"),
        caller_name=who or None, caller_phone=said.get("phone")),
        zone=g.zone, border_m=g.settings.border_metres, silently=True)
    if raw:
        with writing_at(g.session, g.vault, PUBLIC, order.scope):
            keep_photo(g.session, order, raw)
    return order


def posted(declared: Sequence[Parameter]) -> dict[str, Any]:
    """Read the posted form, line breaks as spaces; attributes are passed over: none are asked."""
    pairs = [(name, " ".join(value.split())) for name, values in request.form.lists()
             for value in values if not name.startswith("attribute[") and value.strip()]
    return read_pairs(pairs, declared, g.zone)


def _point(said: Mapping[str, Any]) -> tuple[float, float] | None:
    given = said.get("long"), said.get("lat")
    if given == (None, None):
        return None
    try:
        lon, lat = (float(one) for one in given)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise InvalidInput("lat and long must both be numbers in degrees.") from None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InvalidInput("lat and long must be degrees.")
    return lon, lat


def _media() -> bytes:
    if extra := [name for name in request.files if name != "media"]:
        raise InvalidInput(f"{extra[0][:40]!r} is no file here; a picture is sent as media.")
    file = request.files.get("media")
    return file.read(BYTES_MOST + 1) if file and file.filename else b""


def _service(code: str) -> dict[str, Any]:
    words = codelist("service_code").codes[code]
    return {"service_code": code, "service_name": words.in_language(g.language),
            "description": f"{words.zh} {words.en}", "metadata": False, "type": "realtime",
            "keywords": f"{words.zh},{words.en}", "group": ""}


def _request(one: Mapping[str, Any]) -> dict[str, Any]:
    names = codelist("service_code")
    code, status = one["service_code"], one["status"]
    return {
        "service_request_id": one["receipt"], "status": "closed" if status in OVER else "open",
        "status_notes": codelist("incident_status").label(status, g.language),
        "service_name": names.label(code, g.language), "service_code": code, "description": None,
        "agency_responsible": None, "service_notice": None,
        "requested_datetime": _at(one["received_at"]), "updated_datetime": _at(one["changed_at"]),
        "expected_datetime": _at(one["finish_due"]), "address": one["area"], "address_id": None,
        "zipcode": None, "lat": None, "long": None, "media_url": None}


def _notice(order: IncidentOrder, _finish: str) -> str:
    due = order.finish_due.astimezone(g.zone).strftime("%Y-%m-%d %H:%M") if order.finish_due else ""
    return f"承诺办结时间 {due}" if g.language == "zh" else f"To be done by {due}"


def _at(moment_: datetime | None) -> str | None:
    return moment_.astimezone(g.zone).isoformat(timespec="seconds") if moment_ else None


def _several(said: str | None) -> list[str]:
    found = [one.strip() for one in (said or "").split(",") if one.strip()]
    if len(found) > IDS_MOST:
        raise InvalidInput(f"{len(found)} values are given; {IDS_MOST} fit.")
    return found


def _answer(root: str, each: str, items: Sequence[Mapping[str, Any]]) -> Response:
    """Write a list in the form that the path asks for."""
    if (request.view_args or {}).get("form") != "xml" and not request.path.endswith(".xml"):
        return jsonify(list(items))
    top = Element(root)
    for item in items:
        one = SubElement(top, each)
        for name, value in item.items():
            _write(one, name, value)
    return _xml(top)


def _write(parent: Element, name: str, value: Any) -> None:
    if isinstance(value, list):
        holder = SubElement(parent, name)
        for part in value:
            SubElement(holder, name.rstrip("s")).text = str(part)
        return
    text_ = str(value).lower() if isinstance(value, bool) else str(value)
    SubElement(parent, name).text = None if value is None else text_


def _xml(root: Element) -> Response:
    body = b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="utf-8")
    return Response(body, mimetype="text/xml")
