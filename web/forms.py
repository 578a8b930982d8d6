"""Forms of pages: read by declarations like everything else, with faults told beside the fields."""

from collections.abc import Sequence
from typing import Any, cast

from flask import Response, g, render_template, request

from layers.faults import Fault
from layers.text import Bilingual
from spatial.errors import InvalidInput, RuleViolated
from web.params import Parameter, read_pairs
from web.rooms import rooms_of

THEMES = ("light", "dark")


def read_form(declared: Sequence[Parameter]) -> tuple[dict[str, Any], list[Fault]]:
    """Return the fields that could be read, and a fault for each that could not.

    An empty field is an absent one; a field that was not asked for is an error.
    """
    sent = [(name, value) for name, values in request.form.lists() for value in values]
    known = {one.name for one in declared}
    if strange := [name for name, _ in sent if name not in known]:
        read_pairs([(strange[0], "")], declared, g.zone)
    given: dict[str, Any] = {}
    faults: list[Fault] = []
    for one in declared:
        pairs = [pair for pair in sent if pair[0] == one.name and pair[1].strip()]
        try:
            given |= read_pairs(pairs, (one,), g.zone)
        except InvalidInput:
            given[one.name] = None
            faults.append(Fault(one.name, "unreadable" if pairs else "missing"))
    return given, faults


def faults_of(error: RuleViolated) -> list[Fault]:
    """Return the faults that an error carries."""
    return [cast(Fault, one) for one in error.violations]


def told(faults: Sequence[Fault]) -> dict[str, str]:
    """Return what is wrong with each field, in the language of the page."""
    return {one.field: one.words.in_language(g.language) for one in faults}


def page(template: str, words: dict[str, str], *, status: int = 200,
         faults: Sequence[Fault] = (), **more: Any) -> Response:
    """Render a page of forms in the caller's language and colours."""
    theme = request.cookies.get("theme")
    html = render_template(
        template, t=words, language=g.language, theme=theme if theme in THEMES else None,
        faults=told(faults), given=request.form if faults else {}, who=g.caller,
        rooms=rooms_of(g.caller, g.language), **more)
    response = Response(html, 422 if faults and status == 200 else status, mimetype="text/html")
    # With no-referrer the browser would send these forms with `Origin: null`.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def label(text: Bilingual) -> str:
    """Return words in the language of the page."""
    return text.in_language(g.language)
