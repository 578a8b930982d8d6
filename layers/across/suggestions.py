"""What somebody may be typing: names, then buildings, entrances and units."""

from typing import Any

from sqlalchemy.orm import Session

from layers.across.lookup import area_of, key_of
from layers.across.places import place_json
from layers.across.register import PostgresRegister, register_of
from spatial.addressing import settled, standard_address
from spatial.addressing.suggest import Suggestion, context
from spatial.addressing.suggest import suggest as suggested

#: Characters typed before settled texts are offered.
LEAST = 2


def suggest(
    session: Session, text: str, *, caret: int | None = None, within: str | None = None,
    limit: int = 8,
) -> dict[str, Any]:
    """Return the places that the text up to `caret` may be the beginning of, best first.

    `within` is the caller's own division (code or identifier): its places come first.
    """
    register = register_of(session)
    area = area_of(session, within) if within else None
    typed = text if caret is None else text[:caret]
    found = suggested(typed, register, register.typing, limit=limit, within=area)
    found = _with_decided(found, typed, register, limit)
    nodes = [one.node.target or one.node for one in found]
    keys = list(dict.fromkeys(key_of(node) for node in nodes))
    places = {p["identifier"]: p for p in place_json(session, keys)}
    items = [{"ref": node.ref, "level": node.level, "text": one.text, "display": one.display,
              "caret": one.caret, "has_children": one.has_children, "context": one.context,
              "place": places.get(node.ref)} for one, node in zip(found, nodes, strict=True)]
    return {"items": items, "registry_version": register.version}


def _with_decided(
    found: list[Suggestion], typed: str, register: PostgresRegister, limit: int
) -> list[Suggestion]:
    """Add the texts that clerks settled and that begin so: first when typed to the end."""
    head = settled(typed)
    if len(head) < LEAST:
        return found
    known = {(one.node.target or one.node).ref for one in found}
    first, after = [], []
    for text, node in register.chosen_after(head, limit):
        label = standard_address(node, divisions=False)
        made = Suggestion(node, label, f"{label}（{text}）", len(label), False, context(node))
        if text == head:
            first.append(made)
        elif node.ref not in known:
            after.append(made)
    refs = {one.node.ref for one in first}
    return [*first, *(one for one in found if one.node.ref not in refs), *after][:limit]
