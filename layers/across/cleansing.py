"""Addresses in bulk: each text answered in a few flat columns, identical texts once."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy.orm import Session

from layers.across.register import register_of
from spatial.addressing import Answer, resolve, standard_address
from spatial.errors import AddressNotUnderstood

#: The columns added to each row, in this order.
COLUMNS = ("ref", "standard_address", "status", "level", "match_class", "confidence", "faults",
           "unmatched", "candidates")
#: Distinct texts remembered; ledgers repeat themselves near by.
REMEMBERED = 50_000


def cleanse(session: Session, texts: Iterable[str | None]) -> Iterator[dict[str, Any]]:
    """Yield the added columns for each text; what is no address is told, never guessed."""
    register = register_of(session)
    known: dict[str, dict[str, Any]] = {}
    for text in texts:
        key = (text or "").strip()
        if key not in known:
            if len(known) >= REMEMBERED:
                known.clear()
            known[key] = _columns(key, register)
        yield known[key]


def _columns(text: str, register: Any) -> dict[str, Any]:
    try:
        return _flat(resolve(text, register))
    except AddressNotUnderstood as error:
        nothing = dict.fromkeys(COLUMNS)
        return {**nothing, "status": "none", "match_class": "D", "confidence": 0.0,
                "faults": str(error)}


def _flat(answer: Answer) -> dict[str, Any]:
    faults = "; ".join(f"{one.element}: {one.fault}" for one in answer.faults)
    found = [{"ref": one.node.ref, "address": standard_address(one.node),
              "differs_by": one.differs_by} for one in answer.candidates]
    return {
        "ref": answer.ref,
        "standard_address": standard_address(answer.node) if answer.node else None,
        "status": answer.status, "level": answer.level,
        "match_class": answer.match_class, "confidence": answer.confidence,
        "faults": faults or None,
        "unmatched": "; ".join(map(str, answer.unmatched)) or None,
        "candidates": json.dumps(found, ensure_ascii=False) if found else None,
    }
