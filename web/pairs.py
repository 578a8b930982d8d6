"""The page of records that may be one: both side by side, one question, one key to answer it.

What people agree on is merged, or kept apart for good, with the next load or by `review link`.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, g, redirect
from flask.typing import ResponseReturnValue

from importers.journal import owe_finish
from layers.across import pairs_desk, review_desk
from layers.across.pairs_desk import SideBySide
from layers.across.review_desk import reviewer
from layers.across.review_map import sketch
from layers.text import Bilingual
from spatial.audit import Event, record
from spatial.errors import Conflict
from web import admin_frame
from web.endpoint import endpoint
from web.forms import page, read_form
from web.params import choice, whole
from web.review import around

bp = Blueprint("pairs", __name__)
WORDS = Path(__file__).parent / "words"
DONE = ("said", "settled", "withdrawn", "decided")
SHOWN = whole("pair", "The pair to show; the first open one by default.", least=1, most=2**62)
LAST = whole("last", "The pair answered just before, which can be taken back.", least=1,
             most=2**62)
SAID = choice("done", "What has just been done, to be told.", DONE)
ANSWER = (choice("do", "What to do.", ("same", "different", "withdraw")).needed(),
          whole("next", "The pair to show afterwards.", least=1, most=2**62))


@bp.get("/desk/review/pairs")
@endpoint(SHOWN, LAST, SAID, page=True, personal=True)
def desk(pair: int | None, last: int | None, done: str | None) -> ResponseReturnValue:
    """Show a pair: what either record says, what differs, and where both lie."""
    by = reviewer(g.caller)
    waiting = pairs_desk.queue(g.session, by)
    number = pair or (waiting[0] if waiting else None)
    one = None if number is None else pairs_desk.side_by_side(
        g.session, g.vault, g.settings, by, number)
    return _page(one, waiting, last=last, done=done)


@bp.post("/desk/review/pairs/<int:number>")
@endpoint(page=True, personal=True)
def answer(number: int) -> ResponseReturnValue:
    """Take an answer, or take one back, and go on to the next pair."""
    by = reviewer(g.caller)
    pairs_desk.asked(g.session, by, number)
    given, faults = read_form(ANSWER)
    if faults:
        return _back(number, "decided", given.get("next"))
    try:
        done = _do(by, number, given["do"])
    except Conflict:
        g.session.rollback()
        done = "decided"
    if done == "withdrawn":
        return _to(f"/desk/review/pairs?pair={number}&done=withdrawn")
    return _back(number, done, given["next"])


def _do(by: Any, number: int, what: str) -> str:
    """Do what a form asks, on the record; return the word for it."""
    if what == "withdraw":
        pairs_desk.withdraw(g.session, by, number)
        done = "withdrawn"
    else:
        settled = pairs_desk.vote(g.session, by, number, same=what == "same",
                                  persons=g.settings.review_persons)
        if settled and what == "same":
            owe_finish(g.session)
        done = "settled" if settled else "said"
    record(g.session, g.vault, Event(actor=by.actor, role=by.role, action=f"pair-{what}",
                                     note=f"pair {number}"))
    return done


def _back(number: int, done: str, following: int | None) -> Response:
    on = f"&pair={following}" if following else ""
    return _to(f"/desk/review/pairs?last={number}&done={done}{on}")


def _to(path: str) -> Response:
    return current_app.make_response(redirect(path, 303))


def _page(one: SideBySide | None, waiting: list[int], **more: Any) -> Response:
    before, after = around(waiting, one.pair.id if one else None)
    return page("desk/pairs.html", _words(g.language), tab="pairs", one=one, before=before,
                after=after, counts=pairs_desk.counts(g.session, g.caller),
                texts=review_desk.counts(g.session, g.caller)["open"],
                drawn=sketch(g.session, one.points) if one else None,
                position=waiting.index(one.pair.id) + 1 if one and one.pair.id in waiting else None,
                queued=len(waiting), persons=g.settings.review_persons, day=admin_frame.day,
                told=told, **more)


def told(value: Any) -> str:
    """Return a value in the language of the page."""
    return value.in_language(g.language) if isinstance(value, Bilingual) else str(value)


@cache
def _words(language: str) -> dict[str, str]:
    own = {name: both[language] for file in ("review.json", "pairs.json") for name, both
           in json.loads((WORDS / file).read_text(encoding="utf-8")).items()}
    return admin_frame.words(language) | own
