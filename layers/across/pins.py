"""Where many places are at once: what a pasted list of addresses is pinned by."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from layers.across.chains import models
from layers.across.places import place_json
from spatial.errors import InvalidInput

PLACES_MOST = 2_000


def pins(session: Session, identifiers: Sequence[str]) -> dict[str, Any]:
    """Return the places of these identifiers as points; those unknown are left out."""
    if len(identifiers) > PLACES_MOST:
        raise InvalidInput(f"At most {PLACES_MOST:,} places fit into one call.")
    by_letter: dict[str, list[str]] = defaultdict(list)
    for one in dict.fromkeys(identifiers):
        by_letter[one[:1]].append(one)
    refs: list[tuple[str, int]] = []
    for letter, wanted in by_letter.items():
        if letter in models():
            model: Any = models()[letter]
            keys = session.scalars(select(model.id).where(model.identifier.in_(wanted)))
            refs += [(letter, key) for key in keys]
    return {"type": "FeatureCollection",
            "features": [_pin(place) for place in place_json(session, refs) if place["point"]]}


def _pin(place: dict[str, Any]) -> dict[str, Any]:
    said = {name: place[name] for name in ("identifier", "level", "label", "full_label",
                                           "height")}
    return {"type": "Feature", "properties": said,
            "geometry": {"type": "Point", "coordinates": place["point"]}}
