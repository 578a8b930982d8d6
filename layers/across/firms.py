"""Which organization is meant: by credit code, by name, by short name, by abbreviation.

Digits and letters of a name are exact, and so are its characters: 天鸿 and 天弘 are two firms.
Sound counts only where somebody typed letters.
"""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from layers.across.places import place_json
from layers.organizations import Organization, Premises
from spatial.addressing import canonical
from spatial.errors import InvalidInput
from spatial.history import valid
from spatial.naming import organization_keys
from spatial.state import version

LONGEST = 200
#: Letters left of a name below which it would be another's.
LEAST_CORE = 4
_LEGAL_FORM = re.compile("(?:(?:gufen)?youxian(?:zeren)?gongsi|gongsi|(?:gf)?yx(?:zr)?gs)$")
_REGION_END = re.compile("qu|shi|xian|qi|[qsx]")
_HAN = re.compile("[一-鿿]")


def lookup_organization(
    session: Session, text: str | None = None, *, credit_code: str | None = None, limit: int = 10
) -> dict[str, Any]:
    """Return the organizations that a name or a credit code means, the surest first."""
    if credit_code:
        code = re.sub(r"\s", "", credit_code).upper()
        rows = _rows(session, Organization.credit_code == code, limit)
    else:
        rows = _named(session, (text or "").strip(), limit)
    places = _places(session, [row.id for row in rows])
    items = [{"ref": row.identifier, "source_id": row.source_id, "name": row.name,
              "place": places.get(row.id)} for row in rows]
    return {"items": items, "registry_version": str(version(session))}


def _named(session: Session, text: str, limit: int) -> Sequence[Any]:
    """Return the rows of the first way of naming that any organization answers to."""
    if not text or len(text) > LONGEST:
        raise InvalidInput(f"Give a name of 1 to {LONGEST} characters, or a credit code.")
    for condition in _ways(text):
        rows = _rows(session, condition, limit)
        if rows:
            return rows
    return _abbreviated(session, text, limit)


def _ways(text: str) -> list[ColumnElement[bool]]:
    """Return the conditions to try, the surest first."""
    keys, one = organization_keys(text), Organization
    also = or_(one.short_names.contains([text]), one.former_names.contains([text]))
    if _HAN.search(text):
        return [or_(one.name == text, one.name_fold == keys.fold), also,
                one.name_fold.startswith(keys.fold, autoescape=True)]
    letters = re.sub(r"[^a-z0-9]", "", text.lower())
    ways = [or_(one.name == text, one.name_fold == keys.fold), also]
    if len(letters) >= 2:
        ways += [one.name_pinyin == letters, one.name_pinyin.startswith(letters),
                 one.name_initials == letters, one.name_initials.startswith(letters)]
        cores = _cores(letters)
        ways += [one.name_pinyin.in_(cores), one.name_initials.in_(cores)]
    return ways


def _cores(letters: str) -> list[str]:
    """Return what letters may be without region and legal form, which the keys leave out."""
    plain = _LEGAL_FORM.sub("", letters)
    starts = [0, *(found.end() for found in _REGION_END.finditer(plain, 0, 20))]
    return sorted({plain[at:] for at in starts if len(plain) - at >= LEAST_CORE})


def _rows(session: Session, condition: ColumnElement[bool], limit: int) -> Sequence[Any]:
    wanted = (Organization.id, Organization.identifier, Organization.source_id, Organization.name)
    query = select(*wanted).where(condition, valid(Organization, func.now()))
    return session.execute(query.order_by(func.length(Organization.name), Organization.id)
                           .limit(limit)).all()


def _abbreviated(session: Session, text: str, limit: int) -> Sequence[Any]:
    """Return those whose name has the characters in this order, and the same numbers (区一院)."""
    short = [c for c in text if _HAN.match(c) or c.isalnum()]
    if not 2 <= len(short) <= 12 or not _HAN.search(text):
        return []
    pattern = "%" + "%".join(short) + "%"
    rows = _rows(session, Organization.name.like(pattern), 50)
    numbers = _exact(canonical("".join(short)))
    kept = [row for row in rows if _exact(canonical(row.name)) == numbers]
    return kept[:limit]


def _exact(name: str) -> list[str]:
    return re.findall(r"\d+|[A-Z]+", name)


def _places(session: Session, keys: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return where each organization is: where it operates before where it is registered."""
    query = (select(Premises.organization_id, Premises.unit_id, Premises.building_id,
                    Premises.compound_id)
             .where(Premises.organization_id.in_(keys), valid(Premises, func.now()))
             .order_by(Premises.kind != "operates", Premises.id))
    refs: dict[int, tuple[str, int]] = {}
    for row in session.execute(query) if keys else ():
        for letter, key in (("u", row.unit_id), ("b", row.building_id), ("c", row.compound_id)):
            if key is not None:
                refs.setdefault(row.organization_id, (letter, key))
                break
    described = place_json(session, list(refs.values()))
    if len(described) == len(refs):
        return dict(zip(refs, described, strict=True))
    each = {owner: place_json(session, [ref]) for owner, ref in refs.items()}
    return {owner: places[0] for owner, places in each.items() if places}
