"""The auditor's page: what to look at, marks with a note, and a search of the audit."""

import json
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, g, redirect
from flask.typing import ResponseReturnValue

from layers.access import Role
from layers.across import alerts, readers
from spatial.audit import Event, record
from spatial.errors import Forbidden
from web import admin_frame
from web.endpoint import endpoint
from web.forms import page, read_form
from web.params import choice, moment, text, whole

bp = Blueprint("audit", __name__)
WORDS = Path(__file__).parent / "words" / "audit.json"
ACTOR = text("actor", "Lines of this user or token.", most=90)
PERSON = text("person", "Lines about this person: identifier or source_id.", most=200)
DAY = moment("day", "Lines of this day.")
DONE = choice("done", "What was done before.", ("reviewed",))
MARK = (choice("kind", "Which kind of alert.", alerts.KINDS).needed(),
        whole("event", "Its newest line.", least=1, most=2**62).needed(),
        text("note", "What the auditor found.", most=1_000).needed())


@bp.get("/audit")
@endpoint(ACTOR, PERSON, DAY, DONE, personal=True, page=True)
def audit(actor: str | None, person: str | None, day: datetime | None,
          done: str | None) -> ResponseReturnValue:
    """Show alerts, sampled openings, and the lines that were searched for."""
    _auditor()
    found = _found(actor, person, day) if actor or person or day else None
    return _page(found=found, done=done,
                 asked={"actor": actor, "person": person, "day": day})


@bp.post("/audit/reviews")
@endpoint(personal=True, page=True)
def mark() -> ResponseReturnValue:
    """Mark an alert as looked at, with a note."""
    _auditor()
    given, faults = read_form(MARK)
    if faults:
        return _page(faults=faults, found=None, done=None, asked={})
    alerts.review(g.session, g.settings, kind=given["kind"], event_id=given["event"],
                  reviewer=g.caller.actor, note=given["note"])
    record(g.session, g.vault, Event(actor=g.caller.actor, role=g.caller.role,
                                     action="audit-review", note=given["kind"]))
    return current_app.make_response(redirect("/audit?done=reviewed", 303))


def _auditor() -> None:
    if g.caller.role is not Role.AUDITOR:
        raise Forbidden("Only an auditor reads the audit.")


def _found(actor: str | None, person: str | None,
           day: datetime | None) -> list[readers.Reading]:
    """Search, and put the search itself on the record."""
    identifier = readers.person_called(g.session, person) if person else None
    record(g.session, g.vault, Event(
        actor=g.caller.actor, role=g.caller.role, action="audit-search",
        subjects=(identifier,) if identifier else ()))
    return list(alerts.search(
        g.session, zone=g.settings.zone, actor=actor, person=identifier, first=day,
        last=day + timedelta(days=1) if day else None))


def _page(**more: Any) -> ResponseReturnValue:
    every = alerts.alerts(g.session, g.settings)
    return page(
        "audit.html", _words(g.language), tab="audit", day=admin_frame.day, word=readers.word,
        fields=readers.fields_told, waiting=[one for one in every if one.review is None],
        reviewed=[one for one in every if one.review is not None], **more)


@cache
def _words(language: str) -> dict[str, str]:
    own = json.loads(WORDS.read_text(encoding="utf-8"))
    return admin_frame.words(language) | {name: both[language] for name, both in own.items()}
