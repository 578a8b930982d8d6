"""Looking up a person: personal terms come in the body, never in the URL."""

from typing import Any

from flask import Blueprint, g

from layers.across.persons import LIMIT_MOST, Found, PersonReader
from layers.codelists import codelist
from spatial.errors import InvalidInput
from web.endpoint import endpoint
from web.params import choice, text, whole

bp = Blueprint("persons", __name__)
TERMS = (
    text("id_number", "The number of an identity document; exact.", most=60),
    text("name", "A name in Chinese characters, pinyin or initials; its beginning will do.",
         most=100),
    text("phone", "A telephone number; exact.", most=40),
)
PURPOSE = choice("purpose", "Why: a code of the list of purposes.",
                 tuple(codelist("purposes").codes)).needed()
REASONS = (
    text("case", "An open incident at the person's place: identifier or source_id.", most=200),
    text("call", "The call in hand, as the telephone system names it.", most=200),
)
NARROWER = (
    text("street", "Only persons in buildings on this street.", most=100),
    whole("birth_year", "Only persons born in this year.", least=1850, most=2200),
    text("within", "Only persons in this division: code or identifier.", most=20),
)
LIMIT = whole("limit", "How many at most.", least=1, most=LIMIT_MOST, default=10)
EXAMPLE = {"items": [{"ref": "r0123456789abcdef", "source_id": "R000001", "name": "张*",
                      "sex": "female", "age_band": "35-39",
                      "place": {"identifier": "d0123456789abcdef", "level": "community"}}],
           "next": None, "asks": ["street", "birth_year"], "remarks": []}


@bp.post("/api/lookup/person")
@endpoint(body=(*TERMS, PURPOSE, *REASONS, *NARROWER, LIMIT), personal=True, example=EXAMPLE)
def person(purpose: str, case: str | None, call: str | None, **said: Any) -> dict[str, Any]:
    """Find a person by `id_number`, `phone` or `name`: one of them, with a purpose.

    Every call is recorded with who was found. `asks` names what would narrow down a name that
    too many bear. For an operator the answer ends at the community unless there is an open case
    at the person's place, or the call in hand.
    """
    given = [term.name for term in TERMS if said[term.name] is not None]
    if len(given) != 1:
        raise InvalidInput("One of id_number, name and phone must be given.")
    if given != ["name"] and any(said[one.name] is not None for one in NARROWER):
        raise InvalidInput("street, birth_year and within narrow a name, nothing else.")
    reader = PersonReader(g.session, g.vault, g.caller, purpose=purpose, case=case, call=call,
                          settings=g.settings)
    return _answer(_found(reader, given[0], said))


def _found(reader: PersonReader, term: str, said: dict[str, Any]) -> Found:
    if term == "id_number":
        return reader.by_id_number(said["id_number"])
    if term == "phone":
        return reader.by_phone(said["phone"])
    return reader.by_name(said["name"], street=said["street"], birth_year=said["birth_year"],
                          within=said["within"], limit=said["limit"])


def _answer(found: Found) -> dict[str, Any]:
    return {"items": list(found.items), "next": None, "asks": list(found.asks),
            "remarks": list(found.remarks)}
