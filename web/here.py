"""The public page: who looks after this place, report something, ask how a report stands."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, g
from flask.typing import ResponseReturnValue

from layers.across.orders_here import here
from layers.across.orders_public import by_receipt
from layers.codelists import codelist
from spatial.errors import Conflict, InvalidInput, NotFound
from spatial.pictures import BYTES_MOST
from web import limiting
from web.endpoint import endpoint
from web.forms import page
from web.open311 import posted, report
from web.params import text

bp = Blueprint("here", __name__)
WORDS = Path(__file__).parent / "words" / "here.json"
AT = text("at", "A place's identifier (as a QR code has it), or an address.", most=300)
RECEIPT = text("receipt", "A receipt number.", most=20)
REPORT = (text("at", "The place.", most=300).needed(), text("service_code", "What kind.", most=40),
          text("description", "What is the matter.", most=4000),
          text("name", "Who reports; may be left out.", most=100),
          text("phone", "For calling back; may be left out.", most=40))


@bp.get("/here")
@endpoint(AT, RECEIPT, open=True, page=True, personal=True)
def shown(at: str | None, receipt: str | None) -> ResponseReturnValue:
    """Show who looks after a place, or how a report stands."""
    if at or receipt:
        limiting.admit_public()
    order = by_receipt(g.session, receipt) if receipt else None
    return _page(at=at, receipt=receipt, order=order, lost=bool(receipt) and order is None)


@bp.post("/here")
@endpoint(open=True, page=True, personal=True, most_bytes=BYTES_MOST + 64 * 1024)
def reported() -> ResponseReturnValue:
    """Take a report in and show its receipt number."""
    limiting.admit_report()
    said = posted(REPORT)
    found = here(g.session, said["at"], g.language)
    if found is None:
        return _page(at=said["at"], wrong="unknown")
    try:
        order = report({"service_code": said["service_code"], "description": said["description"],
                        "address_id": _kept(said["at"], found), "address_string": said["at"],
                        "last_name": said["name"], "phone": said["phone"]}, channel="web")
    except (InvalidInput, NotFound, Conflict) as error:
        g.session.rollback()
        return _page(at=said["at"], wrong=str(error))
    return _page(at=None, saved=order.receipt, due=order.finish_due)


def _kept(at: str, found: dict[str, Any]) -> str:
    """Return the place that is reported: the one scanned, else the building that was found."""
    return at if at.isascii() and at.isalnum() and len(at) == 17 else str(found["place"])


def _page(at: str | None, **more: Any) -> Response:
    found = here(g.session, at, g.language) if at else None
    services = [(code, label.in_language(g.language))
                for code, label in codelist("service_code").codes.items()]
    status = 422 if more.get("wrong") else 404 if more.get("lost") or (at and not found) else 200
    return page("here.html", words(g.language), status=status, at=at or "", found=found,
                services=services, names=dict(services), day=_day,
                states={code: one.in_language(g.language) for code, one in
                        codelist("incident_status").codes.items()}, **more)


def _day(moment: Any) -> str:
    return moment.astimezone(g.zone).strftime("%Y-%m-%d %H:%M") if moment else "–"


@cache
def words(language: str) -> dict[str, str]:
    """Return every word of the page in one language."""
    said = json.loads(WORDS.read_text(encoding="utf-8"))
    return {name: both[language] for name, both in said.items()}
