"""One field of one person in full: this once, for a purpose and a case, counted and recorded."""

from typing import Any

from flask import Blueprint, g

from layers.access import REVEALABLE
from layers.across.persons import PersonReader
from web.endpoint import endpoint
from web.params import choice, text
from web.persons import PURPOSE

bp = Blueprint("reveals", __name__)
FIELD = choice("field", "Which field.", REVEALABLE).needed()
CASE = text("case", "An open incident: identifier or source_id.", most=200).needed()
EXAMPLE = {"ref": "r0123456789abcdef", "field": "phone", "value": "…"}


@bp.post("/api/persons/<ref>/reveal")
@endpoint(body=(FIELD, PURPOSE, CASE), personal=True, example=EXAMPLE)
def reveal(ref: str, field: str, purpose: str, case: str) -> dict[str, Any]:
    """Show one field of a person in full, if the role may be shown it at all.

    An operator's case must be at the person's place. Lists stay masked as they were.
    """
    reader = PersonReader(g.session, g.vault, g.caller, purpose=purpose, case=case,
                          settings=g.settings)
    return reader.reveal(ref, field)
