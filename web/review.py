"""The review page: one address text at a time, one question, one key to answer it.

What one person chooses becomes an alias when as many as the setting asks for have chosen the same.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, g, redirect
from flask.typing import ResponseReturnValue

from importers.journal import owe_finish
from layers.across import pairs_desk, review_desk
from layers.across.review_desk import Question, reviewer
from layers.across.review_map import sketch
from spatial.audit import Event, record
from spatial.errors import AddressNotUnderstood, Conflict
from web import admin_frame
from web.endpoint import endpoint
from web.forms import page, read_form
from web.params import choice, text, whole

bp = Blueprint("review", __name__)
WORDS = Path(__file__).parent / "words" / "review.json"
DONE = ("chosen", "settled", "nowhere", "withdrawn", "decided")
SHOWN = whole("item", "The question to show; the first open one by default.", least=1, most=2**62)
LAST = whole("last", "The question answered just before, which can be taken back.", least=1,
             most=2**62)
SAID = choice("done", "What has just been done, to be told.", DONE)
ELSEWHERE = text("elsewhere", "Another address that may be meant.", most=200)
ANSWER = (choice("do", "What to do.", ("choose", "nowhere", "withdraw")).needed(),
          text("place", "The identifier of the place that is meant.", most=20),
          whole("next", "The question to show afterwards.", least=1, most=2**62))


@bp.get("/desk/review")
@endpoint(SHOWN, LAST, SAID, ELSEWHERE, page=True, personal=True)
def desk(item: int | None, last: int | None, done: str | None,
         elsewhere: str | None) -> ResponseReturnValue:
    """Show a question with its candidates, what tells them apart, and where they lie."""
    by = reviewer(g.caller)
    waiting = review_desk.queue(g.session, by)
    number = item or (waiting[0] if waiting else None)
    one = None
    if number is not None:
        try:
            one = review_desk.question(g.session, by, number, elsewhere=elsewhere)
        except AddressNotUnderstood:
            one = review_desk.question(g.session, by, number)
        record(g.session, g.vault, Event(
            actor=g.caller.actor, role=g.caller.role, action="review-read",
            purpose="registration", note=f"question {number}", seen=("residence",)))
    return _page(one, waiting, last=last, done=done, elsewhere=elsewhere or "")


@bp.post("/desk/review/<int:number>")
@endpoint(page=True, personal=True)
def answer(number: int) -> ResponseReturnValue:
    """Take an answer, or take one back, and go on to the next question."""
    by = reviewer(g.caller)
    review_desk.asked(g.session, by, number)
    given, faults = read_form(ANSWER)
    if faults or (given["do"] == "choose" and not given["place"]):
        return _back(number, "decided", given.get("next"))
    try:
        done = _do(by, number, given)
    except Conflict:
        g.session.rollback()
        done = "decided"
    if done == "withdrawn":
        return _to(f"/desk/review?item={number}&done=withdrawn")
    return _back(number, done, given["next"])


def _do(by: Any, number: int, given: dict[str, Any]) -> str:
    """Do what a form asks, on the record; return the word for it."""
    if given["do"] == "withdraw":
        review_desk.withdraw(g.session, by, number)
        _note("review-withdraw", number)
        return "withdrawn"
    place = given["place"] if given["do"] == "choose" else None
    settled = review_desk.vote(g.session, by, number, place, persons=g.settings.review_persons)
    if settled:
        owe_finish(g.session)
    _note("review-choose", number)
    return "settled" if settled else "chosen" if place else "nowhere"


def _note(action: str, number: int) -> None:
    record(g.session, g.vault, Event(actor=g.caller.actor, role=g.caller.role, action=action,
                                     note=f"question {number}"))


def _back(number: int, done: str, following: int | None) -> Response:
    on = f"&item={following}" if following else ""
    return _to(f"/desk/review?last={number}&done={done}{on}")


def _to(path: str) -> Response:
    return current_app.make_response(redirect(path, 303))


def _page(one: Question | None, waiting: list[int], **more: Any) -> Response:
    before, after = around(waiting, one.item.id if one else None)
    places = [c.place for c in one.choices] if one else []
    drawn = sketch(g.session, [tuple(p["point"]) if p["point"] else None for p in places])
    return page("desk/review.html", _words(g.language), tab="review", one=one, before=before,
                after=after, counts=review_desk.counts(g.session, g.caller), drawn=drawn,
                position=waiting.index(one.item.id) + 1 if one and one.item.id in waiting else None,
                queued=len(waiting), pairs=pairs_desk.counts(g.session, g.caller)["open"],
                persons=g.settings.review_persons, day=admin_frame.day,
                fault_words=fault_words, marked=marked, **more)


def around(waiting: list[int], number: int | None) -> tuple[int | None, int | None]:
    """Return the questions before and after one, round the end of the queue."""
    others = [n for n in waiting if n != number]
    if not others:
        return None, None
    if number not in waiting:
        return others[-1], others[0]
    at = waiting.index(number)
    return waiting[at - 1], waiting[(at + 1) % len(waiting)]


def marked(one: Question) -> list[tuple[str, str]]:
    """Return the text in pieces, each with the role it was read in; empty for what was not."""
    source, out, at = one.item.text, [], 0
    for part in sorted(one.answer.parsed, key=lambda p: p.span):
        start, end = part.span
        if start < at or end > len(source):
            continue
        out += [(source[at:start], "")] if start > at else []
        out.append((source[start:end], part.role))
        at = end
    return out + ([(source[at:], "")] if at < len(source) else [])


def fault_words(one: Question) -> list[str]:
    """Return in words how the text differs from the register."""
    said = _words(g.language)
    out = []
    for fault in one.answer.faults:
        kind = fault.fault.split("(")[0]
        words = said.get(f"fault_{kind}")
        if words:
            level = said.get(f"level_{fault.element}", "")
            out.append(words.format(level=level, given=fault.from_ or "", right=fault.to or ""))
    return list(dict.fromkeys(out))


@cache
def _words(language: str) -> dict[str, str]:
    own = json.loads(WORDS.read_text(encoding="utf-8"))
    own["pairs"] = json.loads(WORDS.with_name("pairs.json").read_text(encoding="utf-8"))["pairs"]
    return admin_frame.words(language) | {name: both[language] for name, both in own.items()}
