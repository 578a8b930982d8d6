"""Emergencies over HTTP: the glass, its muster list, the dispatch card, contacts of dwellings."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, g, redirect, url_for
from flask.typing import ResponseReturnValue

from layers.access import Role
from layers.across import help_contacts
from layers.across.break_glass import REASON_LEAST, break_glass, sweep
from layers.across.dispatch import dispatch_card, spoken
from layers.across.muster import muster, tick, ticks_of
from layers.emergencies import TICKS
from spatial.errors import Conflict, Forbidden, InvalidInput, NotFound
from web import admin_frame
from web.endpoint import endpoint
from web.forms import page, read_form
from web.params import choice, text

bp = Blueprint("emergencies", __name__)
WORDS = Path(__file__).parent / "words" / "emergency.json"
INCIDENT = text("incident", "An open incident: identifier or source_id.", most=200)
REASON = text("reason", "In words: what has happened, who is in danger.", least=REASON_LEAST,
              most=500)
UNIT = text("unit", "Identifier of a unit of the building.", most=20).needed()
STATE = choice("state", "What was found there; left out it is taken back.", TICKS)
CONTACT = text("contact", "Whom to call, as the dwelling gave it.", least=2, most=120).needed()
FORM = (INCIDENT.needed(), REASON.needed())


@bp.post("/api/emergencies")
@endpoint(body=FORM, personal=True)
def start(incident: str, reason: str) -> dict[str, Any]:
    """Break the glass for the building of an open incident; operators only, recorded at once."""
    sweep(g.session)
    glass = break_glass(g.session, g.vault, g.caller, incident=incident, reason=reason)
    return {"ref": glass.identifier, "until": glass.until.isoformat(),
            "gone_at": glass.gone_at.isoformat()}


@bp.get("/api/emergencies/<ref>")
@endpoint(personal=True)
def listed(ref: str) -> dict[str, Any]:
    """Tell the muster list: by entrance, floor and unit how many live there, who asked for help."""
    return muster(g.session, g.vault, g.caller, ref)


@bp.get("/api/emergencies/<ref>/ticks")
@endpoint(personal=True)
def ticks(ref: str) -> dict[str, Any]:
    """Tell the ticks of a list, by unit: what other hands have noted meanwhile."""
    return {"ticks": ticks_of(g.session, g.caller, ref)}


@bp.post("/api/emergencies/<ref>/ticks")
@endpoint(body=(UNIT, STATE), personal=True)
def ticked(ref: str, unit: str, state: str | None) -> dict[str, Any]:
    """Note what was found at a unit, or take the note back."""
    return tick(g.session, g.vault, g.caller, ref, unit, state)


@bp.get("/api/incidents/<ref>/dispatch")
@endpoint(personal=True)
def card(ref: str) -> dict[str, Any]:
    """Tell what is read aloud to those who set out: where, how to get in, what is near."""
    return dispatch_card(g.session, g.caller, ref)


@bp.get("/api/places/<identifier>/help-contact")
@endpoint(personal=True)
def contact(identifier: str) -> dict[str, Any]:
    """Tell whether a dwelling asked to be looked for in an emergency, and until when."""
    return {"contact": help_contacts.contact_of(g.session, g.caller, identifier)}


@bp.post("/api/places/<identifier>/help-contact")
@endpoint(body=(CONTACT,), personal=True)
def give_contact(identifier: str, contact: str) -> dict[str, Any]:
    """Take down whom to call about a dwelling in an emergency; it stands for a year."""
    return help_contacts.add_contact(g.session, g.vault, g.caller, identifier, contact)


@bp.delete("/api/places/<identifier>/help-contact")
@endpoint(personal=True)
def drop_contact(identifier: str) -> dict[str, Any]:
    """End the contact of a dwelling, because they asked so."""
    return {"ended": help_contacts.end_contact(g.session, g.vault, g.caller, identifier)}


@bp.get("/emergencies/new")
@endpoint(INCIDENT, page=True, personal=True)
def ask(incident: str | None) -> ResponseReturnValue:
    """Ask for the reason before the glass is broken."""
    _operator()
    return page("emergency/new.html", _words(g.language), tab="emergency", incident=incident)


def _operator() -> None:
    if g.caller.role is not Role.OPERATOR:
        raise Forbidden("Only an operator who is signed in breaks the glass.")


@bp.post("/emergencies")
@endpoint(page=True, personal=True)
def begin() -> ResponseReturnValue:
    """Break the glass and lead to its list."""
    _operator()
    given, faults = read_form(FORM)
    problem = None
    if not faults:
        try:
            made = start_from(given)
            return redirect(url_for("emergencies.show", ref=made), 303)
        except (Conflict, InvalidInput, NotFound) as error:
            g.session.rollback()
            problem = str(error)
    return page("emergency/new.html", _words(g.language), tab="emergency", faults=faults,
                incident=given.get("incident"), reason=given.get("reason"), problem=problem,
                status=422)


def start_from(given: dict[str, Any]) -> str:
    """Break the glass as a form asked, and return its ref."""
    sweep(g.session)
    return break_glass(g.session, g.vault, g.caller, **given).identifier


@bp.get("/emergencies/<ref>")
@endpoint(page=True, personal=True)
def show(ref: str) -> Response:
    """Show the muster list, to be ticked on a phone or printed."""
    return page("emergency/muster.html", _words(g.language), tab="emergency", word=_word,
                told=muster(g.session, g.vault, g.caller, ref), ticks=TICKS, at=_at)


@bp.get("/dispatch/<ref>")
@endpoint(page=True, personal=True)
def read_aloud(ref: str) -> Response:
    """Show the dispatch card in letters to be read aloud."""
    card = dispatch_card(g.session, g.caller, ref)
    return page("emergency/dispatch.html", _words(g.language), tab="dispatch", word=_word,
                card=card, spoken=spoken(card, g.language), at=_at)


def _word(codes: str, code: str | None) -> str:
    from layers.codelists import codelist

    return codelist(codes).label(code, g.language) or "" if code else ""


def _at(moment: str) -> str:
    return admin_frame.day(datetime.fromisoformat(moment), minute=True)


@cache
def _words(language: str) -> dict[str, str]:
    own = json.loads(WORDS.read_text(encoding="utf-8"))
    return admin_frame.words(language) | {name: both[language] for name, both in own.items()}
