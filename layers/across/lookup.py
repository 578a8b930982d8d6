"""Where is this? An address, as written or spoken, answered with a place of the registry."""

from typing import Any

from sqlalchemy.orm import Session

from layers.across.chains import models
from layers.across.former_names import successors
from layers.across.places import LEVELS, place_json
from layers.across.points import placed
from layers.across.register import PostgresRegister, register_of
from layers.across.reverse import metres_between
from layers.divisions import Division
from spatial.addressing import Answer, Node, resolve, standard_address
from spatial.errors import NotFound
from spatial.history import NOW, Moment, seen

#: The letter of each level's identifiers; every level of division shares one.
LETTERS = {level: letter for letter, level in LEVELS.items()}
Point = tuple[float, float]


def lookup_address(
    session: Session, text: str, *, limit: int = 10, near: Point | None = None,
    within: str | None = None, valid_at: Moment = NOW, explain: bool = False,
    habit: str | None = None,
) -> dict[str, Any]:
    """Return what the registry says about an address: the fields of the lookup's answer.

    `within` is a division's code or identifier, `near` a point (longitude, latitude): both only
    choose and order among several places. Raises AddressNotUnderstood for an empty or overlong
    text; whatever else is asked has an answer, if only that there is none.
    """
    register = register_of(session, valid_at)
    area = area_of(session, within) if within else None
    answer = resolve(text, register, habit=habit, within=area)
    return _answered(session, answer, limit=limit, near=near, moment=valid_at, explain=explain)


def area_of(session: Session, within: str) -> str:
    """Return the identifier of the division that `within` names."""
    found = session.query(Division.identifier).where(
        (Division.identifier == within) | (Division.code == within)).first()
    if found is None:
        raise NotFound(f"No division is called {within[:20]!r}; give its code or identifier.")
    return str(found[0])


def key_of(node: Node) -> tuple[str, int]:
    """Return the letter of a node's layer and its row's key: what place_json asks for."""
    return LETTERS.get(node.level, "d"), node.id


def _answered(
    session: Session, answer: Answer, *, limit: int, near: Point | None, moment: Moment,
    explain: bool,
) -> dict[str, Any]:
    """Return the answer as data, its places described."""
    nodes = ([answer.node] if answer.node else []) + [c.node for c in answer.candidates]
    found = place_json(session, list(dict.fromkeys(key_of(n) for n in nodes)), moment)
    places = {place["identifier"]: place for place in found}
    place = placed(places.get(answer.ref or ""), answer)
    out: dict[str, Any] = {
        "query": answer.query, "canonical": answer.canonical, "status": answer.status,
        "level": answer.level, "ref": answer.ref, "match_class": answer.match_class,
        "confidence": answer.confidence, "precision_m": place["precision_m"] if place else None,
        "path": [_step(n) for n in answer.path],
        "placement": place["placement"] if place else None,
        "standard_address": place["full_label"] + answer.beyond if place else None,
        "parsed": [p.as_json() for p in answer.parsed],
        "faults": [f.as_json() for f in answer.faults], "unmatched": list(answer.unmatched),
        "relation": answer.relation, "remarks": list(answer.remarks),
        "extracted": answer.extracted, "candidates": _candidates(answer, places, near)[:limit],
        "point": place["point"] if place else None, "valid": _valid(session, answer.node, moment),
        "current_ref": _current(session, answer.node, moment),
        "registry_version": answer.registry_version, "place": place}
    if explain:
        out["explain"] = [step.as_json() for step in answer.explain]
    return out


def _step(node: Node) -> dict[str, str]:
    return {"level": node.level, "id": node.ref, "ref": node.ref, "name": node.label}


def _candidates(
    answer: Answer, places: dict[str, dict[str, Any]], near: Point | None
) -> list[dict[str, Any]]:
    """Return the candidates, the nearest first when the caller said where."""
    out = [{"id": c.node.ref, "ref": c.node.ref, "level": c.node.level,
            "path": [_step(n) for n in c.node.chain()],
            "standard_address": standard_address(c.node), "differs_by": c.differs_by,
            "place": places.get(c.node.ref)} for c in answer.candidates]  # fmt: skip
    if near is None:
        return out

    def distance(one: dict[str, Any]) -> float:
        point = one["place"]["point"] if one["place"] else None
        return metres_between(near, tuple(point)) if point else float("inf")

    return sorted(out, key=distance)


def _current(session: Session, node: Node | None, moment: Moment) -> str | None:
    """Return what the place is called by today: itself, or what stands there since it ended."""
    if node is None or (moment.is_now and not node.retired):
        return node.ref if node else None
    letter, key = key_of(node)
    model: Any = models()[letter]
    one: Any = seen(model)
    if session.query(one.id).where(one.id == key).first():
        return node.ref
    after = successors(session, model, [key]).get(key)
    found = session.query(model.identifier).where(model.id == after).first() if after else None
    return str(found[0]) if found else None


def _valid(session: Session, node: Node | None, moment: Moment) -> dict[str, str | None]:
    """Return since when and until when the place exists in the world."""
    if node is None:
        return {"from": None, "to": None}
    letter, key = key_of(node)
    model: Any = models()[letter]
    one: Any = model if moment.is_now else seen(model, moment)
    row = session.query(one.valid_from, one.valid_to).where(one.id == key).first()
    day = [value.date().isoformat() if value else None for value in (row or (None, None))]
    return {"from": day[0], "to": day[1]}


__all__ = ["PostgresRegister", "lookup_address"]
